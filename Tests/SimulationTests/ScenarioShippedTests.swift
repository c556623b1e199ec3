import FoundationEssentials
import Simulation
import Testing

struct ScenarioShippedTests {
  @Test(arguments: ShippedScenarios.names)
  func `a shipped scenario is read, and is called what its file is called`(name: String) throws {
    let scenario = try #require(try ShippedScenarios.named(name))
    #expect(scenario.name == name)
    #expect(!scenario.description.isEmpty)
  }

  @Test func `the scenarios inside the program are the files of the folder`() throws {
    let folder = ScenarioDocument.folder
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }.sorted()
    #expect(files == ShippedScenarios.names.map { "\($0).json" })
    for name in ShippedScenarios.names {
      let bytes = try Data(contentsOf: folder.appending(path: "\(name).json"))
      #expect(ShippedScenarios.file(of: name) == Array(bytes), "\(name)")
    }
  }

  @Test func `there is no scenario of another name`() throws {
    #expect(try ShippedScenarios.named("11-none") == nil)
    #expect(ShippedScenarios.file(of: "") == nil)
  }
}

import Testing

@testable import CAdvisor

struct ReadingPlanTests {
  /// One event and the questions that it leads to.
  enum Step {
    case lists(Double, Set<String>, Set<ReadingPlan.Question>)
    case answersSpecs(Double, without: Set<String> = [])
    case answersCgroups(Double, areOfUse: Bool = true)
    case answersMachine(Double)
    case fails(Double, ReadingPlan.Question)
  }

  struct Case: CustomTestStringConvertible {
    var name: String
    var steps: [Step]
    var testDescription: String { name }
  }

  private static let all: Set<ReadingPlan.Question> = [.specs, .cgroups, .machine]

  /// A first reading in which all goes well; containers are in `/docker`.
  private static let first: [Step] = [
    .lists(0, ["/docker/a"], all), .answersSpecs(0), .answersCgroups(0), .answersMachine(0),
  ]

  static let cases: [Case] = [
    Case(
      name: "an ordinary reading asks for samples alone",
      steps: first + [.lists(10, ["/docker/a"], [])]),
    Case(
      name: "limits are asked for again after 30 s",
      steps: first + [
        .lists(29.9, ["/docker/a"], []), .lists(30, ["/docker/a"], [.specs]), .answersSpecs(30),
        .lists(59, ["/docker/a"], []), .lists(60, ["/docker/a"], [.specs, .cgroups]),
      ]),
    Case(
      name: "the machine is asked for again after 300 s",
      steps: first + [
        .answersSpecs(290), .answersCgroups(290), .lists(299, ["/docker/a"], []),
        .lists(300, ["/docker/a"], [.machine]), .answersMachine(301),
        .answersSpecs(600), .answersCgroups(600), .lists(600, ["/docker/a"], []),
        .lists(601, ["/docker/a"], [.machine]),
      ]),
    Case(
      name: "a new container is asked for at once, and so is the machine: it may be another",
      steps: first + [.lists(10, ["/docker/a", "/docker/b"], [.specs, .machine])]),
    Case(
      name: "a new container elsewhere has its cgroups asked for",
      steps: first + [.lists(10, ["/docker/a", "/shop.slice/b"], all)]),
    Case(
      name: "a limit that is left out is asked for in the next readings, then with all others",
      steps: first + [
        .lists(10, ["/docker/a", "/docker/b"], [.specs, .machine]),
        .answersSpecs(10, without: ["/docker/b"]), .answersMachine(10),
        .lists(12, ["/docker/a", "/docker/b"], [.specs]),
        .answersSpecs(12, without: ["/docker/b"]),
        .lists(14, ["/docker/a", "/docker/b"], [.specs]),
        .answersSpecs(14, without: ["/docker/b"]),
        .lists(16, ["/docker/a", "/docker/b"], []),
        .lists(44, ["/docker/a", "/docker/b"], [.specs]),
      ]),
    Case(
      name: "a limit that was left out once is known after the next reading",
      steps: first + [
        .answersSpecs(10, without: ["/docker/a"]), .lists(12, ["/docker/a"], [.specs]),
        .answersSpecs(12), .lists(14, ["/docker/a"], []),
      ]),
    Case(
      name: "a container that is gone asks nothing",
      steps: first + [.lists(10, [], [])]),
    Case(
      name: "a container that comes back is new",
      steps: first + [.lists(10, [], []), .lists(20, ["/docker/a"], all)]),
    Case(
      name: "limits that failed are asked for again the next time",
      steps: first + [
        .lists(30, ["/docker/a"], [.specs]), .fails(30, .specs),
        .lists(40, ["/docker/a"], [.specs]),
      ]),
    Case(
      name: "cgroups that failed, or are of no use, are left alone for long",
      steps: first + [
        .fails(10, .cgroups), .answersSpecs(609), .answersMachine(609),
        .lists(609, ["/docker/a"], []), .lists(610, ["/docker/a"], [.cgroups]),
        .answersCgroups(610, areOfUse: false), .answersSpecs(1209), .answersMachine(1209),
        .lists(1209, ["/docker/a"], []),
      ]),
    Case(
      name: "a machine that failed is asked for again the next time",
      steps: first + [.fails(10, .machine), .lists(10, ["/docker/a"], [.machine])]),
    Case(
      name: "after samples that failed the machine is asked for again",
      steps: first + [
        .fails(10, .containers), .lists(20, ["/docker/a"], [.machine]), .answersMachine(20),
        .fails(25, .host), .lists(29, ["/docker/a"], [.machine]),
      ]),
    Case(
      name: "no containers at all still ask for limits when they are due",
      steps: [
        .lists(0, [], all), .answersSpecs(0), .answersCgroups(0), .answersMachine(0),
        .lists(1, [], []),
      ]),
  ]

  @Test(arguments: cases)
  func `what happened decides what is asked`(_ case: Case) {
    var plan = ReadingPlan(
      specRefreshInterval: .seconds(30), cgroupRefreshInterval: .seconds(60),
      machineRefreshInterval: .seconds(300))
    for (index, step) in `case`.steps.enumerated() {
      switch step {
      case .lists(let now, let ids, let questions):
        let listing = ReadingPlan.Listing(
          ids: ids, parents: Set(ids.flatMap { CgroupPath($0).parents }))
        #expect(plan.lists(listing, at: .seconds(now)) == questions, "step \(index)")
      case .answersSpecs(let now, let ids): plan.answersSpecs(without: ids, at: .seconds(now))
      case .answersCgroups(let now, let areOfUse):
        plan.answersCgroups(areOfUse: areOfUse, at: .seconds(now))
      case .answersMachine(let now): plan.answersMachine(at: .seconds(now))
      case .fails(let now, let question): plan.fails(question, at: .seconds(now))
      }
    }
  }
}

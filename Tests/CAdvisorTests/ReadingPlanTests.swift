import Testing

@testable import CAdvisor

struct ReadingPlanTests {
  /// One event and the questions that it leads to.
  enum Step {
    case begins(Double, Set<ReadingPlan.Question>)
    case lists(Double, Set<String>, Set<ReadingPlan.Question>)
    case answers(Double, ReadingPlan.Question)
    case fails(ReadingPlan.Question)
  }

  struct Case: CustomTestStringConvertible {
    var name: String
    var steps: [Step]
    var testDescription: String { name }
  }

  private static let samples: Set<ReadingPlan.Question> = [.containers, .host]
  private static let all: Set<ReadingPlan.Question> = [.containers, .host, .machine]

  /// A first reading in which all goes well.
  private static let first: [Step] = [
    .begins(0, all), .answers(0, .machine), .lists(0, ["a"], [.specs]), .answers(0, .specs),
  ]

  static let cases: [Case] = [
    Case(
      name: "an ordinary reading asks for samples alone",
      steps: first + [.begins(10, samples), .lists(10, ["a"], [])]),
    Case(
      name: "limits are asked for again after 30 s",
      steps: first + [
        .lists(29.9, ["a"], []), .lists(30, ["a"], [.specs]), .answers(30, .specs),
        .lists(59, ["a"], []), .lists(60, ["a"], [.specs]),
      ]),
    Case(
      name: "the machine is asked for again after 300 s",
      steps: first + [
        .begins(299, samples), .begins(300, all), .answers(301, .machine), .begins(600, samples),
        .begins(601, all),
      ]),
    Case(
      name: "a new container is asked for at once",
      steps: first + [.lists(10, ["a", "b"], [.specs])]),
    Case(
      name: "a new container whose limits never come is asked for once",
      steps: first + [
        .lists(10, ["a", "b"], [.specs]), .answers(10, .specs), .lists(20, ["a", "b"], []),
      ]),
    Case(
      name: "a container that is gone asks nothing",
      steps: first + [.lists(10, [], [])]),
    Case(
      name: "a container that comes back is new",
      steps: first + [.lists(10, [], []), .lists(20, ["a"], [.specs])]),
    Case(
      name: "limits that failed are asked for again the next time",
      steps: first + [
        .lists(30, ["a"], [.specs]), .fails(.specs), .begins(40, samples),
        .lists(40, ["a"], [.specs]),
      ]),
    Case(
      name: "a machine that failed is asked for again the next time",
      steps: [.begins(0, all), .fails(.machine), .begins(10, all)]),
    Case(
      name: "after samples that failed the machine is asked for again",
      steps: first + [
        .begins(10, samples), .fails(.containers), .begins(20, all), .answers(20, .machine),
        .begins(30, samples), .fails(.host), .begins(40, all),
      ]),
    Case(
      name: "no containers at all still ask for limits when they are due",
      steps: [.begins(0, all), .lists(0, [], [.specs]), .answers(0, .specs), .lists(1, [], [])]),
  ]

  @Test(arguments: cases)
  func `what happened decides what is asked`(_ case: Case) {
    var plan = ReadingPlan(
      specRefreshInterval: .seconds(30), machineRefreshInterval: .seconds(300))
    for (index, step) in `case`.steps.enumerated() {
      switch step {
      case .begins(let now, let questions):
        #expect(plan.begins(at: .seconds(now)) == questions, "step \(index)")
      case .lists(let now, let ids, let questions):
        #expect(plan.lists(ids, at: .seconds(now)) == questions, "step \(index)")
      case .answers(let now, let question): plan.answers(question, at: .seconds(now))
      case .fails(let question): plan.fails(question)
      }
    }
  }
}

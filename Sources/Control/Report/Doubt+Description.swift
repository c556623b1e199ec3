package import Balancing

extension Doubt: CustomStringConvertible {
  package var description: String {
    switch self {
    case .standsStill:
      "its CPU counter stands still while it answers; restart its source (cAdvisor), or the container"
    case .tooCheap(let part, let reference):
      "it answers at \(decimal(part * 100, 1)) % of "
        + (reference == .past ? "its own usual cost" : "its peers' cost")
        + ": believed if its counter follows its requests for five minutes; is this its container?"
    case .unconfirmed, .dearer:
      "its cost is far off in one window, which the next has yet to confirm"
    case .uncounted: "it is dearer since the reload, as an old process may serve there uncounted"
    case .hostNotBelieved: "it has no quota, and its host's CPU counter is not believed"
    }
  }
}

extension HostDoubt: CustomStringConvertible {
  package var description: String {
    switch self {
    case .lessThanItsContainers:
      "its own CPU counter shows less than its containers use, and is left out; restart its source"
    case .moreThanItHas(let cores):
      "\(decimal(cores, 1)) cores are in use by its CPU counter, more than it has; its own load is left "
        + "out (does cAdvisor see the CPUs of a container or VM and the usage of the machine?)"
    }
  }
}

extension SimulatedStrategy {
  /// What it does, in a few words.
  package var summary: String {
    switch self {
    case .equal: "equal weights with roundrobin"
    case .leastconn: "equal weights with leastconn"
    case .random4: "equal weights with random(4)"
    case .halfway2015: "the script of 2015: half of the way to the mean, faults included"
    case .halfway: "evenkeel's sound form of that rule"
    case .orca: "gRPC's weighted round robin (A58): request rate over utilisation"
    case .pid: "a PID controller for each server, in the manner of Robinhood's"
    case .capacity: "evenkeel's own: cost per request and spare capacity, with roundrobin"
    case .capacityOnLeastconn: "the same with leastconn"
    case .capacityOnRandom4: "the same with random(4)"
    case .oracle: "knows every cost and limit; what is possible"
    }
  }
}

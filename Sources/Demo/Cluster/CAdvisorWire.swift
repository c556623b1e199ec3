/// A container as `v2.1/stats` describes it.
struct StatsWithSpec: Encodable {
  var spec: ContainerSpec
  var stats: [Sample]
}

/// A container as `v1.3/docker` describes it.
struct ContainerInfo: Encodable {
  var id: String
  var name: String
  var aliases: [String]
  var namespace: String
  var spec: ContainerSpec
}

struct ContainerSpec: Encodable {
  var creationTime: String
  var aliases: [String]?
  var namespace: String?
  var hasCPU = true
  var cpu: CPULimits
  var image = "evenkeel-demo"

  enum CodingKeys: String, CodingKey {
    case creationTime = "creation_time"
    case aliases, namespace
    case hasCPU = "has_cpu"
    case cpu, image
  }
}

/// Quota and period are microseconds; cAdvisor leaves them out of every v2.x reply.
struct CPULimits: Encodable {
  var limit = 1024
  var maxLimit = 0
  var quota: Int?
  var period: Int?

  enum CodingKeys: String, CodingKey {
    case limit
    case maxLimit = "max_limit"
    case quota, period
  }
}

struct Sample: Encodable {
  var timestamp: String
  var cpu: CPUUse
}

struct CPUUse: Encodable {
  var usage: CPUUsage
  var loadAverage = 0

  enum CodingKeys: String, CodingKey {
    case usage
    case loadAverage = "load_average"
  }
}

/// Nanoseconds since the container began.
struct CPUUsage: Encodable {
  var total: UInt64
  var user: UInt64
  var system: UInt64 = 0

  init(total: UInt64) {
    self.total = total
    user = total
  }
}

struct Machine: Encodable {
  var timestamp: String
  var cores: Int
  var machineID: String
  var bootID: String

  enum CodingKeys: String, CodingKey {
    case timestamp
    case cores = "num_cores"
    case machineID = "machine_id"
    case bootID = "boot_id"
  }
}

package import CheckedJSON

/// The scenarios inside the program; `Scenarios/` has them as files.
package enum ShippedScenarios {
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("01-unequal-quotas", PackageResources._1_unequal_quotas_json),
    ("02-unequal-hardware", PackageResources._2_unequal_hardware_json),
    ("03-neighbour", PackageResources._3_neighbour_json),
    ("04-demand-steps", PackageResources._4_demand_steps_json),
    ("05-servers-come-and-go", PackageResources._5_servers_come_and_go_json),
    ("06-shared-hosts", PackageResources._6_shared_hosts_json),
    ("07-two-balancers", PackageResources._7_two_balancers_json),
    ("08-slow-sampling", PackageResources._8_slow_sampling_json),
    ("09-overload", PackageResources._9_overload_json),
    ("10-few-requests", PackageResources._0_few_requests_json),
    ("11-fast-failure", PackageResources._1_fast_failure_json),
    ("12-slow-disk", PackageResources._2_slow_disk_json),
    ("13-starved", PackageResources._3_starved_json),
    ("14-cold-starts", PackageResources._4_cold_starts_json),
    ("15-foreign-writer", PackageResources._5_foreign_writer_json),
    ("16-deployment", PackageResources._6_deployment_json),
    ("17-long-sessions", PackageResources._7_long_sessions_json),
    ("18-two-strangers", PackageResources._8_two_strangers_json),
    ("19-frozen-counter", PackageResources._9_frozen_counter_json),
    ("20-partial-counter", PackageResources._0_partial_counter_json),
    ("21-contradicted-samples", PackageResources._1_contradicted_samples_json),
    ("22-restored-counters", PackageResources._2_restored_counters_json),
    ("23-pinned-traffic", PackageResources._3_pinned_traffic_json),
    ("24-hidden-limit", PackageResources._4_hidden_limit_json),
    ("25-two-backends", PackageResources._5_two_backends_json),
    ("26-neighbours-20s", PackageResources._6_neighbours_20s_json),
    ("27-neighbours-60s", PackageResources._7_neighbours_60s_json),
    ("28-neighbours-300s", PackageResources._8_neighbours_300s_json),
    ("29-random-neighbours-15s", PackageResources._9_random_neighbours_15s_json),
    ("30-random-neighbours-60s", PackageResources._0_random_neighbours_60s_json),
    ("31-random-neighbours-300s", PackageResources._1_random_neighbours_300s_json),
    ("32-costs-of-all", PackageResources._2_costs_of_all_json),
    ("33-work-of-their-own", PackageResources._3_work_of_their_own_json),
    ("34-held-up", PackageResources._4_held_up_json),
  ]

  /// In the order in which they are best run.
  package static var names: [String] { files.map(\.name) }

  /// The file of a scenario, as an example for one's own.
  package static func file(of name: String) -> [UInt8]? {
    files.first { $0.name == name }?.bytes
  }

  /// - Returns: `nil` when none has that name.
  package static func named(_ name: String) throws(InvalidFile) -> Scenario? {
    guard let bytes = file(of: name) else { return nil }
    return try ScenarioFile.parse(bytes, file: "\(name).json")
  }
}

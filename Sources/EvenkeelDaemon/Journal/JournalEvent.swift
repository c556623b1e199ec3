internal import Control
package import Logging

/// A kind of event that the daemon logs: its names, its journal identity and how much it matters.
///
/// This file has a row for each, and `systemd/evenkeel.catalog` an entry, which `journalctl -x` shows.
package struct JournalEvent: Hashable, Sendable {
  /// What programs know it by.
  package let name: String
  /// How much it matters where nothing speaks for another level.
  package let level: Logger.Level
  /// The MESSAGE_ID: 128 bits in hexadecimal, never used for another kind of event.
  package let messageID: String
  /// What happened, without the variable parts.
  package let message: String

  private init(_ name: String, _ level: Logger.Level, _ messageID: String, _ message: String) {
    self.name = name
    self.level = level
    self.messageID = messageID
    self.message = message
  }
}

/// What the daemon has to say of itself.
extension JournalEvent {
  package static let started = Self(
    "started", .notice, "70e22043ba7e49f99facaa609d352674", "evenkeel started")
  package static let ready = Self(
    "ready", .info, "4874f19b3c5f49f79ce3e3d0ffdd04e6", "first look at the fleet is complete")
  package static let stopping = Self(
    "stopping", .notice, "47a8e74d832c456095e22f2c3b2d4984", "evenkeel stops")
  package static let configurationRefused = Self(
    "configuration_refused", .critical, "582355d6760445848f02e2af6e5f461c", "configuration refused")
  package static let reloaded = Self(
    "reloaded", .notice, "59770d5f14ac4945afef5a6ad86f5179", "configuration reloaded")
  package static let reloadRefused = Self(
    "reload_refused", .error, "89401a5d20e24f858dc0b4e469ffd20c", "reload refused")
  package static let tickOverran = Self(
    "tick_overran", .warning, "1085aa369c324cc995eb7c661f14c048",
    "a tick took longer than the interval")
  package static let summary = Self(
    "summary", .info, "c4958656cbe04e679e3a75ae3bf4e4e1", "hourly summary")
  package static let stateUnusable = Self(
    "state_unusable", .warning, "8fa8f7f092f4492f88121880e453d18d", "state not used")
  package static let stateUsed = Self(
    "state_used", .info, "c33e1886cdd14e95b6a16146dc864d9b", "state of an earlier run used")
  package static let stateNotKept = Self(
    "state_not_kept", .warning, "4e2faa4dd35a47ef8ab6b6dd42dbf370", "state cannot be kept")
  package static let stateKept = Self(
    "state_kept", .info, "c382ac90ef7b45619b81a908f4a9aafa", "state is kept again")
  package static let flapping = Self(
    "flapping", .warning, "2953af9bc2d04ee8bf3a61cd82677ab6", "comes and goes")
  package static let settled = Self(
    "settled", .info, "ae66a02ff85646df87640d118569fc6a", "has come to rest")
  package static let statusServed = Self(
    "status_served", .info, "293e2578523c46ab893e956417d54cca", "status is shown")
  package static let statusUnavailable = Self(
    "status_unavailable", .error, "52c48f384110424c85c3d129c7274e08", "status cannot be shown")
  package static let statusUnguarded = Self(
    "status_unguarded", .warning, "c3f0b4a91d6e4f58a27be1905c84d6f3",
    "peers' status asks for no token")
  package static let brakeUnavailable = Self(
    "brake_unavailable", .warning, "34940af1861c4b568a1772fd5dc2833d", "orders cannot be taken")
}

/// What a tick had to say.
extension JournalEvent {
  init(_ event: ControlEvent) {
    switch event {
    case .endpointLost:
      self.init(
        "endpoint_lost", .warning, "2862ce1d70334f4e900a4d7c0ecf273b",
        "a source of load does not answer")
    case .endpointBack:
      self.init(
        "endpoint_back", .info, "6a37cd5511f745adbd336108a46f34b5", "a source of load answers again"
      )
    case .answerIncomplete:
      self.init(
        "answer_incomplete", .warning, "ebbd0850b86b4c53ac90ffac41604e83",
        "a source's answer is incomplete")
    case .sameMachine:
      self.init(
        "same_machine", .notice, "3e9a7c41d85b4f26a0c7195be8d24f63", "two sources are one machine")
    case .hostsChanged:
      self.init(
        "hosts_changed", .info, "b7a61e0d4c5f4a0e9b6a2f3d18c07e51", "hosts came or went")
    case .findingFailed:
      self.init(
        "finding_failed", .warning, "5f0c8e27a94b4d3f8d1e6b9072ca43fe",
        "hosts are not found any more")
    case .findingBack:
      self.init(
        "finding_back", .info, "c41d97b35e8046a29f7b0d85ea16f32c", "hosts are found again")
    case .balancerLost:
      self.init(
        "balancer_lost", .warning, "091833bbe3e44e078686890cb9527bb6",
        "HAProxy cannot be read or written")
    case .balancerBack:
      self.init(
        "balancer_back", .info, "6c6eb08939be44a3a885f88409156661", "HAProxy answers again")
    case .balancerReloaded:
      self.init(
        "balancer_reloaded", .notice, "b18f62a9bd9d4d609316a5fbee9b66f1", "HAProxy was reloaded")
    case .backendMissing:
      self.init(
        "backend_missing", .warning, "115024cce7f04a71a04aeee2d69f2ac5",
        "HAProxy has no such backend")
    case .oldProcessServes:
      self.init(
        "old_process_serves", .notice, "5d0a8c6b3f0e4a7f9b1c2e63a4d7f815",
        "an old HAProxy process still serves")
    case .fallsBack:
      self.init(
        "falls_back", .notice, "213fbe7d915f484ca1a1c636b377fbdc", "another strategy steers")
    case .backendHolds:
      self.init(
        "backend_holds", .warning, "f20b770d08754894ac665c3bf6e9ce18", "backend holds its weights")
    case .backendSteers:
      self.init(
        "backend_steers", .info, "91841e88b6fe4f3d94801424c8e9094a", "backend is steered again")
    case .serverHolds:
      self.init(
        "server_holds", .warning, "3651e85272d04ed891d472ba8080de76", "server holds its weight")
    case .serverLive:
      self.init(
        "server_live", .info, "53b6f997091d4c3e81b6a6f353092f5f", "server is steered again")
    case .slotsEmpty:
      self.init(
        "slots_empty", .info, "73904607a0934e15845fa411a68ddfa8", "servers without an address")
    case .weightChanged:
      self.init(
        "weight_changed", .info, "79f5e1f9104b4780b1d1c22e0552624d", "weight changed")
    case .weightRefused:
      self.init(
        "weight_refused", .error, "c809ae072ef04c7693a99ad6d131c24e", "HAProxy refused a weight")
    case .algorithmIsFixed:
      self.init(
        "algorithm_is_fixed", .warning, "a580028cad014f479f89fbeaf8c999e9",
        "balance algorithm takes no weights")
    case .changedByOthers, .leftToHand:
      self.init(
        "changed_by_others", .notice, "4df3e43ce91f4053b6f5adee6f593371",
        "weight changed by somebody else")
    case .contested:
      self.init(
        "contested", .warning, "b894269233354d71ab4f9d86419d9833", "weight contested")
    case .contestOver:
      self.init(
        "contest_over", .info, "bac63f4a40ea40fa8c1bff01d424de5b", "weight no longer contested")
    case .paused:
      self.init(
        "paused", .notice, "bd529e684c714c3ebedb5b4a202fc84f", "paused")
    case .resumed:
      self.init(
        "resumed", .notice, "a687b08880fa4bfc8e46c8c709accdb5", "pause over")
    case .figureDisbelieved:
      self.init(
        "figure_disbelieved", .warning, "c77e056a6c7d443ab892df57c0eb7149",
        "HAProxy's figure cannot be")
    }
  }
}

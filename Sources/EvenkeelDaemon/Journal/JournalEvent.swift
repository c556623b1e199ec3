/// Every kind of event that the daemon logs: its constant message and its journal identity.
///
/// `systemd/evenkeel.catalog` has an entry for each, which `journalctl -x` shows.
package enum JournalEvent: String, CaseIterable, Sendable {
  case started
  case ready
  case stopping
  case configurationRefused
  case reloaded
  case reloadRefused
  case tickOverran
  case summary
  case endpointLost
  case endpointBack
  case answerIncomplete
  case sameMachine
  case hostsChanged
  case findingFailed
  case findingBack
  case balancerLost
  case balancerBack
  case balancerReloaded
  case backendMissing
  case oldProcessServes
  case fallsBack
  case backendHolds
  case backendSteers
  case serverHolds
  case serverLive
  case slotsEmpty
  case weightChanged
  case weightRefused
  case algorithmIsFixed
  case changedByOthers
  case contested
  case contestOver
  case paused
  case resumed
  case figureDisbelieved
  case stateUnusable
  case stateUsed
  case stateNotKept
  case stateKept
  case flapping
  case settled
  case statusServed
  case statusUnavailable
  case statusUnguarded
  case brakeUnavailable

  /// What happened, without the variable parts.
  package var message: String {
    switch self {
    case .started: "evenkeel started"
    case .ready: "first look at the fleet is complete"
    case .stopping: "evenkeel stops"
    case .configurationRefused: "configuration refused"
    case .reloaded: "configuration reloaded"
    case .reloadRefused: "reload refused"
    case .tickOverran: "a tick took longer than the interval"
    case .summary: "hourly summary"
    case .endpointLost: "a source of load does not answer"
    case .endpointBack: "a source of load answers again"
    case .answerIncomplete: "a source's answer is incomplete"
    case .sameMachine: "two sources are one machine"
    case .hostsChanged: "hosts came or went"
    case .findingFailed: "hosts are not found any more"
    case .findingBack: "hosts are found again"
    case .balancerLost: "HAProxy cannot be read or written"
    case .balancerBack: "HAProxy answers again"
    case .balancerReloaded: "HAProxy was reloaded"
    case .backendMissing: "HAProxy has no such backend"
    case .oldProcessServes: "an old HAProxy process still serves"
    case .fallsBack: "another strategy steers"
    case .backendHolds: "backend holds its weights"
    case .backendSteers: "backend is steered again"
    case .serverHolds: "server holds its weight"
    case .serverLive: "server is steered again"
    case .slotsEmpty: "servers without an address"
    case .weightChanged: "weight changed"
    case .weightRefused: "HAProxy refused a weight"
    case .algorithmIsFixed: "balance algorithm takes no weights"
    case .changedByOthers: "weight changed by somebody else"
    case .contested: "weight contested"
    case .contestOver: "weight no longer contested"
    case .paused: "paused"
    case .resumed: "pause over"
    case .figureDisbelieved: "HAProxy's figure cannot be"
    case .stateUnusable: "state not used"
    case .stateUsed: "state of an earlier run used"
    case .stateNotKept: "state cannot be kept"
    case .stateKept: "state is kept again"
    case .flapping: "comes and goes"
    case .settled: "has come to rest"
    case .statusServed: "status is shown"
    case .statusUnavailable: "status cannot be shown"
    case .statusUnguarded: "peers' status asks for no token"
    case .brakeUnavailable: "orders cannot be taken"
    }
  }

  /// The MESSAGE_ID: 128 bits in hexadecimal, never used for another kind of event.
  package var messageID: String {
    switch self {
    case .started: "70e22043ba7e49f99facaa609d352674"
    case .ready: "4874f19b3c5f49f79ce3e3d0ffdd04e6"
    case .stopping: "47a8e74d832c456095e22f2c3b2d4984"
    case .configurationRefused: "582355d6760445848f02e2af6e5f461c"
    case .reloaded: "59770d5f14ac4945afef5a6ad86f5179"
    case .reloadRefused: "89401a5d20e24f858dc0b4e469ffd20c"
    case .tickOverran: "1085aa369c324cc995eb7c661f14c048"
    case .summary: "c4958656cbe04e679e3a75ae3bf4e4e1"
    case .endpointLost: "2862ce1d70334f4e900a4d7c0ecf273b"
    case .endpointBack: "6a37cd5511f745adbd336108a46f34b5"
    case .answerIncomplete: "ebbd0850b86b4c53ac90ffac41604e83"
    case .sameMachine: "3e9a7c41d85b4f26a0c7195be8d24f63"
    case .hostsChanged: "b7a61e0d4c5f4a0e9b6a2f3d18c07e51"
    case .findingFailed: "5f0c8e27a94b4d3f8d1e6b9072ca43fe"
    case .findingBack: "c41d97b35e8046a29f7b0d85ea16f32c"
    case .balancerLost: "091833bbe3e44e078686890cb9527bb6"
    case .balancerBack: "6c6eb08939be44a3a885f88409156661"
    case .balancerReloaded: "b18f62a9bd9d4d609316a5fbee9b66f1"
    case .backendMissing: "115024cce7f04a71a04aeee2d69f2ac5"
    case .fallsBack: "213fbe7d915f484ca1a1c636b377fbdc"
    case .oldProcessServes: "5d0a8c6b3f0e4a7f9b1c2e63a4d7f815"
    case .backendHolds: "f20b770d08754894ac665c3bf6e9ce18"
    case .backendSteers: "91841e88b6fe4f3d94801424c8e9094a"
    case .serverHolds: "3651e85272d04ed891d472ba8080de76"
    case .serverLive: "53b6f997091d4c3e81b6a6f353092f5f"
    case .slotsEmpty: "73904607a0934e15845fa411a68ddfa8"
    case .weightChanged: "79f5e1f9104b4780b1d1c22e0552624d"
    case .weightRefused: "c809ae072ef04c7693a99ad6d131c24e"
    case .algorithmIsFixed: "a580028cad014f479f89fbeaf8c999e9"
    case .changedByOthers: "4df3e43ce91f4053b6f5adee6f593371"
    case .contested: "b894269233354d71ab4f9d86419d9833"
    case .contestOver: "bac63f4a40ea40fa8c1bff01d424de5b"
    case .paused: "bd529e684c714c3ebedb5b4a202fc84f"
    case .resumed: "a687b08880fa4bfc8e46c8c709accdb5"
    case .figureDisbelieved: "c77e056a6c7d443ab892df57c0eb7149"
    case .stateUnusable: "8fa8f7f092f4492f88121880e453d18d"
    case .stateUsed: "c33e1886cdd14e95b6a16146dc864d9b"
    case .stateNotKept: "4e2faa4dd35a47ef8ab6b6dd42dbf370"
    case .stateKept: "c382ac90ef7b45619b81a908f4a9aafa"
    case .flapping: "2953af9bc2d04ee8bf3a61cd82677ab6"
    case .settled: "ae66a02ff85646df87640d118569fc6a"
    case .statusServed: "293e2578523c46ab893e956417d54cca"
    case .statusUnavailable: "52c48f384110424c85c3d129c7274e08"
    case .statusUnguarded: "c3f0b4a91d6e4f58a27be1905c84d6f3"
    case .brakeUnavailable: "34940af1861c4b568a1772fd5dc2833d"
    }
  }
}

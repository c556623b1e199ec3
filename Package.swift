// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Rooms that the tests put through simulated days: a debug build of them is optimised too, which makes
/// the gates several times as fast. Checks of arithmetic and of preconditions stay.
let simulated: [SwiftSetting] =
  strict + [
    .unsafeFlags(["-O"], .when(configuration: .debug))
  ]

let asyncAlgorithms: Target.Dependency = .product(
  name: "AsyncAlgorithms", package: "swift-async-algorithms")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(
  name: "AsyncHTTPClient", package: "async-http-client")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let unixSignals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")

/// The scenarios that are inside the program, by the names of their files.
let scenarios = [
  "01-unequal-quotas",
  "02-unequal-hardware",
  "03-neighbour",
  "04-demand-steps",
  "05-servers-come-and-go",
  "06-shared-hosts",
  "07-two-balancers",
  "08-slow-sampling",
  "09-overload",
  "10-few-requests",
  "11-fast-failure",
  "12-slow-disk",
  "13-starved",
  "14-cold-starts",
  "15-foreign-writer",
  "16-deployment",
  "17-long-sessions",
  "18-two-strangers",
  "19-frozen-counter",
  "20-partial-counter",
  "21-contradicted-samples",
  "22-restored-counters",
  "23-pinned-traffic",
  "24-hidden-limit",
  "25-two-backends",
  "26-neighbours-20s",
  "27-neighbours-60s",
  "28-neighbours-300s",
  "29-random-neighbours-15s",
  "30-random-neighbours-60s",
  "31-random-neighbours-300s",
  "32-costs-of-all",
  "33-work-of-their-own",
  "34-held-up",
]

/// Which room may use which is written here and checked by `HouseTests`.
let package = Package(
  name: "evenkeel",
  products: [
    .executable(name: "evenkeel", targets: ["EvenkeelCommand"]),
    .library(name: "CAdvisor", targets: ["CAdvisor"]),
    .library(name: "HAProxy", targets: ["HAProxy"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-async-algorithms.git", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
    .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.0", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "EvenkeelCommand",
      dependencies: [
        "CheckedJSON", "EvenkeelDaemon", "Demo", "Control", "Simulation", "StatusServer",
        "Systemd", "Terminal", argumentParser, asyncAlgorithms, logging, nioCore, nioPosix,
        serviceLifecycle, unixSignals,
      ],
      swiftSettings: strict),
    .target(
      name: "Demo",
      dependencies: [
        "EvenkeelDaemon", "HAProxy", "StatusServer", "Terminal", asyncHTTPClient, hummingbird,
        logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle, subprocess,
      ],
      swiftSettings: strict),
    .target(
      name: "StatusServer",
      dependencies: [
        "Balancing", "EvenkeelDaemon", asyncAlgorithms, hummingbird, hummingbirdCore, logging,
        nioCore, nioHTTPTypes, serviceLifecycle,
      ],
      resources: [.embedInCode("page.html")], swiftSettings: strict),
    .target(
      name: "EvenkeelDaemon",
      dependencies: [
        "Balancing", "CAdvisor", "CheckedJSON", "Control", "Deadlines", "DockerEngine",
        "HAProxy", "Names", "PrometheusText", "Systemd", "CPCRE2", "CYAML", asyncHTTPClient, deque,
        logging,
        nioCore, nioHTTP1,
        nioPosix,
        serviceLifecycle, unixSignals,
      ],
      swiftSettings: strict),
    .target(
      name: "Simulation", dependencies: ["Balancing", "CheckedJSON", "Control", deque, heap],
      exclude: ["Scenarios/README.md"],
      resources: scenarios.map { .embedInCode("Scenarios/\($0).json") },
      swiftSettings: simulated),
    .target(name: "Control", dependencies: ["Balancing", "Deadlines"], swiftSettings: simulated),
    .target(name: "Balancing", swiftSettings: simulated),
    .target(
      name: "CAdvisor",
      dependencies: [
        "CheckedJSON", "Names", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL,
      ],
      swiftSettings: strict),
    .target(
      name: "HAProxy", dependencies: ["Names", nioCore, nioPosix], swiftSettings: strict),
    .target(name: "PrometheusText", swiftSettings: strict),
    .target(name: "DockerEngine", dependencies: ["CheckedJSON"], swiftSettings: strict),
    .target(name: "Terminal", swiftSettings: strict),
    .target(name: "Systemd", dependencies: ["CSystemd", logging], swiftSettings: strict),
    .target(name: "CheckedJSON", swiftSettings: strict),
    .target(name: "Names", dependencies: ["CResolv", "Deadlines"], swiftSettings: strict),
    .target(name: "Deadlines", swiftSettings: strict),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CResolv"),
    .systemLibrary(
      name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(
      name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    .target(
      name: "TestSupport", dependencies: ["Balancing", "Control", "Simulation"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "CheckedJSONTestSupport", dependencies: ["CheckedJSON", "TestSupport"],
      path: "Tests/CheckedJSONTestSupport", swiftSettings: strict),
    .target(
      name: "HAProxyTestSupport", dependencies: ["HAProxy", nioCore, nioPosix, subprocess],
      path: "Tests/HAProxyTestSupport", swiftSettings: strict),
    .target(
      name: "Fuzzing",
      dependencies: [
        "Balancing", "CAdvisor", "CheckedJSON", "CheckedJSONTestSupport", "Control",
        "DockerEngine", "EvenkeelDaemon", "HAProxy", "Names", "PrometheusText", "Simulation",
        "TestSupport", nioCore,
      ],
      path: "Tests/Fuzzing", exclude: ["Inputs"], swiftSettings: strict),
    .executableTarget(
      name: "evenkeel-fuzz", dependencies: ["Fuzzing", argumentParser],
      path: "Tests/FuzzingCommand", swiftSettings: strict),
    .executableTarget(
      name: "evenkeel-endure",
      dependencies: ["Balancing", "Control", "TestSupport", argumentParser],
      path: "Tests/Endurance", swiftSettings: strict),
    .executableTarget(
      name: "evenkeel-cost",
      dependencies: [
        "Balancing", "CAdvisor", "Control", "HAProxy", "TestSupport", argumentParser, nioCore,
      ],
      path: "Tests/Cost", exclude: ["budget"], swiftSettings: strict),
    .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing"], swiftSettings: strict),
    .testTarget(
      name: "BalancingTests", dependencies: ["Balancing", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ControlTests", dependencies: ["Balancing", "Control", "Deadlines", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CheckedJSONTests", dependencies: ["CheckedJSON"], swiftSettings: strict),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Simulation", "Balancing", "CheckedJSON", "CheckedJSONTestSupport", "Control",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CAdvisorTests",
      dependencies: ["CAdvisor", "Names", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL],
      resources: [.copy("Replies")], swiftSettings: strict),
    .testTarget(
      name: "HAProxyTests",
      dependencies: ["HAProxy", "HAProxyTestSupport", "Names", nioCore, nioPosix],
      resources: [.copy("Replies")], swiftSettings: strict),
    .testTarget(
      name: "DockerEngineTests", dependencies: ["DockerEngine"],
      resources: [.copy("Replies")], swiftSettings: strict),
    .testTarget(
      name: "PrometheusTextTests", dependencies: ["PrometheusText"], swiftSettings: strict),
    .testTarget(
      name: "NamesTests", dependencies: ["Names"], swiftSettings: strict),
    .testTarget(
      name: "SystemdTests", dependencies: ["Systemd", logging], swiftSettings: strict),
    .testTarget(
      name: "EvenkeelDaemonTests",
      dependencies: [
        "EvenkeelDaemon", "Balancing", "CAdvisor", "CheckedJSON", "Control", "HAProxy",
        "HAProxyTestSupport", "PrometheusText", "Names", "Simulation", "Systemd", "TestSupport",
        asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle, subprocess,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "StatusServerTests",
      dependencies: [
        "StatusServer", "Balancing", "Control", "EvenkeelDaemon", "HAProxyTestSupport",
        "TestSupport",
        asyncHTTPClient, logging, nioCore, nioEmbedded, nioHTTP1, nioPosix, serviceLifecycle,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DemoTests",
      dependencies: ["Demo", "Terminal", asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix],
      swiftSettings: strict),
    .testTarget(
      name: "EvenkeelCommandTests",
      dependencies: [
        "EvenkeelCommand", "EvenkeelDaemon", "Demo", "HAProxyTestSupport", "Terminal",
        asyncHTTPClient, logging, subprocess, nioCore, nioHTTP1, nioPosix,
      ],
      swiftSettings: strict),
    .testTarget(name: "HouseTests", swiftSettings: strict),
  ]
)

import Balancing
import Control
import FoundationEssentials
import PrometheusText
import Testing

@testable import EvenkeelDaemon

/// What pages of metrics say to `Control`.
@Suite struct MetricsReadingTests {
  private static let receivedAt = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

  private func reading(
    _ text: String, host: HostName = "web1", keys: Set<String> = [],
    names: MetricNames = MetricNames(), only: [String: String] = [:], isWholeHost: Bool? = nil
  ) throws -> HostReading {
    let request = MetricsRequest(
      query: nil, names: names, only: only, keys: keys, isFederation: false,
      isWholeHost: isWholeHost)
    var reader = request.reader { Self.receivedAt }
    try reader.takeBytes(Array(text.utf8))
    return HostReading(
      try reader.finish(answeredAt: 1_795_555_458_000_000_000),
      as: MetricsView(host: host, labels: request.containerLabels, isWholeHost: isWholeHost),
      now: Self.receivedAt)
  }

  /// As a real cAdvisor 0.38.7 served it.
  private static func captured() throws -> String {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "CAdvisorTests/Replies/0.38.7/metrics-docker-only-lean.txt")
    return try String(contentsOf: file, encoding: .utf8)
  }

  @Test func `a real cAdvisor's page tells what its API tells`() throws {
    let reading = try reading(try Self.captured(), keys: ["haproxy.server"])
    #expect(reading.cores == 2)
    #expect(
      reading.hostSample
        == CPUSample(
          timestamp: Timestamp(nanoseconds: 1_795_555_455_721_000_000),
          cpuNanoseconds: 6_101_776_586_890))
    #expect(reading.answeredAt == Timestamp(nanoseconds: 1_795_555_458_000_000_000))
    #expect(reading.malformed == [:])
    #expect(
      reading.containers.compactMap(\.aliases.first).sorted() == [
        "api-1", "api-2", "idle",
        "k8s_app_pod-abc_default_0b1c2d3e-1111-2222-3333-444455556666_0", "shop_web_1",
      ])
    let first = try #require(reading.containers.first { $0.aliases.first == "api-1" })
    let id = "85a761d86b127af55999658823679e5f78589cc9cfde8060e75dddb4a0a3e2e2"
    #expect(first.id == "/docker/\(id)" && first.aliases == ["api-1", id])
    #expect(first.quotaCores == 0.1 && first.cpuShares == 1024 && first.flaw == nil)
    #expect(
      first.sample
        == CPUSample(
          timestamp: Timestamp(nanoseconds: 1_795_555_456_144_000_000),
          cpuNanoseconds: 33_133_967_503))
    #expect(first.waits == CPUWaitCounters(periods: 4295, throttledPeriods: 2044))
    let second = try #require(reading.containers.first { $0.aliases.first == "api-2" })
    #expect(second.labels == ["haproxy.server": "web2"] && second.quotaCores == 0.4)
    let shop = try #require(reading.containers.first { $0.aliases.first == "shop_web_1" })
    #expect(shop.quotaCores == nil && shop.labels == [:])
  }

  /// In the form that a kubelet of today has: containerd, cgroups made by systemd.
  private static let kubelet = """
    # HELP container_cpu_usage_seconds_total [ALPHA] Cumulative cpu time consumed in seconds.
    # TYPE container_cpu_usage_seconds_total counter
    container_cpu_usage_seconds_total{container="",cpu="total",id="/",image="",name="",namespace="",pod=""} 1500.5 1795555456000
    container_cpu_usage_seconds_total{container="",cpu="total",id="/kubepods.slice/kubepods-pod1.slice",image="",name="",namespace="shop",pod="web-0"} 31 1795555456000
    container_cpu_usage_seconds_total{container="",cpu="total",id="/kubepods.slice/kubepods-pod1.slice/cri-containerd-00.scope",image="pause:3.8",name="00",namespace="shop",pod="web-0"} 0.01 1795555456000
    container_cpu_usage_seconds_total{container="web",cpu="total",id="/kubepods.slice/kubepods-pod1.slice/cri-containerd-01.scope",image="web:1",name="01",namespace="shop",pod="web-0"} 30 1795555456100
    container_cpu_usage_seconds_total{container="web",cpu="total",id="/kubepods.slice/kubepods-pod2.slice/cri-containerd-02.scope",image="web:1",name="02",namespace="shop",pod="web-1"} 40 1795555456200
    container_cpu_usage_seconds_total{container="proxy",cpu="total",id="/kubepods.slice/kubepods-pod2.slice/cri-containerd-03.scope",image="proxy:1",name="03",namespace="shop",pod="web-1"} 5 1795555456300
    container_cpu_usage_seconds_total{container="POD",cpu="total",id="/kubepods/pod3/04",image="pause",name="k8s_POD_x",namespace="shop",pod="old"} 1 1795555456300
    container_spec_cpu_period{container="web",id="/kubepods.slice/kubepods-pod1.slice/cri-containerd-01.scope",image="web:1",name="01",namespace="shop",pod="web-0"} 100000
    container_spec_cpu_period{container="web",id="/kubepods.slice/kubepods-pod2.slice/cri-containerd-02.scope",image="web:1",name="02",namespace="shop",pod="web-1"} 100000
    container_spec_cpu_period{container="proxy",id="/kubepods.slice/kubepods-pod2.slice/cri-containerd-03.scope",image="proxy:1",name="03",namespace="shop",pod="web-1"} 100000
    container_spec_cpu_quota{container="",id="/kubepods.slice/kubepods-pod1.slice",image="",name="",namespace="shop",pod="web-0"} 50000 1795555456000
    container_spec_cpu_quota{container="web",id="/kubepods.slice/kubepods-pod2.slice/cri-containerd-02.scope",image="web:1",name="02",namespace="shop",pod="web-1"} 25000
    machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="s"} 4

    """

  @Test func `a kubelet's pods are found by name, label and limit`() throws {
    let reading = try reading(Self.kubelet)
    #expect(reading.cores == 4 && reading.hostSample?.cpuNanoseconds == 1_500_500_000_000)
    #expect(
      reading.containers.map(\.aliases) == [
        ["web-0", "web-0/web"], ["web-1/web"], ["web-1/proxy"],
      ])
    let only = try #require(reading.containers.first)
    let pod = "/kubepods.slice/kubepods-pod1.slice"
    #expect(only.sharedLimit == SharedLimit(id: pod, cores: 0.5) && only.quotaCores == 0.5)
    #expect(
      only.labels == [
        "io.kubernetes.pod.name": "web-0", "io.kubernetes.pod.namespace": "shop",
        "io.kubernetes.container.name": "web",
      ])
    #expect(reading.containers.map(\.quotaCores) == [0.5, 0.25, nil])
    #expect(reading.containers.allSatisfy { $0.flaw == nil })
  }

  @Test func `what a container waits for a CPU is read under the name that it has there`() throws {
    let text = """
      container_cpu_usage_seconds_total{name="web"} 30
      my_throttled{name="web"} 3
      container_cpu_cfs_periods_total{name="web"} 12
      container_pressure_cpu_waiting_seconds_total{name="web"} 1.25

      """
    let reading = try reading(
      text, names: MetricNames([.containerThrottledPeriods: "my_throttled"]))
    #expect(
      reading.containers.first?.waits
        == CPUWaitCounters(
          periods: 12, throttledPeriods: 3, pressureNanoseconds: 1_250_000_000))
  }

  private func mixedInstances(_ text: String) throws -> [String]? {
    let request = MetricsRequest(
      query: nil, names: MetricNames(), only: [:], keys: [], isFederation: true, isWholeHost: nil)
    var reader = request.reader { Self.receivedAt }
    try reader.takeBytes(Array(text.utf8))
    return try reader.finish(answeredAt: nil).mixedInstances
  }

  @Test func `several machines on one page are noticed, several ports of one are not`() throws {
    let web1 = #"node_cpu_seconds_total{cpu="0",mode="user",instance="web1:9100"} 1"#
    let web2 = #"node_cpu_seconds_total{cpu="0",mode="user",instance="web2:9100"} 1"#
    let other = #"container_cpu_usage_seconds_total{name="a",instance="10.0.0.1:8080"} 1"#
    #expect(try mixedInstances("\(web1)\n\(web2)\n") == ["web1:9100", "web2:9100"])
    #expect(try mixedInstances("\(web1)\n\(other)\n") == nil)
    let port = web1.replacing("9100", with: "9101")
    #expect(try mixedInstances("\(web1)\n\(port)\n") == nil)
  }

  private static let node = """
    # TYPE node_cpu_seconds_total counter
    node_cpu_seconds_total{cpu="0",mode="idle"} 1000
    node_cpu_seconds_total{cpu="0",mode="iowait"} 100
    node_cpu_seconds_total{cpu="0",mode="user"} 10
    node_cpu_seconds_total{cpu="0",mode="system"} 5
    node_cpu_seconds_total{cpu="0",mode="steal"} 2
    node_cpu_seconds_total{cpu="1",mode="idle"} 1000
    node_cpu_seconds_total{cpu="1",mode="user"} 20.5
    node_cpu_seconds_total{cpu="1",mode="guest"} 20
    node_cpu_seconds_total{cpu="1",mode="nice"} 1

    """

  @Test func `a machine without containers stands in their place`() throws {
    let reading = try reading(Self.node, isWholeHost: true)
    #expect(reading.cores == 2 && reading.answeredAt == nil)
    // What the hypervisor gave to others fills the host, and is no work of its own.
    #expect(
      reading.hostSample
        == CPUSample(timestamp: Self.receivedAt, cpuNanoseconds: 38_500_000_000))
    #expect(
      reading.containers == [
        ContainerReading(
          id: "/", aliases: ["web1"], labels: [:],
          sample: CPUSample(timestamp: Self.receivedAt, cpuNanoseconds: 36_500_000_000),
          quotaCores: nil, isWholeHost: true)
      ])
  }

  @Test func `of what a Prometheus hands on, only what has the labels is taken`() throws {
    let page =
      "node_cpu_seconds_total{cpu=\"0\",instance=\"web1:9100\",mode=\"user\"} 7 1795555456000\n"
      + "node_cpu_seconds_total{cpu=\"0\",instance=\"web2:9100\",mode=\"user\"} 9 1795555456000\n"
    let reading = try reading(page, only: ["instance": "web2:9100"], isWholeHost: true)
    #expect(
      reading.hostSample
        == CPUSample(
          timestamp: Timestamp(nanoseconds: 1_795_555_456_000_000_000),
          cpuNanoseconds: 9_000_000_000))
    #expect(reading.answeredAt != nil)
  }

  @Test func `the same series from two jobs counts once, the newer one`() throws {
    let page = """
      node_cpu_seconds_total{cpu="0",job="a",mode="user"} 7 1795555457000
      node_cpu_seconds_total{cpu="0",job="b",mode="user"} 6 1795555456000

      """
    #expect(
      try reading(page, isWholeHost: true).hostSample?.cpuNanoseconds == 7_000_000_000)
  }

  @Test func `cores that are told one by one are added up`() throws {
    let page = """
      container_cpu_usage_seconds_total{cpu="cpu00",id="/docker/a",name="a"} 1 1795555456000
      container_cpu_usage_seconds_total{cpu="cpu01",id="/docker/a",name="a"} 2.5 1795555456000
      container_spec_cpu_shares{id="/docker/a",name="a"} 512
      container_spec_cpu_quota{id="/docker/a",name="a"} 50000

      """
    let container = try #require(try reading(page).containers.first)
    #expect(container.sample?.cpuNanoseconds == 3_500_000_000 && container.cpuShares == 512)
    #expect(container.quotaCores == 0.5 && container.flaw == nil)
  }

  @Test func `a limit that nobody tells is a flaw, and a quota that is missing is none`() throws {
    let page = """
      container_cpu_usage_seconds_total{id="/",cpu="total"} 9 1795555456000
      container_cpu_usage_seconds_total{id="/docker/a",name="a"} 1 1795555456000
      container_cpu_usage_seconds_total{id="/docker/b",name="b"} 1 1795555456000
      container_spec_cpu_period{id="/docker/b",name="b"} 100000
      machine_cpu_cores 2

      """
    let reading = try reading(page)
    #expect(reading.containers.map(\.quotaCores) == [nil, nil])
    #expect(reading.containers.first?.flaw?.hasPrefix("its CPU limit is not known") == true)
    #expect(reading.containers.last?.flaw == nil)
  }

  @Test func `without a quota a container of an unknown host is not known either`() throws {
    let page = """
      container_cpu_usage_seconds_total{id="/docker/a",name="a"} 1 1795555456000
      container_spec_cpu_period{id="/docker/a",name="a"} 100000

      """
    let reading = try reading(page)
    #expect(reading.containers.first?.flaw == "the cores of its host are not known")
    #expect(reading.malformed["the host's cores"] != nil)
  }

  @Test func `what a restart left on the page is not taken for the container`() throws {
    let page = """
      container_cpu_usage_seconds_total{id="/docker/old",name="a"} 500 1795555456000
      container_cpu_usage_seconds_total{id="/docker/new",name="a"} 3 1795555455000
      container_start_time_seconds{id="/docker/old",name="a"} 1795550000
      container_start_time_seconds{id="/docker/new",name="a"} 1795555400

      """
    #expect(try reading(page).containers.map(\.id) == ["/docker/new"])
  }

  @Test func `a name that differs is said in the configuration`() throws {
    let names = MetricNames([.nodeCPU: "node_cpu", .mode: "state"])
    let page = "node_cpu{cpu=\"0\",state=\"user\"} 4\nnode_cpu{cpu=\"0\",state=\"idle\"} 9\n"
    #expect(
      try reading(page, names: names, isWholeHost: true).hostSample?.cpuNanoseconds
        == 4_000_000_000)
  }

  @Test(arguments: ["-1", "NaN", "+Inf", "1e300"])
  func `a number that cannot be is no load and no trap`(number: String) throws {
    let page = """
      container_cpu_usage_seconds_total{id="/docker/a",name="a"} \(number) 1795555456000
      container_spec_cpu_quota{id="/docker/a",name="a"} \(number)
      container_spec_cpu_period{id="/docker/a",name="a"} \(number)
      container_spec_cpu_shares{id="/docker/a",name="a"} \(number)
      machine_cpu_cores \(number)
      node_cpu_seconds_total{cpu="0",mode="user"} \(number)

      """
    let reading = try reading(page)
    #expect(reading.containers.allSatisfy { $0.quotaCores.map { $0.isFinite } ?? true })
  }

  @Test func `a Prometheus is asked for what is read, of this host alone`() {
    let request = MetricsRequest(
      query: nil, names: MetricNames(), only: ["instance": "web1:8080"], keys: [],
      isFederation: true, isWholeHost: nil)
    #expect(
      request.query.hasPrefix("?match%5B%5D=%7B__name__%3D~%22container_cpu_usage_seconds_total"))
    #expect(request.query.hasSuffix("%2Cinstance%3D%22web1%3A8080%22%7D"))
  }
}

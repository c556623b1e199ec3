import ArgumentParser
import Fuzzing
import Glibc

/// Feeds one decoder with inputs that are made of a corpus; `packaging/fuzz` is how to start it.
///
/// Whatever goes wrong ends the process, and the file of `--mark` has the number of the input: a
/// trap in Swift cannot be caught within it.
@main struct FuzzCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evenkeel-fuzz", abstract: "Feeds a decoder with hostile input.")

  @Argument(help: "Which decoder; without one they are listed.")
  var target: String?

  @Option(help: "How many inputs.")
  var inputs = 1_000_000

  @Option(help: "Chooses the inputs.")
  var seed: UInt64 = 1

  @Option(help: "The number of the first input.")
  var first = 0

  @Option(help: "Where the number of the present input is written, eight bytes.")
  var mark: String?

  @Flag(help: "Writes the first input to standard output instead.")
  var show = false

  /// Seconds that one input may take.
  private static let mostSeconds: UInt32 = 10
  /// Bytes of address space, of which a small program needs a tenth.
  private static let mostMemory: rlim_t = 2 << 30

  func run() async throws {
    let targets = try await FuzzTarget.all()
    guard let name = target else {
      for target in targets { print(target.name) }
      return
    }
    guard let target = targets.first(where: { $0.name == name }) else {
      throw ValidationError("no target is named \(name)")
    }
    guard !show else { return Self.write(target.input(first, seed: seed)) }
    try await feed(target)
  }

  private func feed(_ target: FuzzTarget) async throws {
    var limit = rlimit(rlim_cur: Self.mostMemory, rlim_max: Self.mostMemory)
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else {
      throw ExitCode.failure
    }
    let mark = self.mark.map { unsafe open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600) } ?? -1
    let clock = ContinuousClock()
    let start = clock.now
    var told = start
    var slowest = (number: first, took: Duration.zero)
    for number in first..<(first + max(0, inputs)) {
      var marked = Int64(number)
      if mark >= 0 { unsafe pwrite(mark, &marked, 8, 0) }
      let input = target.input(number, seed: seed)
      // Its signal ends the process.
      alarm(Self.mostSeconds)
      let began = clock.now
      do {
        try await target.check(input)
      } catch {
        print("\(target.name): input \(number) of seed \(seed) breaks a promise: \(error)")
        throw ExitCode(3)
      }
      let now = clock.now
      if now - began > slowest.took { slowest = (number, now - began) }
      if now - told > .seconds(10) {
        told = now
        print(line(target, number - first + 1, now - start, slowest))
        fflush(nil)
      }
    }
    alarm(0)
    print(line(target, inputs, clock.now - start, slowest))
  }

  private func line(
    _ target: FuzzTarget, _ count: Int, _ took: Duration, _ slowest: (number: Int, took: Duration)
  ) -> String {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = max(took / .seconds(1), 1e-9)
    return "\(target.name): \(count) inputs in \(Int(seconds)) s, "
      + "\(Int(Double(count) / seconds))/s; the slowest, \(slowest.number), took "
      + "\(Int(slowest.took / .microseconds(1))) µs; \(usage.ru_maxrss / 1024) MB at most"
  }

  private static func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(STDOUT_FILENO, buffer.baseAddress, buffer.count)
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

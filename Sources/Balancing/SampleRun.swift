/// The part of a list of samples that belongs together: counter and time only go forward in it.
struct SampleRun: Sendable {
  /// Oldest first, no timestamp twice.
  let samples: [CPUSample]
  /// Whether counter or time went back just before it, within the list.
  let followsFall: Bool

  init(_ list: [CPUSample]) {
    var run: [CPUSample] = []
    var fell = false
    for sample in list {
      if let last = run.last {
        // The same reading asked for twice is not another sample.
        if sample == last { continue }
        if sample.timestamp <= last.timestamp || sample.cpuNanoseconds < last.cpuNanoseconds {
          run.removeAll(keepingCapacity: true)
          fell = true
        }
      }
      run.append(sample)
    }
    samples = run
    followsFall = fell
  }
}

internal import Glibc

/// What is older counts less, by a factor of *e* for each span of its memory.
///
/// By time alone, however often one looks: ten looks a second apart forget as much as one after ten
/// seconds.
package enum Fading {
  /// The part of what was known that still counts.
  package static func kept(after seconds: Double, memory: Double) -> Double {
    exp(-max(0, seconds) / memory)
  }

  /// How much of what is new goes into what was known.
  package static func gain(after seconds: Double, memory: Double) -> Double {
    1 - kept(after: seconds, memory: memory)
  }
}

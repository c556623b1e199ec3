/// The numbers that advice on limits rests on, with their reasons.
enum LimitConstants {
  /// Seconds from an answer to the next request: a network, and two programs that wake up. HAProxy
  /// measures in milliseconds.
  static let gapSeconds = 0.001
  /// Response times below this are mostly the clock's step.
  static var coarseSeconds: Double { 2 * gapSeconds }
  /// Times what a request runs that it may wait for something else: beyond, a limit would count a
  /// database's requests, and its bad minute would be everybody's.
  static let mostWaits = 10.0
  /// Most in flight that advice is given for.
  static let mostInFlight = 4096
  /// Answers after a moment without CPU to spare before it is looked at again: of what waited then, an
  /// eighth is left in HAProxy's average.
  static let answersAfterFull = 2048.0
}

extension Event {
  /// How often it happens.
  var count: Int {
    guard let repetition else { return 1 }
    let length = max(0, repetition.untilSeconds - atSeconds)
    return 1 + (Int(exactly: (length / repetition.everySeconds).rounded(.down)) ?? 0)
  }

  /// When it happens, the first time and again.
  var times: [Double] {
    (0..<count).map { atSeconds + Double($0) * (repetition?.everySeconds ?? 0) }
  }
}

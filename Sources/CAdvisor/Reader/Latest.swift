/// The newest answer that there is, and why it is not a new one.
struct Latest<Value: Sendable>: Sendable {
  /// `nil` when there never was any.
  var value: Value?
  /// Why the last question was not answered.
  var failure: CAdvisorError?

  /// The failure, where an earlier answer is used.
  var warning: CAdvisorError? { value == nil ? nil : failure }
}

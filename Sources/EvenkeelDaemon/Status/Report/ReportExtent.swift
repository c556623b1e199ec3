/// How much of a report is made: of ten thousand servers all takes long, and a tick needs one sentence.
package enum ReportExtent: Sendable {
  /// All that is shown.
  case whole
  /// As much as verdicts rest on: without weights, pauses of single servers, advice and events, and with
  /// the latest change alone.
  case forVerdict
}

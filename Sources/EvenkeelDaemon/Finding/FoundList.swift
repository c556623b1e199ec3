package import Balancing

/// The hosts that one means has found: what it answered, and what of that is believed.
///
/// A failure keeps the list of before. So does an answer with nothing in it, until it has been the
/// same for a while: whoever lost sight of all hosts at once says just that.
package struct FoundList: Sendable, Equatable {
  /// What is to be told of an answer.
  package enum News: Sendable, Equatable {
    case changed(added: [FoundTarget], gone: [FoundTarget])
    /// In words.
    case failed(String)
    case back
  }

  /// What one question brought.
  package struct Answer: Sendable, Equatable {
    package var targets: [FoundTarget]
    /// Whether those that are not in it are gone; a part of those who know may have been silent.
    package var isWhole = true

    package init(targets: [FoundTarget], isWhole: Bool = true) {
      self.targets = targets
      self.isWhole = isWhole
    }
  }

  package static let emptyAnswersToBelieve = 3
  package static let emptySecondsToBelieve = 60.0

  package private(set) var targets: [FoundTarget] = []
  /// Why the last question brought nothing that counts.
  package private(set) var failure: String?
  private var emptyAnswers = 0
  private var emptySince: Timestamp?

  package init() {}

  /// - Returns: what is new, in the order in which it should be told.
  package mutating func take(
    _ answer: Result<Answer, FindingFailure>, at now: Timestamp
  ) -> [News] {
    switch answer {
    case .failure(let failure):
      // What was empty before says nothing of what will be empty after it.
      (emptyAnswers, emptySince) = (0, nil)
      return fails(failure.description)
    case .success(let answer):
      if answer.targets.isEmpty, answer.isWhole, !targets.isEmpty {
        let since = emptySince ?? now
        emptySince = since
        emptyAnswers += 1
        guard emptyAnswers >= Self.emptyAnswersToBelieve,
          now.seconds(since: since) >= Self.emptySecondsToBelieve
        else {
          return fails(
            "it names no host at all any more, which is believed when it has been so for a minute")
        }
      }
      (emptyAnswers, emptySince) = (0, nil)
      return takes(answer)
    }
  }

  private mutating func takes(_ answer: Answer) -> [News] {
    var news: [News] = failure == nil ? [] : [.back]
    failure = nil
    let known = Set(targets)
    var next = Set<FoundTarget>()
    var list = answer.targets.filter { next.insert($0).inserted }
    if !answer.isWhole { list += targets.filter { next.insert($0).inserted } }
    let added = list.filter { !known.contains($0) }
    let gone = targets.filter { !next.contains($0) }
    // Those that stay keep their order, so that two answers of one list are the same.
    if !added.isEmpty || !gone.isEmpty {
      targets = targets.filter { next.contains($0) } + added
      news.append(.changed(added: added, gone: gone))
    }
    return news
  }

  private mutating func fails(_ reason: String) -> [News] {
    defer { failure = reason }
    return failure == nil ? [.failed(reason)] : []
  }
}

/// Why a means has found no hosts, in words with what to do.
package struct FindingFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

import NIOCore

/// One connection in `prompt` mode: sends commands, and pairs replies with them by order.
package struct RuntimeSession {
  private var incoming: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outgoing: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var framing: PromptFraming
  private let address: RuntimeAddress
  /// Whether replies were asked for without severities in front of them.
  private var asksPlainly = false

  init(
    incoming: NIOAsyncChannelInboundStream<ByteBuffer>,
    outgoing: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    address: RuntimeAddress, replyLimit: Int
  ) {
    self.incoming = incoming.makeAsyncIterator()
    self.outgoing = outgoing
    self.framing = PromptFraming(limit: replyLimit)
    self.address = address
  }

  /// Asks for `prompt` mode. Nothing else is sent before HAProxy has agreed to it.
  ///
  /// - Returns: `false` when the connection ended before its first byte.
  mutating func open() async throws(RuntimeError) -> Bool {
    await send([.prompt])
    guard var chunk = try await receive(answering: .prompt) else { return false }
    var replies = try frame(chunk, answering: .prompt)
    while !framing.isOpen {
      chunk = try await receiveMore(answering: .prompt)
      replies += try frame(chunk, answering: .prompt)
    }
    try requireEnd(after: 0, of: replies, answering: .prompt)
    return true
  }

  /// Sends one command and waits for its reply.
  package mutating func ask(_ command: RuntimeCommand) async throws(RuntimeError) -> String {
    try await ask([command]).joined()
  }

  /// Sends commands, as many at once as is safe, and waits for all replies.
  ///
  /// - Returns: one reply for each command, in order, without its final newlines.
  package mutating func ask(
    _ commands: [RuntimeCommand]
  ) async throws(RuntimeError) -> [String] {
    var replies: [String] = []
    for batch in RuntimeCommand.batches(of: commands) {
      replies += try await exchange(batch)
    }
    return replies
  }

  private mutating func exchange(
    _ batch: [RuntimeCommand]
  ) async throws(RuntimeError) -> [String] {
    // Goes along with the first commands: an exchange of its own would take its time.
    let preface = asksPlainly ? [] : [RuntimeCommand.plainReplies]
    asksPlainly = true
    await send(preface + batch)
    let count = preface.count + batch.count
    var replies: [String] = []
    while replies.count < count {
      let awaited = batch[max(0, replies.count - preface.count)]
      let chunk = try await receiveMore(answering: awaited)
      replies += try frame(chunk, answering: awaited)
    }
    try requireEnd(after: count, of: replies, answering: batch.last)
    return Array(replies.dropFirst(preface.count))
  }

  /// A write that fails needs no error of its own: what can be read ends then too.
  private func send(_ commands: [RuntimeCommand]) async {
    let lines = commands.map { $0.line + "\n" }.joined()
    try? await outgoing.write(ByteBuffer(string: lines))
  }

  /// - Returns: `nil` when the connection has ended.
  private mutating func receive(
    answering command: RuntimeCommand
  ) async throws(RuntimeError) -> ByteBuffer? {
    let chunk: ByteBuffer?
    do {
      chunk = try await incoming.next(isolation: #isolation)
    } catch {
      let failure = RuntimeError(mapping: error, at: address, command: command.line)
      guard failure.kind == .endedEarly else { throw failure }
      chunk = nil
    }
    // A cancelled stream ends as if the peer had closed.
    if chunk == nil, Task.isCancelled { throw failure(.cancelled, answering: command) }
    return chunk
  }

  private mutating func receiveMore(
    answering command: RuntimeCommand
  ) async throws(RuntimeError) -> ByteBuffer {
    guard let chunk = try await receive(answering: command) else {
      throw failure(.endedEarly, answering: command)
    }
    return chunk
  }

  private mutating func frame(
    _ chunk: ByteBuffer, answering command: RuntimeCommand
  ) throws(RuntimeError) -> [String] {
    do {
      return try framing.receive(chunk.readableBytesView)
    } catch {
      throw failure(explaining: error, answering: command)
    }
  }

  /// What comes unasked would be taken for the answer to the next command.
  private func requireEnd(
    after count: Int, of replies: [String], answering command: RuntimeCommand?
  ) throws(RuntimeError) {
    guard replies.count == count, !framing.isWithinReply else {
      throw failure(.malformed, answering: command, "more was answered than asked")
    }
  }

  /// Reads a reply, and tells which command's it was when it cannot be read.
  package func parse<Value>(
    _ command: RuntimeCommand, _ reading: () throws(MalformedReply) -> Value
  ) throws(RuntimeError) -> Value {
    do {
      return try reading()
    } catch {
      throw failure(.malformed, answering: command, error.reason)
    }
  }

  private func failure(
    explaining violation: PromptFraming.Violation, answering command: RuntimeCommand
  ) -> RuntimeError {
    switch violation {
    case .masterSocket:
      failure(.masterSocket, answering: command)
    case .unknownGreeting(let greeting):
      failure(.malformed, answering: command, "it greets with \(String(reflecting: greeting))")
    case .tooLong(let limit):
      failure(.replyTooLong, answering: command, "the limit is \(limit) bytes")
    }
  }

  func failure(
    _ kind: RuntimeError.Kind, answering command: RuntimeCommand?, _ underlying: String = ""
  ) -> RuntimeError {
    RuntimeError(kind, at: address, command: command?.line, underlying: underlying)
  }
}

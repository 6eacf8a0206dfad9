import Foundation

/// A conversation of the library, whatever it is about.
protocol Conversation: AnyObject, Sendable {
    func start() throws -> Step
    func resume(reply: Reply) throws -> Step
    func enterPin(pin: Data) throws -> Step
    func progress() throws -> ConversationProgress
    func cancel()
}

extension Visit: Conversation {}
extension CardReading: Conversation {}

/// Answers a question of the conversation: hands the answer to the library, or throws what the screen threw.
typealias Ask = @Sendable (Prompt) async throws -> Entry

/// What came of a question.
enum Entry: Sendable {
    case reply(Reply)
    case pin(Pin)
    case newPin(Pin, Pin)
    case printed(birthDate: String, expiryYear: UInt16, code: String)
    case birthDate(String)
}

/// Owns one conversation from its start to its end: the loop, its time limits, and the card that is let go at the end,
/// whatever happens.
actor Driver<Talk: Conversation> {
    private let talk: Talk
    private let card: any CardLink
    private let http: any HttpLink
    private let limits: TimeLimits
    private let progress: AsyncStream<ConversationProgress>.Continuation?
    private let ask: Ask
    /// Asked to connect, and not yet to disconnect.
    private var holdsCard = false
    private var screenFailed = false
    /// The card was taken away for a question, and has not come again.
    private var away = false
    /// The person closed the reader's sheet instead of holding the card to it once more.
    private var closed = false

    init(
        _ talk: Talk,
        card: any CardLink,
        http: any HttpLink = NoHttp(),
        limits: TimeLimits,
        progress: AsyncStream<ConversationProgress>.Continuation?,
        ask: @escaping Ask
    ) {
        self.talk = talk
        self.card = card
        self.http = http
        self.limits = limits
        self.progress = progress
        self.ask = ask
    }

    /// Runs the conversation to its end. Cancelling the Task ends it at any step.
    func run() async throws(KaigoTapError) -> Outcome {
        defer { progress?.finish() }
        let (talk, first): (Talk, Step)
        do {
            (talk, first) = (self.talk, try self.talk.start())
        } catch {
            // Somebody else runs it, or has run it: theirs is left alone.
            throw error as? KaigoTapError ?? KaigoTapError.internalFault
        }
        let result = await withTaskCancellationHandler {
            await self.loop(from: first)
        } onCancel: {
            talk.cancel()
        }
        await letGo()
        return try result.get()
    }

    private func loop(from first: Step) async -> Result<Outcome, KaigoTapError> {
        do {
            var step = first
            while true {
                show()
                switch step {
                case .need(let request):
                    step = .need(request: .disconnect)  // No second copy of a command that may hold a PIN.
                    step = try await answer(request)
                case .done(let outcome):
                    return .success(outcome)
                case .failed(let failure):
                    let fault: HostFault? = screenFailed ? .screenFailed : closed ? .cancelled : nil
                    return .failure(fault.map { KaigoTapError($0) } ?? .Failed(failure: failure))
                }
            }
        } catch {
            // Whatever a cancelled conversation says: it was cancelled.
            if error is Stopped || Task.isCancelled { return stopped() }
            // What the library says of its own misuse, or of what it cannot take. It ends here, too.
            talk.cancel()
            return .failure(error as? KaigoTapError ?? KaigoTapError.internalFault)
        }
    }

    private func stopped() -> Result<Outcome, KaigoTapError> {
        talk.cancel()
        return .failure(KaigoTapError(.cancelled))
    }

    private func answer(_ request: Request) async throws -> Step {
        switch request {
        case .connect(let occasion):
            try talk.resume(reply: await connect(occasion))
        case .transmit(let command):
            try talk.resume(reply: await transmit(command))
        case .disconnect:
            try await disconnect()
        case .send(let request):
            try talk.resume(reply: await send(request))
        case .clock:
            try talk.resume(reply: .clock(atMs: UInt64(max(0, Date().timeIntervalSince1970 * 1_000))))
        case .ask(let prompt):
            try await hand(prompt)
        }
    }

    private func connect(_ occasion: Occasion) async throws -> Reply {
        holdsCard = true
        do {
            let card = card
            let capacity = try await within(limits.connect) { try await card.connect(occasion) }
            away = false
            return .connected(capacity: capacity)
        } catch let error as CardLinkError {
            closed = away && error.reason == .cancelled
            return .notConnected(error: error.reason)
        } catch is TimeOver {
            return .notConnected(error: .timedOut)
        } catch let error where !(error is Stopped) {
            return .notConnected(error: .readerFailed)
        }
    }

    private func transmit(_ command: Data) async throws -> Reply {
        do {
            // It may hold a PIN: the link gets the only copy, which is wiped when the link has done with it.
            let (card, sent) = (card, command.moved())
            return .transmitted(response: try await within(limits.transmit) { try await card.transmit(sent) })
        } catch let error as CardLinkError {
            away = error.onPurpose
            return .notTransmitted(error: error.reason)
        } catch is TimeOver {
            return .notTransmitted(error: .lost)
        } catch let error where !(error is Stopped) {
            return .notTransmitted(error: .readerFailed)
        }
    }

    private func disconnect() async throws -> Step {
        await letGo()
        return try talk.resume(reply: .disconnected)
    }

    private func send(_ request: HttpRequest) async throws -> Reply {
        do {
            let http = http
            return .received(response: try await within(limits.send) { try await http.send(request) })
        } catch let error as HttpLinkError {
            return .notReceived(error: error.reason)
        } catch is TimeOver {
            return .notReceived(error: .noAnswer)
        } catch let error where !(error is Stopped) {
            return .notReceived(error: .failed)
        }
    }

    private func hand(_ prompt: Prompt) async throws -> Step {
        let entry: Entry
        do {
            let ask = ask
            entry = try await within(nil) { try await ask(prompt) }
        } catch let error where !(error is Stopped) {
            screenFailed = true
            return try talk.resume(reply: .cancelled)
        }
        switch (entry, talk as? CardReading) {
        case (.reply(let reply), _):
            return try talk.resume(reply: reply)
        case (.pin(let pin), _):
            return try pin.use { try talk.enterPin(pin: $0) }
        case (.newPin(let first, let second), let reading?):
            // The same object twice is an entry and its repetition.
            if first === second { return try first.use { try reading.enterNewPin(first: $0, second: $0) } }
            return try first.use { first in
                try second.use { try reading.enterNewPin(first: first, second: $0) }
            }
        case (.printed(let birthDate, let expiryYear, let code), let reading?):
            return try orMalformed {
                try reading.enterPrinted(birthDate: birthDate, expiryYear: expiryYear, code: code)
            }
        case (.birthDate(let birthDate), let reading?):
            return try orMalformed { try reading.enterBirthDate(birthDate: birthDate) }
        default:
            return try talk.resume(reply: .cancelled)
        }
    }

    /// What cannot stand on a card is an entry of the wrong length: the library asks again, and not for ever.
    private func orMalformed(_ call: () throws -> Step) throws -> Step {
        do {
            return try call()
        } catch let error as KaigoTapError where error.failure.code == "setup_invalid" {
            return try talk.enterPin(pin: Data())
        }
    }

    private func letGo() async {
        guard holdsCard else { return }
        holdsCard = false
        let (card, limit) = (card, limits.disconnect)
        // In a Task of its own: this one may have been cancelled, and the card is let go all the same.
        await Task { try? await within(limit) { await card.disconnect() } }.value
    }

    private func show() {
        guard let progress, let now = try? talk.progress() else { return }
        progress.yield(now)
    }
}

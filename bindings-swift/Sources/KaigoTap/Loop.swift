import Foundation

/// Owns one conversation from its start to its end: the loop, its time limits, and the card that is let go at the end,
/// whatever happens.
actor Loop {
    private let conversation: Conversation
    private let drivers: Drivers
    private let screen: any CardScreen
    private let progress: ProgressHearer?
    /// Asked to connect, and not yet to disconnect.
    private var holdsCard = false
    private var screenFailed = false

    init(_ conversation: Conversation, drivers: Drivers, screen: any CardScreen, progress: ProgressHearer?) {
        (self.conversation, self.drivers, self.screen, self.progress) = (conversation, drivers, screen, progress)
    }

    /// Runs the conversation to its end. Cancelling the Task ends it at any step.
    func run() async throws(KaigoTapError) -> Outcome {
        let (conversation, first): (Conversation, Step)
        do {
            try self.conversation.askForPins(timing: drivers.card?.pinTiming ?? .duringTap)
            (conversation, first) = (self.conversation, try self.conversation.start())
        } catch {
            // Somebody else runs it, or has run it: theirs is left alone.
            throw error as? KaigoTapError ?? KaigoTapError.internalFault
        }
        let result = await withTaskCancellationHandler {
            await self.loop(from: first)
        } onCancel: {
            conversation.cancel()
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
                    return .failure(screenFailed ? KaigoTapError(.screenFailed) : .Failed(failure: failure))
                }
            }
        } catch {
            // Whatever it was, it ends here. What the library says of its own misuse, or of what it cannot take, is told;
            // but whatever a cancelled conversation says, it was cancelled.
            conversation.cancel()
            if error is Stopped || Task.isCancelled { return .failure(KaigoTapError(.cancelled)) }
            return .failure(error as? KaigoTapError ?? KaigoTapError.internalFault)
        }
    }

    private func answer(_ request: Request) async throws -> Step {
        switch request {
        case .connect(let occasion):
            return try conversation.resume(reply: await connect(occasion))
        case .transmit(let command):
            return try conversation.resume(reply: await transmit(command))
        case .disconnect:
            await letGo()
            return try conversation.resume(reply: .disconnected)
        case .send(let request):
            return try conversation.resume(reply: await send(request))
        case .browse(let address, let returnsTo):
            return try conversation.resume(reply: await browse(address, returnsTo: returnsTo))
        case .sign(let key, let payload):
            return try conversation.resume(reply: await sign(payload, key: key))
        case .keep(let name, let sealed):
            return try conversation.resume(reply: await keep(Entry(name: name, sealed: sealed)))
        case .forget(let name):
            return try conversation.resume(reply: await forget(name))
        case .listNames:
            return try conversation.resume(reply: await list())
        case .recall(let names):
            return try conversation.resume(reply: await recall(names))
        case .clock:
            return try conversation.resume(reply: .now())
        case .ask(let prompt):
            return try await ask(prompt)
        }
    }

    private func connect(_ occasion: Occasion) async throws -> Reply {
        guard let card = drivers.card else { return .notConnected(error: .noReader) }
        holdsCard = true
        do {
            let capacity = try await within(drivers.limits.connect) { try await card.connect(occasion) }
            return .connected(capacity: capacity)
        } catch is TimeOver {
            return .notConnected(error: .timedOut)
        } catch let error where !(error is Stopped) {
            return .notConnected(error: error as? LinkError ?? .readerFailed)
        }
    }

    private func transmit(_ command: Data) async throws -> Reply {
        guard let card = drivers.card else { return .notTransmitted(error: .lost) }
        do {
            // It may hold a PIN: the link gets the only copy, which is wiped when the link has done with it.
            let sent = command.moved()
            let response = try await within(drivers.limits.transmit) { try await card.transmit(sent) }
            return .transmitted(response: response)
        } catch is TimeOver {
            return .notTransmitted(error: .lost)
        } catch let error where !(error is Stopped) {
            return .notTransmitted(error: error as? LinkError ?? .readerFailed)
        }
    }

    private func send(_ request: HttpRequest) async throws -> Reply {
        do {
            let http = drivers.http
            return .received(response: try await within(drivers.limits.send) { try await http.send(request) })
        } catch is TimeOver {
            return .notReceived(error: .noAnswer)
        } catch let error where !(error is Stopped) {
            return .notReceived(error: error as? HttpError ?? .failed)
        }
    }

    private func browse(_ address: String, returnsTo: String) async throws -> Reply {
        guard let browser = drivers.browser else { return .notBrowsed(error: .noBrowser) }
        do {
            let ended = try await within(drivers.limits.browse) {
                try await browser.show(address, returnsTo: returnsTo)
            }
            return .browsed(address: ended)
        } catch is TimeOver {
            return .notBrowsed(error: .timedOut)
        } catch let error where !(error is Stopped) {
            return .notBrowsed(error: error as? BrowseError ?? .failed)
        }
    }

    private func sign(_ message: Data, key: String) async throws -> Reply {
        guard let keys = drivers.keys else { return .notSigned(error: .gone) }
        do {
            return .signed(signature: try await within(nil) { try await keys.sign(message, key: key) })
        } catch let error where !(error is Stopped) {
            return .notSigned(error: error as? SignError ?? .failed)
        }
    }

    private func keep(_ entry: Entry) async throws -> Reply {
        guard let store = drivers.store else { return .notKept(error: .noStore) }
        do {
            try await within(nil) { try await store.keep(entry) }
            return .kept
        } catch let error where !(error is Stopped) {
            return .notKept(error: error as? StoreError ?? .failed)
        }
    }

    private func forget(_ name: String) async throws -> Reply {
        guard let store = drivers.store else { return .notForgotten(error: .noStore) }
        do {
            try await within(nil) { try await store.forget(name) }
            return .forgotten
        } catch let error where !(error is Stopped) {
            return .notForgotten(error: error as? StoreError ?? .failed)
        }
    }

    private func list() async throws -> Reply {
        guard let store = drivers.store else { return .notListed(error: .noStore) }
        do {
            return .listed(names: try await within(nil) { try await store.list() })
        } catch let error where !(error is Stopped) {
            return .notListed(error: error as? StoreError ?? .failed)
        }
    }

    private func recall(_ names: [String]) async throws -> Reply {
        guard let store = drivers.store else { return .notRecalled(error: .noStore) }
        do {
            return .recalled(entries: try await within(nil) { try await store.recall(names) })
        } catch let error where !(error is Stopped) {
            return .notRecalled(error: error as? StoreError ?? .failed)
        }
    }

    private func ask(_ prompt: Prompt) async throws -> Step {
        let typed: Typed
        do {
            let screen = screen
            typed = try await within(nil) {
                let typed = try await screen.answer(prompt)
                // Nobody waits for it any more.
                if Task.isCancelled { typed.wipe() }
                return typed
            }
        } catch let error where !(error is Stopped) {
            screenFailed = true
            return try conversation.resume(reply: .cancelled)
        }
        return try typed.enter(into: conversation)
    }

    private func letGo() async {
        guard holdsCard, let card = drivers.card else { return }
        holdsCard = false
        let limit = drivers.limits.disconnect
        // In a Task of its own: this one may have been cancelled, and the card is let go all the same.
        await Task { try? await within(limit) { await card.disconnect() } }.value
    }

    private func show() {
        guard let progress, let now = try? conversation.progress() else { return }
        progress.yield(now)
    }
}

#if canImport(CoreNFC)
    @preconcurrency import CoreNFC
    import Foundation
    import KaigoTap

    /// The reading sheet and the card behind it.
    ///
    /// All state lives on one queue, on which the framework calls, too. Whoever waits is waited for by one continuation,
    /// which is set before the framework is asked for anything, and is taken away before it is resumed: every way out
    /// resumes it once.
    final class Sheet: NSObject, @unchecked Sendable {
        typealias Make =
            @Sendable (any NFCTagReaderSessionDelegate, DispatchQueue) -> NFCTagReaderSession?

        /// Does something on a queue when so much time has passed.
        typealias Later = @Sendable (DispatchQueue, DispatchTimeInterval, @escaping @Sendable () -> Void) -> Void

        /// How long the words about a wrong card can be read before cards are looked for again.
        static let pause = DispatchTimeInterval.milliseconds(600)
        /// How long a sheet whose card has slipped stays open for the next tap to be asked for.
        static let grace = DispatchTimeInterval.milliseconds(500)
        /// How long a card has for the commands that close what is open on it.
        static let farewell = DispatchTimeInterval.seconds(1)

        private let queue = DispatchQueue(label: "KaigoTapNFC")
        private let messages: Messages
        private let makeSession: Make
        private let later: Later
        // All below is touched on the queue only.
        private var session: NFCTagReaderSession?
        /// The card that answers.
        private var tag: (any NFCISO7816Tag)?
        /// The card that was connected last, whether it answers still or not, until its farewell.
        private var powered: (any NFCISO7816Tag)?
        /// Found, and not yet connected.
        private var candidate: (any NFCISO7816Tag)?
        private var waitingForCard: CheckedContinuation<Void, any Error>?
        private var waitingForAnswer: CheckedContinuation<Data, any Error>?
        private var waitingForFarewell: (() -> Void)?
        /// Why there is no session any more, where a person or the system ended it.
        private var ended: LinkError?
        private var missing: NFCSetupError?
        /// Counts farewells, so that one that takes too long is told from the next.
        private var farewells = 0
        /// Counts commands and sessions, so that what comes late is told from what is awaited.
        private var turn = 0

        init(messages: Messages, later: @escaping Later, makeSession: @escaping Make) {
            self.messages = messages
            self.later = later
            self.makeSession = makeSession
        }

        var setupError: NFCSetupError? { queue.sync { missing } }

        func connect(_ occasion: Occasion) async throws {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { self.connect(occasion, continuation) }
            }
        }

        func transmit(_ command: Data) async throws -> Data {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { self.transmit(command, continuation) }
            }
        }

        func disconnect() async {
            await withCheckedContinuation { continuation in
                queue.async { self.letGo { continuation.resume() } }
            }
        }

        private func connect(_ occasion: Occasion, _ continuation: CheckedContinuation<Void, any Error>) {
            farewellIsOver()
            cardCame(.failure(LinkError.lost))
            answerCame(.failure(LinkError.lost))
            turn += 1
            (tag, powered) = (nil, nil)
            if occasion == .first { ended = nil }
            if let ended { return continuation.resume(throwing: ended) }
            waitingForCard = continuation
            let words =
                switch occasion {
                case .first: messages.hold
                case .again: messages.again
                case .continue: messages.holdOnceMore
                }
            if let session {
                session.alertMessage = words
                return session.restartPolling()
            }
            guard let session = makeSession(self, queue) else { return cardCame(.failure(LinkError.noReader)) }
            session.alertMessage = words
            self.session = session
            session.begin()
        }

        private func transmit(_ command: Data, _ continuation: CheckedContinuation<Data, any Error>) {
            answerCame(.failure(LinkError.lost))
            guard let tag, session != nil else { return continuation.resume(throwing: ended ?? LinkError.lost) }
            guard let apdu = NFCISO7816APDU.short(command) else {
                return continuation.resume(throwing: LinkError.notCarried)
            }
            waitingForAnswer = continuation
            let application = apdu.application
            send(apdu, to: tag) { result in
                self.answerCame(result.mapError { self.failed($0, selecting: application) })
            }
        }

        /// Sends a command; its answer is not heard if something else was asked for meanwhile.
        private func send(
            _ apdu: NFCISO7816APDU, to tag: any NFCISO7816Tag,
            _ answered: @escaping @Sendable (Result<Data, any Error>) -> Void
        ) {
            turn += 1
            let (sent, given) = (turn, apdu.data)
            tag.sendCommand(apdu: apdu) { data, sw1, sw2, error in
                self.queue.async {
                    // The card has it: what it was told, which may have been a PIN, is no longer wanted.
                    given?.wipe()
                    guard self.turn == sent else { return }
                    answered(error.map { .failure($0) } ?? .success(data + [sw1, sw2]))
                }
            }
        }

        /// What an error of a command means.
        private func failed(_ error: any Error, selecting application: String?) -> LinkError {
            switch (error as? NFCReaderError)?.code {
            case .readerErrorSecurityViolation:
                missing = NFCSetupError(missing: ["Info.plist: \(application ?? "") in \(NFCSetup.applicationsKey)"])
                return .readerFailed
            case .readerTransceiveErrorPacketTooLong, .readerErrorInvalidParameter,
                .readerErrorInvalidParameterLength, .readerErrorParameterOutOfBound:
                return .notCarried
            case .readerTransceiveErrorSessionInvalidated:
                return ended ?? .lost
            default:
                // Whatever it was: this card does not answer any more.
                tag = nil
                return .lost
            }
        }

        private func letGo(_ done: @escaping () -> Void) {
            if waitingForCard != nil {
                cardCame(.failure(LinkError.cancelled))
                close()
                return done()
            }
            guard session != nil else { return done() }
            // Nobody waits any longer for an answer that may never come: the card counts as gone.
            let slipped = tag == nil || waitingForAnswer != nil
            answerCame(.failure(LinkError.lost))
            waitingForFarewell = {
                if slipped {
                    self.slip()
                } else {
                    self.session?.alertMessage = self.messages.takeAway
                    self.close()
                }
                done()
            }
            farewells += 1
            let begun = farewells
            later(queue, Self.farewell) {
                if self.farewells == begun { self.farewellIsOver() }
            }
            deselect(cardDeselection()[...])
        }

        /// Closes what is open on the card: invalidating a session need not cut the field at once, and a verified PIN lasts
        /// as long as the power. Whatever a command is answered, the next one follows.
        private func deselect(_ commands: ArraySlice<Data>) {
            guard let powered, let command = commands.first, let apdu = NFCISO7816APDU.short(command) else {
                return farewellIsOver()
            }
            send(apdu, to: powered) { _ in self.deselect(commands.dropFirst()) }
        }

        private func farewellIsOver() {
            let waiting = waitingForFarewell
            waitingForFarewell = nil
            waiting?()
        }

        /// The card has slipped: the sheet waits a little for the next tap to be asked for.
        private func slip() {
            (tag, powered) = (nil, nil)
            turn += 1
            let slipped = turn
            later(queue, Self.grace) {
                guard self.turn == slipped else { return }
                self.close()
            }
        }

        private func close() {
            turn += 1
            (tag, powered) = (nil, nil)
            let closed = session
            session = nil
            closed?.invalidate()
        }

        private func cardCame(_ result: Result<Void, any Error>) {
            let waiting = waitingForCard
            waitingForCard = nil
            waiting?.resume(with: result)
        }

        private func answerCame(_ result: Result<Data, any Error>) {
            let waiting = waitingForAnswer
            waitingForAnswer = nil
            waiting?.resume(with: result)
        }
    }

    extension Sheet: NFCTagReaderSessionDelegate {
        func tagReaderSessionDidBecomeActive(_: NFCTagReaderSession) {}

        func tagReaderSession(_ session: NFCTagReaderSession, didInvalidateWithError error: any Error) {
            // Not that of a session that was closed here.
            guard session === self.session else { return }
            let reason: LinkError
            switch (error as? NFCReaderError)?.code {
            case .readerSessionInvalidationErrorUserCanceled: reason = .cancelled
            case .readerSessionInvalidationErrorSessionTimeout: reason = tag == nil ? .timedOut : .lost
            case .readerSessionInvalidationErrorSystemIsBusy: reason = .busy
            case .readerErrorUnsupportedFeature, .readerErrorRadioDisabled: reason = .noReader
            case .readerErrorSecurityViolation:
                missing = NFCSetupError(missing: [NFCSetup.entitlement])
                reason = .readerFailed
            default: reason = tag == nil ? .readerFailed : .lost
            }
            turn += 1
            (self.session, tag, powered) = (nil, nil, nil)
            // A lost card may come again, on a new sheet; the rest is final.
            ended = reason == .lost ? nil : reason
            cardCame(.failure(reason))
            answerCame(.failure(reason))
            farewellIsOver()
        }

        func tagReaderSession(_ session: NFCTagReaderSession, didDetect tags: [NFCTag]) {
            guard session === self.session, waitingForCard != nil else { return }
            guard tags.count == 1, let found = tags.first else { return wrong(messages.oneCard) }
            guard case .iso7816(let card) = found else { return wrong(messages.otherCard) }
            turn += 1
            let connecting = turn
            candidate = card
            session.connect(to: found) { error in
                self.queue.async {
                    guard self.turn == connecting else { return }
                    if error != nil { return self.wrong(self.messages.again, after: .seconds(0)) }
                    (self.tag, self.powered) = (self.candidate, self.candidate)
                    self.session?.alertMessage = self.messages.keepStill
                    self.cardCame(.success(()))
                }
            }
        }

        private func wrong(_ words: String, after pause: DispatchTimeInterval = Sheet.pause) {
            session?.alertMessage = words
            turn += 1
            let shown = turn
            later(queue, pause) {
                guard self.turn == shown else { return }
                self.session?.restartPolling()
            }
        }
    }
#endif

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

        private let queue = DispatchQueue(label: "KaigoTapNFC")
        private let messages: Messages
        private let makeSession: Make
        private let later: Later
        // All below is touched on the queue only.
        private var session: NFCTagReaderSession?
        private var tag: (any NFCISO7816Tag)?
        /// Found, and not yet connected.
        private var candidate: (any NFCISO7816Tag)?
        private var waitingForCard: CheckedContinuation<Void, any Error>?
        private var waitingForAnswer: CheckedContinuation<Data, any Error>?
        /// Why there is no session any more, where a person or the system ended it.
        private var ended: LinkError?
        /// Closed for a question: the card has to come once more.
        private var madeRoom = false
        /// A command came while the card was away: the conversation goes on, and asks for the card once more.
        private var wantedAway = false
        /// What people have answered, by their questions, until the card has come for it.
        private var kept: [String: any Sendable] = [:]
        private var missing: NFCSetupError?
        /// Counts conversations: each begins with a first tap.
        private var conversation = 0
        /// Counts commands and sessions, so that what comes late is told from what is awaited.
        private var turn = 0

        init(messages: Messages, later: @escaping Later, makeSession: @escaping Make) {
            self.messages = messages
            self.later = later
            self.makeSession = makeSession
        }

        var setupError: NFCSetupError? { queue.sync { missing } }
        /// How many answers wait for a card.
        var answersKept: Int { queue.sync { kept.count } }

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
                queue.async {
                    self.letGo()
                    continuation.resume()
                }
            }
        }

        /// What is to be done with a question to a person.
        enum Asked: Sendable {
            /// It was answered before, and the card has come for the answer.
            case answered(any Sendable)
            /// Ask; a card waits for the answer of this conversation, away from the phone.
            case away(conversation: Int)
            /// Ask; no card waits.
            case free
        }

        /// Closes the sheet for a question, unless its answer is kept already.
        func ask(_ question: String) async -> Asked {
            await withCheckedContinuation { continuation in
                queue.async { continuation.resume(returning: self.asked(question)) }
            }
        }

        /// Keeps an answer for the card that will come once more.
        func keep(_ answer: any Sendable, to question: String, of conversation: Int) async {
            await withCheckedContinuation { continuation in
                queue.async {
                    if self.madeRoom && self.conversation == conversation { self.kept[question] = answer }
                    continuation.resume()
                }
            }
        }

        private func asked(_ question: String) -> Asked {
            guard tag != nil else { return madeRoom ? .away(conversation: conversation) : .free }
            if let answer = kept.removeValue(forKey: question) { return .answered(answer) }
            session?.alertMessage = messages.question
            close()
            // What else was kept was for another number of tries, or for another card.
            (madeRoom, wantedAway, kept) = (true, false, [:])
            return .away(conversation: conversation)
        }

        private func connect(_ occasion: Occasion, _ continuation: CheckedContinuation<Void, any Error>) {
            cardCame(.failure(CardLinkError(.lost)))
            answerCame(.failure(CardLinkError(.lost)))
            turn += 1
            tag = nil
            if occasion == .first {
                conversation += 1
                (ended, madeRoom, kept) = (nil, false, [:])
            }
            if let ended { return continuation.resume(throwing: CardLinkError(ended)) }
            waitingForCard = continuation
            if let session {
                session.alertMessage = occasion == .first ? messages.hold : messages.again
                return session.restartPolling()
            }
            guard let session = makeSession(self, queue) else { return cardCame(.failure(CardLinkError(.noReader))) }
            session.alertMessage =
                madeRoom ? messages.holdOnceMore : occasion == .first ? messages.hold : messages.again
            madeRoom = false
            self.session = session
            session.begin()
        }

        private func transmit(_ command: Data, _ continuation: CheckedContinuation<Data, any Error>) {
            answerCame(.failure(CardLinkError(.lost)))
            guard let tag, session != nil else {
                wantedAway = madeRoom
                return continuation.resume(throwing: CardLinkError(ended ?? .lost, onPurpose: madeRoom))
            }
            guard let apdu = NFCISO7816APDU.short(command) else {
                return continuation.resume(throwing: CardLinkError(.notCarried))
            }
            waitingForAnswer = continuation
            turn += 1
            let sent = turn
            tag.sendCommand(apdu: apdu) { data, sw1, sw2, error in
                self.queue.async {
                    guard self.turn == sent else { return }
                    if let error {
                        self.answerCame(.failure(self.failed(error, during: command)))
                    } else {
                        self.answerCame(.success(data + [sw1, sw2]))
                    }
                }
            }
        }

        /// What an error of a command means.
        private func failed(_ error: any Error, during command: Data) -> CardLinkError {
            switch (error as? NFCReaderError)?.code {
            case .readerErrorSecurityViolation:
                let name = command.dropFirst(5).prefix(Int(command.dropFirst(4).first ?? 0))
                let aid = name.map { String(format: "%02X", $0) }.joined()
                missing = NFCSetupError(missing: ["Info.plist: \(aid) in \(NFCSetup.applicationsKey)"])
                return CardLinkError(.readerFailed)
            case .readerTransceiveErrorPacketTooLong, .readerErrorInvalidParameter,
                .readerErrorInvalidParameterLength, .readerErrorParameterOutOfBound:
                return CardLinkError(.notCarried)
            case .readerTransceiveErrorSessionInvalidated:
                return CardLinkError(ended ?? .lost)
            default:
                // Whatever it was: this card does not answer any more.
                tag = nil
                return CardLinkError(.lost)
            }
        }

        private func letGo() {
            if !(madeRoom && wantedAway) {
                // The tap that the answers were for is over, or will not come.
                (madeRoom, kept) = (false, [:])
            }
            if waitingForAnswer != nil {
                // Nobody waits any longer for this answer, and it may never come: the card counts as gone.
                tag = nil
                answerCame(.failure(CardLinkError(.lost)))
            }
            if waitingForCard != nil {
                cardCame(.failure(CardLinkError(.cancelled)))
                return close()
            }
            guard tag == nil else {
                session?.alertMessage = messages.takeAway
                return close()
            }
            guard session != nil else { return }
            turn += 1
            let slipped = turn
            later(queue, Self.grace) {
                guard self.turn == slipped else { return }
                self.close()
            }
        }

        private func close() {
            turn += 1
            (tag, madeRoom) = (nil, false)
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
            (self.session, tag) = (nil, nil)
            // A lost card may come again, on a new sheet; the rest is final.
            ended = reason == .lost ? nil : reason
            cardCame(.failure(CardLinkError(reason)))
            answerCame(.failure(CardLinkError(reason)))
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
                    self.tag = self.candidate
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

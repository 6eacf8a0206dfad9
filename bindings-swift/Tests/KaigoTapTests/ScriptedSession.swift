#if os(Linux)
    import CoreNFC
    import Foundation
    import KaigoTap
    import Simulator

    @testable import KaigoTapNFC

    /// The reading sheet as a test wants it: it writes down what it is told, and holds cards to the phone.
    ///
    /// A session calls its delegate on the adapter's queue; so does this one.
    final class ScriptedSession: NFCTagReaderSession, @unchecked Sendable {
        let phone: ScriptedPhone

        init?(_ phone: ScriptedPhone, delegate: any NFCTagReaderSessionDelegate, queue: DispatchQueue) {
            self.phone = phone
            super.init(pollingOption: .iso14443, delegate: delegate, queue: queue)
        }

        override var alertMessage: String {
            get { super.alertMessage }
            set {
                super.alertMessage = newValue
                phone.hear(newValue)
            }
        }

        override func begin() {
            phone.hear("begin")
            look()
        }

        override func restartPolling() {
            phone.hear("restart")
            look()
        }

        /// The framework tells of this, too, as if the person had done it.
        override func invalidate() {
            phone.hear("invalidate")
            sessionQueue.async { [self] in end(.readerSessionInvalidationErrorUserCanceled) }
        }

        override func invalidate(errorMessage: String) { phone.hear("alert \(errorMessage)") }

        override func connect(to _: NFCTag, completionHandler: @escaping @Sendable ((any Error)?) -> Void) {
            completionHandler(phone.connects())
        }

        /// What the person does next.
        private func look() {
            let act = phone.next()
            sessionQueue.async { [self] in
                switch act {
                case .tags(let tags): delegate?.tagReaderSession(self, didDetect: tags.map(\.value))
                case .end(let code): end(code)
                case .nothing: break
                }
            }
        }

        func end(_ code: NFCReaderError.Code) {
            delegate?.tagReaderSession(self, didInvalidateWithError: NFCReaderError(code))
        }
    }

    /// A phone, a person who holds cards to it, and those cards.
    final class ScriptedPhone: @unchecked Sendable {
        enum Act: Sendable {
            case tags([ScriptedTag.Held])
            case end(NFCReaderError.Code)
            case nothing
        }

        private let lock = NSLock()
        private var told: [String] = []
        private var acts: [Act]
        private var refusals: Int
        private var last: ScriptedSession?
        private var patience: [@Sendable () -> Void] = []

        init(_ acts: Act..., refusals: Int = 0) {
            self.acts = acts
            self.refusals = refusals
        }

        static var info: [String: Any] {
            [
                "NFCReaderUsageDescription": "reads cards",
                "com.apple.developer.nfc.readersession.iso7816.select-identifiers": NFCSetup.applications,
            ]
        }

        func link(
            _ info: [String: Any] = ScriptedPhone.info, available: Bool = true
        ) throws -> NFCCardLink {
            let later: Sheet.Later = { queue, time, act in
                // Patience with a card that has slipped, or is silent, ends when the test says so.
                guard [Sheet.grace, Sheet.farewell].contains(time) else { return queue.async(execute: act) }
                self.lock.withLock { self.patience.append { queue.async(execute: act) } }
            }
            return try NFCCardLink(messages: .short, info: info, later: later) { delegate, queue in
                guard available else { return nil }
                let session = ScriptedSession(self, delegate: delegate, queue: queue)
                self.lock.withLock { self.last = session }
                return session
            }
        }

        /// Patience with all cards that have slipped so far, or are silent, is over.
        func losePatience() {
            for act in lock.withLock({ patience }) { act() }
        }

        /// What the person does after all else.
        func add(_ act: Act) { lock.withLock { acts.append(act) } }

        /// Waits until somebody needs patience.
        func waitForPatience() async throws {
            while lock.withLock({ patience.isEmpty }) { try await Task.sleep(for: .milliseconds(10)) }
        }

        /// Waits until the sheet was told this.
        func wait(for what: String) async throws {
            while !heard.contains(what) { try await Task.sleep(for: .milliseconds(10)) }
        }

        /// How often the person held a card to the phone, or was asked to.
        var sheets: Int { heard.filter { $0 == "begin" }.count }

        /// What the sheet was told, in order.
        var heard: [String] { lock.withLock { told } }
        func hear(_ what: String) { lock.withLock { told.append(what) } }

        fileprivate func next() -> Act {
            lock.withLock { acts.isEmpty ? .nothing : acts.removeFirst() }
        }

        fileprivate func connects() -> (any Error)? {
            lock.withLock {
                refusals -= 1
                return refusals < 0 ? nil : NFCReaderError(.readerTransceiveErrorTagConnectionLost)
            }
        }

        /// The person or the system ends the last session.
        func end(_ code: NFCReaderError.Code) {
            guard let session = lock.withLock({ last }) else { return }
            session.sessionQueue.async { session.end(code) }
        }
    }

    /// A card at the phone, which answers by a closure.
    final class ScriptedTag: NFCISO7816Tag, NFCMiFareTag, @unchecked Sendable {
        struct Held: @unchecked Sendable { let value: NFCTag }

        private let answer: @Sendable (Data) async throws -> Data

        init(_ answer: @escaping @Sendable (Data) async throws -> Data) { self.answer = answer }

        /// A card that answers 90 00 to everything.
        static var good: Held { Held(value: .iso7816(ScriptedTag { _ in Data([0x90, 0x00]) })) }
        static var mifare: Held { Held(value: .miFare(ScriptedTag { _ in Data() })) }
        static func card(_ answer: @escaping @Sendable (Data) async throws -> Data) -> Held {
            Held(value: .iso7816(ScriptedTag(answer)))
        }
        /// A card of the virtual reader, which keeps its power from its first tap on.
        static func card(of reader: VirtualReader) -> Held {
            let powered = Powered(reader)
            return card { command in try await powered.transmit(command) }
        }

        private actor Powered {
            let reader: VirtualReader
            var ready = false
            init(_ reader: VirtualReader) { self.reader = reader }
            func transmit(_ command: Data) async throws -> Data {
                do {
                    if !ready { _ = try await reader.connect(.first) }
                    ready = true
                    return try await reader.transmit(command)
                } catch {
                    throw NFCReaderError(.readerTransceiveErrorTagConnectionLost)
                }
            }
        }

        func sendCommand(
            apdu: NFCISO7816APDU, completionHandler: @escaping @Sendable (Data, UInt8, UInt8, (any Error)?) -> Void
        ) {
            var command = Data([apdu.instructionClass, apdu.instructionCode, apdu.p1Parameter, apdu.p2Parameter])
            if let data = apdu.data, !data.isEmpty { command += Data([UInt8(data.count)]) + data }
            if apdu.expectedResponseLength >= 0 { command.append(UInt8(apdu.expectedResponseLength & 0xFF)) }
            let sent = command
            Task {
                do {
                    let whole = try await answer(sent)
                    completionHandler(whole.dropLast(2), whole[whole.endIndex - 2], whole[whole.endIndex - 1], nil)
                } catch {
                    completionHandler(Data(), 0, 0, error)
                }
            }
        }
    }

    extension Messages {
        static let short = Messages(
            hold: "hold", keepStill: "still", again: "again", oneCard: "one", otherCard: "other",
            holdOnceMore: "once more", takeAway: "take away")
    }
#endif

#if canImport(CoreNFC)
    import Foundation
    import KaigoTap
    import KaigoTapNFC

    /// A day with homes that have no coverage: from fetching tickets to telling the nurse what came of it.
    struct Offline {
        let journal: StoredJournalKeys
        let drivers: Drivers
        let enrolment: Enrolment
        let signedIn: SignedIn

        init(enrolment: Enrolment, signedIn: SignedIn) throws {
            (self.enrolment, self.signedIn) = (enrolment, signedIn)
            let support = try FileManager.default.url(
                for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
            // What waits lies in files, sealed; what opens it, in the keychain, readable while the phone is unlocked.
            journal = StoredJournalKeys(KeychainStore())
            let store = try FileStore(folder: support.appendingPathComponent("kaigotap"))
            drivers = Drivers(card: try NFCCardLink(messages: .japanese), keys: SecureEnclaveKeys(), store: store)
        }

        private var environment: Environment { Environment(enrolment, staffToken: signedIn.staffToken) }

        private func device(_ shift: Shift?) -> FieldDevice {
            FieldDevice(enrolment: enrolment, staffId: signedIn.staffId, journal: journal, shift: shift)
        }

        /// Before leaving: a ticket for each of these people, and two for whoever else it may be.
        func prepare(for today: [VerifiedVisit]) async throws -> String {
            let people: [String?] = today.map(\.subject) + [nil, nil]
            let tickets = try await drivers.fetchTickets(for: people, journal: journal, environment: environment)
            guard let until = tickets.held.map(\.untilMs).min() else { return "持ち出しはありません" }
            let time = Date(timeIntervalSince1970: TimeInterval(until) / 1_000)
            let shown = DateFormatter()
            (shown.locale, shown.dateFormat) = (Locale(identifier: "ja_JP"), "HH:mm")
            return "持ち出し \(tickets.held.count)枚（\(shown.string(from: time))まで）"
        }

        /// Where there is no network. The nurse knows the visit by its label, at most 128 characters.
        func visit(_ plan: Plan, _ label: String, screen: any VisitScreen, shift: Shift?) async throws -> String {
            let waits = try await drivers.offlineVisit(plan, device: device(shift), label: label, screen: screen)
            // On the disk, and nobody is confirmed yet.
            return waits.clockSet ? "送信待ち（端末の日時を確かめてください）" : "送信待ち"
        }

        /// Where there is a network again. Gives when to try again, if something still waits.
        func send(tell: (Failure) -> Void) async throws -> Duration? {
            let report = try await drivers.sendWaiting(journal: journal, environment: environment)
            for finding in report.findings { tell(finding.failure) }
            if let heldUp = report.heldUp { tell(heldUp) }
            return report.againAfterMs.map { .milliseconds($0) }
        }

        /// Their own, and nobody else's; what has ended is forgotten when they say that they have read it.
        func tell(shift: Shift?, read: ([String]) async -> Bool) async throws {
            let view = try await drivers.journal(device(shift))
            let lines = view.entries.map { entry in
                switch entry.state {
                case .waiting: "\(entry.label)：送信待ち"
                case .confirmed: "\(entry.label)：確認済み"
                case .refused: "\(entry.label)：\(entry.refusal?.message(language: .japanese) ?? "")"
                case .expired: "\(entry.label)：期限切れ。もう一度確認してください。"
                }
            }
            let ended = view.entries.filter { $0.state != .waiting }.map(\.number)
            if await read(lines), !ended.isEmpty { try await drivers.acknowledge(ended, device: device(shift)) }
        }

        /// Whoever has just signed in takes the phone over, with a code of 6 to 12 digits that they choose.
        func begin(code: Data) async throws -> Shift? {
            try await drivers.beginShift(
                code: code, idleAfterSeconds: 300, staffToken: signedIn.staffToken, device: enrolment.device,
                journal: journal
            ).shift
        }

        /// Nobody has touched the phone for `idleAfterSeconds` of the shift, or the app was left.
        func lock() async throws {
            _ = try await drivers.lockShift(device: enrolment.device, journal: journal)
        }

        /// With the right code, the shift; otherwise why not, and how many tries are left.
        func unlock(code: Data, tell: (Failure) -> Void) async throws -> Shift? {
            let change = try await drivers.unlockShift(code: code, device: enrolment.device, journal: journal)
            if let refusal = change.refusal { tell(refusal) }
            return change.shift
        }
    }
#endif

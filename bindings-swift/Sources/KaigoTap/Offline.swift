import Foundation

/// Who holds a device where there is no network, and what it knows.
public struct FieldDevice: Sendable {
    /// The device's enrolment.
    public var enrolment: Enrolment
    /// Who holds it now: whoever has signed in (`SignedIn.staffId`), or whose shift it is. Only their own is used and shown.
    public var staffId: String
    /// Authorities that issue cards.
    public var anchors: TrustAnchors
    /// Authorities under which cards certify their records.
    public var cardAuthorities: CardAuthorities?
    /// The shift in which they hold it, on a device that has shifts: without it, `shift_locked`.
    public var shift: Shift?
    /// The journal's key and mark.
    public var journal: any JournalKeys

    /// This one.
    public init(
        enrolment: Enrolment, staffId: String, journal: any JournalKeys, anchors: TrustAnchors = .production,
        cardAuthorities: CardAuthorities? = nil, shift: Shift? = nil
    ) {
        (self.enrolment, self.staffId, self.journal) = (enrolment, staffId, journal)
        (self.anchors, self.cardAuthorities, self.shift) = (anchors, cardAuthorities, shift)
    }
}

/// What a device does where there is no network, and before and after it: tickets are fetched, visits and what belongs to
/// them wait in a journal in the store, sealed, and are sent later. The journal's mark is raised with each outcome; what was
/// noticed of the store is in the outcome's `findings`, and ends nothing. One after the other for one store.
extension Drivers {
    /// Fetches a ticket (持ち出し) for each of these people (`VerifiedVisit.subject`), or for whoever it may be, in one call: at
    /// most 20, good for up to 12 hours.
    public func fetchTickets(
        for people: [String?], hours: UInt8 = 12, journal: any JournalKeys, environment: Environment
    ) async throws(KaigoTapError) -> Tickets {
        try await sealed(journal, Self.tickets) { key in
            try KaigoTapCore.fetchTickets(environment: environment, journal: key, people: people, hours: hours)
        }
    }

    /// The tickets that are held, without asking anybody.
    public func heldTickets(_ device: FieldDevice) async throws(KaigoTapError) -> Tickets {
        try await sealed(device.journal, Self.tickets) { key in
            try KaigoTapCore.heldTickets(environment: device.environment(key))
        }
    }

    /// Gives back what is held and not used.
    public func returnTickets(
        journal: any JournalKeys, environment: Environment
    ) async throws(KaigoTapError) -> Tickets {
        try await sealed(journal, Self.tickets) { key in
            try KaigoTapCore.returnTickets(environment: environment, journal: key)
        }
    }

    /// A visit where there is no network, with a ticket that was fetched before. It is on the disk when it ends; nobody is
    /// confirmed, and nothing of the platform is shown. `label`: what its maker will know it by, at most 128 characters.
    public func offlineVisit(
        _ plan: Plan, device: FieldDevice, label: String, screen: any VisitScreen, progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> WaitingVisit {
        let taken = { @Sendable (outcome: Outcome) -> (WaitingVisit, UInt64)? in
            guard case .visitWaits(let waits) = outcome else { return nil }
            return (waits, waits.mark)
        }
        return try await sealed(device.journal, taken, screen, progress) { key in
            try KaigoTapCore.offlineVisit(plan: plan, environment: device.environment(key), label: label)
        }
    }

    /// Notes the person's consent behind a visit that waits, by its number. Gives the note's number.
    public func noteConsent(
        behind visit: UInt64, explained: Bool, agreed: Bool, device: FieldDevice
    ) async throws(KaigoTapError) -> UInt64 {
        try await sealed(device.journal, Self.noted) { key in
            try KaigoTapCore.noteConsent(
                environment: device.environment(key), visit: visit, explained: explained, agreed: agreed)
        }
    }

    /// Notes a filing in the same way.
    public func noteFiling(
        _ notice: Notice, behind visit: UInt64, device: FieldDevice
    ) async throws(KaigoTapError) -> UInt64 {
        try await sealed(device.journal, Self.noted) { key in
            try KaigoTapCore.noteFiling(environment: device.environment(key), visit: visit, notice: notice)
        }
    }

    /// Sends what waits, in order, whoever made it. A device that was killed (`device_revoked`) has forgotten everything then:
    /// forget the journal's key, too.
    public func sendWaiting(
        journal: any JournalKeys, environment: Environment, progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> SendReport {
        let taken = { @Sendable (outcome: Outcome) -> (SendReport, UInt64)? in
            guard case .waitingSent(let report) = outcome else { return nil }
            return (report, report.mark)
        }
        return try await sealed(journal, taken, NoScreen(), progress) { key in
            try KaigoTapCore.sendWaiting(environment: environment, journal: key)
        }
    }

    /// What this staff member has made on this device, as far as they have not acknowledged what came of it.
    public func journal(_ device: FieldDevice) async throws(KaigoTapError) -> JournalView {
        let taken = { @Sendable (outcome: Outcome) -> (JournalView, UInt64)? in
            guard case .journalTold(let view) = outcome else { return nil }
            return (view, view.mark)
        }
        return try await sealed(device.journal, taken) { key in
            try KaigoTapCore.journal(environment: device.environment(key))
        }
    }

    /// They were told what came of these: they are forgotten.
    public func acknowledge(_ numbers: [UInt64], device: FieldDevice) async throws(KaigoTapError) {
        let taken = { @Sendable (outcome: Outcome) -> (Void, UInt64)? in
            guard case .acknowledged(let mark) = outcome else { return nil }
            return ((), mark)
        }
        try await sealed(device.journal, taken) { key in
            try KaigoTapCore.acknowledge(environment: device.environment(key), numbers: numbers)
        }
    }

    /// Begins the shift of a staff member who has just signed in, with a code of 6 to 12 digits that they choose.
    public func beginShift(
        code: Data, idleAfterSeconds: UInt64, staffToken: String, device: EnrolledDevice, journal: any JournalKeys
    ) async throws(KaigoTapError) -> ShiftChange {
        try await sealed(journal, Self.changed) { key in
            try KaigoTapCore.beginShift(
                journal: key, device: device, staffToken: staffToken, code: code, idleAfterSeconds: idleAfterSeconds,
                entropy: freshEntropy())
        }
    }

    /// Unlocks the shift with its holder's code. Five wrong ones in a row wipe the shift and its tickets.
    public func unlockShift(
        code: Data, device: EnrolledDevice, journal: any JournalKeys
    ) async throws(KaigoTapError) -> ShiftChange {
        try await sealed(journal, Self.changed) { key in
            try KaigoTapCore.unlockShift(journal: key, device: device, code: code, entropy: freshEntropy())
        }
    }

    /// Locks the shift: when the device lies idle, or is handed over. Nothing is wiped.
    public func lockShift(
        device: EnrolledDevice, journal: any JournalKeys
    ) async throws(KaigoTapError) -> ShiftChange {
        try await sealed(journal, Self.changed) { key in
            try KaigoTapCore.lockShift(journal: key, device: device, entropy: freshEntropy())
        }
    }

    /// Ends the shift, and wipes its tickets: return them first, where there is a network.
    public func endShift(
        device: EnrolledDevice, journal: any JournalKeys
    ) async throws(KaigoTapError) -> ShiftChange {
        try await sealed(journal, Self.changed) { key in
            try KaigoTapCore.endShift(journal: key, device: device, entropy: freshEntropy())
        }
    }

    /// Whether the journal in the store is as this device left it: opens every entry, sends nothing and changes nothing.
    public func verifyJournal(
        _ journal: any JournalKeys, device: EnrolledDevice
    ) async throws(KaigoTapError) -> JournalReport {
        let taken = { @Sendable (outcome: Outcome) -> (JournalReport, UInt64)? in
            guard case .journalVerified(let report) = outcome else { return nil }
            return (report, report.mark)
        }
        return try await sealed(journal, taken) { key in
            try KaigoTapCore.verifyJournal(key: key, device: device, entropy: freshEntropy())
        }
    }

    private static func tickets(_ outcome: Outcome) -> (Tickets, UInt64)? {
        guard case .ticketsHeld(let tickets) = outcome else { return nil }
        return (tickets, tickets.mark)
    }

    private static func noted(_ outcome: Outcome) -> (UInt64, UInt64)? {
        guard case .notedBehind(let number, let mark) = outcome else { return nil }
        return (number, mark)
    }

    private static func changed(_ outcome: Outcome) -> (ShiftChange, UInt64)? {
        guard case .shiftChanged(let change) = outcome else { return nil }
        return (change, change.mark)
    }

    /// Runs a conversation with the journal's key, and keeps its mark.
    private func sealed<T>(
        _ journal: any JournalKeys, _ taken: @Sendable (Outcome) -> (T, UInt64)?,
        _ screen: any CardScreen = NoScreen(), _ progress: ProgressHearer? = nil,
        _ make: @Sendable (JournalKey) throws -> Conversation
    ) async throws(KaigoTapError) -> T {
        let key: JournalKey
        do {
            key = JournalKey(secret: try await journal.secret(), mark: try await journal.mark())
        } catch {
            throw .Failed(failure: storeFailure(error: error as? StoreError ?? .failed))
        }
        let outcome = try await run(screen, progress) { try make(key) }
        guard let (told, mark) = taken(outcome) else { throw KaigoTapError.internalFault }
        do {
            try await journal.raise(mark)
        } catch {
            throw .Failed(failure: storeFailure(error: error as? StoreError ?? .failed))
        }
        return told
    }
}

extension FieldDevice {
    func environment(_ key: JournalKey) -> OfflineEnvironment {
        OfflineEnvironment(
            enrolment: enrolment, staffId: staffId, anchors: anchors, journal: key, entropy: freshEntropy(),
            shift: shift, cardAuthorities: cardAuthorities)
    }
}

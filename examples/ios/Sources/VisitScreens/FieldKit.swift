import KaigoTap

/// This phone, and how somebody signs in on it: all that a day wants of the SDK.
public struct FieldKit: Sendable {
    /// What the phone was told when it was enrolled.
    let enrolment: @Sendable () async throws -> Enrolment
    /// The key of what waits.
    let journal: any JournalKeys
    let drivers: @Sendable () throws -> Drivers
    let anchors: TrustAnchors
    let cardAuthorities: CardAuthorities?
    /// Somebody signs in, where there is coverage.
    public var signIn: @Sendable () async throws -> SignedIn
    private let turns = Turns()

    public init(
        enrolment: @escaping @Sendable () async throws -> Enrolment, journal: any JournalKeys,
        anchors: TrustAnchors = .production, cardAuthorities: CardAuthorities? = nil,
        drivers: @escaping @Sendable () throws -> Drivers, signIn: @escaping @Sendable () async throws -> SignedIn
    ) {
        (self.enrolment, self.journal, self.drivers) = (enrolment, journal, drivers)
        (self.anchors, self.cardAuthorities, self.signIn) = (anchors, cardAuthorities, signIn)
    }

    /// A visit where there is a network.
    func visit(
        _ visitor: Visitor, _ staff: SignedIn, _ screen: VisitPresenter, _ progress: ProgressHearer
    ) async throws -> VerifiedVisit {
        let environment = try await environment(staff)
        return try await turns.take {
            try await drivers().visit(
                plan(visitor), environment: environment, screen: screen, progress: progress)
        }
    }

    /// A visit where there is none.
    func offlineVisit(
        _ visitor: Visitor, _ shift: Shift, _ screen: VisitPresenter, _ progress: ProgressHearer
    ) async throws -> WaitingVisit {
        let device = try await device(shift)
        return try await turns.take {
            try await drivers().offlineVisit(
                plan(visitor), device: device, label: visitor.name, screen: screen, progress: progress)
        }
    }

    func fetch(_ count: Int, _ staff: SignedIn) async throws -> Tickets {
        let environment = try await environment(staff)
        return try await turns.take {
            try await drivers().fetchTickets(
                for: Array(repeating: nil, count: count), journal: journal, environment: environment)
        }
    }

    func send(_ staff: SignedIn) async throws -> SendReport {
        let environment = try await environment(staff)
        return try await turns.take { try await drivers().sendWaiting(journal: journal, environment: environment) }
    }

    func held(_ shift: Shift) async throws -> Tickets {
        let device = try await device(shift)
        return try await turns.take { try await drivers().heldTickets(device) }
    }

    func entries(_ shift: Shift) async throws -> JournalView {
        let device = try await device(shift)
        return try await turns.take { try await drivers().journal(device) }
    }

    func acknowledge(_ numbers: [UInt64], _ shift: Shift) async throws {
        let device = try await device(shift)
        try await turns.take { try await drivers().acknowledge(numbers, device: device) }
    }

    func begin(_ code: UnlockCode, idleAfterSeconds: UInt64, _ staff: SignedIn) async throws -> ShiftChange {
        let device = try await enrolment().device
        return try await turns.take {
            try await drivers().beginShift(
                code: code.digits, idleAfterSeconds: idleAfterSeconds, staffToken: staff.staffToken, device: device,
                journal: journal)
        }
    }

    func unlock(_ code: UnlockCode) async throws -> ShiftChange {
        let device = try await enrolment().device
        return try await turns.take {
            try await drivers().unlockShift(code: code.digits, device: device, journal: journal)
        }
    }

    func lock() async throws {
        let device = try await enrolment().device
        _ = try await turns.take { try await drivers().lockShift(device: device, journal: journal) }
    }

    /// Every way that the app has screens for; which of them are lawful is decided by the SDK and the platform.
    private func plan(_ visitor: Visitor) -> Plan {
        Plan(uses: [.view], person: visitor.chosen, offers: VisitPresenter.ways)
    }

    private func environment(_ staff: SignedIn) async throws -> Environment {
        let known = try await enrolment()
        return Environment(
            server: known.server, issuer: known.issuer, challengeKeys: known.challengeKeys, device: known.device,
            staffToken: staff.staffToken, anchors: anchors, entropy: freshEntropy(), cardAuthorities: cardAuthorities)
    }

    private func device(_ shift: Shift) async throws -> FieldDevice {
        FieldDevice(
            enrolment: try await enrolment(), staffId: shift.staffId(), journal: journal, anchors: anchors,
            cardAuthorities: cardAuthorities, shift: shift)
    }
}

/// One conversation after the other: they share a store. One that was cancelled is waited for, too.
private actor Turns {
    private var last: Task<Void, Never>?

    func take<T: Sendable>(_ act: @escaping @Sendable () async throws -> T) async throws -> T {
        try Task.checkCancellation()
        let before = last
        let work = Task {
            await before?.value
            try Task.checkCancellation()
            return try await act()
        }
        last = Task { _ = await work.result }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }
}

import Foundation
import KaigoTap

/// A day in which some homes have no coverage, on a phone that several share: a code, tickets, visits, what waits. Lies around
/// ``VisitPresenter``, which shows the visits themselves, and is tested without a phone as well.
@MainActor
public final class OfflineDay {
    /// After how long without a touch the phone is locked.
    nonisolated static let idleAfterSeconds: UInt64 = 300
    /// Tickets beyond one for each person of the day.
    nonisolated static let spare = 2
    /// As many as the platform gives one device.
    nonisolated static let mostTickets = 20

    /// What is to be drawn.
    public var screen: Screen {
        if let own { return own }
        let visit = visits.screen
        return visit.name == .home
            ? screens.day(visit, tickets, view, found, fetches: wanted > 0) : visit
    }
    /// Called after ``screen`` or ``covered`` has changed.
    public var changed: () -> Void = {}

    private let kit: FieldKit
    private let screens: Screens
    private let people: Int
    private let sleep: @Sendable (Duration) async throws -> Void
    private let visits: VisitPresenter
    private var phase = Phase.active

    /// What lies over the visits; nothing else may be begun meanwhile.
    private var own: Screen? { didSet { if own != oldValue { changed() } } }
    /// Whose phone it is now. Without it, nothing of anybody is shown.
    private var shift: Shift?
    private var signedIn: SignedIn?
    /// Whether somebody signs in to begin a shift.
    private var signsIn = false
    private var code = UnlockCode()
    /// The code that was chosen, while it is asked for once more.
    private var chosen: UnlockCode?
    private var asked = CodeAsked.unlock

    private var tickets: [HeldTicket] = []
    private var view: JournalView?
    /// What was noticed of the journal.
    private var found: [Failure] = []
    /// Whether there was a visit since the store was looked into: there may be a ticket less and an entry more.
    private var stale = false

    /// What is done now. What an earlier thing still has to say is not heard.
    private var task: Task<Void, Never>?
    private var number = 0
    private var again: () -> Void = {}
    private var idle: Task<Void, Never>?
    /// Locks. What is unlocked or begun afterwards waits for it, and is not locked by what came before.
    private(set) var locking: Task<Void, Never>?

    /// `sleep`: how it waits until nobody has touched the phone for long enough.
    public init(
        visitors: [Visitor], words: Words, reader: Reader = .ready, kit: FieldKit,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.kit, self.sleep, people, screens) = (kit, sleep, visitors.count, Screens(words: words))
        let link = Link()
        visits = VisitPresenter(
            visitors: visitors, words: words, reader: reader,
            run: { visitor, screen, progress in
                let staff = try await link.day.orStopped().visitStaff()
                return try await kit.visit(visitor, staff, screen, progress)
            },
            uncovered: { visitor, screen, progress in
                guard let shift = try await link.day.orStopped().shiftWithTicket() else { return nil }
                return try await kit.offlineVisit(visitor, shift, screen, progress)
            })
        link.day = self
        own = screens.code(.unlock, entered: 0)
        visits.changed = { [weak self] in self?.visited() }
    }

    /// Whether the screen is to be covered.
    public var covered: Bool { phase != .active && screen.name.personal }

    /// Where the app is now. Who leaves it locks the phone.
    public func phase(_ now: Phase) {
        phase = now
        visits.phase(now)
        // A shift's first sign-in goes on: somebody may have to look a code up in another app.
        if now == .background, !signsIn { lock() }
        changed()
    }

    /// What somebody did. What makes no sense on this screen is not heard.
    public func on(_ action: Action) {
        touched()
        switch (action, own?.name) {
        case (.lock, nil), (.lock, .code): lock()
        case (.fetch, nil) where atHome && wanted > 0: act(.ready) { try await $0.fetch() }
        case (.send, nil) where atHome: act(.sendWaiting) { try await $0.send() }
        case (.entries, nil) where atHome: own = view.map { screens.entries($0) }
        case (_, nil):
            if atHome || visits.screen.name == .failure { stale = true }
            visits.on(action)
        case (.digit(let digit), .code):
            code.append(digit)
            own = pad()
        case (.erase, .code):
            code.removeLast()
            own = pad()
        case (.enter, .code) where code.isLongEnough: entered()
        case (.begin, .code) where asked == .unlock:
            act(.challenge) { day in
                day.signsIn = true
                defer { day.signsIn = false }
                day.signedIn = try await day.heard(day.kit.signIn())
                return day.choose()
            }
        case (.acknowledge, .entries): act(.keep) { try await $0.acknowledge() }
        case (.again, .failure): again()
        case (.home, .entries), (.home, .failure): home()
        case (.stop, .wait): stop()
        default: break
        }
    }

    /// Nobody touches the phone, somebody leaves the app, or hands it over: nothing of anybody stays on the screen, and only
    /// the code brings it back.
    public func lock() {
        clear()
        own = pad()
        visits.stop()
        // The shift is dropped already: where this fails, nothing is open, either.
        locking = Task { [kit, locking] in
            await locking?.value
            try? await kit.lock()
        }
    }

    private var atHome: Bool { visits.screen.name == .home && !visits.busy }
    /// How many tickets are missing.
    private var wanted: Int { min(people + Self.spare, Self.mostTickets) - tickets.count }

    private func clear() {
        number += 1
        task?.cancel()
        idle?.cancel()
        again = {}
        // A code that was not chosen to the end opens nothing: who has signed in does so anew.
        if asked != .unlock { signedIn = nil }
        code.wipe()
        chosen?.wipe()
        (shift, asked, chosen, view) = (nil, .unlock, nil, nil)
        (tickets, found) = ([], [])
    }

    private func touched() {
        idle?.cancel()
        guard let shift else { return }
        idle = Task { [weak self, sleep] in
            guard (try? await sleep(.seconds(shift.idleAfterSeconds()))) != nil, !Task.isCancelled else { return }
            self?.lock()
        }
    }

    private func pad(_ refusal: Failure? = nil, differs: Bool = false) -> Screen {
        screens.code(asked, entered: code.count, refusal, differs: differs)
    }

    private func home() { own = shift == nil ? pad() : nil }

    private func stop() {
        guard shift != nil else { return lock() }
        task?.cancel()
        act(.ready, Self.looks)
    }

    private static let looks: @MainActor (OfflineDay) async throws -> Screen? = { day in
        try await day.look()
        return nil
    }

    /// Does it, and shows what came of it; nothing is the list of whom to visit.
    private func act(_ stage: Stage, _ work: @escaping @MainActor (OfflineDay) async throws -> Screen?) {
        number += 1
        let mine = number
        again = { [weak self] in self?.act(stage, work) }
        own = screens.wait(stage)
        task = Task { [weak self] in
            guard let self else { return }
            let end: Screen?
            do {
                end = try await work(self)
            } catch is AnotherHolder {
                if mine == number { handOver() }
                return
            } catch let error as KaigoTapError {
                guard mine == number else { return }
                end = await failed(error.failure)
            } catch {
                end = screens.broken()
            }
            guard mine == number else { return }
            // What it was done with, a code perhaps, is not kept longer than somebody may try again.
            if end?.name != .failure { again = {} }
            own = end
            touched()
        }
    }

    /// What was told, unless somebody has stopped or locked meanwhile.
    private func heard<T>(_ told: T) throws -> T {
        try Task.checkCancellation()
        return told
    }

    private func failed(_ failure: Failure) async -> Screen {
        switch failure.code {
        case "device_revoked":
            // All that the phone kept is gone, and what it was sealed with goes, too.
            clear()
            signedIn = nil
            try? await kit.journal.forget()
            return screens.failure(failure)
        case "shift_locked":
            clear()
            return pad(failure)
        default: return screens.failure(failure)
        }
    }
}

// MARK: the code

extension OfflineDay {
    private func choose() -> Screen {
        code.wipe()
        (asked, chosen) = (.choose, nil)
        return pad()
    }

    /// Somebody else has signed in than whose shift it is: theirs begins.
    private func handOver() {
        let staff = signedIn
        clear()
        signedIn = staff
        own = choose()
        visits.stop()
    }

    private func entered() {
        let typed = code
        code = UnlockCode()
        switch (asked, chosen, signedIn) {
        case (.again, let first?, let staff?) where first.isSame(as: typed):
            act(.keep) { day in
                await day.locking?.value
                let begun = try await day.heard(
                    day.kit.begin(typed, idleAfterSeconds: Self.idleAfterSeconds, staff))
                return try await day.opened(begun)
            }
        case (.choose, _, _):
            (asked, chosen) = (.again, typed)
            own = pad()
        case (.again, _, _):
            (asked, chosen) = (.choose, nil)
            own = pad(differs: true)
        case (.unlock, _, _):
            act(.keep) { day in
                await day.locking?.value
                return try await day.opened(day.heard(day.kit.unlock(typed)))
            }
        }
    }

    private func opened(_ change: ShiftChange) async throws -> Screen? {
        note(change.findings)
        guard let shift = change.shift else {
            // After too many wrong ones, a sign-in of before is none, either.
            if change.refusal?.code != "unlock_wrong" { signedIn = nil }
            return pad(change.refusal)
        }
        self.shift = shift
        asked = .unlock
        chosen?.wipe()
        chosen = nil
        if signedIn?.staffId != shift.staffId() { signedIn = nil }
        try await look()
        return nil
    }

    /// Who has signed in, for what wants the platform.
    private func staff() async throws -> SignedIn {
        guard let shift else { throw CancellationError() }
        if let signedIn, Double(signedIn.untilMs) > Date().timeIntervalSince1970 * 1_000 { return signedIn }
        let staff = try await heard(kit.signIn())
        signedIn = staff
        guard staff.staffId == shift.staffId() else { throw AnotherHolder() }
        return staff
    }

    fileprivate func visitStaff() async throws -> SignedIn {
        do {
            return try await staff()
        } catch let error as AnotherHolder {
            handOver()
            throw error
        }
    }
}

// MARK: tickets, and what waits

extension OfflineDay {
    private func fetch() async throws -> Screen? {
        let staff = try await staff()
        let told = try await heard(kit.fetch(wanted, staff))
        tickets = told.held
        note(told.findings)
        return nil
    }

    private func send() async throws -> Screen? {
        let staff = try await staff()
        let report = try await heard(kit.send(staff))
        note(report.findings)
        try await look()
        return view.map { screens.entries($0, after: report) }
    }

    private func acknowledge() async throws -> Screen? {
        guard let shift, let view else { return nil }
        try await kit.acknowledge(view.entries.filter { $0.state != .waiting }.map(\.number), shift)
        try await look()
        return nil
    }

    private func look() async throws {
        guard let shift else { return }
        stale = false
        let held = try await heard(kit.held(shift))
        let told = try await heard(kit.entries(shift))
        (tickets, view) = (held.held, told)
        note(told.findings)
    }

    private func note(_ findings: [JournalFinding]) {
        for finding in findings where !found.contains(where: { $0.code == finding.failure.code }) {
            found.append(finding.failure)
        }
    }

    fileprivate func shiftWithTicket() -> Shift? { tickets.isEmpty ? nil : shift }

    /// A visit shows something else.
    private func visited() {
        if own == nil, shift != nil, stale, atHome { act(.ready, Self.looks) }
        changed()
    }
}

/// Somebody else has signed in than whose shift it is.
private struct AnotherHolder: Error {}

/// The day, for visits that were made before it.
@MainActor
private final class Link {
    weak var day: OfflineDay?
}

extension Optional {
    /// Nobody wants it any more.
    fileprivate func orStopped() throws -> Wrapped {
        guard let self else { throw CancellationError() }
        return self
    }
}

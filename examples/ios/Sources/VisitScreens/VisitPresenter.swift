import KaigoTap

/// Runs one visit; in the app, through the SDK.
public typealias VisitRunner = @Sendable (Visitor, VisitPresenter, ProgressHearer) async throws -> VerifiedVisit

/// Runs one where there is no network, with a ticket that was fetched before; nothing where none is held.
public typealias OfflineRunner = @Sendable (Visitor, VisitPresenter, ProgressHearer) async throws -> WaitingVisit?

/// Whether the app is in front.
public enum Phase: Sendable {
    /// It is.
    case active
    /// Something lies over it: the reading sheet, a call, the app switcher.
    case inactive
    /// It was left.
    case background
}

/// The flow of the screens: choose, look, hold, enter, read the result. Lives on the main actor and knows nothing of
/// SwiftUI, so it is tested without a phone.
@MainActor
public final class VisitPresenter: PhotoScreen {
    /// The ways that there are screens for: all of them, the best first.
    nonisolated public static let ways: [Way] = [
        .cardTap, .cardPin, .registered, .faceCheck, .fourAttributes, .disaster,
    ]

    /// What is to be drawn.
    public private(set) var screen: Screen { didSet { if screen != oldValue { changed() } } }
    /// Called after ``screen`` or ``covered`` has changed.
    public var changed: () -> Void = {}

    private let visitors: [Visitor]
    private let reader: Reader
    private let run: VisitRunner
    private let uncovered: OfflineRunner?
    private let screens: Screens

    private var phase = Phase.active
    /// The latest visit; it may be ending still.
    private var visit: Task<Void, Never>?
    /// Counts visits. What a stopped one still has to say is not heard.
    private var number = 0
    private var running = false
    private var visitor: Visitor?
    private var question: Question?
    /// Whether a card was read in this visit, and whether somebody was asked since one was last waited for. What is told
    /// and what is asked come on two ways, so neither may lean on having come before the other.
    private var read = false
    private var asked = false
    /// What was typed into fields. It stays while it is asked for again, and goes with the question, the visit, or its end.
    private(set) var form: Form?
    /// Whether the photo in the card was to be opened with what is printed on the card, and not with a PIN.
    private var usesPrinted = false
    /// Whether no way was wanted any more.
    private var paper = false
    /// Whether there was no network.
    private var offline = false

    private enum Question {
        case face(CheckedContinuation<FaceCheck?, Never>)
        case pin(Pin, triesLeft: UInt8?, why: WhyPin, CheckedContinuation<Pin?, Never>)
        case lastTry(CheckedContinuation<Bool, Never>)
        case way([Way], CheckedContinuation<Way?, Never>)
        case attributes(Way, AttributeFault?, CheckedContinuation<Attributes?, Never>)
        case birthDate(CheckedContinuation<Bool?, Never>)
        case printed(triesLeft: UInt8?, why: WhyPin, PrintedFault?, CheckedContinuation<PrintedFields?, Never>)
    }

    /// `uncovered`: how a visit goes on that finds no network.
    public init(
        visitors: [Visitor], words: Words, reader: Reader = .ready, run: @escaping VisitRunner,
        uncovered: OfflineRunner? = nil
    ) {
        (self.visitors, self.reader, self.run, screens) = (visitors, reader, run, Screens(words: words))
        self.uncovered = uncovered
        screen = screens.home(visitors, reader)
    }

    /// Whether a visit is under way.
    public var busy: Bool { running }

    /// Whether the screen is to be covered: it shows a person, and the system takes pictures of apps that are put aside.
    /// The reading sheet makes an app inactive, too, but covers only screens without a person.
    public var covered: Bool { phase != .active && screen.name.personal }

    /// Where the app is now. Leaving it ends the visit and clears the screen.
    public func phase(_ now: Phase) {
        phase = now
        if now == .background { stop() }
        changed()
    }

    /// What somebody did. What makes no sense on this screen is not heard: fingers are faster than screens.
    public func on(_ action: Action) {
        switch (action, question) {
        case (.choose(let chosen), _) where screen.name == .home && reader == .ready: start(chosen)
        case (.faceMatches, .face(let asked)): answered { asked.resume(returning: .match) }
        case (.faceDiffers, .face(let asked)): answered { asked.resume(returning: .noMatch) }
        case (.tryLast, .lastTry(let asked)): answered { asked.resume(returning: true) }
        case (.digit(let digit), .pin(let pin, let triesLeft, let why, _)) where pin.count < Screens.pinLength:
            pin.append(digit.ascii)
            screen = screens.pin(entered: pin.count, triesLeft: triesLeft, why: why)
        case (.erase, .pin(let pin, let triesLeft, let why, _)):
            pin.removeLast()
            screen = screens.pin(entered: pin.count, triesLeft: triesLeft, why: why)
        case (.enter, .pin(let pin, _, _, let asked)) where pin.count == Screens.pinLength:
            // The SDK wipes it.
            answered { asked.resume(returning: pin) }
        case (.way(let way), .way(let offered, let asked)) where offered.contains(way):
            answered { asked.resume(returning: way) }
        case (.paper, .way(_, let asked)):
            paper = true
            answered { asked.resume(returning: nil) }
        case (.right, .birthDate(let asked)):
            form = nil
            answered { asked.resume(returning: true) }
        case (.notRight, .birthDate(let asked)): answered { asked.resume(returning: false) }
        case (.type(let name, let entered), .attributes), (.type(let name, let entered), .printed):
            form?[name] = entered.text
            if let shown = fields() { screen = shown }
        case (.enter, .attributes(_, _, let asked)): answered { asked.resume(returning: form?.attributes) }
        case (.enter, .printed(_, _, _, let asked)): answered { asked.resume(returning: form?.printedFields) }
        case (.again, _) where screen.name == .failure: visitor.map(start)
        case (.home, _) where !running: home()
        case (.stop, _): stop()
        default: break
        }
    }

    /// Somebody stops, or leaves the app: nothing of a person stays on the screen, and the SDK wipes what it holds and
    /// lets the card go.
    public func stop() {
        visit?.cancel()
        running = false
        withdraw()
        form = nil
        home()
    }

    /// Asks the nurse about the face.
    public func confirmFace() async -> FaceCheck? {
        guard let visitor, mayAsk() else { return nil }
        return await withCheckedContinuation { ask(.face($0), screens.face(visitor, offline: offline)) }
    }

    /// Asks the holder for the PIN. A visit has no other, so no other is asked for.
    public func enterPin(_ pin: PinKind, triesLeft: UInt8?, why: WhyPin) async -> Pin? {
        guard pin == .authentication, mayAsk() else { return nil }
        return await withCheckedContinuation {
            ask(
                .pin(Pin(), triesLeft: triesLeft, why: why, $0),
                screens.pin(entered: 0, triesLeft: triesLeft, why: why))
        }
    }

    /// Asks the holder whether to use the last try.
    public func confirmLastTry(_ pin: PinKind, why: WhyPin) async -> Bool {
        guard mayAsk() else { return false }
        return await withCheckedContinuation { ask(.lastTry($0), screens.lastTry(pin, why)) }
    }

    /// Asks the nurse for the next way.
    public func chooseWay(after failure: Failure, ways: [Way]) async -> Way? {
        guard mayAsk() else { return nil }
        form = nil
        let printed = usesPrinted
        usesPrinted = false
        return await withCheckedContinuation {
            ask(.way(ways, $0), screens.ways(after: failure, ways, printed: printed))
        }
    }

    /// Asks the nurse for what stands on the paper certificate. After a fault, what was typed stands there still.
    public func enterAttributes(_ way: Way, fault: AttributeFault?, prefilled: Attributes) async -> Attributes? {
        guard mayAsk() else { return nil }
        let kept = fault == nil || form?.isCertificate != true ? nil : form
        let form = kept ?? Form(prefilled, screens.words.ways)
        self.form = form
        return await withCheckedContinuation {
            ask(.attributes(way, fault, $0), screens.certificate(form, way: way, fault: fault))
        }
    }

    /// Reads the date of birth back to the nurse.
    public func confirmBirthDate(_ read: BirthDateRead) async -> Bool? {
        guard mayAsk() else { return nil }
        return await withCheckedContinuation { ask(.birthDate($0), screens.birthDate(read)) }
    }

    /// Asks the nurse for what is printed on the card. Where it is asked for again, what was typed stands there still.
    public func enterPrintedFields(triesLeft: UInt8?, why: WhyPin, fault: PrintedFault?) async -> PrintedFields? {
        guard mayAsk() else { return nil }
        usesPrinted = true
        let again = (fault != nil || why != .first) && form?.isCertificate == false
        let form = (again ? form : nil) ?? Form()
        self.form = form
        return await withCheckedContinuation {
            ask(
                .printed(triesLeft: triesLeft, why: why, fault, $0),
                screens.printed(form, triesLeft: triesLeft, why: why, fault: fault))
        }
    }

    /// Shows the nurse the photo in the card. It is nowhere but on the screen.
    public func confirmPhoto(_ photo: ChipPhoto) async -> FaceCheck? {
        guard mayAsk() else { return nil }
        form = nil
        return await withCheckedContinuation { ask(.face($0), screens.photo(photo)) }
    }

    /// The fields that are asked for, as they stand.
    private func fields() -> Screen? {
        switch (question, form) {
        case (.attributes(let way, let fault, _), let form?): screens.certificate(form, way: way, fault: fault)
        case (.printed(let triesLeft, let why, let fault, _), let form?):
            screens.printed(form, triesLeft: triesLeft, why: why, fault: fault)
        default: nil
        }
    }

    private func home() {
        visitor = nil
        screen = screens.home(visitors, reader)
    }

    private func start(_ chosen: Visitor) {
        guard !running else { return }
        (visitor, running, read, asked) = (chosen, true, false, false)
        (usesPrinted, paper, offline) = (false, false, false)
        number += 1
        screen = screens.wait(.ready)
        let (before, mine) = (visit, number)
        visit = Task {
            // One that was stopped may still be letting its card go.
            await before?.value
            guard isCurrent(mine) else { return }
            let end = await end(of: mine, chosen)
            guard isCurrent(mine) else { return }
            running = false
            withdraw()
            form = nil
            screen = end
        }
    }

    private func isCurrent(_ mine: Int) -> Bool { running && number == mine }

    private func end(of mine: Int, _ chosen: Visitor) async -> Screen {
        let result = await heard(mine) { [run] in try await run(chosen, self, $0) }
        switch result {
        case .success(let verified): return screens.result(verified)
        case .failure(let error as KaigoTapError):
            if error.failure.code == "server_unreachable", let uncovered, isCurrent(mine) {
                // The face is asked for anew, and it is said why: the time at which it was seen goes on record.
                (offline, read, asked, usesPrinted) = (true, false, false, false)
                form = nil
                switch await heard(mine, { try await uncovered(chosen, self, $0) }) {
                case .success(let waits?): return screens.waits(waits)
                case .success(nil): break
                case .failure(let later): return failed(later)
                }
            }
            return failed(error)
        case .failure(let error): return failed(error)
        }
    }

    private func failed(_ error: any Error) -> Screen {
        guard let error = error as? KaigoTapError else { return screens.broken() }
        return screens.failure(error.failure, paper: paper)
    }

    /// Runs a conversation, and shows where it stands.
    private func heard<T: Sendable>(
        _ mine: Int, _ run: @Sendable (ProgressHearer) async throws -> T
    ) async -> Result<T, any Error> {
        let (stages, hearer) = AsyncStream<ConversationProgress>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let hearing = Task {
            for await now in stages where isCurrent(mine) { show(now) }
        }
        let result: Result<T, any Error>
        do {
            result = .success(try await run(hearer))
        } catch {
            result = .failure(error)
        }
        hearer.finish()
        await hearing.value
        return result
    }

    private func show(_ progress: ConversationProgress) {
        let reads = [.readCard, .sign, .changePin].contains(progress.stage)
        if reads { read = true }
        // It stood here before the question did.
        guard question == nil else { return }
        switch progress.stage {
        case .awaitCard:
            // A card that was there was let go for the question.
            screen = screens.hold(read ? asked ? .onceMore : .again : .first)
            asked = false
        case _ where reads: screen = screens.still(progress)
        // These have questions of their own.
        case .faceCheck, .enterPin: break
        default: screen = screens.wait(progress.stage)
        }
    }

    /// Questions of a visit that was stopped are not asked.
    private func mayAsk() -> Bool {
        guard running, !Task.isCancelled else { return false }
        withdraw()
        return true
    }

    private func ask(_ asked: Question, _ shown: Screen) {
        question = asked
        screen = shown
    }

    private func answered(_ resume: () -> Void) {
        asked = true
        question = nil
        screen = screens.wait(.ready)
        resume()
    }

    /// Nobody answers any more.
    private func withdraw() {
        switch question {
        case .face(let asked): asked.resume(returning: nil)
        case .pin(let pin, _, _, let asked):
            pin.wipe()
            asked.resume(returning: nil)
        case .lastTry(let asked): asked.resume(returning: false)
        case .way(_, let asked): asked.resume(returning: nil)
        case .attributes(_, _, let asked): asked.resume(returning: nil)
        case .birthDate(let asked): asked.resume(returning: nil)
        case .printed(_, _, _, let asked): asked.resume(returning: nil)
        case nil: break
        }
        question = nil
    }
}

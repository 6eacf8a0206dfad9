import KaigoTap

/// Whether this phone reads cards.
public enum Reader: Sendable, CaseIterable {
    case ready, absent
}

/// Why a card is wanted.
enum Tap: CaseIterable {
    /// For the first time.
    case first
    /// It was taken away for a question, which is answered.
    case onceMore
    /// It slipped.
    case again
}

/// How each moment of a visit looks. Knows nothing and decides nothing.
struct Screens {
    static let pinLength = 4

    let words: Words

    func home(_ visitors: [Visitor], _ reader: Reader) -> Screen {
        let list: [Element] =
            switch reader {
            // Said before the face check and not after it.
            case .absent: [.notice(words.noReader, .care)]
            case .ready:
                visitors.map { .choice(Choice($0.name, .choose($0), spoken: "\($0.name), \($0.nameKana)")) }
            }
        return Screen(name: .home, elements: [.heading(words.choosePerson)] + list)
    }

    /// Where there is no network, it says how the visit goes on.
    func face(_ visitor: Visitor, offline: Bool = false) -> Screen {
        Screen(
            name: .face,
            elements: [.heading(words.faceTitle)] + (offline ? [.notice(words.field.noNetwork, .care)] : []) + [
                .text(words.faceHow(visitor.name)),
                .choice(Choice(words.faceMatches, .faceMatches, first: true)),
                .choice(Choice(words.faceDiffers, .faceDiffers)),
                .choice(Choice(words.stop, .stop)),
            ])
    }

    func hold(_ tap: Tap) -> Screen {
        let how: Element =
            switch tap {
            case .first: .text(words.hold)
            case .onceMore: .text(words.holdOnceMore)
            case .again: .notice(words.holdAgain, .care)
            }
        return Screen(
            name: .hold, elements: [.heading(words.holdTitle), how, .choice(Choice(words.stop, .stop))])
    }

    func still(_ progress: ConversationProgress) -> Screen {
        let percent =
            progress.total == 0 ? nil : Int(min(UInt64(progress.done) * 100 / UInt64(progress.total), 100))
        return Screen(
            name: .still,
            elements: [
                .heading(words.stillTitle),
                .text(words.still),
                .bar(percent: percent, spoken: percent.map(words.percent) ?? words.reading),
            ])
    }

    func wait(_ stage: Stage) -> Screen {
        Screen(
            name: .wait,
            elements: [
                .heading(words.waitTitle),
                .bar(percent: nil, spoken: words.waiting(stage)),
                .text(words.waiting(stage)),
                .choice(Choice(words.stop, .stop)),
            ])
    }

    /// Before the card was asked, nobody knows how many tries are left.
    func pin(entered: Int, triesLeft: UInt8?, why: WhyPin) -> Screen {
        let full = entered == Self.pinLength
        var elements: [Element] = [.heading(words.pinTitle)]
        if let why = words.why(why) { elements.append(.notice(why, .care)) }
        if let triesLeft { elements.append(.text(words.tries(triesLeft))) }
        elements += [
            .text(words.pinHow),
            .dots(entered: entered, of: Self.pinLength, spoken: words.dots(entered, Self.pinLength)),
            .keypad(spoken: words.keypad, erase: words.erase, full: full),
        ]
        if full { elements.append(.choice(Choice(words.enter, .enter, first: true))) }
        return Screen(name: .pin, elements: elements + [.choice(Choice(words.stop, .stop))])
    }

    func lastTry(_ pin: PinKind = .authentication, _ why: WhyPin = .first) -> Screen {
        let printed = pin == .verificationNumberB
        var elements: [Element] = [.heading(words.lastTitle)]
        if let why = printed ? words.ways.whyPrinted(why) : words.why(why) { elements.append(.notice(why, .care)) }
        return Screen(
            name: .last,
            elements: elements + [
                .notice(printed ? words.ways.lastWarning : words.lastWarning, .care),
                .choice(Choice(words.lastStop, .stop, first: true)),
                .choice(Choice(words.lastGo, .tryLast)),
            ])
    }

    func result(_ verified: VerifiedVisit) -> Screen {
        let (person, level) = (verified.entitlement.person, verified.entitlement.careLevel)
        var elements: [Element] = [.heading(words.doneTitle), .notice("\(words.doneTitle) ✓", .good)]
        if verified.trust == .test { elements.append(.notice(words.testCard, .care)) }
        elements += [
            .large(label: words.person, text: person.nameKana),
            .large(label: words.birthDate, text: person.birthDate.map(words.date) ?? words.unknown),
            .large(
                label: words.careLevel, text: level?.text(language: words.language) ?? words.noCareLevel),
        ]
        if let level { elements.append(.text("\(words.until) \(words.date(level.validUntil))")) }
        if let burden = verified.entitlement.burdenRatio {
            elements.append(.large(label: words.burden, text: words.share(burden.percent)))
        }
        return Screen(name: .result, elements: elements + [.choice(Choice(words.home, .home, first: true))])
    }

    /// What to note is told to whoever chose paper.
    func failure(_ failure: Failure, paper: Bool = false) -> Screen {
        // Somebody stopped it, which is nothing to be alarmed about.
        let stopped = failure.code == "cancelled"
        let message = failure.message(language: words.language)
        return failed(
            stopped ? words.stoppedTitle : words.failedTitle,
            stopped ? .text(message) : .notice(message, .care),
            next: failure.nextAction(language: words.language),
            notes: paper ? failure.toNote(language: words.language) : [], code: failure.code, retry: failure.retry())
    }

    /// Where not even the SDK can say what happened.
    func broken() -> Screen {
        failed(words.failedTitle, nil, next: words.broken)
    }

    /// The first button is the one that leads on: "again" only where the same can succeed.
    private func failed(
        _ title: String, _ what: Element?, next: String, notes: [String] = [], code: String? = nil,
        retry: Retry = .none
    ) -> Screen {
        var elements: [Element] = [.heading(title)]
        if let what { elements.append(what) }
        elements.append(.large(label: words.next, text: next))
        if !notes.isEmpty {
            elements.append(.large(label: words.ways.toNote, text: notes.joined(separator: "\n")))
        }
        let again = Element.choice(Choice(words.again, .again, first: retry == .same))
        let home = Element.choice(Choice(words.home, .home, first: retry != .same))
        switch retry {
        case .same: elements += [again, home]
        case .otherWay: elements += [home, again]
        case .none: elements.append(home)
        }
        if let code { elements.append(.text(words.code(code))) }
        return Screen(name: .failure, elements: elements)
    }
}

import Foundation
import KaigoTap

/// What the pad for a shift's code is for.
enum CodeAsked {
    case unlock, choose, again
}

/// How a day looks in which some homes have no coverage.
extension Screens {
    /// The list of whom to visit, with what is held and what waits.
    func day(_ home: Screen, _ held: [HeldTicket], _ view: JournalView?, _ found: [Failure], fetches: Bool) -> Screen {
        let waiting = view?.entries.filter { $0.state == .waiting }.count ?? 0
        let others = Int(view?.othersWaiting ?? 0)
        var elements = [Element](home.elements.prefix(1)) + found.flatMap(told)
        let until = held.map(\.untilMs).min()
        elements.append(
            .large(
                label: words.field.tickets,
                text: until.map { words.field.held(held.count, Self.time($0)) } ?? words.field.noTickets))
        elements.append(.large(label: words.field.waiting, text: words.field.visits(waiting)))
        if others > 0 { elements.append(.text(words.field.othersWaiting(others))) }
        elements += home.elements.dropFirst()
        if fetches { elements.append(.choice(Choice(words.field.fetch, .fetch))) }
        if waiting + others > 0 { elements.append(.choice(Choice(words.field.send, .send))) }
        if view?.entries.isEmpty == false { elements.append(.choice(Choice(words.field.entries, .entries))) }
        return Screen(name: .home, elements: elements + [.choice(Choice(words.field.lock, .lock))])
    }

    /// A visit waits. It is on the disk, and nobody is confirmed.
    func waits(_ visit: WaitingVisit) -> Screen {
        var elements: [Element] = [.heading(words.field.waiting), .text(words.field.waits)]
        if visit.trust == .test { elements.append(.notice(words.testCard, .care)) }
        if visit.clockSet { elements.append(.notice(words.field.clockSet, .care)) }
        elements.append(.large(label: words.field.sendBy, text: Self.time(visit.expiresMs)))
        return Screen(name: .waits, elements: elements + [.choice(Choice(words.home, .home, first: true))])
    }

    /// What its maker has made, and what came of it.
    func entries(_ view: JournalView, after report: SendReport? = nil) -> Screen {
        var elements: [Element] = [.heading(words.field.entries)]
        if let heldUp = report?.heldUp { elements += told(heldUp) }
        if let wait = report?.againAfterMs {
            elements.append(.text(words.field.later(Int(wait / 60_000) + 1)))
        }
        if view.entries.isEmpty { elements.append(.text(words.field.nothing)) }
        for entry in view.entries {
            elements.append(.large(label: entry.label, text: words.field.state(entry.state)))
            switch entry.state {
            case .refused: elements += entry.refusal.map(told) ?? []
            case .expired: elements.append(.notice(words.field.expired, .care))
            case .waiting, .confirmed: break
            }
        }
        let ended = view.entries.contains { $0.state != .waiting }
        if ended { elements.append(.choice(Choice(words.field.read, .acknowledge, first: true))) }
        return Screen(name: .entries, elements: elements + [.choice(Choice(words.home, .home, first: !ended))])
    }

    /// The pad for a shift's code.
    func code(_ asked: CodeAsked, entered: Int, _ refusal: Failure? = nil, differs: Bool = false) -> Screen {
        let (title, how) =
            switch asked {
            case .unlock: (words.field.lockedTitle, words.field.lockedHow)
            case .choose: (words.field.chooseTitle, words.field.chooseHow)
            case .again: (words.field.chooseTitle, words.field.againHow)
            }
        var elements: [Element] = [.heading(title)]
        if differs { elements.append(.notice(words.field.differs, .care)) }
        if let refusal { elements += told(refusal) }
        let all = max(entered, UnlockCode.shortest)
        elements += [
            .text(how), .dots(entered: entered, of: all, spoken: words.field.dots(entered)),
            .keypad(spoken: words.keypad, erase: words.erase, full: entered == UnlockCode.longest),
        ]
        if entered >= UnlockCode.shortest { elements.append(.choice(Choice(words.enter, .enter, first: true))) }
        elements.append(
            .choice(asked == .unlock ? Choice(words.field.begin, .begin) : Choice(words.stop, .lock)))
        return Screen(name: .code, elements: elements)
    }

    /// What the SDK says of it, and what to do now.
    private func told(_ failure: Failure) -> [Element] {
        [
            .notice(failure.message(language: words.language), .care),
            .text(failure.nextAction(language: words.language)),
        ]
    }

    /// The time of day, as this phone shows it.
    private static func time(_ ms: UInt64) -> String {
        let format = DateFormatter()
        (format.locale, format.dateFormat) = (Locale(identifier: "en_US_POSIX"), "HH:mm")
        return format.string(from: Date(timeIntervalSince1970: TimeInterval(ms) / 1_000))
    }
}

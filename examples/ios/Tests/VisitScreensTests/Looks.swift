import Foundation
import KaigoTap
import KaigoTapNFC
import Testing

@testable import VisitScreens

@Suite("screens", .timeLimit(.minutes(2)))
struct Looks {
    /// `examples/ios`.
    static let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: sample.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every failure there is, from the one table of the core.
    static let failures: [Failure] = {
        let kinds: [Substring: FailureKind] = [
            "Reader": .reader, "Card": .card, "Pin": .pin, "Person": .person, "Server": .server, "Trust": .trust,
            "Refused": .refused, "Device": .device, "Software": .software,
        ]
        let place = sample.appendingPathComponent("../../core/src/message")
        let files = FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil)?.allObjects ?? []
        let table = files.compactMap { ($0 as? URL).flatMap { try? String(contentsOf: $0, encoding: .utf8) } }.joined()
        return table.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            guard line.hasPrefix("    "), parts.count == 5, let kind = kinds[parts[2]] else { return nil }
            return Stand.failure(String(parts[1].dropFirst().dropLast()), kind)
        }
    }()

    static let visitors = [Visitor(name: "介護 花子", nameKana: "カイゴ ハナコ", birthDate: "1941-05-03")]

    static func all(_ words: Words) -> [Screen] {
        let screens = Screens(words: words)
        let whys: [WhyPin] = [.first, .malformed, .wrong, .cardRemoved, .triesGone]
        let stages: [Stage] = [.ready, .challenge, .exchange, .entitlement]
        let tries: [UInt8?] = [nil, 1, 2, 3, 4]
        let pads = whys.flatMap { why in
            tries.enumerated().map { screens.pin(entered: $0.offset, triesLeft: $0.element, why: why) }
        }
        return Reader.allCases.map { screens.home(visitors, $0) } + Tap.allCases.map(screens.hold) + pads
            + failures.map { screens.failure($0, paper: true) } + stages.map(screens.wait)
            + [
                screens.face(visitors[0]), screens.lastTry(), screens.broken(),
                screens.result(Stand.verified(trust: .test)), screens.still(Stand.at(.readCard)),
                screens.still(Stand.at(.sign, 1, of: 2)), screens.lastTry(.verificationNumberB, .wrong),
                screens.birthDate(Stand.born), screens.photo(Stand.portrait),
            ] + others(screens, whys) + days(screens)
    }

    /// A day without coverage.
    static func days(_ screens: Screens) -> [Screen] {
        let states: [EntryState] = [.waiting, .confirmed, .refused, .expired]
        let entries = states.enumerated().map { place, state in
            JournalEntry(
                number: UInt64(place), isNote: false, state: state, refusal: state == .refused ? Stand.locked : nil,
                label: "介護 花子", claimedAtMs: 0, expiresMs: 1)
        }
        let view = JournalView(entries: entries, othersWaiting: 2, findings: [], mark: 1)
        let empty = JournalView(entries: [], othersWaiting: 0, findings: [], mark: 1)
        let report = SendReport(
            confirmed: 1, refused: 1, expired: 1, again: 0, waiting: 1, opens: [], heldUp: Stand.locked,
            againAfterMs: 61_000, findings: [], mark: 1)
        let waits = WaitingVisit(
            number: 0, id: "", method: "card_pin", claimedAtMs: 0, expiresMs: 1, clockSet: true, trust: .test,
            findings: [], mark: 1)
        let home = screens.home(visitors, .ready)
        let tickets = [HeldTicket(subject: nil, untilMs: 5_000), HeldTicket(subject: nil, untilMs: 4_000)]
        return [
            screens.day(home, tickets, view, [Stand.locked], fetches: true),
            screens.day(home, [], nil, [], fetches: false), screens.waits(waits),
            screens.entries(view, after: report), screens.entries(empty), screens.face(visitors[0], offline: true),
            screens.code(.unlock, entered: 0, Stand.locked), screens.code(.choose, entered: 7, differs: true),
            screens.code(.again, entered: 12),
        ]
    }

    /// Fields with every fault, and what failed before the other ways.
    static func others(_ screens: Screens, _ whys: [WhyPin]) -> [Screen] {
        let faults: [Faulty] = [.empty, .length, .characters, .noSuchDate, .ambiguous, .future, .notRight]
        let form = Form(Stand.known, screens.words.ways)
        let certificates = zip(faults, Form.certificate + Form.certificate).map {
            screens.certificate(form, way: .disaster, fault: AttributeFault(attribute: $1, faulty: $0))
        }
        let printed = Form.printed.map {
            screens.printed(Form(), triesLeft: 9, why: .first, fault: PrintedFault(field: $0, faulty: .length))
        }
        return certificates + printed
            + whys.map { screens.printed(Form(), triesLeft: nil, why: $0, fault: nil) }
            + [true, false].map { screens.ways(after: Stand.locked, VisitPresenter.ways, printed: $0) }
    }

    @Test("every failure says what to do now, in both languages")
    func next() {
        #expect(Self.failures.count > 30, "the table has another form")
        for words in [Words.japanese, .english] {
            for failure in Self.failures {
                let screen = Screens(words: words).failure(failure)
                let next = screen.large[words.next] ?? ""
                #expect(next == failure.nextAction(language: words.language) && next.count > 5, "\(failure.code)")
                let said = screen.elements.map(\.spoken)
                #expect(said.contains(failure.message(language: words.language)), "\(failure.code)")
                #expect(said.last == words.code(failure.code))
                // "Again" stands out only where the same can succeed.
                let offered: [Action] =
                    switch failure.retry() {
                    case .same: [.again, .home]
                    case .otherWay: [.home, .again]
                    case .none: [.home]
                    }
                #expect(screen.choices.map(\.action) == offered, "\(failure.code)")
                #expect(screen.choices.map(\.first) == offered.indices.map { $0 == 0 }, "\(failure.code)")
            }
            let broken = Screens(words: words).broken()
            #expect((broken.large[words.next] ?? "").count > 5 && broken.choices.map(\.action) == [.home])
        }
    }

    @Test("who stops is not alarmed")
    func stopped() {
        let screen = Screens(words: .japanese).failure(Stand.failure("cancelled", .person))
        #expect(screen.elements.first == .heading("中止しました") && screen.notices.isEmpty)
    }

    @Test("every screen begins with its heading, and everything on it can be said")
    func accessible() {
        for screen in Self.all(.japanese) + Self.all(.english) {
            let headings = screen.elements.enumerated().filter { if case .heading = $0.element { true } else { false } }
            #expect(headings.map(\.offset) == [0], "\(screen.name)")
            #expect(screen.elements.allSatisfy { !$0.spoken.isEmpty }, "\(screen.name)")
            #expect(screen.choices.filter(\.first).count <= 1, "\(screen.name)")
            #expect(Set(screen.choices.map(\.spoken)).count == screen.choices.count, "\(screen.name)")
        }
    }

    @Test("what changes is told: notices, and how many digits are entered")
    func news() {
        let screens = Screens(words: .english)
        #expect(screens.face(Self.visitors[0]).news == nil)
        #expect(screens.lastTry().news == Words.english.lastWarning)
        let wrong = screens.pin(entered: 2, triesLeft: 2, why: .wrong)
        #expect(wrong.news == "That PIN is wrong. 2 of 4 digits entered")
    }

    @Test("Japanese is Japanese, and English is English")
    func languages() {
        let scripts: [ClosedRange<UInt32>] = [0x3040...0x30FF, 0x4E00...0x9FFF]
        let japanese = { (text: String) in
            text.unicodeScalars.contains { letter in scripts.contains { $0.contains(letter.value) } }
        }
        for element in Self.all(.japanese).flatMap(\.elements) {
            #expect(japanese(element.spoken), "\(element.spoken)")
        }
        for element in Self.all(.english).flatMap(\.elements) {
            // Names stay as they are.
            let said = element.spoken.replacingOccurrences(of: "介護 花子", with: "")
                .replacingOccurrences(of: "カイゴ ハナコ", with: "")
                .replacingOccurrences(of: "カイゴ　ハナコ", with: "")
            #expect(!japanese(said), "\(said)")
        }
    }

    @Test("progress is a share, or unknown")
    func progress() {
        let percent = { (done: UInt32, total: UInt32) -> Int? in
            let screen = Screens(words: .english).still(Stand.at(.readCard, done, of: total))
            guard case .bar(let percent, _) = screen.elements.last else { return -1 }
            return percent
        }
        #expect(percent(5, 0) == nil)
        #expect(percent(1_500_000_000, 3_000_000_000) == 50)
        #expect(percent(9, 3) == 100)
    }

    @Test("a date is shown as far as it is known, and a test card as one")
    func results() {
        let screens = Screens(words: .japanese)
        for (born, shown) in [
            ("1941-05-03", "1941年5月3日"), ("1941-05", "1941年5月"), ("1941", "1941年"), (nil, "不明"),
        ] {
            #expect(screens.result(Stand.verified(born: born)).large["生年月日"] == shown)
        }
        #expect(screens.result(Stand.verified()).notices.count == 1)
        #expect(screens.result(Stand.verified(trust: .test)).notices.count == 2)
    }

    @Test("a key is a digit")
    func digits() {
        #expect((0...9).allSatisfy { Digit($0) != nil } && Digit(10) == nil && Digit(-1) == nil)
    }
}

@Suite("colours", .timeLimit(.minutes(2)))
struct Colours {
    @Test("text and shapes stand out from what they stand on")
    func contrast() {
        for (text, paper) in Palette.texts {
            #expect(text.contrast(to: paper) >= 4.5, "\(String(text.code, radix: 16))")
        }
        for (shape, around) in Palette.shapes {
            #expect(shape.contrast(to: around) >= 3, "\(String(shape.code, radix: 16))")
        }
    }

    @Test("contrast is that of WCAG")
    func formula() {
        #expect(abs(Colour(0x000000).contrast(to: Colour(0xFFFFFF)) - 21) < 1e-9)
        #expect(Colour(0x123456).contrast(to: Colour(0x123456)) == 1)
        // The lightest grey that passes for text on white.
        #expect(abs(Colour(0x767676).contrast(to: Colour(0xFFFFFF)) - 4.54) < 0.005)
    }

    @Test("views use no colour but these, and no size that stays when letters grow")
    func views() throws {
        let drawn = try ["ScreenView", "ElementView", "Keypad"].map {
            try Looks.text("Sources/VisitViews/\($0).swift")
        }.joined()
        let measured = Set((Palette.texts + Palette.shapes).flatMap { [$0.0, $0.1] })
        let named: [String: Colour] = [
            "paper": Palette.paper, "ink": Palette.ink, "first": Palette.first, "onFirst": Palette.onFirst,
            "other": Palette.other, "edge": Palette.edge, "faded": Palette.faded, "good": Palette.good,
            "goodPaper": Palette.goodPaper, "care": Palette.care, "carePaper": Palette.carePaper,
            "track": Palette.track,
        ]
        let used = drawn.components(separatedBy: "Palette.").dropFirst().map { $0.prefix { $0.isLetter } }
        #expect(used.count > 8)
        for name in used { #expect(named[String(name)].map(measured.contains) == true, "\(name)") }
        for word in ["Color.", ".foregroundColor(.", "size:", ".opacity(", "lineLimit", "#colorLiteral"] {
            #expect(!drawn.contains(word), "\(word)")
        }
    }
}

@Suite("the app's bundle", .timeLimit(.minutes(2)))
struct Bundles {
    private func properties(_ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: Looks.sample.appendingPathComponent(path))
        return try #require(PropertyListSerialization.propertyList(from: data, format: nil) as? [String: Any])
    }

    @Test("Info.plist and the entitlements have what iOS wants for reading cards")
    func setup() throws {
        let info = try properties("App/Info.plist")
        try NFCSetup.check(info)
        let listed = info["com.apple.developer.nfc.readersession.iso7816.select-identifiers"] as? [String]
        #expect(listed == NFCSetup.applications)
        #expect(info["CFBundleDevelopmentRegion"] as? String == "ja")
        let entitlements = try properties("App/KaigoTapSample.entitlements")
        #expect(entitlements["com.apple.developer.nfc.readersession.formats"] as? [String] == ["TAG"])
    }

    @Test("the reason for reading cards is said in English, too")
    func english() throws {
        let said = try properties("App/en.lproj/InfoPlist.strings")["NFCReaderUsageDescription"] as? String
        #expect(said?.isEmpty == false)
    }
}

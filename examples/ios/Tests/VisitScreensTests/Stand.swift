import Foundation
import KaigoTap

@testable import VisitScreens

/// What tests play on: a presenter with an invented visit, and eyes and fingers for its screens.
@MainActor
struct Stand {
    nonisolated static let hanako = Visitor(name: "介護 花子", nameKana: "カイゴ ハナコ", birthDate: "1941-05-03")
    nonisolated static let taro = Visitor(name: "福祉 太郎", nameKana: "フクシ タロウ", birthDate: "1938-11-02")
    nonisolated static let lost = KaigoTapError.Failed(failure: failure("card_removed", .reader))

    nonisolated static let locked = failure("pin_blocked", .pin)
    /// What the chip of a card tells.
    nonisolated static let known = Attributes(
        insurerNumber: "", insuredNumber: "", nameKana: "", birthDate: "1941-05-03", sex: "female")
    nonisolated static let born = BirthDateRead(date: "1941-05-03", japanese: "昭和16年5月3日", age: 85)
    nonisolated static let portrait = ChipPhoto(jp2: Data([0x31, 0x41, 0x59]), pixels: nil)

    /// The screens of a visit where there is a network.
    nonisolated static let ofVisits = Screen.Name.allCases.filter { ![.waits, .code, .entries].contains($0) }

    let presenter: VisitPresenter

    init(_ words: Words = .japanese, reader: Reader = .ready, _ run: @escaping VisitRunner) {
        presenter = VisitPresenter(visitors: [Self.hanako, Self.taro], words: words, reader: reader, run: run)
    }

    nonisolated static func failure(_ code: String, _ kind: FailureKind) -> Failure {
        Failure(
            kind: kind, code: code, triesLeft: nil, waitSeconds: nil,
            differences: Differences(name: false, birthDate: false, sex: false), debug: "")
    }

    nonisolated static func verified(
        born: String? = "1941-05-03", level: CareLevelCode? = .care3, trust: Origin = .production
    ) -> VerifiedVisit {
        let level = level.map {
            CareLevel(code: $0, given: "", validFrom: "2026-04-01", validUntil: "2027-03-31")
        }
        return VerifiedVisit(
            entitlement: Entitlement(
                person: Person(nameKana: "カイゴ　ハナコ", birthDate: born, sex: .female),
                insurer: Insurer(number: "131016", name: "千代田区"), insuredNumber: "0000000001", asOfMs: 0,
                careLevel: level,
                burdenRatio: BurdenRatio(percent: 10, validFrom: "2026-08-01", validUntil: "2027-07-31"),
                limitCertificate: nil),
            accessToken: "secret-token", evidenceToken: nil, registration: nil, subject: "of-this-facility",
            tokenLifetimeMs: 900_000, method: "card_pin", verifiedAtMs: 0, freshUntilMs: 0, faceConfirmedAtMs: 0,
            trust: trust, genuineness: nil)
    }

    nonisolated static func at(_ stage: Stage, _ done: UInt32 = 0, of all: UInt32 = 0) -> ConversationProgress {
        ConversationProgress(stage: stage, done: done, total: all)
    }

    var screen: Screen { presenter.screen }
    var said: String { screen.elements.map(\.spoken).joined(separator: "\n") }
    var choices: [Choice] { screen.choices }

    func does(_ actions: Action...) { for action in actions { presenter.on(action) } }

    func types(_ digits: Int...) { for digit in digits.compactMap(Digit.init) { presenter.on(.digit(digit)) } }

    func types(_ text: String, _ name: Field.Name) { does(.type(name, Entered(text))) }

    /// Waits for a screen; false if it does not come.
    func sees(_ name: Screen.Name) async -> Bool { await comes { screen.name == name } }

    func comes(_ what: @MainActor () -> Bool) async -> Bool {
        for _ in 0..<4_000 {
            if what() { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}

extension Screen {
    var choices: [Choice] {
        elements.compactMap { if case .choice(let choice) = $0 { choice } else { nil } }
    }

    var fields: [Field] {
        elements.compactMap { if case .field(let field) = $0 { field } else { nil } }
    }

    var large: [String: String] {
        var found: [String: String] = [:]
        for case .large(let label, let text) in elements { found[label] = text }
        return found
    }

    var notices: [String] {
        elements.compactMap { if case .notice(let text, _) = $0 { text } else { nil } }
    }
}

/// A value that several tasks touch.
final class Box<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var held: T

    init(_ value: T) { held = value }

    var value: T {
        get { lock.withLock { held } }
        set { lock.withLock { held = newValue } }
    }
}

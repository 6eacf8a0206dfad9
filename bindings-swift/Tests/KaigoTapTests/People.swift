import Foundation
import KaigoTap

/// Nurse and holder, who answer from a list, and stop when it ends.
final class People: VisitScreen, NewPinScreen, PrintedScreen, BirthDateScreen, @unchecked Sendable {
    struct Fault: Error {}

    private let lock = NSLock()
    private var types: [String]
    private var heard: [String] = []
    private var handed: [Pin] = []
    private let face: FaceCheck?
    private let consents: Bool
    private let new: (String, String)?
    private let printed: [Printed]
    private let birth: String?
    private let fails: Bool

    init(
        _ types: String..., face: FaceCheck? = .match, consents: Bool = false, new: (String, String)? = nil,
        printed: [Printed] = [], birth: String? = nil, fails: Bool = false
    ) {
        self.types = types
        self.face = face
        self.consents = consents
        self.new = new
        self.printed = printed
        self.birth = birth
        self.fails = fails
    }

    /// What was asked, in order.
    var asked: [String] { lock.withLock { heard } }
    /// Whether nothing of what was typed is left.
    var allWiped: Bool { lock.withLock { handed.allSatisfy { $0.count == 0 } } }

    private func hear(_ what: String) throws {
        lock.withLock { heard.append(what) }
        if fails && what != "face" { throw Fault() }
    }

    private func pin(_ text: String) -> Pin {
        let pin = Pin(ascii: text.utf8)
        lock.withLock { handed.append(pin) }
        return pin
    }

    /// Where the card was not asked yet, a dash.
    private func left(_ tries: UInt8?) -> String { tries.map(String.init) ?? "-" }

    func confirmFace() async throws -> FaceCheck? {
        try hear("face")
        return face
    }

    func enterPin(_ kind: PinKind, triesLeft: UInt8?, why: WhyPin) async throws -> Pin? {
        try hear("\(kind) \(left(triesLeft)) \(why)")
        let next = lock.withLock { types.isEmpty ? nil : types.removeFirst() }
        return next.map(pin)
    }

    func confirmLastTry(_ kind: PinKind, why _: WhyPin) async throws -> Bool {
        try hear("last try \(kind)")
        return consents
    }

    func chooseNewPin(_ kind: PinKind, why: WhyNewPin) async throws -> (first: Pin, second: Pin)? {
        try hear("new \(kind) \(why)")
        guard why == .first, let new else { return nil }
        return (pin(new.0), pin(new.1))
    }

    func enterPrinted(triesLeft: UInt8?, why: WhyPin) async throws -> Printed? {
        try hear("printed \(left(triesLeft)) \(why)")
        let asked = lock.withLock { heard.count - 1 }
        return asked < printed.count ? printed[asked] : nil
    }

    func enterBirthDate(triesLeft: UInt8?, why: WhyPin) async throws -> String? {
        try hear("birth date \(why)")
        return birth
    }
}

extension Printed {
    static let hanako = Printed.read(birthDate: "1941-05-03", expiryYear: "2035", code: "0503")
}

/// The code of what a conversation throws, with the tries that are left; nil if it comes to its end.
func code(_ run: () async throws -> Void) async -> String? {
    do {
        try await run()
        return nil
    } catch let error as KaigoTapError {
        return error.failure.triesLeft.map { "\(error.failure.code) \($0)" } ?? error.failure.code
    } catch {
        return "not typed: \(error)"
    }
}

import Foundation
import KaigoTap

/// One line of a transcript, as `tests/vectors/transcripts/README.md` has it.
struct Line: Decodable {
    struct Link: Decodable {
        let maxCommand: UInt32
        let maxResponse: UInt32
    }
    struct Asked: Decodable {
        let kind: String
        let pin: String?
        let triesLeft: UInt8?
        let why: String?
    }
    struct Kept: Decodable {
        let name: String
        let sealed: String
    }
    struct Typed: Decodable {
        let face: String?
        let pin: String?
        let consent: Bool?
        let newPin: [String]?
        let cancelled: Bool?
    }
    struct Parameters: Decodable {
        struct Device: Decodable {
            let id: String
            let facility: String
            let key: DeviceKey
        }
        struct Visit: Decodable {
            struct Key: Decodable {
                let x: String
                let y: String
            }
            let server: String
            let issuer: String
            let challengeKeys: [Key]
            let device: Device
            let staffToken: String
            let uses: [String]
            let anchors: String
            let person: Person?
            let registeredAs: String?
        }
        struct Person: Decodable {
            let nameKana: String
            let birthDate: String?
            let sex: String?
        }
        struct SignIn: Decodable {
            let server: String
            let issuer: String
            let device: Device
            let returnsTo: String
            let anew: Bool?
            let language: String?
        }
        struct Enrol: Decodable {
            let server: String
            let issuer: String
            let activationCode: String
            let key: DeviceKey
        }
        struct DeviceKey: Decodable {
            let name: String
            let `public`: String
        }
        let credential: String?
        let key: String?
        let pin: String?
        let authorities: String?
        let deviceKey: DeviceKey?
        let pinTiming: String?
        let visit: Visit?
        let signIn: SignIn?
        let enrol: Enrol?
    }
    struct Ended: Decodable {
        let result: String
        let code: String?
        let triesLeft: UInt8?
    }
    /// Typed by a person, or the body that a server sent.
    enum Answer: Decodable {
        case typed(Typed)
        case body(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let body = try? value.decode(String.self) {
                self = .body(body)
            } else {
                self = .typed(try value.decode(Typed.self))
            }
        }
    }

    let type: String
    let version: Int?
    let flow: String?
    let parameters: Parameters?
    let challenge: String?
    let entropy: String?
    let outcome: Ended?
    let occasion: String?
    let link: Link?
    let error: String?
    let tx: String?
    let rx: String?
    let prompt: Asked?
    let answer: Answer?
    let wallMs: UInt64?
    let monotonicMs: UInt64?
    let key: String?
    let payload: String?
    let signature: String?
    let name: String?
    let sealed: String?
    let names: [String]?
    let entries: [Kept]?
    let method: String?
    let path: String?
    let headers: [[String]]?
    let body: String?
    let address: String?
    let returnsTo: String?
    let ended: String?
    let status: UInt16?
    let answerHeaders: [[String]]?
}

extension Data {
    /// Bytes of hexadecimal with markers: a secret with its length before it, or zeros for what was withheld.
    init(marked text: String, _ table: Table) throws {
        self.init()
        for (number, part) in text.split(separator: "<", omittingEmptySubsequences: false).enumerated() {
            let halves = part.split(separator: ">", maxSplits: 1, omittingEmptySubsequences: false)
            guard number > 0 else {
                append(try Data(hex: part).orThrow("not hexadecimal"))
                continue
            }
            guard halves.count == 2 else { throw Differs("a marker without end") }
            if halves[0].hasPrefix("withheld:") {
                append(Data(count: try Int(halves[0].dropFirst(9)).orThrow("not a count")))
            } else {
                let secret = try table.secret(String(halves[0]))
                append(UInt8(secret.utf8.count))
                append(contentsOf: secret.utf8)
            }
            append(try Data(hex: halves[1]).orThrow("not hexadecimal"))
        }
    }
}

/// What is written in one way in a transcript, and in another in Swift.
enum Names {
    static func pin(_ name: String?) throws -> PinKind {
        switch name {
        case "authentication": .authentication
        case "signature": .signature
        case "input_support": .inputSupport
        case "verification_number_b": .verificationNumberB
        case "birth_date": .birthDate
        default: throw Differs("no PIN \(name ?? "")")
        }
    }

    static func link(_ name: String?) throws -> LinkError {
        switch name {
        case "lost": .lost
        case "service_not_running": .serviceNotRunning
        case "not_allowed": .notAllowed
        case "no_reader": .noReader
        case "no_card": .noCard
        case "unsupported_card": .unsupportedCard
        case "no_card_on_any_reader": .noCardOnAnyReader
        case "no_supported_card_on_any_reader": .noSupportedCardOnAnyReader
        case "several_cards": .severalCards
        case "reader_not_found": .readerNotFound
        case "timed_out": .timedOut
        case "cancelled": .cancelled
        case "busy": .busy
        case "not_carried": .notCarried
        case "reader_failed": .readerFailed
        default: throw Differs("no cause \(name ?? "")")
        }
    }

    static func http(_ name: String?) throws -> HttpError {
        switch name {
        case "unreachable": .unreachable
        case "no_answer": .noAnswer
        case "tls": .tls
        case "plain_http": .plainHttp
        case "too_long": .tooLong
        case "failed": .failed
        default: throw Differs("no cause \(name ?? "")")
        }
    }

    static func browse(_ name: String?) throws -> BrowseError {
        switch name {
        case "cancelled": .cancelled
        case "no_browser": .noBrowser
        case "timed_out": .timedOut
        case "failed": .failed
        default: throw Differs("no cause \(name ?? "")")
        }
    }

    static func sex(_ name: String?) throws -> RegisteredSex? {
        switch name {
        case nil: nil
        case "male": .male
        case "female": .female
        case "unknown": .unknown
        default: throw Differs("no sex \(name ?? "")")
        }
    }

    static func occasion(_ occasion: Occasion) -> String {
        switch occasion {
        case .first: "first"
        case .again: "again"
        case .continue: "continue"
        }
    }

    static func sign(_ name: String?) throws -> SignError {
        switch name {
        case "gone": .gone
        case "locked": .locked
        case "refused": .refused
        case "failed": .failed
        default: throw Differs("no cause \(name ?? "")")
        }
    }

    static func store(_ name: String?) throws -> StoreError {
        switch name {
        case "full": .full
        case "denied": .denied
        case "missing": .missing
        case "too_long": .tooLong
        case "no_store": .noStore
        case "failed": .failed
        default: throw Differs("no cause \(name ?? "")")
        }
    }

    static func whyPin(_ name: String?) throws -> WhyPin {
        switch name {
        case "first": .first
        case "malformed": .malformed
        case "wrong": .wrong
        case "card_removed": .cardRemoved
        case "tries_gone": .triesGone
        default: throw Differs("no reason \(name ?? "")")
        }
    }

    static func whyNewPin(_ name: String?) throws -> WhyNewPin {
        switch name {
        case "first": .first
        case "malformed": .malformed
        case "different": .different
        default: throw Differs("no reason \(name ?? "")")
        }
    }

    static func prompt(_ asked: Line.Asked) throws -> Prompt {
        switch asked.kind {
        case "confirm_face": .confirmFace
        case "enter_pin":
            .enterPin(pin: try pin(asked.pin), triesLeft: asked.triesLeft, why: try whyPin(asked.why))
        case "last_try": .lastTry(pin: try pin(asked.pin), why: try whyPin(asked.why))
        case "new_pin": .newPin(pin: try pin(asked.pin), why: try whyNewPin(asked.why))
        default: throw Differs("no question \(asked.kind)")
        }
    }
}

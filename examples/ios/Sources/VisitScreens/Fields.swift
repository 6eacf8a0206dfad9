import Foundation
import KaigoTap

/// What stands in a field. Shows nothing of it when printed: it is a person's, or opens the photo in a card.
public struct Entered: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { "Entered(..)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A field to type into.
public struct Field: Equatable, Sendable {
    /// Which one.
    public enum Name: Hashable, Sendable {
        /// Of the paper certificate (被保険者証).
        case certificate(Attribute)
        /// Printed on the card.
        case printed(PrintedField)
    }

    public let name: Name
    public let label: String
    public let entered: Entered
    /// What is wrong with it, in words.
    public let fault: String?

    /// Whether a pad of digits will do.
    public var digits: Bool {
        switch name {
        case .printed, .certificate(.insurerNumber), .certificate(.insuredNumber): true
        case .certificate: false
        }
    }
    /// What VoiceOver says before what stands in it.
    public var spoken: String { [label, fault].compactMap { $0 }.joined(separator: ", ") }
}

/// What was typed so far, field by field. Shows nothing of it when printed.
struct Form: Sendable, CustomStringConvertible, CustomReflectable {
    static let certificate: [Attribute] = [.insurerNumber, .insuredNumber, .nameKana, .birthDate, .sex]
    static let printed: [PrintedField] = [.birthDate, .expiryYear, .securityCode]

    private var typed: [Field.Name: String]

    /// The certificate's, with what the card told already.
    init(_ known: Attributes, _ words: WayWords) {
        typed = [
            .certificate(.insurerNumber): known.insurerNumber, .certificate(.insuredNumber): known.insuredNumber,
            .certificate(.nameKana): known.nameKana, .certificate(.birthDate): known.birthDate,
            .certificate(.sex): words.sex(known.sex),
        ]
    }

    /// What is printed on the card, of which nothing is known.
    init() { typed = Dictionary(uniqueKeysWithValues: Self.printed.map { (.printed($0), "") }) }

    /// Nothing for a field that this form has not; nothing is typed into one, either.
    subscript(_ name: Field.Name) -> String {
        get { typed[name] ?? "" }
        set { if typed[name] != nil { typed[name] = newValue } }
    }

    var isCertificate: Bool { typed[.certificate(.nameKana)] != nil }

    var attributes: Attributes {
        Attributes(
            insurerNumber: self[.certificate(.insurerNumber)], insuredNumber: self[.certificate(.insuredNumber)],
            nameKana: self[.certificate(.nameKana)], birthDate: self[.certificate(.birthDate)],
            sex: self[.certificate(.sex)])
    }

    var printedFields: PrintedFields {
        PrintedFields(
            birthDate: self[.printed(.birthDate)], expiryYear: self[.printed(.expiryYear)],
            securityCode: self[.printed(.securityCode)])
    }

    var description: String { "Form(..)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// The photo in a card's chip, for the eye alone. Shows nothing of it when printed.
public struct Portrait: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// As the card has it (JPEG 2000).
    public let file: Data

    public var description: String { "Portrait(..)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

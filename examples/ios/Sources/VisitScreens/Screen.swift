import KaigoTap

/// What is on the screen, from top to bottom: also the order in which VoiceOver goes through it. The views do nothing but
/// draw this.
public struct Screen: Equatable, Sendable {
    /// Screens of one name are one screen that changes: focus stays where it was.
    public enum Name: String, Sendable, CaseIterable {
        case home, face, hold, still, wait, pin, last, ways, certificate, birth, printed, photo, result, failure
        case waits, code, entries

        /// Whether it shows anything of a person, which is nobody's business when the app is put aside.
        var personal: Bool {
            switch self {
            case .hold, .still, .wait, .code: false
            case .home, .face, .pin, .last, .ways, .certificate, .birth, .printed, .photo, .result, .failure, .waits,
                .entries:
                true
            }
        }
    }

    public let name: Name
    public let elements: [Element]

    /// What is to be told when it changes, wherever VoiceOver is: a notice, or how many digits are entered.
    public var news: String? {
        let told = elements.filter {
            switch $0 {
            case .notice, .dots: true
            default: false
            }
        }
        return told.isEmpty ? nil : told.map(\.spoken).joined(separator: " ")
    }
}

/// One thing on a screen.
public enum Element: Equatable, Sendable {
    /// What this screen is about; the first element of each.
    case heading(String)
    /// A sentence.
    case text(String)
    /// What must not be overlooked.
    case notice(String, Tone)
    /// A result, to be read at arm's length.
    case large(label: String, text: String)
    /// A button.
    case choice(Choice)
    /// How many digits are entered; never which.
    case dots(entered: Int, of: Int, spoken: String)
    /// The pad for digits.
    case keypad(spoken: String, erase: String, full: Bool)
    /// How far it is. Nobody knows where `percent` is `nil`.
    case bar(percent: Int?, spoken: String)
    /// A field to type into.
    case field(Field)
    /// The photo in the card's chip, or words where this phone cannot draw it.
    case portrait(Portrait, spoken: String, missing: String)

    /// What VoiceOver says.
    public var spoken: String {
        switch self {
        case .heading(let text), .text(let text), .notice(let text, _): text
        case .large(let label, let text): "\(label), \(text)"
        case .choice(let choice): choice.spoken
        case .dots(_, _, let spoken), .keypad(let spoken, _, _), .bar(_, let spoken): spoken
        case .portrait(_, let spoken, _): spoken
        case .field(let field): field.spoken
        }
    }
}

/// How something is meant.
public enum Tone: Sendable {
    case good, care
}

/// A button.
public struct Choice: Equatable, Sendable {
    public let text: String
    public let action: Action
    /// Stands out. At most one on a screen: the way that does no harm.
    public let first: Bool
    public let spoken: String

    init(_ text: String, _ action: Action, first: Bool = false, spoken: String? = nil) {
        (self.text, self.action, self.first, self.spoken) = (text, action, first, spoken ?? text)
    }
}

/// What a person does.
public enum Action: Equatable, Sendable {
    case choose(Visitor)
    case faceMatches, faceDiffers
    case digit(Digit)
    case erase, enter
    case tryLast, stop
    case way(Way)
    case paper
    case type(Field.Name, Entered)
    case right, notRight
    case again, home
    case fetch, send, entries, acknowledge, begin, lock
}

/// A key of the pad. Shows nothing of itself when printed: it may be a part of a PIN.
public struct Digit: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    let ascii: UInt8

    public init?(_ value: Int) {
        guard (0...9).contains(value) else { return nil }
        ascii = UInt8(ascii: "0") + UInt8(value)
    }

    public var description: String { "Digit(..)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Somebody on today's list.
public struct Visitor: Equatable, Sendable {
    /// As in the facility's own records.
    public let name: String
    /// In kana of any width.
    public let nameKana: String
    /// `YYYY-MM-DD`.
    public let birthDate: String

    public init(name: String, nameKana: String, birthDate: String) {
        (self.name, self.nameKana, self.birthDate) = (name, nameKana, birthDate)
    }

    /// Whose card the SDK is to expect: somebody else's ends the visit.
    public var chosen: ChosenPerson { ChosenPerson(nameKana: nameKana, birthDate: birthDate) }
}

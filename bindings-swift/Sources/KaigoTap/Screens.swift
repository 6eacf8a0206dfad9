/// The people, as far as every conversation with a card may need them.
///
/// What throws ends the conversation as `app_failed`, with the card let go. `nil` is how a person says no.
public protocol CardScreen: Sendable {
    /// Asks the holder: one try is left; a wrong entry now locks the PIN until it is reset, at the town hall for example. Go on?
    /// The safe answer is no, which is also that of a screen which does not ask. After ``WhyPin/wrong`` say first that the PIN
    /// was wrong.
    func confirmLastTry(_ pin: PinKind, why: WhyPin) async throws -> Bool
}

extension CardScreen {
    /// No.
    public func confirmLastTry(_: PinKind, why _: WhyPin) async throws -> Bool { false }
}

/// A screen with a pad for the holder's PIN.
public protocol PinScreen: CardScreen {
    /// Asks the holder for a PIN. Show how many tries are left, where the card was asked already, and why the PIN is asked
    /// for. The ``Pin`` is wiped when it was used.
    func enterPin(_ pin: PinKind, triesLeft: UInt8?, why: WhyPin) async throws -> Pin?
}

/// The screen of a visit.
public protocol VisitScreen: PinScreen {
    /// Asks the nurse: does the face before you match the photo printed on the card (目視確認)?
    func confirmFace() async throws -> FaceCheck?
}

/// A screen for visits that go on when one way has failed: a plan that offers ways needs one.
public protocol WaysScreen: VisitScreen {
    /// Asks the nurse: one way has failed; which of these is next? Say why it failed, what to do, and make the first of them
    /// the large button. `nil` ends the visit with that failure: show then what to note on paper.
    func chooseWay(after failure: Failure, ways: [Way]) async throws -> Way?

    /// Asks the nurse to type what stands on the paper certificate (被保険者証). What cannot be read is asked for again, with
    /// what is wrong; keep the rest on the screen. What the chip of a card knows is `prefilled`, for the nurse to change.
    func enterAttributes(_ way: Way, fault: AttributeFault?, prefilled: Attributes) async throws -> Attributes?

    /// Asks the nurse: is this the date of birth that stands on the certificate?
    func confirmBirthDate(_ read: BirthDateRead) async throws -> Bool?
}

/// A screen for face checks: the photo in the card's chip, beside the printed one.
public protocol PhotoScreen: WaysScreen {
    /// Asks the nurse to type the three things printed on the card, in fields of their own. What cannot stand on a card is
    /// asked for again, with what is wrong; keep the rest on the screen. Show how many tries are left.
    func enterPrintedFields(triesLeft: UInt8?, why: WhyPin, fault: PrintedFault?) async throws -> PrintedFields?

    /// Asks the nurse, with the photo shown large: is it the photo printed on the card, and the person before you? Keep no copy
    /// of it.
    func confirmPhoto(_ photo: ChipPhoto) async throws -> FaceCheck?
}

/// A screen on which a PIN is changed.
public protocol NewPinScreen: PinScreen {
    /// Asks the holder to choose a new PIN, and to enter it twice. Both are wiped when they were used.
    func chooseNewPin(_ pin: PinKind, why: WhyNewPin) async throws -> (first: Pin, second: Pin)?
}

/// A screen for what is printed on the card.
public protocol PrintedScreen: CardScreen {
    /// Asks for verification number B (照合番号B), which is made of what is printed on the card's face.
    func enterPrinted(triesLeft: UInt8?, why: WhyPin) async throws -> Printed?
}

/// What is printed on the card's face. Shows nothing of it when printed itself.
public enum Printed: Sendable {
    /// Date of birth `YYYY-MM-DD`, year of expiry (Gregorian), and the four digits under the photo, as they were typed.
    case read(birthDate: String, expiryYear: String, code: String)
    /// The 14 digits, as a camera read them.
    case scanned(Pin)
}

/// A screen for a date of birth.
public protocol BirthDateScreen: CardScreen {
    /// Asks for the holder's date of birth, `YYYY-MM-DD`.
    func enterBirthDate(triesLeft: UInt8?, why: WhyPin) async throws -> String?
}

/// Nobody who could answer.
struct NoScreen: CardScreen {}

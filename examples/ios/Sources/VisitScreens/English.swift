import KaigoTap

extension Words {
    /// English.
    public static let english = Words(
        language: .english,
        choosePerson: "Choose whom you are visiting",
        noReader: "This iPhone cannot read cards. Use an iPhone 7 or later.",
        faceTitle: "Look at the face",
        faceHow: { "Compare the face of the person before you with the photo on the card of \($0)." },
        faceMatches: "It is the person on the photo",
        faceDiffers: "It is somebody else",
        stop: "Stop",
        holdTitle: "Hold the card",
        hold: "Hold the My Number Card to the top of the iPhone.",
        holdOnceMore: "Thank you. Hold the same card to the top of the iPhone once more.",
        holdAgain: "The card moved away. Hold the same card to the top of the iPhone again.",
        stillTitle: "Hold still",
        still: "The card is being read. Leave it where it is until this is done.",
        reading: "Reading",
        percent: { "\($0) per cent" },
        waitTitle: "One moment",
        waiting: {
            switch $0 {
            case .challenge: "Connecting to the server."
            case .exchange: "Checking the card's proof. The card is no longer needed."
            case .entitlement: "Looking up the entitlement."
            default: "Getting ready."
            }
        },
        pinTitle: "PIN (4 digits)",
        pinHow: "The holder of the card enters the PIN. The card is held to the iPhone after that.",
        tries: { $0 == 1 ? "1 try is left." : "\($0) tries are left." },
        why: {
            switch $0 {
            case .first: nil
            case .malformed: "Enter 4 digits. This cost no try."
            case .wrong: "That PIN is wrong."
            case .cardRemoved: "The card moved away while it was checking. Enter the PIN again."
            case .triesGone: "A wrong PIN was entered on an earlier day. What you have entered was not used yet."
            }
        },
        dots: { "\($0) of \($1) digits entered" },
        keypad: "Digits",
        erase: "Erase one digit",
        enter: "Enter",
        lastTitle: "One try is left",
        lastWarning: "Another wrong entry locks the PIN. It then has to be reset, at the town hall for example.",
        lastStop: "Do not enter it",
        lastGo: "I know; enter it",
        doneTitle: "Confirmed",
        person: "Name",
        testCard: "This is a test card. It confirms nobody who exists.",
        birthDate: "Date of birth",
        unknown: "Not known",
        careLevel: "Care level",
        noCareLevel: "None on record",
        until: "Valid until",
        burden: "Own share",
        share: { "\($0) %" },
        date: { $0 },
        stoppedTitle: "Stopped",
        failedTitle: "Not confirmed",
        next: "What to do now",
        again: "Try again",
        home: "Back to the start",
        code: { "Code for support: \($0)" },
        broken: "Something went wrong in the app. Start again.",
        covered: "Visits"
    )
}

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
            case .keep: "Saving on this device."
            case .sendWaiting: "Sending the visits that wait."
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
        covered: "Visits",
        ways: .english,
        field: .english
    )
}

extension WayWords {
    static let english = WayWords(
        title: "Choose another way",
        notOpened: "The photo in the card could not be opened with what is printed on it.",
        which: "What next?",
        way: {
            switch $0 {
            case .cardTap: "The card, without PIN"
            case .cardPin: "The card and its PIN"
            case .registered: "Seen again, without a card"
            case .faceCheck: "The photo in the card, then the paper certificate (no PIN)"
            case .fourAttributes: "The paper certificate"
            case .disaster: "The rules for disasters"
            }
        },
        paper: "None of these; note it on paper",
        toNote: "To note on paper",
        certificateTitle: "The paper certificate",
        certificateHow: "Type what stands on the paper certificate.",
        disasterHow: "Where the two numbers are not known, both may be left empty.",
        attribute: {
            switch $0 {
            case .insurerNumber: "Insurer number (6 digits)"
            case .insuredNumber: "Insured number (10 digits)"
            case .nameKana: "Name in kana"
            case .birthDate: "Date of birth (such as 1941-05-03 or S16.5.3)"
            case .sex: "Sex (male or female)"
            }
        },
        sex: { $0 },
        printedTitle: "What is printed on the card",
        printedHow: "Type it from the front of the card. It is not the holder's PIN.",
        printed: {
            switch $0 {
            case .birthDate: "Date of birth (6 digits, year of the Japanese era first: 160503)"
            case .expiryYear: "Year of expiry (4 digits)"
            case .securityCode: "Security code (4 digits beside the photo)"
            }
        },
        whyPrinted: {
            switch $0 {
            case .first: nil
            case .malformed: "Look at it again. This cost no try."
            case .wrong: "That is not what is printed on the card."
            case .cardRemoved: "The card moved away while it was checking. Try again."
            case .triesGone: "It was entered wrongly on an earlier day. What you have entered was not used yet."
            }
        },
        lastWarning: "Another wrong entry locks the photo in the card. It then has to be reset at the town hall.",
        faulty: {
            switch $0 {
            case .empty: "Nothing was typed."
            case .length: "It has another number of digits."
            case .characters: "Something in it cannot stand there."
            case .noSuchDate: "There is no such date."
            case .ambiguous: "The year may be read in two ways. Type it with its era, or with four digits."
            case .future: "This date has not come yet."
            case .notRight: "It was read as another date. Type it again."
            }
        },
        goOn: "Go on",
        birthTitle: "Is this the date of birth?",
        born: { date, _, age in date + (age.map { " (aged \($0))" } ?? "") },
        right: "As on the certificate",
        notRight: "No; type it again",
        photoTitle: "Compare photo and face",
        photoHow: "Compare the photo below with the printed one, and with the face of the person before you.",
        photoSpoken: "The photo in the card",
        photoMissing: "The photo cannot be shown. Press Stop."
    )
}

extension FieldWords {
    static let english = FieldWords(
        tickets: "Tickets for visits without coverage",
        held: { "\($0) (until \($1))" },
        noTickets: "None",
        waiting: "Waiting to be sent",
        visits: { $0 == 1 ? "1 visit" : "\($0) visits" },
        othersWaiting: { "\($0) of your colleagues' are waiting, too, and are sent with yours." },
        fetch: "Fetch tickets",
        send: "Send",
        entries: "See your own records",
        lock: "Lock",
        noNetwork: "There is no coverage. This visit uses a ticket and is sent later; it begins again with the face.",
        waits: "Saved on this device. Nobody is confirmed until it is sent: send it where there is coverage.",
        sendBy: "Send it by",
        clockSet: "The date or time of this device was changed. Set it right.",
        state: {
            switch $0 {
            case .waiting: "Waiting to be sent"
            case .confirmed: "Confirmed"
            case .refused: "Refused"
            case .expired: "Too late"
            }
        },
        expired: "It was not sent in time. Confirm this person again.",
        read: "I have read this; remove what has ended",
        later: { $0 == 1 ? "Send again in about a minute." : "Send again in about \($0) minutes." },
        nothing: "There are no records.",
        lockedTitle: "Locked",
        lockedHow: "Enter the code that you chose at the beginning of the shift.",
        chooseTitle: "Choose a code",
        chooseHow: "Choose 6 to 12 digits that unlock this phone during your shift, and enter them.",
        againHow: "Enter the same code once more.",
        differs: "The two entries differ. Begin again.",
        dots: { $0 == 1 ? "1 digit entered" : "\($0) digits entered" },
        begin: "Sign in and begin a shift"
    )
}

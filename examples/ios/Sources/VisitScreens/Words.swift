import KaigoTap

/// Every word of the app, in one language. Failures have theirs from the SDK.
public struct Words: Sendable {
    public let language: Language
    let choosePerson: String
    let noReader: String
    let faceTitle: String
    let faceHow: @Sendable (_ name: String) -> String
    let faceMatches: String
    let faceDiffers: String
    let stop: String
    let holdTitle: String
    let hold: String
    let holdOnceMore: String
    let holdAgain: String
    let stillTitle: String
    let still: String
    let reading: String
    let percent: @Sendable (Int) -> String
    let waitTitle: String
    let waiting: @Sendable (Stage) -> String
    let pinTitle: String
    let pinHow: String
    let tries: @Sendable (UInt8) -> String
    let why: @Sendable (WhyPin) -> String?
    let dots: @Sendable (_ entered: Int, _ of: Int) -> String
    let keypad: String
    let erase: String
    let enter: String
    let lastTitle: String
    let lastWarning: String
    let lastStop: String
    let lastGo: String
    let doneTitle: String
    let person: String
    let testCard: String
    let birthDate: String
    let unknown: String
    let careLevel: String
    let noCareLevel: String
    let until: String
    let burden: String
    let share: @Sendable (UInt8) -> String
    let date: @Sendable (String) -> String
    let stoppedTitle: String
    let failedTitle: String
    let next: String
    let again: String
    let home: String
    let code: @Sendable (String) -> String
    let broken: String
    /// What covers the screen while the app is put aside.
    public let covered: String
    let ways: WayWords
    let field: FieldWords
}

/// The words of a day without coverage, and of a phone that several share.
struct FieldWords: Sendable {
    let tickets: String
    let held: @Sendable (_ count: Int, _ until: String) -> String
    let noTickets: String
    let waiting: String
    let visits: @Sendable (Int) -> String
    let othersWaiting: @Sendable (Int) -> String
    let fetch: String
    let send: String
    let entries: String
    let lock: String
    let noNetwork: String
    let waits: String
    let sendBy: String
    let clockSet: String
    let state: @Sendable (EntryState) -> String
    let expired: String
    let read: String
    let later: @Sendable (_ minutes: Int) -> String
    let nothing: String
    let lockedTitle: String
    let lockedHow: String
    let chooseTitle: String
    let chooseHow: String
    let againHow: String
    let differs: String
    let dots: @Sendable (_ entered: Int) -> String
    let begin: String
}

/// The words of the other ways.
struct WayWords: Sendable {
    let title: String
    let notOpened: String
    let which: String
    let way: @Sendable (Way) -> String
    let paper: String
    let toNote: String
    let certificateTitle: String
    let certificateHow: String
    let disasterHow: String
    let attribute: @Sendable (Attribute) -> String
    let sex: @Sendable (_ code: String) -> String
    let printedTitle: String
    let printedHow: String
    let printed: @Sendable (PrintedField) -> String
    let whyPrinted: @Sendable (WhyPin) -> String?
    let lastWarning: String
    let faulty: @Sendable (Faulty) -> String
    let goOn: String
    let birthTitle: String
    let born: @Sendable (_ date: String, _ japanese: String, _ age: UInt16?) -> String
    let right: String
    let notRight: String
    let photoTitle: String
    let photoHow: String
    let photoSpoken: String
    let photoMissing: String
}

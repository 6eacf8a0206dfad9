import Foundation

/// What answers the library on this device. Every conversation is a function of it.
///
/// A function runs one conversation to its end. Cancelling the Task ends it at any step: what it holds is wiped, the card
/// is let go, and ``KaigoTapError`` with the code `cancelled` is thrown. `progress` hears where it stands after every
/// step, and is finished at the end; make it with
/// `AsyncStream<ConversationProgress>.makeStream(bufferingPolicy: .bufferingNewest(1))`.
public struct Drivers: Sendable {
    /// The card reader. Without one, who wants a card is told that there is no reader.
    public var card: (any CardLink)?
    /// The way to the platform.
    public var http: any HttpLink
    /// The system's browser, in which staff sign in. Without it, nobody can.
    public var browser: (any Browser)?
    /// The keys of this device. Without them, every key is gone.
    public var keys: (any DeviceKeys)?
    /// Where entries are kept. Without it nothing can be kept.
    public var store: (any Store)?
    /// How long they are waited for.
    public var limits = TimeLimits()

    /// These.
    public init(
        card: (any CardLink)? = nil,
        http: any HttpLink = URLSessionHttp(),
        keys: (any DeviceKeys)? = nil,
        store: (any Store)? = nil,
        limits: TimeLimits = TimeLimits(),
        browser: (any Browser)? = nil
    ) {
        (self.card, self.http, self.keys, self.store, self.limits) = (card, http, keys, store, limits)
        self.browser = browser
    }
}

/// Hears where a conversation stands.
public typealias ProgressHearer = AsyncStream<ConversationProgress>.Continuation

extension Drivers {
    /// A visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement.
    public func visit(
        _ plan: Plan,
        environment: Environment,
        screen: any VisitScreen,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> VerifiedVisit {
        let outcome = try await run(screen, progress) { try KaigoTapCore.visit(plan: plan, environment: environment) }
        guard case .visit(let verified) = outcome else { throw KaigoTapError.internalFault }
        return verified
    }

    /// The same without asking who this is: for somebody whose consent is to be taken first.
    public func confirm(
        _ plan: Plan,
        environment: Environment,
        screen: any VisitScreen,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Confirmation {
        let outcome = try await run(screen, progress) { try KaigoTapCore.confirm(plan: plan, environment: environment) }
        guard case .confirmed(let confirmation, _, _) = outcome else { throw KaigoTapError.internalFault }
        return confirmation
    }

    /// What a card tells without any PIN. Costs no try.
    public func cardStatus(progress: ProgressHearer? = nil) async throws(KaigoTapError) -> CardStatus {
        let outcome = try await run(NoScreen(), progress) { KaigoTapCore.cardStatus() }
        guard case .status(let status) = outcome else { throw KaigoTapError.internalFault }
        return status
    }

    /// A certificate, DER. The one for signatures asks for the signature password, and names its holder; the one for
    /// authentication asks for a PIN on a phone only.
    public func certificate(
        _ credential: Credential,
        screen: any PinScreen,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Data {
        let outcome = try await run(screen, progress) { cardCertificate(credential: credential) }
        guard case .certificate(let der) = outcome else { throw KaigoTapError.internalFault }
        return der
    }

    /// Name, address, birth date and sex (基本4情報) with their proof, opened by the holder's PIN.
    ///
    /// With a `challenge`, 32 bytes of the system's secure randomness, the card also proves that it is here.
    public func holder(
        pin screen: any PinScreen,
        authorities: CardAuthorities = .production,
        challenge: Data? = nil,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Holder {
        try await holder(.pin, authorities, challenge, screen, progress)
    }

    /// Name, address, birth date and sex (基本4情報) with their proof, opened by what is printed on the card.
    ///
    /// With a `challenge`, 32 bytes of the system's secure randomness, the card also proves that it is here.
    public func holder(
        printed screen: any PrintedScreen,
        authorities: CardAuthorities = .production,
        challenge: Data? = nil,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Holder {
        try await holder(.verificationNumberB, authorities, challenge, screen, progress)
    }

    /// The card's face (券面), with its proof. No PIN of the holder is needed.
    public func face(
        printed screen: any PrintedScreen,
        authorities: CardAuthorities = .production,
        challenge: Data? = nil,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Face {
        let outcome = try await run(screen, progress) {
            try KaigoTapCore.face(authorities: authorities, challenge: challenge)
        }
        guard case .face(let face) = outcome else { throw KaigoTapError.internalFault }
        return face
    }

    /// The age record, with its proof, opened by the holder's date of birth.
    public func age(
        birthDate screen: any BirthDateScreen,
        authorities: CardAuthorities = .production,
        challenge: Data? = nil,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Age {
        let outcome = try await run(screen, progress) {
            try KaigoTapCore.age(authorities: authorities, challenge: challenge)
        }
        guard case .age(let age) = outcome else { throw KaigoTapError.internalFault }
        return age
    }

    /// Basic information of the card's face. Free, and not signed.
    public func information(progress: ProgressHearer? = nil) async throws(KaigoTapError) -> CardInformation {
        let outcome = try await run(NoScreen(), progress) { cardInformation() }
        guard case .information(let information) = outcome else { throw KaigoTapError.internalFault }
        return information
    }

    /// Changes a PIN: the old one once, the new one twice.
    public func changePin(
        _ pin: PinKind,
        screen: any NewPinScreen,
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) {
        _ = try await run(screen, progress) { try KaigoTapCore.changePin(pin: pin) }
    }

    /// Enrols this device. Keep the enrolment where only the app writes, for instance as `enrolmentToJson` gives it.
    public func enrol(_ plan: EnrolPlan) async throws(KaigoTapError) -> Enrolment {
        try await enrolled { try KaigoTapCore.enrol(plan: plan) }
    }

    /// Asks what has changed of an enrolment: the challenge keys above all. Keep what comes of it in its place; every few
    /// days is often enough. `entropy` is 32 bytes of the system's secure randomness.
    public func refresh(
        _ enrolment: Enrolment,
        staffToken: String,
        entropy: Data = freshEntropy()
    ) async throws(KaigoTapError) -> Enrolment {
        try await enrolled {
            try refreshDevice(enrolment: enrolment, staffToken: staffToken, entropy: entropy)
        }
    }

    /// Gives this device another key, of another name. From then on the old one is dead, and staff sign in again. Where no
    /// answer comes (`server_no_answer`), either of the two may be the device's.
    public func rollOver(
        _ enrolment: Enrolment,
        to key: DeviceKey,
        staffToken: String,
        entropy: Data = freshEntropy()
    ) async throws(KaigoTapError) -> Enrolment {
        try await enrolled {
            try rollOverKey(enrolment: enrolment, staffToken: staffToken, key: key, entropy: entropy)
        }
    }

    private func enrolled(_ make: () throws -> Conversation) async throws(KaigoTapError) -> Enrolment {
        let outcome = try await run(NoScreen(), nil, make)
        guard case .enrolled(let enrolment) = outcome else { throw KaigoTapError.internalFault }
        return enrolment
    }

    /// Signs a staff member in, in the system's browser. The token is for visits on this device, and good until `untilMs`.
    public func signIn(_ plan: SignInPlan) async throws(KaigoTapError) -> SignedIn {
        let outcome = try await run(NoScreen(), nil) { try KaigoTapCore.signIn(plan: plan) }
        guard case .signedIn(let staff) = outcome else { throw KaigoTapError.internalFault }
        return staff
    }

    /// Signs the staff member of a token out, on every device. `entropy` is 32 bytes of the system's secure randomness.
    public func signOut(
        issuer: String,
        device: EnrolledDevice,
        staffToken: String,
        entropy: Data
    ) async throws(KaigoTapError) {
        _ = try await run(NoScreen(), nil) {
            try KaigoTapCore.signOut(issuer: issuer, device: device, staffToken: staffToken, entropy: entropy)
        }
    }

    /// Tries the clocks, the store and, where one is given, a key of this device, before a nurse relies on them.
    public func checkHost(key: DeviceKey? = nil) async throws(KaigoTapError) -> HostReport {
        let outcome = try await run(NoScreen(), nil) { hostCheck(key: key) }
        guard case .hostChecked(let report) = outcome else { throw KaigoTapError.internalFault }
        return report
    }

    private func holder(
        _ key: HolderKey,
        _ authorities: CardAuthorities,
        _ challenge: Data?,
        _ screen: any CardScreen,
        _ progress: ProgressHearer?
    ) async throws(KaigoTapError) -> Holder {
        let outcome = try await run(screen, progress) {
            try KaigoTapCore.holder(key: key, authorities: authorities, challenge: challenge)
        }
        guard case .holder(let holder) = outcome else { throw KaigoTapError.internalFault }
        return holder
    }

    /// Makes a conversation and runs it to its end.
    func run(
        _ screen: any CardScreen,
        _ progress: ProgressHearer?,
        _ make: () throws -> Conversation
    ) async throws(KaigoTapError) -> Outcome {
        defer { progress?.finish() }
        let conversation: Conversation
        do {
            conversation = try make()
        } catch {
            throw error as? KaigoTapError ?? KaigoTapError.internalFault
        }
        return try await Loop(conversation, drivers: self, screen: screen, progress: progress).run()
    }
}

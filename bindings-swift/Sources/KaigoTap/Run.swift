import Foundation

/// Every function here runs one conversation to its end.
///
/// Cancelling the Task ends it at any step: what it holds is wiped, the card is let go, and ``KaigoTapError`` with the
/// code `cancelled` is thrown. `progress` hears where it stands after every step, and is finished at the end; make it
/// with `AsyncStream<ConversationProgress>.makeStream(bufferingPolicy: .bufferingNewest(1))`.
public typealias ProgressHearer = AsyncStream<ConversationProgress>.Continuation

extension Visit {
    /// Runs the visit: the nurse confirms the face, the holder's card signs, the platform tells the entitlement.
    public func run(
        card: any CardLink,
        http: any HttpLink = URLSessionHttp(),
        screen: any VisitScreen,
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> VerifiedVisit {
        let ask = asking(screen, face: screen, pin: screen)
        let driver = Driver(self, card: card, http: http, limits: limits, progress: progress, ask: ask)
        guard case .visit(let verified) = try await driver.run() else { throw KaigoTapError.internalFault }
        return verified
    }
}

extension CardLink {
    /// What a card tells without any PIN. Costs no try.
    public func cardStatus(
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> CardStatus {
        let outcome = try await read(limits, progress, asking(NoScreen())) { CardReading.status() }
        guard case .status(let status) = outcome else { throw KaigoTapError.internalFault }
        return status
    }

    /// A certificate, DER. The one for signatures asks for the signature password, and names its holder; the one for
    /// authentication asks for a PIN on a phone only.
    public func certificate(
        _ credential: Credential,
        screen: any PinScreen,
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Data {
        let ask = asking(screen, pin: screen)
        let outcome = try await read(limits, progress, ask) { CardReading.certificate(credential: credential) }
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
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Holder {
        try await holder(.pin, authorities, challenge, limits, progress, asking(screen, pin: screen))
    }

    /// Name, address, birth date and sex (基本4情報) with their proof, opened by what is printed on the card.
    ///
    /// With a `challenge`, 32 bytes of the system's secure randomness, the card also proves that it is here.
    public func holder(
        printed screen: any PrintedScreen,
        authorities: CardAuthorities = .production,
        challenge: Data? = nil,
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Holder {
        let ask = asking(screen, printed: screen)
        return try await holder(.verificationNumberB, authorities, challenge, limits, progress, ask)
    }

    /// The card's face (券面), with its proof. No PIN of the holder is needed.
    public func face(
        printed screen: any PrintedScreen,
        authorities: CardAuthorities = .production,
        challenge: Data? = nil,
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Face {
        let outcome = try await read(limits, progress, asking(screen, printed: screen)) {
            try CardReading.face(authorities: authorities, challenge: challenge)
        }
        guard case .face(let face) = outcome else { throw KaigoTapError.internalFault }
        return face
    }

    /// The age record, with its proof, opened by the holder's date of birth.
    public func age(
        birthDate screen: any BirthDateScreen,
        authorities: CardAuthorities = .production,
        challenge: Data? = nil,
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> Age {
        let outcome = try await read(limits, progress, asking(screen, birthDate: screen)) {
            try CardReading.age(authorities: authorities, challenge: challenge)
        }
        guard case .age(let age) = outcome else { throw KaigoTapError.internalFault }
        return age
    }

    /// Basic information of the card's face. Free, and not signed.
    public func information(
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) -> CardInformation {
        let outcome = try await read(limits, progress, asking(NoScreen())) { CardReading.information() }
        guard case .information(let information) = outcome else { throw KaigoTapError.internalFault }
        return information
    }

    /// Changes a PIN: the old one once, the new one twice.
    public func changePin(
        _ pin: PinKind,
        screen: any NewPinScreen,
        limits: TimeLimits = TimeLimits(),
        progress: ProgressHearer? = nil
    ) async throws(KaigoTapError) {
        let ask = asking(screen, pin: screen, newPin: screen)
        _ = try await read(limits, progress, ask) { try CardReading.changePin(pin: pin) }
    }

    private func holder(
        _ key: HolderKey,
        _ authorities: CardAuthorities,
        _ challenge: Data?,
        _ limits: TimeLimits,
        _ progress: ProgressHearer?,
        _ ask: @escaping Ask
    ) async throws(KaigoTapError) -> Holder {
        let outcome = try await read(limits, progress, ask) {
            try CardReading.holder(key: key, authorities: authorities, challenge: challenge)
        }
        guard case .holder(let holder) = outcome else { throw KaigoTapError.internalFault }
        return holder
    }

    private func read(
        _ limits: TimeLimits,
        _ progress: ProgressHearer?,
        _ ask: @escaping Ask,
        _ make: () throws -> CardReading
    ) async throws(KaigoTapError) -> Outcome {
        let reading: CardReading
        do {
            reading = try make()
        } catch {
            progress?.finish()
            throw error as? KaigoTapError ?? KaigoTapError.internalFault
        }
        return try await Driver(reading, card: self, limits: limits, progress: progress, ask: ask).run()
    }
}

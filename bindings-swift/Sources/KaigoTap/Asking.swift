/// Which question goes to which function of a screen. A question that a screen has no function for is cancelled.
func asking(
    _ screen: any CardScreen,
    face: (any VisitScreen)? = nil,
    pin: (any PinScreen)? = nil,
    newPin: (any NewPinScreen)? = nil,
    printed: (any PrintedScreen)? = nil,
    birthDate: (any BirthDateScreen)? = nil
) -> Ask {
    { prompt in
        switch prompt {
        case .confirmFace:
            guard let check = try await face?.confirmFace() else { return .reply(.cancelled) }
            return .reply(.faceChecked(check: check))
        case .lastTry(let kind):
            return .reply(.consented(consent: try await screen.confirmLastTry(kind)))
        case .newPin(let kind, let why):
            guard let (first, second) = try await newPin?.chooseNewPin(kind, why: why) else {
                return .reply(.cancelled)
            }
            return .newPin(first, second)
        case .enterPin(.verificationNumberB, let triesLeft, let why):
            switch try await printed?.enterPrinted(triesLeft: triesLeft, why: why) {
            case .read(let birthDate, let expiryYear, let code):
                return .printed(birthDate: birthDate, expiryYear: expiryYear, code: code)
            case .scanned(let number):
                return .pin(number)
            case nil:
                return .reply(.cancelled)
            }
        case .enterPin(.birthDate, let triesLeft, let why):
            guard let date = try await birthDate?.enterBirthDate(triesLeft: triesLeft, why: why) else {
                return .reply(.cancelled)
            }
            return .birthDate(date)
        case .enterPin(let kind, let triesLeft, let why):
            let typed = try await pin?.enterPin(kind, triesLeft: triesLeft, why: why)
            return typed.map { .pin($0) } ?? .reply(.cancelled)
        case .unknown:
            return .reply(.cancelled)
        }
    }
}

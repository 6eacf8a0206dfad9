import Foundation

/// What came of a question.
enum Typed: Sendable {
    case reply(Reply)
    case pin(Pin)
    case newPin(Pin, Pin)
    case printed(birthDate: String, expiryYear: String, code: String)
    case birthDate(String)

    /// Wipes it, if it is a secret that can be wiped.
    func wipe() {
        switch self {
        case .pin(let pin): pin.wipe()
        case .newPin(let first, let second):
            first.wipe()
            second.wipe()
        case .reply, .printed, .birthDate: break
        }
    }

    /// Hands it to the library, and wipes it. What was typed badly is asked for again.
    func enter(into conversation: Conversation) throws -> Step {
        switch self {
        case .reply(let reply):
            try conversation.resume(reply: reply)
        case .pin(let pin):
            try pin.use { try conversation.enterPin(pin: $0) }
        // The same object twice is an entry and its repetition.
        case .newPin(let first, let second) where first === second:
            try first.use { try conversation.enterNewPin(first: $0, second: $0) }
        case .newPin(let first, let second):
            try first.use { first in
                try second.use { try conversation.enterNewPin(first: first, second: $0) }
            }
        case .printed(let birthDate, let expiryYear, let code):
            try conversation.enterPrinted(birthDate: birthDate, expiryYear: expiryYear, code: code)
        case .birthDate(let birthDate):
            try conversation.enterBirthDate(birthDate: birthDate)
        }
    }
}

extension CardScreen {
    /// Asks by the function for this question. A question that this screen has none for is cancelled.
    func answer(_ prompt: Prompt) async throws -> Typed {
        let typed: Typed? =
            switch prompt {
            case .confirmFace:
                try await (self as? any VisitScreen)?.confirmFace().map { .reply(.faceChecked(check: $0)) }
            case .lastTry(let pin, let why):
                .reply(.consented(consent: try await confirmLastTry(pin, why: why)))
            case .newPin(let pin, let why):
                try await (self as? any NewPinScreen)?.chooseNewPin(pin, why: why).map { .newPin($0, $1) }
            case .enterPin(.verificationNumberB, let triesLeft, let why):
                try await (self as? any PrintedScreen)?.enterPrinted(triesLeft: triesLeft, why: why)?.typed
            case .enterPin(.birthDate, let triesLeft, let why):
                try await (self as? any BirthDateScreen)?.enterBirthDate(triesLeft: triesLeft, why: why)
                    .map { .birthDate($0) }
            case .enterPin(let pin, let triesLeft, let why):
                try await (self as? any PinScreen)?.enterPin(pin, triesLeft: triesLeft, why: why).map { .pin($0) }
            case .chooseWay(let after, let ways):
                try await (self as? any WaysScreen)?.chooseWay(after: after, ways: ways)
                    .map { .reply(.wayChosen(way: $0)) }
            case .enterPrinted(let triesLeft, let why, let fault):
                try await (self as? any PhotoScreen)?
                    .enterPrintedFields(triesLeft: triesLeft, why: why, fault: fault)
                    .map { .reply(.printedEntered(printed: $0)) }
            case .confirmPhoto(let photo):
                try await (self as? any PhotoScreen)?.confirmPhoto(photo).map { .reply(.faceChecked(check: $0)) }
            case .enterAttributes(let way, let fault, let prefilled):
                try await (self as? any WaysScreen)?.enterAttributes(way, fault: fault, prefilled: prefilled)
                    .map { .reply(.attributesEntered(attributes: $0)) }
            case .confirmBirthDate(let read):
                try await (self as? any WaysScreen)?.confirmBirthDate(read)
                    .map { .reply(.birthDateChecked(right: $0)) }
            case .unknown:
                nil
            }
        return typed ?? .reply(.cancelled)
    }
}

extension Printed {
    fileprivate var typed: Typed {
        switch self {
        case .read(let birthDate, let expiryYear, let code):
            .printed(birthDate: birthDate, expiryYear: expiryYear, code: code)
        case .scanned(let number):
            .pin(number)
        }
    }
}

#if canImport(CoreNFC)
    import Foundation
    import KaigoTap

    /// The app's screen, with the reading sheet out of its way.
    ///
    /// The sheet covers the app, and nobody holds a card to a phone for as long as a PIN takes to type. So a question that
    /// comes while a card is there closes the sheet. The card is asked for once more after it, and is given the answer
    /// then, if it still tells the same number of tries. No answer is given to a card twice, or in another conversation;
    /// one that the card does not come for is wiped.
    public final class NFCScreen<Screen: CardScreen>: CardScreen {
        private let screen: Screen
        private let link: NFCCardLink

        /// Around the app's screen, for conversations over this link.
        public init(_ screen: Screen, link: NFCCardLink) {
            self.screen = screen
            self.link = link
        }

        /// Asks the holder whether to use the last try.
        public func confirmLastTry(_ pin: PinKind) async throws -> Bool {
            try await answer("last try \(pin)", ask: { try await screen.confirmLastTry(pin) })
        }

        private func answer<T: Sendable>(
            _ question: String, ask: () async throws -> T, copy: (T) -> T = { $0 }
        ) async throws -> T {
            try await link.answer(question, ask: ask, copy: copy)
        }
    }

    extension NFCScreen: PinScreen where Screen: PinScreen {
        /// Asks the holder for a PIN.
        public func enterPin(_ pin: PinKind, triesLeft: UInt8, why: WhyPin) async throws -> Pin? {
            try await answer(
                "\(pin) \(triesLeft)", ask: { try await screen.enterPin(pin, triesLeft: triesLeft, why: why) },
                copy: { $0?.copy() })
        }
    }

    extension NFCScreen: VisitScreen where Screen: VisitScreen {
        /// Asks the nurse about the face.
        public func confirmFace() async throws -> FaceCheck? { try await screen.confirmFace() }
    }

    extension NFCScreen: NewPinScreen where Screen: NewPinScreen {
        /// Asks the holder for a new PIN, twice.
        public func chooseNewPin(_ pin: PinKind, why: WhyNewPin) async throws -> (first: Pin, second: Pin)? {
            try await answer(
                "new \(pin)", ask: { try await screen.chooseNewPin(pin, why: why) },
                copy: { $0.map { ($0.copy(), $1.copy()) } })
        }
    }

    extension NFCScreen: PrintedScreen where Screen: PrintedScreen {
        /// Asks for what is printed on the card.
        public func enterPrinted(triesLeft: UInt8, why: WhyPin) async throws -> Printed? {
            try await answer(
                "printed \(triesLeft)", ask: { try await screen.enterPrinted(triesLeft: triesLeft, why: why) },
                copy: { $0?.copy() })
        }
    }

    extension NFCScreen: BirthDateScreen where Screen: BirthDateScreen {
        /// Asks for the date of birth.
        public func enterBirthDate(triesLeft: UInt8, why: WhyPin) async throws -> String? {
            try await answer(
                "birth date \(triesLeft)", ask: { try await screen.enterBirthDate(triesLeft: triesLeft, why: why) })
        }
    }
#endif

#if canImport(CoreNFC)
    @preconcurrency import CoreNFC
    import Foundation
    import KaigoTap

    /// The iPhone's own reader: shows the system's reading sheet while a card is wanted.
    ///
    /// The sheet covers the app, and nobody types while holding a card: PINs are asked for before the tap. A card that
    /// slips is asked for again on the same sheet. A person who closes the sheet ends the conversation as `cancelled`,
    /// which is no error to alert anybody with.
    ///
    /// The framework makes copies of its own of a command, which nobody can wipe; those made here are wiped.
    public final class NFCCardLink: CardLink {
        let sheet: Sheet
        private let capacity: LinkCapacity

        /// Fails, and names each line, where `Info.plist` lacks what iOS wants.
        ///
        /// Commands are of short form, which all phones carry.
        public convenience init(messages: Messages = .japanese) throws(NFCSetupError) {
            try self.init(messages: messages, info: Bundle.main.infoDictionary ?? [:]) { delegate, queue in
                guard NFCTagReaderSession.readingAvailable else { return nil }
                return NFCTagReaderSession(pollingOption: .iso14443, delegate: delegate, queue: queue)
            }
        }

        init(
            messages: Messages, info: [String: Any],
            later: @escaping Sheet.Later = { $0.asyncAfter(deadline: .now() + $1, execute: $2) },
            makeSession: @escaping Sheet.Make
        ) throws(NFCSetupError) {
            try NFCSetup.check(info)
            sheet = Sheet(messages: messages, later: later, makeSession: makeSession)
            capacity = .short
        }

        /// What iOS found missing when it was asked to read: the entitlement, or an application that is not listed.
        public var setupError: NFCSetupError? { sheet.setupError }

        /// Before the tap.
        public var pinTiming: PinTiming { .beforeTap }

        /// Shows the sheet and waits for a card.
        public func connect(_ occasion: Occasion) async throws -> LinkCapacity {
            try await sheet.connect(occasion)
            return capacity
        }

        /// Sends a command to the card.
        public func transmit(_ command: Data) async throws -> Data {
            try await sheet.transmit(command)
        }

        /// Closes what is open on the card, lets it go and closes the sheet; where the card has slipped, the sheet only if
        /// the card is not wanted again at once.
        public func disconnect() async {
            await sheet.disconnect()
        }
    }
#endif

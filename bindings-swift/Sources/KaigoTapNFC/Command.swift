#if canImport(CoreNFC)
    @preconcurrency import CoreNFC
    import Foundation
    import KaigoTap

    extension NFCISO7816APDU {
        /// A command of short form (ISO/IEC 7816-4 §5.1) in the framework's words, or nil for what it does not carry. Its
        /// data, which may be a PIN, are taken out of the command: where they lay are zeros then.
        ///
        /// Taken apart here: a command without Le has to be told as one, or the framework adds an Le that cards refuse.
        static func short(_ command: Data) -> NFCISO7816APDU? {
            guard command.count >= 4 else { return nil }
            let byte = { (place: Int) in command[command.startIndex + place] }
            let body: Range<Int>
            let expected: Int
            switch command.count {
            case 4: (body, expected) = (4..<4, -1)
            case 5: (body, expected) = (4..<4, length(byte(4)))
            default:
                let end = 5 + Int(byte(4))
                guard byte(4) > 0, command.count == end || command.count == end + 1 else { return nil }
                (body, expected) = (5..<end, command.count == end ? -1 : length(byte(end)))
            }
            return NFCISO7816APDU(
                instructionClass: byte(0), instructionCode: byte(1), p1Parameter: byte(2), p2Parameter: byte(3),
                data: command.dropFirst(body.lowerBound).prefix(body.count).moved(behind: 15),
                expectedResponseLength: expected)
        }

        /// The name in a SELECT, for whoever builds the app: iOS wants to be told of it.
        var application: String? {
            guard instructionCode == 0xA4 else { return nil }
            return data?.map { String(format: "%02X", $0) }.joined()
        }

        private static func length(_ byte: UInt8) -> Int { byte == 0 ? 256 : Int(byte) }
    }
#endif

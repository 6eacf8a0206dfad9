#if canImport(CoreNFC)
    @preconcurrency import CoreNFC
    import Foundation

    extension NFCISO7816APDU {
        /// A command of short form (ISO/IEC 7816-4 §5.1) in the framework's words, or nil for what it does not carry.
        ///
        /// Taken apart here: a command without Le has to be told as one, or the framework adds an Le that cards refuse.
        static func short(_ command: Data) -> NFCISO7816APDU? {
            let bytes = [UInt8](command)
            guard bytes.count >= 4 else { return nil }
            let body: Range<Int>
            let expected: Int
            switch bytes.count {
            case 4: (body, expected) = (4..<4, -1)
            case 5: (body, expected) = (4..<4, length(bytes[4]))
            default:
                let end = 5 + Int(bytes[4])
                guard bytes[4] > 0, bytes.count == end || bytes.count == end + 1 else { return nil }
                (body, expected) = (5..<end, bytes.count == end ? -1 : length(bytes[end]))
            }
            return NFCISO7816APDU(
                instructionClass: bytes[0], instructionCode: bytes[1], p1Parameter: bytes[2], p2Parameter: bytes[3],
                data: Data(bytes[body]), expectedResponseLength: expected)
        }

        private static func length(_ byte: UInt8) -> Int { byte == 0 ? 256 : Int(byte) }
    }
#endif

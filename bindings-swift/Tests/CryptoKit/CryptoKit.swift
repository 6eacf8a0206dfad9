// A stand-in for Apple's framework of this name, for systems that have none: SHA-256 (FIPS 180-4), as it is called here. It
// is in no product.

public struct SHA256 {
    /// 32 bytes.
    public struct Digest: Sequence, Equatable {
        let bytes: [UInt8]
        public func makeIterator() -> IndexingIterator<[UInt8]> { bytes.makeIterator() }
    }

    private static let primes: [UInt64] = {
        var found: [UInt64] = []
        var number: UInt64 = 2
        while found.count < 64 {
            if found.allSatisfy({ number % $0 != 0 }) { found.append(number) }
            number += 1
        }
        return found
    }()

    /// The first 32 bits of the fraction of a root.
    private static func fraction(of root: (Double) -> Double, _ prime: UInt64) -> UInt32 {
        let root = root(Double(prime))
        return UInt32((root - root.rounded(.down)) * 4_294_967_296)
    }

    private static let constants = primes.map { fraction(of: { cubeRoot($0) }, $0) }
    private static let start = primes.prefix(8).map { fraction(of: { $0.squareRoot() }, $0) }

    private static func cubeRoot(_ number: Double) -> Double {
        var root = number / 2
        for _ in 0..<200 { root -= (root * root * root - number) / (3 * root * root) }
        return root
    }

    public static func hash(data: some Sequence<UInt8>) -> Digest {
        var message = Array(data)
        let bits = UInt64(message.count) * 8
        message.append(0x80)
        while message.count % 64 != 56 { message.append(0) }
        message += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }

        func turned(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }
        var state = start
        for block in stride(from: 0, to: message.count, by: 64) {
            var words = stride(from: block, to: block + 64, by: 4).map { at in
                message[at..<at + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            for at in 16..<64 {
                let (far, near) = (words[at - 15], words[at - 2])
                let first = turned(far, 7) ^ turned(far, 18) ^ far >> 3
                let second = turned(near, 17) ^ turned(near, 19) ^ near >> 10
                words.append(words[at - 16] &+ first &+ words[at - 7] &+ second)
            }
            var now = state
            for at in 0..<64 {
                let (a, e) = (now[0], now[4])
                let chosen = (e & now[5]) ^ (~e & now[6])
                let first =
                    now[7] &+ (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) &+ chosen &+ constants[at] &+ words[at]
                let most = (a & now[1]) ^ (a & now[2]) ^ (now[1] & now[2])
                let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ most
                now = [first &+ second, a, now[1], now[2], now[3] &+ first, e, now[5], now[6]]
            }
            state = zip(state, now).map { $0 &+ $1 }
        }
        return Digest(bytes: state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } })
    }
}

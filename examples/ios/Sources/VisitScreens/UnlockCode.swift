import Foundation

/// The digits of a shift's code, as they are typed. Shows nothing of them when printed.
struct UnlockCode: Sendable, CustomStringConvertible, CustomReflectable {
    static let shortest = 6
    static let longest = 12

    private(set) var digits = Data()

    var count: Int { digits.count }
    var isLongEnough: Bool { count >= Self.shortest }

    mutating func append(_ digit: Digit) {
        if count < Self.longest { digits.append(digit.ascii) }
    }

    mutating func removeLast() { _ = digits.popLast() }

    mutating func wipe() {
        digits.resetBytes(in: digits.startIndex..<digits.endIndex)
        digits = Data()
    }

    func isSame(as other: UnlockCode) -> Bool { digits == other.digits }

    var description: String { "UnlockCode(..)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

import Foundation

/// What a person types: bytes in a place of their own that is filled with zeros after use.
///
/// A PIN pad calls ``append(_:)`` key by key. A `String` leaves copies that nobody can wipe, so there is none here but
/// for tests and for what is no secret.
public final class Pin: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Longest entry; the longest PIN of a card has 16 characters.
    public static let longest = 64

    // Everything below is only touched with the lock held.
    private let lock = NSLock()
    private let place: UnsafeMutableRawBufferPointer
    private var length = 0

    /// An empty entry.
    public init() {
        place = .allocate(byteCount: Self.longest, alignment: 1)
        place.initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// An entry of these ASCII characters. Wipe your own copy; characters beyond ``longest`` are not taken.
    public convenience init(ascii characters: some Sequence<UInt8>) {
        self.init()
        for character in characters { append(character) }
    }

    deinit {
        wipe()
        place.deallocate()
    }

    /// How many characters were typed.
    public var count: Int { lock.withLock { length } }

    /// Takes one more ASCII character; says whether there was room.
    @discardableResult
    public func append(_ character: UInt8) -> Bool {
        lock.withLock {
            guard length < Self.longest else { return false }
            place[length] = character
            length += 1
            return true
        }
    }

    /// Takes the last character back.
    public func removeLast() {
        lock.withLock {
            guard length > 0 else { return }
            length -= 1
            place[length] = 0
        }
    }

    /// Fills it with zeros. It is empty then.
    public func wipe() {
        lock.withLock {
            place.wipe()
            length = 0
        }
    }

    /// Lends the bytes for a call, without a copy on the heap, and wipes them.
    func use<T>(_ call: (Data) throws -> T) rethrows -> T {
        defer { wipe() }
        return try lock.withLock {
            guard length > 0, let base = place.baseAddress else { return try call(Data()) }
            return try call(Data(bytesNoCopy: base, count: length, deallocator: .none))
        }
    }

    /// Nothing, not even the length.
    public var description: String { "Pin(..)" }
    /// Nothing, not even the length.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Printed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing.
    public var description: String { "Printed(..)" }
    /// Nothing.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

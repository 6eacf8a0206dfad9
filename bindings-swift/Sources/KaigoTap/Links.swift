import Foundation

/// A way to a card. On an iPhone it is `NFCCardLink` of the module `KaigoTapNFC`.
///
/// Calls come one after the other, but for one case: when a call was not answered within its time limit, or the Task was
/// cancelled, the next call comes while that one is still running. Its answer is not waited for any more.
public protocol CardLink: Sendable {
    /// When the holder is asked for a PIN: while the card lies on the reader (the default), or, where nobody can type
    /// while holding a card, before it is tapped.
    var pinTiming: PinTiming { get }
    /// Waits for a card and powers it; says what the link carries. ``LinkCapacity/short`` is what every reader carries.
    /// Throws a ``LinkError``; any other error counts as ``LinkError/readerFailed``.
    func connect(_ occasion: Occasion) async throws -> LinkCapacity
    /// Sends a command and brings the whole answer, data and status word. Never log either: a command may hold a PIN.
    /// Throws a ``LinkError``; a card that is gone is ``LinkError/lost``.
    func transmit(_ command: Data) async throws -> Data
    /// Powers the card down and lets the person take it. Comes once after each `connect`, whatever happened since. A
    /// link that cannot cut the power sends the commands of `cardDeselection()` first, each whatever it is answered: a
    /// verified PIN would stay open.
    func disconnect() async
}

extension CardLink {
    /// While the card lies on the reader.
    public var pinTiming: PinTiming { .duringTap }
}

extension LinkCapacity {
    /// What every reader carries: 255 bytes in a command, 256 in an answer.
    public static let short = LinkCapacity(maxCommand: 261, maxResponse: 258)
    /// Extended length (ISO/IEC 7816-4 §5.1), as long as it can be.
    public static let extended = LinkCapacity(maxCommand: 65_544, maxResponse: 65_538)
}

/// A way to the care platform: ``URLSessionHttp``, or the client that the app has already.
public protocol HttpLink: Sendable {
    /// Sends a request and brings the whole answer, whatever its status, with all its headers. Follows no redirect, and
    /// stops at 1 MiB with ``HttpError/tooLong``. Never log headers or bodies. Throws an ``HttpError``; any other error
    /// counts as ``HttpError/failed``.
    func send(_ request: HttpRequest) async throws -> HttpResponse
}

/// The system's browser, in which staff sign in: `ASWebAuthenticationSession`, never a web view of the app, which could
/// read the password along (RFC 8252 §8.12). `docs/sign-in.md` says what it has to do.
public protocol Browser: Sendable {
    /// Opens an address, and waits until the browser comes back to another one, which begins with `returnsTo`. Brings the
    /// whole of that, with its query. Never log it. Throws a ``BrowseError``; any other error counts as
    /// ``BrowseError/failed``.
    func show(_ address: String, returnsTo: String) async throws -> String
}

/// The keys of this device, which never leave their place: ``SecureEnclaveKeys``, or what the app has already.
public protocol DeviceKeys: Sendable {
    /// Signs a message with ES256 (RFC 7518 §3.4), by the key of this name; DER and `r‖s` are both taken. The message is
    /// composed by the library. Never log it. Throws a ``SignError``; any other error counts as ``SignError/failed``.
    func sign(_ message: Data, key: String) async throws -> Data
}

/// Where this device keeps entries: ``FileStore``, or what the app has already.
///
/// What is kept is sealed: a store sees bytes, and knows nothing of them. All functions throw a ``StoreError``; any
/// other error counts as ``StoreError/failed``. What was there before is there still then.
public protocol Store: Sendable {
    /// Keeps an entry in place of the one of its name, and returns when it is on the disk: it survives a power cut from
    /// then on.
    func keep(_ entry: Entry) async throws
    /// Forgets the entry of this name, if there is one, and returns when that is on the disk.
    func forget(_ name: String) async throws
    /// The names of all entries, in any order.
    func list() async throws -> [String]
    /// The entries of these names, at most 64, in any order; of a name that has none, nothing.
    func recall(_ names: [String]) async throws -> [Entry]
}

extension LinkError: Error {}
extension HttpError: Error {}
extension BrowseError: Error {}
extension SignError: Error {}
extension StoreError: Error {}

/// How long an answer is waited for. These limits win over a link that never answers. People have none, and neither has
/// what this device does by itself.
public struct TimeLimits: Sendable {
    /// For a card to be held to the reader: then the link counts as ``LinkError/timedOut``.
    public var connect: Duration = .seconds(60)
    /// For the card's answer: then the card counts as ``LinkError/lost``.
    public var transmit: Duration = .seconds(10)
    /// For the server's answer: then the server counts as ``HttpError/noAnswer``.
    public var send: Duration = .seconds(30)
    /// For the browser to come back: then the sign-in counts as ``BrowseError/timedOut``.
    public var browse: Duration = .seconds(300)
    /// For the card to be let go.
    public var disconnect: Duration = .seconds(5)

    /// The usual ones.
    public init() {}
}

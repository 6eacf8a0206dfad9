import Foundation

/// A way to a card. On an iPhone it is `NFCCardLink` of the module `KaigoTapNFC`.
///
/// Calls come one after the other, but for one case: when a call was not answered within its time limit, or the Task was
/// cancelled, the next call comes while that one is still running. Its answer is not waited for any more.
public protocol CardLink: Sendable {
    /// Waits for a card and powers it; says what the link carries. ``LinkCapacity/short`` is what every reader carries.
    func connect(_ occasion: Occasion) async throws -> LinkCapacity
    /// Sends a command and brings the whole answer, data and status word. Never log either: a command may hold a PIN.
    func transmit(_ command: Data) async throws -> Data
    /// Powers the card down and lets the person take it. Comes once after each `connect`, whatever happened since.
    func disconnect() async
}

/// Why there is no (more) link to a card, as a ``CardLink`` throws it. Any other error counts as
/// ``LinkError/readerFailed``.
public struct CardLinkError: Error, Equatable {
    /// Why.
    public let reason: LinkError
    /// Whether the card was taken away on purpose, so that the command never went out.
    package let onPurpose: Bool

    /// For this reason.
    public init(_ reason: LinkError) {
        self.init(reason, onPurpose: false)
    }

    package init(_ reason: LinkError, onPurpose: Bool) {
        self.reason = reason
        self.onPurpose = onPurpose
    }
}

extension LinkCapacity {
    /// What every reader carries: 255 bytes in a command, 256 in an answer.
    public static let short = LinkCapacity(maxCommand: 261, maxResponse: 258)
    /// Extended length (ISO/IEC 7816-4 §5.1), as long as it can be.
    public static let extended = LinkCapacity(maxCommand: 65_544, maxResponse: 65_538)
}

/// A way to the care platform: ``URLSessionHttp``, or the client that the app has already.
public protocol HttpLink: Sendable {
    /// Sends a request and brings the whole answer, whatever its status. Follows no redirect, and stops at 1 MiB with
    /// ``HttpError/tooLong``. Never log headers or bodies.
    func send(_ request: HttpRequest) async throws -> HttpResponse
}

/// Why there is no answer from the server, as an ``HttpLink`` throws it. Any other error counts as
/// ``HttpError/failed``.
public struct HttpLinkError: Error, Equatable {
    /// Why.
    public let reason: HttpError

    /// For this reason.
    public init(_ reason: HttpError) {
        self.reason = reason
    }
}

/// No server: readings need only a card.
struct NoHttp: HttpLink {
    func send(_: HttpRequest) async throws -> HttpResponse {
        throw HttpLinkError(.unreachable)
    }
}

/// How long an answer is waited for. These limits win over a link that never answers; people have none.
public struct TimeLimits: Sendable {
    /// For a card to be held to the reader: then the link counts as ``LinkError/timedOut``.
    public var connect: Duration = .seconds(60)
    /// For the card's answer: then the card counts as ``LinkError/lost``.
    public var transmit: Duration = .seconds(10)
    /// For the server's answer: then the server counts as ``HttpError/noAnswer``.
    public var send: Duration = .seconds(30)
    /// For the card to be let go.
    public var disconnect: Duration = .seconds(5)

    /// The usual ones.
    public init() {}
}

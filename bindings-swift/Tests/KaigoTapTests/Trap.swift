import Foundation
import KaigoTap
import Simulator

/// Stands before a card, a server and people, and does something else at one of their steps.
final class Trap: CardLink, HttpLink, VisitScreen, @unchecked Sendable {
    enum Kind: Sendable { case connect, transmit, send, ask }

    private let lock = NSLock()
    private var kinds: [Kind] = []
    private var taps = (connects: 0, disconnects: 0)
    private var running: Task<String?, Never>?

    private let card: any CardLink
    private let people: People
    private let http = URLSessionHttp()
    private let spring: @Sendable (Trap, _ step: Int, Kind) async throws -> Void

    init(
        _ card: any CardLink = VirtualReader(), people: People = People("1234", "1234", "1234"),
        _ spring: @escaping @Sendable (Trap, Int, Kind) async throws -> Void
    ) {
        (self.card, self.people, self.spring) = (card, people, spring)
    }

    /// The steps so far.
    var steps: [Kind] { lock.withLock { kinds } }
    /// Whether the card was let go as often as it was asked for.
    var letGo: Bool { lock.withLock { taps.connects == taps.disconnects } }
    /// How often a card was asked for.
    var connects: Int { lock.withLock { taps.connects } }

    /// Runs a visit through all of it.
    func visit(_ limits: TimeLimits = TimeLimits()) async throws -> String? {
        let visit = try Sandbox.visit()
        return await code { _ = try await visit.run(card: self, http: self, screen: self, limits: limits) }
    }

    /// Runs a visit in a Task that ``cancel()`` cancels.
    func cancellableVisit() async throws -> String? {
        let visit = try Sandbox.visit()
        return try await cancellable { _ = try await visit.run(card: self, http: self, screen: self) }
    }

    /// Runs something in a Task that ``cancel()`` cancels.
    func cancellable(_ run: @escaping @Sendable () async throws -> Void) async throws -> String? {
        let task = Task {
            while self.lock.withLock({ self.running == nil }) { await Task.yield() }
            return await code(run)
        }
        lock.withLock { running = task }
        return await task.value
    }

    func cancel() { lock.withLock { running }?.cancel() }

    /// Never comes back, whoever cancels what.
    static func hang() async {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }

    private func pass(_ kind: Kind) async throws {
        let step = lock.withLock {
            kinds.append(kind)
            return kinds.count - 1
        }
        try await spring(self, step, kind)
    }

    var pinTiming: PinTiming { card.pinTiming }

    func connect(_ occasion: Occasion) async throws -> LinkCapacity {
        lock.withLock { taps.connects += 1 }
        try await pass(.connect)
        return try await card.connect(occasion)
    }

    func transmit(_ command: Data) async throws -> Data {
        try await pass(.transmit)
        return try await card.transmit(command)
    }

    func disconnect() async {
        lock.withLock { taps.disconnects += 1 }
        await card.disconnect()
    }

    func send(_ request: HttpRequest) async throws -> HttpResponse {
        try await pass(.send)
        return try await http.send(request)
    }

    func confirmFace() async throws -> FaceCheck? {
        try await pass(.ask)
        return try await people.confirmFace()
    }

    func enterPin(_ pin: PinKind, triesLeft: UInt8?, why: WhyPin) async throws -> Pin? {
        try await pass(.ask)
        return try await people.enterPin(pin, triesLeft: triesLeft, why: why)
    }

    func confirmLastTry(_ pin: PinKind, why: WhyPin) async throws -> Bool {
        try await pass(.ask)
        return try await people.confirmLastTry(pin, why: why)
    }
}

extension CardLink {
    /// With the key of the sandbox's device, and nothing else beside it.
    var drivers: Drivers { Drivers(card: self, keys: try? Sandbox.shared.get().keys) }
}

/// A card that answers what the test wants.
struct ScriptedCard: CardLink {
    var capacity = LinkCapacity.short
    let answer: @Sendable (Data) async throws -> Data

    func connect(_: Occasion) async throws -> LinkCapacity { capacity }
    func transmit(_ command: Data) async throws -> Data { try await answer(command) }
    func disconnect() async {}
}

/// A server that answers what the test wants.
struct ScriptedServer: HttpLink {
    let answer: @Sendable (HttpRequest) async throws -> HttpResponse

    func send(_ request: HttpRequest) async throws -> HttpResponse { try await answer(request) }
}

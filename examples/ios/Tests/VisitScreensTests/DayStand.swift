import Foundation
import KaigoTap
import SampleSimulator

@testable import VisitScreens

/// A day on a phone of its own, with a platform of its own; there is a network, or none.
@MainActor
struct DayStand {
    /// The phone: who uses it changes, what lies on it stays.
    final class Phone: Sendable {
        let sandbox: Sandbox
        let folder: URL
        let covered = Box(true)
        /// Closed, it holds up what the app does next on the phone; it is waited at until it opens.
        let gate = Box(Gate.open)
        /// Whether something went past what was held up.
        let overtaken = Box(false)
        let kit: FieldKit

        init(_ card: String = "modern") throws {
            let sandbox = try Sandbox.own()
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("day-\(UUID())")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            let store = try FileStore(folder: folder.appendingPathComponent("entries"))
            let (link, gate, overtaken) = (Sometimes(covered: covered), gate, overtaken)
            kit = FieldKit(
                enrolment: {
                    if gate.value == .held { overtaken.value = true }
                    if gate.value == .closed { gate.value = .held }
                    while gate.value == .held, !overtaken.value { try await Task.sleep(for: .milliseconds(1)) }
                    return sandbox.enrolment.told
                },
                journal: StoredJournalKeys(try FileStore(folder: folder.appendingPathComponent("key"))),
                anchors: sandbox.enrolment.anchors,
                drivers: {
                    Drivers(
                        card: VirtualReader(card, pinTiming: .beforeTap), http: link, keys: sandbox.keys, store: store)
                },
                signIn: { throw CancellationError() })
            (self.sandbox, self.folder) = (sandbox, folder)
        }

        deinit {
            try? FileManager.default.removeItem(at: folder)
            try? FileManager.default.removeItem(at: sandbox.keys.file.deletingLastPathComponent())
        }

        /// What is kept, as it is now: a backup.
        func backedUp() throws -> URL {
            let copy = folder.appendingPathComponent("backup")
            try FileManager.default.copyItem(at: folder.appendingPathComponent("entries"), to: copy)
            return copy
        }

        /// The backup is put back.
        func restore(_ copy: URL) throws {
            let entries = folder.appendingPathComponent("entries")
            try FileManager.default.removeItem(at: entries)
            try FileManager.default.moveItem(at: copy, to: entries)
        }

        /// With this nurse at it.
        func kit(of nurse: String) -> FieldKit {
            var kit = kit
            let (known, keys, link) = (sandbox.enrolment, sandbox.keys, Sometimes(covered: covered))
            kit.signIn = {
                try await Drivers(http: link, keys: keys, browser: AtBrowser(nurse, http: link)).signIn(
                    SignInPlan(
                        issuer: known.told.staffIssuer, device: known.device, returnsTo: "jp.kaigotap.app:/callback",
                        entropy: freshEntropy()))
            }
            return kit
        }
    }

    enum Gate { case open, closed, held }

    /// A network that is there or not.
    struct Sometimes: HttpLink {
        let covered: Box<Bool>
        let there = URLSessionHttp()

        func send(_ request: HttpRequest) async throws -> HttpResponse {
            guard covered.value else { throw HttpError.unreachable }
            return try await there.send(request)
        }
    }

    let day: OfflineDay
    private let phone: Phone
    /// Set, nobody has touched the phone for long enough.
    let idle: Box<Bool>

    init(_ phone: Phone, _ nurse: String = "nurse-01", _ words: Words = .japanese) {
        let idle = Box(false)
        day = OfflineDay(
            visitors: [Stand.hanako, Stand.taro], words: words, kit: phone.kit(of: nurse),
            sleep: { _ in while !idle.value { try await Task.sleep(for: .milliseconds(1)) } })
        (self.idle, self.phone) = (idle, phone)
    }

    var screen: Screen { day.screen }
    var said: String { screen.elements.map(\.spoken).joined(separator: "\n") }
    var actions: [Action] { screen.choices.map(\.action) }

    func does(_ actions: Action...) { for action in actions { day.on(action) } }

    func types(_ digits: String) {
        for digit in digits.compactMap(\.wholeNumberValue).compactMap(Digit.init) { day.on(.digit(digit)) }
    }

    func sees(_ name: Screen.Name) async -> Bool { await comes { screen.name == name } }

    func comes(_ what: @MainActor () -> Bool) async -> Bool {
        for _ in 0..<12_000 {
            if what() { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    /// Signs in, and chooses a code.
    func begins(_ code: String = "246810") async -> Bool {
        does(.begin)
        guard await comes({ said.contains("コードを決める") }) else { return false }
        for _ in 0..<2 {
            types(code)
            does(.enter)
        }
        return await sees(.home)
    }

    /// Hands the phone over: locked when it ends, for another app, too.
    func handsOver() async {
        does(.lock)
        await day.locking?.value
    }

    func unlocks(_ code: String = "246810") {
        types(code)
        does(.enter)
    }

    func fetches() async -> Bool {
        does(.fetch)
        return await comes { screen.name == .home && !actions.contains(.fetch) }
    }

    /// A visit where there is no network, up to the pad.
    func reachesPin() async -> Bool {
        does(.choose(Stand.hanako))
        guard await sees(.face) else { return false }
        if !said.contains("電波が届きません") {
            does(.faceMatches)
            // Again, with the reason.
            guard await comes({ screen.name == .face && said.contains("電波が届きません") }) else { return false }
        }
        does(.faceMatches)
        return await sees(.pin)
    }

    /// Up to its end.
    func visits() async -> Bool {
        guard await reachesPin() else { return false }
        types("1234")
        does(.enter)
        return await sees(.waits)
    }
}

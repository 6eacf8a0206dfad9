import Foundation
import KaigoTap
import Simulator

/// A process that does something where there is no network, or sends it, to its own sudden end, and says what came of it.
///
/// `FieldTrial FOLDER ENROLMENT KEY fetch|visit|send|look [POINT]`: killed at that point; each write has two, before it and
/// after it.
@main
struct FieldTrial {
    struct Nurse: VisitScreen {
        func confirmFace() async throws -> FaceCheck? { .match }
        func enterPin(_ pin: PinKind, triesLeft: UInt8?, why: WhyPin) async throws -> Pin? { Pin(ascii: "1234".utf8) }
    }

    /// Counts writes, and kills.
    actor Killing: Store {
        private let store: any Store
        private let point: Int?
        private(set) var points = 0

        init(_ store: any Store, at point: Int?) { (self.store, self.point) = (store, point) }

        private func pass() {
            if points == point { kill(getpid(), SIGKILL) }
            points += 1
        }

        func keep(_ entry: Entry) async throws {
            pass()
            try await store.keep(entry)
            pass()
        }
        func forget(_ name: String) async throws {
            pass()
            try await store.forget(name)
            pass()
        }
        func list() async throws -> [String] { try await store.list() }
        func recall(_ names: [String]) async throws -> [Entry] { try await store.recall(names) }
    }

    static func main() async {
        let arguments = CommandLine.arguments.dropFirst() + ["", "", "", "", ""]
        let folder = URL(fileURLWithPath: arguments[1])
        do {
            let written = try Data(contentsOf: URL(fileURLWithPath: arguments[2]))
            let enrolment = try JSONDecoder.snake.decode(Sandbox.Enrolment.self, from: written)
            let keys = KeyFile(file: URL(fileURLWithPath: arguments[3]))
            let store = Killing(
                try FileStore(folder: folder.appendingPathComponent("entries")), at: Int(arguments[5]))
            let journal = StoredJournalKeys(try FileStore(folder: folder.appendingPathComponent("key")))
            let drivers = Drivers(card: VirtualReader(), keys: keys, store: store)
            let device = FieldDevice(
                enrolment: enrolment.told, staffId: enrolment.staffId, journal: journal, anchors: enrolment.anchors)
            let environment = Environment(
                server: enrolment.server, issuer: enrolment.issuer, challengeKeys: enrolment.told.challengeKeys,
                device: enrolment.device, staffToken: enrolment.staffToken, anchors: enrolment.anchors,
                entropy: freshEntropy())
            switch arguments[4] {
            case "fetch":
                let tickets = try await drivers.fetchTickets(for: [nil], journal: journal, environment: environment)
                print("held", tickets.held.count, tickets.findings.count, await store.points)
            case "visit":
                let waits = try await drivers.offlineVisit(
                    Plan(uses: [.view, .register]), device: device, label: "", screen: Nurse())
                print("waits", waits.number, waits.findings.count, await store.points)
            case "send":
                let sent = try await drivers.sendWaiting(journal: journal, environment: environment)
                print("sent", sent.confirmed + sent.refused + sent.expired, sent.waiting, await store.points)
            default:
                let view = try await drivers.journal(device)
                let of = { (state: EntryState) in view.entries.filter { $0.state == state }.count }
                print("look", of(.waiting), of(.confirmed), view.findings.count)
            }
        } catch {
            print("failed", (error as? KaigoTapError)?.failure.code ?? "\(error)")
        }
    }
}

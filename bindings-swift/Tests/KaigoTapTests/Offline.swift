import Foundation
import Simulator
import Testing

@testable import KaigoTap

@Suite("visits without a network", .timeLimit(.minutes(4)))
struct Offline {
    /// A device of its own, and a folder.
    final class Field {
        let sandbox: Sandbox
        let folder: URL

        init() throws {
            sandbox = try Sandbox.own()
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("field-\(UUID())")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            try sandbox.written.write(to: enrolment)
        }

        deinit {
            try? FileManager.default.removeItem(at: folder)
            try? FileManager.default.removeItem(at: sandbox.keys.file.deletingLastPathComponent())
        }

        var enrolment: URL { folder.appendingPathComponent("enrolment.json") }

        var environment: Environment {
            let known = sandbox.enrolment
            return Environment(
                server: known.server, issuer: known.issuer, challengeKeys: known.told.challengeKeys,
                device: known.device, staffToken: known.staffToken, anchors: known.anchors, entropy: freshEntropy())
        }

        func store(_ name: String) throws -> FileStore {
            try FileStore(folder: folder.appendingPathComponent(name))
        }

        func device(_ shift: Shift? = nil) throws -> FieldDevice {
            let known = sandbox.enrolment
            return FieldDevice(
                enrolment: known.told, staffId: known.staffId, journal: StoredJournalKeys(try store("key")),
                anchors: known.anchors, shift: shift)
        }

        /// What a process of its own says; nothing if it was killed.
        func trial(_ name: String, _ what: String, at point: Int? = nil) throws -> [String] {
            let place = folder.appendingPathComponent(name)
            try? FileManager.default.createDirectory(
                at: place, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = Table.root.appendingPathComponent("target/swift/debug/FieldTrial")
            process.arguments =
                [place.path, enrolment.path, sandbox.keys.file.path, what] + (point.map { ["\($0)"] } ?? [])
            process.standardOutput = pipe
            try process.run()
            let said = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: said, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
        }
    }

    /// No network.
    struct Nowhere: HttpLink {
        func send(_ request: HttpRequest) async throws -> HttpResponse { throw HttpError.unreachable }
    }

    @Test("wait, are sent, and their maker is told")
    func waits() async throws {
        let field = try Field()
        let (store, device) = (try field.store("entries"), try field.device())
        let near = Drivers(card: VirtualReader(), keys: field.sandbox.keys, store: store)
        let far = Drivers(card: VirtualReader(), http: Nowhere(), keys: field.sandbox.keys, store: store)
        let tickets = try await near.fetchTickets(
            for: [nil, nil], journal: device.journal, environment: field.environment)
        #expect(tickets.held.count == 2 && tickets.findings.isEmpty)
        #expect("\(tickets.held[0])" == "HeldTicket(..)")
        let waits = try await far.offlineVisit(
            Plan(uses: [.view, .register]), device: device, label: "花子さん", screen: People("1234"))
        #expect(waits.method == "card_pin" && waits.number == 0 && !waits.clockSet)
        #expect(try await device.journal.mark() == waits.mark)
        #expect(try await far.heldTickets(device).held.count == 1)
        let entry = try #require(try await far.journal(device).entries.first)
        #expect(entry.state == .waiting && entry.label == "花子さん" && "\(entry)" == "JournalEntry(..)")
        let late = try await far.sendWaiting(journal: device.journal, environment: field.environment)
        #expect(late.heldUp?.code == "server_unreachable" && late.waiting == 1)
        let sent = try await near.sendWaiting(journal: device.journal, environment: field.environment)
        #expect(sent.confirmed == 1 && sent.waiting == 0 && sent.opens.count == 1)
        #expect(try await far.journal(device).entries.map(\.state) == [.confirmed])
        try await far.acknowledge([0], device: device)
        #expect(try await far.journal(device).entries.isEmpty)
        #expect(try await near.returnTickets(journal: device.journal, environment: field.environment).held.isEmpty)
        let report = try await far.verifyJournal(device.journal, device: field.sandbox.enrolment.device)
        #expect(report.findings.isEmpty && report.waiting == 0)
    }

    @Test("on a device with a shift nothing is shown without it")
    func shifts() async throws {
        let field = try Field()
        let (device, known) = (try field.device(), field.sandbox.enrolment)
        let drivers = Drivers(http: Nowhere(), keys: field.sandbox.keys, store: try field.store("entries"))
        let digits = Data("246810".utf8)
        let begun = try await drivers.beginShift(
            code: digits, idleAfterSeconds: 300, staffToken: known.staffToken, device: known.device,
            journal: device.journal)
        let shift = try #require(begun.shift)
        #expect(shift.staffId() == known.staffId && shift.idleAfterSeconds() == 300 && "\(begun)" == "ShiftChange(..)")
        #expect(try await drivers.journal(field.device(shift)).entries.isEmpty)
        #expect(await code { _ = try await drivers.journal(device) } == "shift_locked")
        _ = try await drivers.lockShift(device: known.device, journal: device.journal)
        #expect(await code { _ = try await drivers.journal(field.device(shift)) } == "shift_locked")
        let wrong = try await drivers.unlockShift(
            code: Data("000000".utf8), device: known.device, journal: device.journal)
        #expect(wrong.refusal?.code == "unlock_wrong" && wrong.refusal?.triesLeft == 4)
        // The mark is what notices that an older count was put back.
        #expect(try await device.journal.mark() == wrong.mark)
        let again = try await drivers.unlockShift(code: digits, device: known.device, journal: device.journal)
        #expect(try await drivers.journal(field.device(again.shift)).entries.isEmpty)
    }

    @Test("a process is killed around every write: there is exactly one confirmation")
    func killed() throws {
        let field = try Field()
        var enumerated: [Int] = []
        for (phase, what) in ["fetch", "visit", "send"].enumerated() {
            for point in 0... {
                let name = "\(what)-\(point)"
                for earlier in ["fetch", "visit"].prefix(phase) { _ = try field.trial(name, earlier) }
                let killed = try field.trial(name, what, at: point).isEmpty
                if phase == 0 { _ = try field.trial(name, "fetch") }
                var look = try field.trial(name, "look")
                if look == ["look", "0", "0", "0"] {
                    _ = try field.trial(name, "visit")
                    look = try field.trial(name, "look")
                }
                #expect([["look", "1", "0", "0"], ["look", "0", "1", "0"]].contains(look), "\(name) \(look)")
                let sent = try field.trial(name, "send")
                #expect(sent.first == "sent" && sent.dropFirst(2).first == "0", "\(name) \(sent)")
                #expect(try field.trial(name, "look") == ["look", "0", "1", "0"], "\(name)")
                if !killed {
                    enumerated.append(point)
                    break
                }
            }
        }
        print("killed at \(enumerated) points of fetching, visiting and sending")
        #expect(enumerated.allSatisfy { $0 >= 4 }, "\(enumerated)")
    }
}

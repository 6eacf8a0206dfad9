import Foundation
import Simulator
import Testing

@testable import KaigoTap

@Suite("misuse is told", .timeLimit(.minutes(2)))
struct Misuse {
    @Test("a reply that is none to the step, and steps after the end")
    func wrongReplies() throws {
        let reading = cardStatus()
        #expect(thrown { _ = try reading.resume(reply: .disconnected) } == "flow_not_started")
        guard case .need(.connect(.first)) = try reading.start() else { throw Fault() }
        #expect(thrown { _ = try reading.start() } == "flow_already_started")
        for reply in [
            Reply.disconnected, .cancelled, .clock(wallMs: 0, monotonicMs: 0), .faceChecked(check: .match),
            .consented(consent: true),
            .transmitted(response: Data([0x90, 0x00])), .notTransmitted(error: .lost), .notReceived(error: .tls),
            .received(response: HttpResponse(status: 200, headers: [], body: Data())),
            .signed(signature: Data(count: 64)), .notSigned(error: .gone), .kept, .notKept(error: .full), .forgotten,
            .notForgotten(error: .missing), .listed(names: []), .notListed(error: .failed), .recalled(entries: []),
            .notRecalled(error: .denied),
        ] {
            #expect(thrown { _ = try reading.resume(reply: reply) } == "flow_wrong_reply")
        }
        #expect(thrown { _ = try reading.enterPin(pin: Data("1234".utf8)) } == "flow_wrong_reply")
        #expect(thrown { _ = try reading.enterNewPin(first: Data(), second: Data()) } == "flow_wrong_reply")
        #expect(thrown { _ = try reading.resume(reply: .clock(wallMs: .max, monotonicMs: 0)) } == "setup_invalid")
        // None of that did any harm.
        guard case .failed(let failure) = try reading.resume(reply: .notConnected(error: .noCard)) else {
            throw Fault()
        }
        #expect(failure.code == "no_card" && failure.kind == .reader)
        #expect(thrown { _ = try reading.resume(reply: .disconnected) } == "flow_finished")
    }

    @Test("a conversation that was cancelled is over")
    func useAfterCancel() throws {
        let reading = cardInformation()
        _ = try reading.start()
        reading.cancel()
        reading.cancel()
        #expect(thrown { _ = try reading.resume(reply: .notConnected(error: .noCard)) } == "flow_finished")
        #expect(thrown { _ = try reading.start() } == "flow_finished")
        #expect(try reading.progress().stage == .ready)
    }

    @Test("many threads at once: one has it, all others are told")
    func threads() async throws {
        for _ in 0..<50 {
            let reading = cardStatus()
            let codes = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<8 { group.addTask { thrown { _ = try reading.start() } } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(Set(codes.compactMap { $0 }).isSubset(of: ["flow_in_use", "flow_already_started"]))
            let late = await withTaskGroup(of: String?.self) { group in
                group.addTask {
                    reading.cancel()
                    return "flow_finished"
                }
                for _ in 0..<8 { group.addTask { thrown { _ = try reading.resume(reply: .disconnected) } } }
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(late.isSubset(of: ["flow_in_use", "flow_wrong_reply", "flow_finished"]))
        }
    }

    @Test("a second run of a visit is refused, and the first goes on")
    func secondRun() async throws {
        let (reader, other, people) = (VirtualReader(), VirtualReader(), People("1234"))
        let visit = try Sandbox.visit().conversation()
        let trap = Trap(reader, people: people) { _, _, kind in
            guard kind == .transmit else { return }
            let told = await code { _ = try await other.drivers.run(People("1234"), nil) { visit } }
            #expect(told == "flow_already_started")
        }
        _ = try await Drivers(card: trap, http: trap, keys: Sandbox.shared.get().keys).run(trap, nil) { visit }
        #expect(other.taps == (0, 0) && trap.letGo)
    }

    @Test("an app that dies in the middle: the next one finds a card that works")
    func abandoned() async throws {
        let reader = VirtualReader()
        for commands in [1, 4, 6] {
            // Left where it is, with the card powered and, at last, the PIN verified.
            var left: Conversation? = cardCertificate(credential: .signature)
            var step = try #require(left).start()
            var sent = 0
            while sent < commands, case .need(let request) = step {
                let talk = try #require(left)
                switch request {
                case .connect(let occasion):
                    step = try await talk.resume(reply: .connected(capacity: reader.connect(occasion)))
                case .transmit(let command):
                    sent += 1
                    step = try await talk.resume(reply: .transmitted(response: reader.transmit(command)))
                case .ask(.enterPin): step = try talk.enterPin(pin: Data("ABC123".utf8))
                default: throw Fault()
                }
            }
            left = nil
            let status = try await reader.drivers.cardStatus()
            #expect(status.pins.contains { $0.pin == .signature && $0.state == .triesLeft(tries: 5) })
        }
        _ = try await Sandbox.visit().run(card: reader, screen: People("1234"))
    }
}

@Suite("what is printed by accident", .timeLimit(.minutes(2)))
struct Printing {
    /// Everything that Swift makes of a value.
    static func shown(_ value: some Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        dump(Mirror(reflecting: value).children.map { $0 }, to: &dumped)
        return "\(value) \(String(reflecting: value)) \(dumped)"
    }

    @Test("nothing of a person and no secret")
    func nothing() async throws {
        let people = People("1234")
        let verified = try await Sandbox.visit().run(card: VirtualReader(), screen: people)
        let authorities = try #require(Readings.authorities)
        let drivers = VirtualReader().drivers
        let holder = try await drivers.holder(pin: People("2345"), authorities: authorities)
        let face = try await drivers.face(printed: People(printed: [.hanako]), authorities: authorities)
        let age = try await drivers.age(birthDate: People(birth: "1941-05-03"), authorities: authorities)
        let pin = Pin(ascii: "24689".utf8)
        let entitlement = verified.entitlement
        let text = [
            Self.shown(verified), Self.shown(entitlement), Self.shown(entitlement.person),
            Self.shown(entitlement.insurer), Self.shown(holder), Self.shown(face), Self.shown(age),
            Self.shown([holder]), Self.shown(Optional(holder)), Self.shown(Outcome.holder(holder: holder)),
            Self.shown(Step.done(outcome: .visit(verified: verified))), Self.shown(pin), Self.shown(Printed.hanako),
            Self.shown(Printed.scanned(pin)), Self.shown(Request.transmit(command: Data("24689".utf8))),
            Self.shown(Step.need(request: .transmit(command: Data("24689".utf8)))),
            Self.shown(Header(name: "authorization", value: "Bearer 24689")),
            Self.shown(HttpResponse(status: 200, headers: [], body: Data("24689".utf8))),
            Self.shown(Reply.transmitted(response: Data("24689".utf8))),
            Self.shown(Outcome.certificate(der: Data("24689".utf8))),
            Self.shown(Entry(name: "visit-1", sealed: Data("24689".utf8))),
            Self.shown(Request.keep(name: "visit-1", sealed: Data("24689".utf8))),
            Self.shown(Request.sign(key: "device", payload: Data("24689".utf8))),
            Self.shown(DeviceKey(name: "device", public: Data("24689".utf8))),
        ].joined(separator: "\n")
        for secret in [
            "24689", "- 52", "- 54", "0x32", "介護", "花子", "カイゴ", "1941", "0001234567", "0503", "Bearer", "990010",
            verified.accessToken, holder.address,
        ] {
            #expect(!text.contains(secret), "\(secret)")
        }
        #expect(text.contains("Holder(..)") && text.contains("Pin(..)"))
    }

    @Test("failures carry texts in two languages, and no data")
    func failures() async throws {
        let visit = try Sandbox.visit()
        do {
            _ = try await visit.run(card: VirtualReader("locked"), screen: People("1234"))
            Issue.record("not locked")
        } catch {
            // Typed, without a cast.
            let failure: Failure = error.failure
            #expect(failure.kind == .pin && failure.triesLeft == 0)
            #expect(failure.message(language: .english).hasSuffix("."))
            #expect(failure.nextAction(language: .japanese).hasSuffix("。"))
            #expect("\(error)".contains("pin_blocked"))
        }
    }
}

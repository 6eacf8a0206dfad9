import Foundation
import KaigoTap
import Simulator
import Testing

struct Fault: Error {}

/// The code of what a call throws.
func thrown(_ call: () throws -> Void) -> String? {
    do {
        try call()
        return nil
    } catch {
        return (error as? KaigoTapError)?.failure.code ?? "not typed: \(error)"
    }
}

@Suite("what an app may get wrong", .timeLimit(.minutes(3)))
struct BadInput {
    @Test("a Task that is cancelled at any step, whether or not the link comes back", arguments: [false, true])
    func cancelled(hangs: Bool) async throws {
        for at in 0... {
            let trap = Trap { trap, step, _ in
                guard step == at else { return }
                trap.cancel()
                if hangs { await Trap.hang() }
            }
            let ended = try await trap.cancellableVisit()
            #expect(trap.letGo)
            if trap.steps.count <= at {
                #expect(ended == nil && at > 10)
                return
            }
            #expect(ended == "cancelled", "at step \(at)")
            #expect(trap.steps.count == at + 1)
        }
    }

    @Test("a Task that is cancelled before it starts")
    func cancelledBefore() async throws {
        let trap = Trap { _, _, _ in }
        let visit = try Sandbox.visit()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await code { _ = try await visit.run(card: trap, http: trap, screen: trap) }
        }
        task.cancel()
        #expect(await task.value == "cancelled")
        #expect(trap.connects == 0)
    }

    @Test("an error that the app throws at any step")
    func throwing() async throws {
        var tolerated = 0
        for at in 0... {
            let trap = Trap { _, step, _ in if step == at { throw Fault() } }
            let ended = try await trap.visit()
            #expect(trap.letGo)
            guard trap.steps.count > at else {
                // Once the card has signed, it is only cleaned, and a visit is not lost with that.
                #expect(ended == nil && at > 10)
                #expect(tolerated > 0)
                return
            }
            switch (trap.steps[at], ended) {
            case (.ask, "app_failed"), (.send, "server_no_answer"): break
            case (.connect, "reader_failed"), (.transmit, "reader_failed"): break
            case (.transmit, nil): tolerated += 1
            default: Issue.record("step \(at), \(trap.steps[at]): \(ended ?? "done")")
            }
        }
    }

    @Test(
        "a link that never answers: the time limit wins",
        arguments: [(Trap.Kind.connect, "no_card_in_time"), (.transmit, "card_removed"), (.send, "server_no_answer")])
    func silent(kind: Trap.Kind, expected: String) async throws {
        var limits = TimeLimits()
        limits.connect = kind == .connect ? .seconds(1) : limits.connect
        limits.transmit = kind == .transmit ? .seconds(1) : limits.transmit
        limits.send = kind == .send ? .seconds(1) : limits.send
        let trap = Trap { _, _, now in if now == kind { await Trap.hang() } }
        #expect(try await trap.visit(limits) == expected)
        #expect(trap.letGo)
    }

    @Test("a card that is never let go")
    func neverLetGo() async throws {
        struct Stuck: CardLink {
            func connect(_: Occasion) async throws -> LinkCapacity { throw LinkError.noCard }
            func transmit(_: Data) async throws -> Data { Data() }
            func disconnect() async { await Trap.hang() }
        }
        var limits = TimeLimits()
        limits.disconnect = .milliseconds(100)
        #expect(await code { _ = try await Drivers(card: Stuck(), limits: limits).cardStatus() } == "no_card")
    }

    @Test(
        "answers of a card that are none",
        arguments: [
            (0, "card_removed"), (1, "card_removed"), (65_538, "not_my_number_card"), (65_539, "setup_invalid"),
            (8 << 20, "setup_invalid"),
        ])
    func strangeAnswers(length: Int, expected: String) async throws {
        let card = ScriptedCard { _ in Data(count: length) }
        let ended = await code { _ = try await card.drivers.cardStatus() }
        #expect(ended == expected)
    }

    @Test(
        "links that say they carry nothing, or everything",
        arguments: [(0, "reader_failed"), (UInt32.max, "not_my_number_card")])
    func strangeCapacity(bytes: UInt32, expected: String) async throws {
        let capacity = LinkCapacity(maxCommand: bytes, maxResponse: bytes)
        let card = ScriptedCard(capacity: capacity) { _ in Data([0x6A, 0x82]) }
        let ended = await code { _ = try await card.drivers.cardStatus() }
        #expect(ended == expected)
    }

    @Test("answers of a server that are none")
    func giantServer() async throws {
        for (status, body) in [
            (201, Data(count: 1 << 20 + 1)), (200, Data(count: 16 << 20)), (201, Data()), (0, Data()),
            (201, Data([0x7B, 0x00, 0xED, 0xA0, 0x80, 0x7D])),
        ] as [(UInt16, Data)] {
            let server = ScriptedServer { _ in HttpResponse(status: status, headers: [], body: body) }
            let visit = try Sandbox.visit()
            let reader = VirtualReader()
            let ended = await code { _ = try await visit.run(card: reader, http: server, screen: People("1234")) }
            #expect(ended?.hasPrefix("server_") == true, "\(status): \(ended ?? "done")")
            #expect(reader.taps == (0, 0))
        }
    }

    @Test("answers of a server with headers without end", arguments: [(65, 1), (1, 1 << 20)])
    func endlessHeaders(count: Int, length: Int) async throws {
        let header = Header(name: "x", value: String(repeating: "v", count: length))
        let answer = HttpResponse(status: 201, headers: Array(repeating: header, count: count), body: Data())
        let visit = try Sandbox.visit()
        let ended = await code {
            _ = try await visit.run(
                card: VirtualReader(), http: ScriptedServer { _ in answer }, screen: People("1234"))
        }
        #expect(ended == "server_answer_invalid")
    }

    @Test("PINs with null bytes, empty and endless ones never reach the card")
    func strangePins() async throws {
        let reader = VirtualReader()
        let people = People("\0\0\0\0", "", String(repeating: "9", count: 4_000), "一二三四")
        let visit = try Sandbox.visit()
        let ended = await code { _ = try await visit.run(card: reader, screen: people) }
        #expect(ended == "pin_malformed 3")
        #expect(people.asked.dropFirst(2).allSatisfy { $0 == "authentication 3 malformed" })
        #expect(people.asked.count == 6 && people.allWiped)
        // Of VERIFY only the question for the tries: it has no data.
        #expect(reader.sent.allSatisfy { $0[1] != 0x20 || $0.count == 4 })
        let raw = VirtualReader()
        let reading = cardCertificate(credential: .signature)
        var step = try reading.start()
        while case .need(let request) = step {
            switch request {
            case .connect(let occasion):
                step = try await reading.resume(reply: .connected(capacity: raw.connect(occasion)))
            case .transmit(let command):
                step = try await reading.resume(reply: .transmitted(response: raw.transmit(command)))
            case .ask(.enterPin(_, let tries, .first)):
                #expect(tries == 5)
                step = try reading.enterPin(pin: Data(count: 1 << 20))
            case .ask(.enterPin(_, let tries, .malformed)):
                #expect(tries == 5)
                step = try reading.resume(reply: .cancelled)
            case .disconnect: step = try reading.resume(reply: .disconnected)
            default: throw Fault()
            }
        }
    }

    @Test("what cannot stand on a card is asked for again")
    func strangePrinted() async throws {
        for printed in [
            Printed.read(birthDate: "\0", expiryYear: "2035", code: "0503"),
            .read(birthDate: "1941-05-03", expiryYear: "0", code: "0503"),
            .read(birthDate: "1941-05-03", expiryYear: "2035", code: "\0\0\0\0"),
            .scanned(Pin(ascii: [0])),
        ] {
            let people = People(printed: [printed])
            let ended = await code { _ = try await VirtualReader().drivers.face(printed: people) }
            #expect(ended == "pin_malformed 10")
            #expect(people.asked.count == 2 && people.asked[1].hasSuffix("malformed"))
        }
        let people = People(birth: "\u{FFFD}")
        _ = await code { _ = try await VirtualReader().drivers.age(birthDate: people) }
        #expect(
            people.asked.first == "birth date first"
                && people.asked.dropFirst().allSatisfy { $0.hasSuffix("malformed") })
    }

    @Test("null bytes and lone surrogates in texts")
    func strangeTexts() async throws {
        // Swift's strings hold no lone surrogate: what comes from one of NSString's is a replacement character.
        let surrogate: [UInt16] = [0xD83D]
        let bridged = NSString(characters: surrogate, length: 1) as String
        for text in [
            "\0", "", bridged, String(decoding: surrogate, as: UTF16.self), String(repeating: "長", count: 1 << 20),
        ] {
            let visit = try Sandbox.visit(server: text)
            #expect(await code { _ = try await visit.run(card: VirtualReader(), screen: People()) } == "setup_invalid")
            #expect(thrown { _ = try Sandbox.visit(key: text).conversation() } == "setup_invalid")
        }
        #expect(thrown { _ = try Sandbox.visit(entropy: Data(count: 31)).conversation() } == "setup_invalid")
        let none = TrustAnchors.test(authentication: [Data([0])], signature: [])
        #expect(thrown { _ = try Sandbox.visit(anchors: none).conversation() } == "setup_invalid")
        #expect(
            thrown { _ = try holder(key: .pin, authorities: .production, challenge: Data(count: 33)) }
                == "setup_invalid")
        #expect(thrown { _ = try changePin(pin: .unknown) } == "setup_invalid")
    }
}

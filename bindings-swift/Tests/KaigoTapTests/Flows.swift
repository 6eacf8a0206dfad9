import Foundation
import Simulator
import Testing

@testable import KaigoTap

@Suite("visits", .timeLimit(.minutes(2)))
struct Visits {
    @Test("with PIN, to the entitlement")
    func withPin() async throws {
        let (reader, people) = (VirtualReader(), People("1234"))
        let (stages, hearer) = AsyncStream<ConversationProgress>.makeStream()
        let conversation = try Sandbox.visit().conversation()
        let outcome = try await reader.drivers.run(people, hearer) { conversation }
        guard case .visit(let verified) = outcome else { throw Fault() }
        #expect(verified.entitlement.person.nameKana == "カイゴ　ハナコ")
        #expect(verified.entitlement.insuredNumber == "0001234567")
        #expect(verified.method == "card_pin")
        #expect(verified.freshUntilMs > verified.verifiedAtMs)
        #expect(people.asked == ["face", "authentication 3 first"])
        #expect(people.allWiped)
        #expect(reader.taps == (1, 1))
        var passed: [Stage] = []
        for await now in stages where passed.last != now.stage { passed.append(now.stage) }
        #expect(
            passed == [.faceCheck, .challenge, .awaitCard, .readCard, .enterPin, .sign, .exchange, .entitlement])
        // The conversation is over; a second one needs a new object.
        #expect(await code { _ = try await reader.drivers.run(people, nil) { conversation } } == "flow_finished")
        #expect(reader.taps == (1, 1))
    }

    @Test("the next visit is a tap, and nobody enters anything")
    func byTap() async throws {
        let verified = try await Sandbox.visit().run(card: VirtualReader(), screen: People("1234"))
        let known = verified.entitlement.person
        let person = ChosenPerson(nameKana: known.nameKana, birthDate: known.birthDate, sex: known.sex)
        let (reader, people) = (VirtualReader(pinTiming: .beforeTap), People())
        let again = try await Sandbox.visit(person: person, registeredAs: verified.subject)
            .run(card: reader, screen: people)
        #expect(again.method == "card_tap" && again.subject == verified.subject)
        #expect(again.genuineness != nil)
        #expect(people.asked == ["face"])
        #expect(reader.taps == (1, 1))
    }

    @Test("over the plainest link")
    func plain() async throws {
        let reader = VirtualReader("plain", capacity: .short)
        let verified = try await Sandbox.visit().run(card: reader, screen: People("1234"))
        #expect(verified.entitlement.person.birthDate == "1941-05-03")
    }

    @Test("a wrong PIN, then the right one")
    func wrongThenRight() async throws {
        let people = People("9999", "1234")
        _ = try await Sandbox.visit().run(card: VirtualReader(), screen: people)
        #expect(people.asked == ["face", "authentication 3 first", "authentication 2 wrong"])
        #expect(people.allWiped)
    }

    @Test("a last try that nobody agrees to is not made")
    func lastTryRefused() async throws {
        let (reader, people) = (VirtualReader("authentication-tries:1"), People("1234"))
        let visit = try Sandbox.visit()
        let ended = await code { _ = try await visit.run(card: reader, screen: people) }
        #expect(ended == "pin_last_try 1")
        #expect(people.asked == ["face", "last try authentication"])
    }

    @Test("a last try that the holder agrees to")
    func lastTry() async throws {
        let people = People("1234", consents: true)
        _ = try await Sandbox.visit().run(card: VirtualReader("authentication-tries:1"), screen: people)
        #expect(people.asked == ["face", "last try authentication", "authentication 1 first"])
    }

    @Test("a torn tap is followed by a second one", arguments: [0, 1, 2, 3, 5])
    func torn(after: Int) async throws {
        let reader = VirtualReader("torn-after:\(after)", "modern")
        let people = People("1234", "1234")
        _ = try await Sandbox.visit().run(card: reader, screen: people)
        #expect(reader.taps == (2, 2))
    }

    @Test("a blocked card")
    func blocked() async throws {
        let (reader, people) = (VirtualReader("locked"), People("1234"))
        let visit = try Sandbox.visit()
        let ended = await code { _ = try await visit.run(card: reader, screen: people) }
        #expect(ended == "pin_blocked 0")
        #expect(people.asked == ["face"])
        #expect(reader.taps == (1, 1))
    }

    @Test("a face that does not match: the card is never asked for")
    func noMatch() async throws {
        let reader = VirtualReader()
        let visit = try Sandbox.visit()
        let ended = await code {
            _ = try await visit.run(card: reader, screen: People("1234", face: .noMatch))
        }
        #expect(ended == "face_differs")
        #expect(reader.taps == (0, 0))
    }

    @Test("nobody enters a PIN")
    func cancelled() async throws {
        let reader = VirtualReader()
        let visit = try Sandbox.visit()
        let ended = await code { _ = try await visit.run(card: reader, screen: People()) }
        #expect(ended == "cancelled 3")
        #expect(reader.taps == (1, 1))
    }

    @Test("a revoked card is refused")
    func revoked() async throws {
        let reader = VirtualReader(person: "revoked")
        let visit = try Sandbox.visit()
        let ended = await code { _ = try await visit.run(card: reader, screen: People("0707")) }
        #expect(ended == "certificate_revoked")
    }

    @Test("a server that is not there")
    func noServer() async throws {
        let visit = try Sandbox.visit(server: "http://127.0.0.1:9")
        let ended = await code { _ = try await visit.run(card: VirtualReader(), screen: People("1234")) }
        #expect(ended == "server_unreachable")
    }
}

@Suite("readings", .timeLimit(.minutes(2)))
struct Readings {
    static let authorities = try? Table.read().authorities("virtual")
    let challenge = freshEntropy()

    @Test("status")
    func status() async throws {
        let reader = VirtualReader()
        let status = try await reader.drivers.cardStatus()
        #expect(status.token == .myNumberCard && status.canAuthenticate)
        #expect(status.pins.contains { $0.pin == .authentication && $0.state == .triesLeft(tries: 3) })
        #expect(reader.taps == (1, 1))
        let phone = try await VirtualReader(person: "android").drivers.cardStatus()
        #expect(phone.token == .androidPhone)
        let other = VirtualReader(person: "other-country")
        #expect(await code { _ = try await other.drivers.cardStatus() } == "not_my_number_card")
    }

    @Test("certificates")
    func certificates() async throws {
        let people = People("ABC123")
        let free = try await VirtualReader().drivers.certificate(.authentication, screen: people)
        #expect(people.asked.isEmpty && free.count > 1_000)
        let named = try await VirtualReader().drivers.certificate(.signature, screen: people)
        #expect(people.asked == ["signature 5 first"] && named.count > 1_000 && named != free)
        let anchors = try Sandbox.shared.get().enrolment.anchors
        let verdict = try anchors.judge(
            certificate: free,
            demand: Demand(
                purpose: .authentication, atMs: UInt64(Date().timeIntervalSince1970 * 1_000), intermediates: [],
                revocationLists: [], ocspAnswer: nil))
        #expect(verdict.rejectedBecause == nil && verdict.origin == .test)
    }

    @Test("4 attributes, by PIN")
    func holderByPin() async throws {
        let people = People("2345")
        let holder = try await VirtualReader().drivers.holder(
            pin: people, authorities: #require(Self.authorities), challenge: challenge)
        #expect(holder.name == "介護　花子" && holder.birthDate == "1941-05-03" && holder.sex == .female)
        #expect(holder.genuineness.attributes == .signed && holder.genuineness.present == .live)
        #expect(people.allWiped)
    }

    @Test("4 attributes, by what is printed on the card; a date that is none is asked for again")
    func holderByPrinted() async throws {
        let people = People(printed: [
            .read(birthDate: "1941-13-03", expiryYear: "2035", code: "0503"), .hanako,
        ])
        let reader = VirtualReader()
        let holder = try await reader.drivers.holder(
            printed: people, authorities: #require(Self.authorities), challenge: nil)
        #expect(holder.name == "介護　花子" && holder.genuineness.present == .notChecked)
        #expect(people.asked.map { $0.split(separator: " ").last } == ["first", "malformed"])
        let scanned = People(printed: [.scanned(Pin(ascii: "16050320350503".utf8))])
        let again = try await reader.drivers.holder(printed: scanned, authorities: #require(Self.authorities))
        #expect(again == holder)
    }

    @Test("under another authority nothing is genuine")
    func notGenuine() async throws {
        let reader = VirtualReader()
        let ended = await code { _ = try await reader.drivers.holder(pin: People("2345")) }
        #expect(ended == "card_not_genuine")
    }

    @Test("the face of a card")
    func face() async throws {
        let face = try await VirtualReader().drivers.face(
            printed: People(printed: [.hanako]), authorities: #require(Self.authorities), challenge: challenge)
        #expect(face.genuineness.photo == .signed && face.photo != nil && face.birthDate == "1941-05-03")
        #expect(face.nameImage.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    }

    @Test("age and information")
    func age() async throws {
        let people = People(birth: "1941-05-03")
        let age = try await VirtualReader().drivers.age(
            birthDate: people, authorities: #require(Self.authorities), challenge: challenge)
        #expect(age.birthDate == "1941-05-03" && age.genuineness.present == .live)
        let information = try await VirtualReader().drivers.information()
        #expect(information.municipality.hasPrefix("99001"))
    }

    @Test("a PIN is changed; the new one opens, the old one does not")
    func changePin() async throws {
        let (reader, people) = (VirtualReader(), People("1234", new: ("4711", "4711")))
        try await reader.drivers.changePin(.authentication, screen: people)
        #expect(people.asked == ["new authentication first", "authentication 3 first"])
        #expect(people.allWiped)
        let holder = People("1234", "4711")
        _ = try await Sandbox.visit().run(card: reader, screen: holder)
        #expect(holder.asked == ["face", "authentication 3 first", "authentication 2 wrong"])
    }

    @Test("two entries that differ, and a PIN that cannot be changed")
    func pinNotChanged() async throws {
        let (reader, people) = (VirtualReader(), People("1234", new: ("4711", "4712")))
        let ended = await code { try await reader.drivers.changePin(.authentication, screen: people) }
        #expect(ended == "cancelled")
        #expect(people.asked == ["new authentication first", "new authentication different"])
        let printed = await code {
            try await reader.drivers.changePin(.verificationNumberB, screen: people)
        }
        #expect(printed == "pin_not_changed")
    }
}

import Foundation
import KaigoTap

/// A conversation, or one that is looked at while it is replayed.
package protocol Replayable: AnyObject {
    func askForPins(timing: PinTiming) throws
    func start() throws -> Step
    func resume(reply: Reply) throws -> Step
    func enterPin(pin: Data) throws -> Step
    func enterNewPin(first: Data, second: Data) throws -> Step
}

extension Conversation: Replayable {}

/// Replays a transcript: the library is asked for every byte that it sent, and given every byte that it got.
package struct Replay {
    let table: Table
    let header: Line
    /// The turns, each with the number of its line.
    let turns: [(number: Int, line: Line)]
    /// Whether something was withheld that the outcome depends on.
    let withheld: Bool

    package init(_ text: String, _ table: Table) throws {
        var lines = try text.split(separator: "\n").enumerated().map {
            (number: $0.offset + 1, line: try JSONDecoder.snake.decode(Line.self, from: Data($0.element.utf8)))
        }
        guard lines.first?.line.type == "header" else { throw Differs("no header") }
        self.table = table
        header = lines.removeFirst().line
        turns = lines
        withheld = text.contains("<withheld:")
    }

    /// What the conversation ends with, if all turns are those of the transcript: `done`, or the code and the tries.
    package func run() throws -> [String] {
        guard header.version == 4 else { throw Differs("another version") }
        return try run(begin())
    }

    /// The same with a conversation that was made before.
    package func run(_ talk: any Replayable) throws -> [String] {
        if header.parameters?.pinTiming == "before_tap" { try talk.askForPins(timing: .beforeTap) }
        var step = try talk.start()
        for (number, line) in turns {
            guard case .need(let request) = step else { throw Differs("line \(number): it has ended with \(step)") }
            do {
                step = try turn(talk, request, line)
            } catch {
                throw Differs("line \(number): \(error)")
            }
        }
        switch step {
        case .need: throw Differs("the transcript has ended; the conversation goes on")
        case .done: return ["done"]
        case .failed(let failure): return [failure.code] + (failure.triesLeft.map { ["\($0)"] } ?? [])
        }
    }

    /// What the transcript says that it ends with.
    package func recorded() throws -> [String] {
        let outcome = try header.outcome.orThrow("no outcome")
        let code = outcome.result == "done" ? "done" : try outcome.code.orThrow("no code")
        // A record that was put together from zeros is none, wherever it was judged.
        if withheld && ["done", "card_not_genuine"].contains(code) { return ["card_record_invalid"] }
        return [code] + (outcome.triesLeft.map { ["\($0)"] } ?? [])
    }

    package func begin() throws -> any Replayable {
        let parameters = try header.parameters.orThrow("no parameters")
        let authorities = { try table.authorities(parameters.authorities) }
        let challenge = header.challenge.flatMap { Data(hex: $0) }
        switch header.flow {
        case "status": return cardStatus()
        case "information": return cardInformation()
        case "certificate":
            return cardCertificate(
                credential: parameters.credential == "signature" ? .signature : .authentication)
        case "holder":
            return try holder(
                key: parameters.key == "pin" ? .pin : .verificationNumberB, authorities: authorities(),
                challenge: challenge)
        case "face": return try face(authorities: authorities(), challenge: challenge)
        case "age": return try age(authorities: authorities(), challenge: challenge)
        case "change_pin": return try changePin(pin: Names.pin(parameters.pin))
        case "host_check":
            return try hostCheck(key: parameters.deviceKey.map(\.parsed))
        case "visit":
            let given = try parameters.visit.orThrow("no visit")
            let anchors = try table.anchors[given.anchors].orThrow("no anchors")
            return try visit(
                plan: Plan(
                    uses: given.uses.map { $0 == "view" ? .view : .register },
                    person: given.person.map {
                        ChosenPerson(nameKana: $0.nameKana, birthDate: $0.birthDate, sex: try Names.sex($0.sex))
                    },
                    registeredAs: given.registeredAs),
                environment: Environment(
                    server: given.server, issuer: given.issuer,
                    challengeKeys: given.challengeKeys.map { ChallengeKey(x: $0.x, y: $0.y) },
                    device: given.device.parsed,
                    staffToken: given.staffToken,
                    anchors: .test(authentication: anchors.compactMap { Data(base64Encoded: $0) }, signature: []),
                    entropy: header.entropy.flatMap { Data(hex: $0) }.orThrow("no entropy"),
                    cardAuthorities: try parameters.authorities.map { try table.authorities($0) }))
        case "sign_in":
            let given = try parameters.signIn.orThrow("no sign-in")
            return try signIn(
                plan: SignInPlan(
                    issuer: given.issuer, device: given.device.parsed, returnsTo: given.returnsTo,
                    entropy: header.entropy.flatMap { Data(hex: $0) }.orThrow("no entropy"),
                    anew: given.anew ?? false,
                    language: given.language.map { $0 == "ja" ? .japanese : .english }))
        case "enrol":
            let given = try parameters.enrol.orThrow("no enrolment")
            return try enrol(
                plan: EnrolPlan(
                    server: given.server, activationCode: given.activationCode, key: given.key.parsed,
                    entropy: header.entropy.flatMap { Data(hex: $0) }.orThrow("no entropy"),
                    issuer: given.issuer))
        default: throw Differs("no flow \(header.flow ?? "")")
        }
    }

    private func turn(_ talk: any Replayable, _ request: Request, _ line: Line) throws -> Step {
        switch (request, line.type) {
        case (.connect(let occasion), "connect"):
            try same(Names.occasion(occasion), line.occasion, "the occasion")
            guard let link = line.link else {
                return try talk.resume(reply: .notConnected(error: Names.link(line.error)))
            }
            let capacity = LinkCapacity(maxCommand: link.maxCommand, maxResponse: link.maxResponse)
            return try talk.resume(reply: .connected(capacity: capacity))
        case (.transmit(let command), "exchange"):
            try same(command, Data(marked: line.tx.orThrow("no tx"), table), "the command")
            return try talk.resume(reply: .transmitted(response: Data(marked: line.rx.orThrow("no rx"), table)))
        case (.transmit(let command), "error"):
            try same(command, Data(marked: line.tx.orThrow("no tx"), table), "the command")
            return try talk.resume(reply: .notTransmitted(error: Names.link(line.error)))
        case (.disconnect, "disconnect"):
            return try talk.resume(reply: .disconnected)
        case (.clock, "clock"):
            let (wall, monotonic) = (try line.wallMs.orThrow("no time"), try line.monotonicMs.orThrow("no time"))
            return try talk.resume(reply: .clock(wallMs: wall, monotonicMs: monotonic))
        case (.sign(let key, let payload), "sign"):
            try same(key, line.key, "the key")
            try same(payload, Data(hex: line.payload.orThrow("no payload")), "what is to be signed")
            guard let signature = line.signature else {
                return try talk.resume(reply: .notSigned(error: Names.sign(line.error)))
            }
            return try talk.resume(reply: .signed(signature: Data(hex: signature).orThrow("no signature")))
        case (.browse(let address, let returnsTo), "browse"):
            try same(address, line.address, "the address to open")
            try same(returnsTo, line.returnsTo, "where the browser ends")
            guard let ended = line.ended else {
                return try talk.resume(reply: .notBrowsed(error: Names.browse(line.error)))
            }
            return try talk.resume(reply: .browsed(address: ended))
        case (.keep(let name, let sealed), "keep"):
            try same(name, line.name, "the name")
            try same(sealed, Data(hex: line.sealed.orThrow("no entry")), "the entry")
            return try talk.resume(reply: line.error.map { .notKept(error: try Names.store($0)) } ?? .kept)
        case (.forget(let name), "forget"):
            try same(name, line.name, "the name")
            return try talk.resume(reply: line.error.map { .notForgotten(error: try Names.store($0)) } ?? .forgotten)
        case (.listNames, "list"):
            return try talk.resume(
                reply: line.names.map { .listed(names: $0) } ?? .notListed(error: Names.store(line.error)))
        case (.recall(let names), "recall"):
            try same(names, line.names, "the names")
            guard let entries = line.entries else {
                return try talk.resume(reply: .notRecalled(error: Names.store(line.error)))
            }
            let recalled = try entries.map { kept in
                Entry(name: kept.name, sealed: try Data(hex: kept.sealed).orThrow("no entry"))
            }
            return try talk.resume(reply: .recalled(entries: recalled))
        case (.ask(let prompt), "ask"):
            try same(prompt, Names.prompt(line.prompt.orThrow("no prompt")), "the question")
            guard case .typed(let typed) = line.answer else { throw Differs("no answer") }
            return try answer(talk, typed)
        case (.send(let request), "send"):
            return try talk.resume(reply: exchange(request, line))
        default:
            throw Differs("another turn than \(line.type)")
        }
    }

    private func answer(_ talk: any Replayable, _ typed: Line.Typed) throws -> Step {
        if let face = typed.face {
            return try talk.resume(reply: .faceChecked(check: face == "match" ? .match : .noMatch))
        } else if let name = typed.pin {
            return try talk.enterPin(pin: Data(table.secret(name).utf8))
        } else if let consent = typed.consent {
            return try talk.resume(reply: .consented(consent: consent))
        } else if let names = typed.newPin, names.count == 2 {
            let typed = try names.map { Data(try table.secret($0).utf8) }
            return try talk.enterNewPin(first: typed[0], second: typed[1])
        }
        return try talk.resume(reply: .cancelled)
    }

    private func exchange(_ request: HttpRequest, _ line: Line) throws -> Reply {
        try same(request.method == .get ? "GET" : "POST", line.method, "the method")
        let given = header.parameters
        let server = given?.visit?.server ?? given?.signIn?.server ?? given?.enrol?.server
        try same(request.url, (server ?? "") + (line.path ?? ""), "the address")
        let headers = try line.headers.orThrow("no headers")
        try same(request.headers.map { [$0.name, $0.value] }, headers, "the headers")
        let body = line.body ?? ""
        try same(String(decoding: request.body, as: UTF8.self), body, "the body")
        guard let status = line.status, case .body(let answer) = line.answer else {
            return .notReceived(error: try Names.http(line.error))
        }
        let got = (line.answerHeaders ?? []).map { Header(name: $0[0], value: $0[1]) }
        return .received(
            response: HttpResponse(status: status, headers: got, body: Data(answer.utf8)))
    }

    private func same<T: Equatable>(_ now: T, _ then: T?, _ what: String) throws {
        // Of a secret, no more than that it differs.
        guard now == then else { throw Differs("\(what) differs") }
    }
}

extension Line.Parameters.Device {
    /// As the library takes it.
    var parsed: EnrolledDevice { EnrolledDevice(id: id, facility: facility, key: key.parsed) }
}

extension Line.Parameters.DeviceKey {
    /// As the library takes it; a key that is none is refused there.
    var parsed: DeviceKey { DeviceKey(name: name, public: Data(hex: `public`) ?? Data()) }
}

import Foundation
import KaigoTap

/// The platform of this repository, in a process of its own. It ends with the tests.
package final class Sandbox: Sendable {
    package static let shared = Result { try Sandbox() }

    package struct Enrolment: Decodable {
        package struct Key: Decodable {
            package let x: String
            package let y: String
        }
        package let server: String
        package let issuer: String
        package let challengeKeys: [Key]
        package let deviceId: String
        package let deviceKey: Key
        package let facilityId: String
        package let staffToken: String
        let testAnchors: [String]

        /// The device, as the platform knows it.
        package var device: EnrolledDevice {
            let point = [deviceKey.x, deviceKey.y].compactMap { Data(base64Url: $0) }.reduce(Data([4]), +)
            return EnrolledDevice(
                id: deviceId, facility: facilityId, key: DeviceKey(name: KeyFile.name, public: point))
        }

        /// What the device was told when it was enrolled.
        package var told: KaigoTap.Enrolment {
            KaigoTap.Enrolment(
                server: server, issuer: issuer, staffIssuer: issuer + "/staff",
                challengeKeys: challengeKeys.map { ChallengeKey(x: $0.x, y: $0.y) }, device: device, mutualTls: .none)
        }

        /// Who has signed in.
        package var staffId: String {
            struct Claims: Decodable { let sub: String }
            let parts = staffToken.split(separator: ".")
            let payload = parts.count == 3 ? Data(base64Url: String(parts[1])) : nil
            return payload.flatMap { try? JSONDecoder().decode(Claims.self, from: $0).sub } ?? ""
        }

        /// Authorities whose cards count: those of the virtual card.
        package var anchors: TrustAnchors {
            .test(authentication: testAnchors.compactMap { Data(base64Encoded: $0) }, signature: [])
        }
    }

    package let enrolment: Enrolment
    /// The same, as it was written.
    package let written: Data
    /// Where the device's key lies.
    package let keys: KeyFile
    private let held: Pipe

    /// Another one, with a device of its own.
    package static func own() throws -> Sandbox { try Sandbox() }

    private init() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("enrolment-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let pipe = Pipe()
        held = try Kaigotap.startForThisProcess(
            ["sandbox", "--listen", "127.0.0.1:0", "--enrolment", file.path, "--json"], output: pipe)
        // It says where it listens as soon as it does, and has written the enrolment by then.
        var said = Data()
        while !said.contains(UInt8(ascii: "}")) {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            said.append(more)
        }
        written = try Data(contentsOf: file)
        enrolment = try JSONDecoder.snake.decode(Enrolment.self, from: written)
        keys = KeyFile(file: URL(fileURLWithPath: file.path + ".keys/" + KeyFile.name))
        // The key is read for as long as there are tests.
        atexit {
            guard let key = (try? Sandbox.shared.get())?.keys.file else { return }
            try? FileManager.default.removeItem(at: key.deletingLastPathComponent())
        }
    }

    /// A visit to the sandbox, before it begins.
    package struct Planned: Sendable {
        let plan: Plan
        let environment: Environment
        let keys: KeyFile

        /// Runs it.
        package func run(
            card: any CardLink, http: any HttpLink = URLSessionHttp(), screen: any VisitScreen,
            limits: TimeLimits = TimeLimits(), progress: ProgressHearer? = nil
        ) async throws(KaigoTapError) -> VerifiedVisit {
            try await Drivers(card: card, http: http, keys: keys, limits: limits)
                .visit(plan, environment: environment, screen: screen, progress: progress)
        }

        /// The conversation itself.
        package func conversation() throws -> Conversation { try KaigoTap.visit(plan: plan, environment: environment) }
    }

    /// A visit to the sandbox.
    package static func visit(
        server: String? = nil, key: String? = nil, anchors: TrustAnchors? = nil, entropy: Data? = nil,
        person: ChosenPerson? = nil, registeredAs: String? = nil, offers: [Way] = []
    ) throws -> Planned {
        let sandbox = try shared.get()
        let enrolment = sandbox.enrolment
        return Planned(
            plan: Plan(
                uses: registeredAs == nil ? [.view, .register] : [.view], person: person, registeredAs: registeredAs,
                offers: offers),
            environment: Environment(
                server: server ?? enrolment.server, issuer: enrolment.issuer,
                challengeKeys: enrolment.challengeKeys.map { ChallengeKey(x: key ?? $0.x, y: $0.y) },
                device: enrolment.device, staffToken: enrolment.staffToken, anchors: anchors ?? enrolment.anchors,
                entropy: entropy ?? freshEntropy(), cardAuthorities: try Table.read().authorities("virtual")),
            keys: sandbox.keys)
    }
}

extension Data {
    /// Base64 with the alphabet of addresses, and without padding (RFC 4648 §5).
    init?(base64Url text: String) {
        let usual = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        self.init(base64Encoded: usual + String(repeating: "=", count: (4 - usual.count % 4) % 4))
    }
}

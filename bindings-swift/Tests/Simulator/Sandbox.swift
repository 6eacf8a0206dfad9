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
        package let facilityId: String
        package let staffId: String
        package let staffToken: String
        let testAnchors: [String]

        /// Authorities whose cards count: those of the virtual card.
        package var anchors: TrustAnchors {
            .test(authentication: testAnchors.compactMap { Data(base64Encoded: $0) }, signature: [])
        }
    }

    package let enrolment: Enrolment
    private let held: Pipe

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
        enrolment = try JSONDecoder.snake.decode(Enrolment.self, from: Data(contentsOf: file))
    }

    /// A visit to the sandbox, before it begins.
    package struct Planned: Sendable {
        let plan: Plan
        let environment: Environment

        /// Runs it.
        package func run(
            card: any CardLink, http: any HttpLink = URLSessionHttp(), screen: any VisitScreen,
            limits: TimeLimits = TimeLimits(), progress: ProgressHearer? = nil
        ) async throws(KaigoTapError) -> VerifiedVisit {
            try await Drivers(card: card, http: http, limits: limits)
                .visit(plan, environment: environment, screen: screen, progress: progress)
        }

        /// The conversation itself.
        package func conversation() throws -> Conversation { try KaigoTap.visit(plan: plan, environment: environment) }
    }

    /// A visit to the sandbox.
    package static func visit(
        server: String? = nil, key: String? = nil, anchors: TrustAnchors? = nil, entropy: Data? = nil,
        person: ChosenPerson? = nil
    ) throws -> Planned {
        let enrolment = try shared.get().enrolment
        return Planned(
            plan: Plan(
                facility: enrolment.facilityId, staff: enrolment.staffId, uses: [.view, .register], person: person),
            environment: Environment(
                server: server ?? enrolment.server, issuer: enrolment.issuer,
                challengeKeys: enrolment.challengeKeys.map { ChallengeKey(x: key ?? $0.x, y: $0.y) },
                staffToken: enrolment.staffToken, anchors: anchors ?? enrolment.anchors,
                entropy: entropy ?? freshEntropy()))
    }
}

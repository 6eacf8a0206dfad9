import KaigoTap
import Simulator  // A virtual card and a platform for trying out. On an iPhone: KaigoTapNFC, and NFCCardLink() for a reader.

/// Asks the people. An app shows its own screens here.
struct Bedside: VisitScreen {
    func confirmFace() async throws -> FaceCheck? { .match }

    func enterPin(_ pin: PinKind, triesLeft: UInt8?, why: WhyPin) async throws -> Pin? {
        print("暗証番号", triesLeft.map { "（あと\($0)回）" } ?? "")
        return Pin(ascii: "1234".utf8)
    }
}

@main
struct SmallestProgram {
    static func main() async throws {
        // What the facility's device was given when it was enrolled.
        let (device, keys) = try (Sandbox.shared.get().enrolment, Sandbox.shared.get().keys)
        let environment = Environment(
            server: device.server, issuer: device.issuer,
            challengeKeys: device.challengeKeys.map { ChallengeKey(x: $0.x, y: $0.y) },
            device: device.device, staffToken: device.staffToken, anchors: device.anchors, entropy: freshEntropy())
        let plan = Plan(uses: [.view])
        do {
            let drivers = Drivers(card: VirtualReader(), keys: keys)
            let verified = try await drivers.visit(plan, environment: environment, screen: Bedside())
            print(verified.entitlement.careLevel?.text(language: .japanese) ?? "要介護認定なし")
        } catch {
            print(error.failure.message(language: .japanese))
            print(error.failure.nextAction(language: .japanese))
        }
    }
}

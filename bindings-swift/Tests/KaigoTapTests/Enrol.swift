import Foundation
import KaigoTap
import Simulator
import Testing

@Suite("a device enrols itself", .timeLimit(.minutes(2)))
struct Enrol {
    static let server = "https://platform.example"
    static let activation = "7ZZZ-0123-4567-89AB-CDEF-GHJK-MN"

    /// A platform that says what a test wants, and knows one key.
    struct Platform: HttpLink {
        let key: ChallengeKey
        var refusal: String?

        func send(_ request: HttpRequest) async throws -> HttpResponse {
            guard request.url.hasPrefix(Enrol.server) else { throw HttpError.unreachable }
            if request.url.contains("/.well-known/") { return answer(200, #"{"issuer":"\#(Enrol.server)"}"#) }
            if let refusal { return answer(400, #"{"error":"x","kaigo_error":"\#(refusal)"}"#) }
            let told = #"""
                {"device_id":"made-here","label":"ward 3","facility_id":"1370000001","issuer":"\#(Enrol.server)",
                "staff_issuer":"\#(Enrol.server)/staff",
                "challenge_keys":[{"kty":"EC","crv":"P-256","x":"\#(key.x)","y":"\#(key.y)"}],
                "policy":{"offline_tickets":20,"mtls":"none"},"server_time":"2026-11-20T01:02:03Z"}
                """#
            return answer(request.method == .get ? 200 : 201, told)
        }

        private func answer(_ status: UInt16, _ body: String) -> HttpResponse {
            HttpResponse(status: status, headers: [], body: Data(body.utf8))
        }
    }

    /// A device with the sandbox's key, at that platform.
    private func device(refusal: String? = nil) throws -> (Drivers, DeviceKey) {
        let sandbox = try Sandbox.shared.get()
        let known = sandbox.enrolment.challengeKeys[0]
        let platform = Platform(key: ChallengeKey(x: known.x, y: known.y), refusal: refusal)
        return (Drivers(http: platform, keys: sandbox.keys), sandbox.enrolment.device.key)
    }

    @Test("and keeps what it was told")
    func whole() async throws {
        let (drivers, key) = try device()
        let (server, typed) = (Self.server, "7zzz 0123 4567 89ab cdef ghjk mn")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        let plan = EnrolPlan(server: server, activationCode: typed, key: key, entropy: freshEntropy())
        let enrolment = try await drivers.enrol(plan)
        try enrolmentToJson(enrolment: enrolment).write(to: file, atomically: true, encoding: .utf8)
        let kept = try enrolmentFromJson(json: String(contentsOf: file, encoding: .utf8))
        #expect(kept == enrolment && kept.label == "ward 3" && kept.device.key == key)
        #expect(kept.staffIssuer == Self.server + "/staff")
        #expect("\(kept)" == "Enrolment(..)")
        #expect(await code { _ = try await drivers.refresh(kept, staffToken: "opaque") } == "setup_invalid")
    }

    @Test(
        "what goes wrong has its code",
        arguments: [
            ("7ZZZ", nil, nil, "activation_code_short"),
            ("7ZZZ-U", nil, nil, "activation_code_unreadable"),
            (Enrol.activation, "https://other.example", nil, "enrolment_untrusted"),
            (Enrol.activation, nil, "activation_code_invalid", "activation_code_invalid"),
        ] as [(String, String?, String?, String)])
    func faults(typed: String, issuer: String?, refusal: String?, expected: String) async throws {
        let (drivers, key) = try device(refusal: refusal)
        let plan = EnrolPlan(
            server: Self.server, activationCode: typed, key: key, entropy: freshEntropy(), issuer: issuer)
        #expect(await code { _ = try await drivers.enrol(plan) } == expected)
    }
}

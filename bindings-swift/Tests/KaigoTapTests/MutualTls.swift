import CryptoKit
import Foundation
import KaigoTap
import Simulator
import Testing

/// The sandbox and a device know each other by their certificates. `URLSession` has none on Linux, so the connections are
/// OpenSSL's; all else is what an app has.
@Suite("mutual TLS", .timeLimit(.minutes(2)))
struct MutualTls {
    private func http(_ device: TlsSandbox.Device) throws -> OpenSslHttp {
        OpenSslHttp(authority: try TlsSandbox.shared.get().authority, identity: device.identity)
    }

    private func staff(_ device: TlsSandbox.Device) async throws -> SignedIn {
        let authority = try TlsSandbox.shared.get().authority
        let browser = AtBrowser("nurse-01", http: OpenSslHttp(authority: authority))
        return try await Drivers(http: http(device), keys: device.keys, browser: browser).signIn(device.signIn())
    }

    @Test("a first visit with PIN and a second by tap")
    func visits() async throws {
        let sandbox = try TlsSandbox.shared.get()
        let device = try await sandbox.enrol()
        let staff = try await staff(device)
        #expect(staff.staffId == "nurse-01")
        let environment = { try device.environment(sandbox.url, staffToken: staff.staffToken) }
        let drivers = Drivers(card: VirtualReader(), http: try http(device), keys: device.keys)
        let first = try await drivers.visit(
            Plan(uses: [.view, .register]), environment: environment(), screen: People("1234"))
        let claims = first.accessToken.split(separator: ".")[1].replacingOccurrences(of: "-", with: "+")
            .replacingOccurrences(of: "_", with: "/")
        let padded = claims + String(repeating: "=", count: (4 - claims.count % 4) % 4)
        let said = String(decoding: try #require(Data(base64Encoded: padded)), as: UTF8.self)
        let thumbprint = Data(SHA256.hash(data: device.certificate)).base64Url
        #expect(said.contains("\"x5t#S256\":\"\(thumbprint)\""))

        let known = first.entitlement.person
        let person = ChosenPerson(nameKana: known.nameKana, birthDate: known.birthDate, sex: known.sex)
        let (reader, people) = (VirtualReader(), People())
        let again = try await Drivers(card: reader, http: http(device), keys: device.keys).visit(
            Plan(uses: [.view], person: person, registeredAs: first.subject), environment: environment(), screen: people
        )
        #expect((again.method, again.subject) == ("card_tap", first.subject))
        #expect(people.asked == ["face"])
    }

    @Test("without a certificate a device opens nothing")
    func none() async throws {
        let sandbox = try TlsSandbox.shared.get()
        let device = try await sandbox.enrol()
        let staff = try await staff(device)
        let environment = try device.environment(sandbox.url, staffToken: staff.staffToken)
        let drivers = Drivers(
            card: VirtualReader(), http: OpenSslHttp(authority: sandbox.authority), keys: device.keys)
        let ended = await code {
            _ = try await drivers.visit(Plan(uses: [.view]), environment: environment, screen: People("1234"))
        }
        #expect(ended == "client_certificate_required")
    }

    @Test("another device's certificate is not this device's, and a certificate of nobody's opens nothing")
    func others() async throws {
        let sandbox = try TlsSandbox.shared.get()
        let (device, another) = (try await sandbox.enrol(), try await sandbox.enrol())
        let staff = try await staff(device)
        let environment = try device.environment(sandbox.url, staffToken: staff.staffToken)
        let drivers = Drivers(card: VirtualReader(), http: try http(another), keys: device.keys)
        let ended = await code {
            _ = try await drivers.visit(Plan(uses: [.view]), environment: environment, screen: People("1234"))
        }
        #expect(ended == "refused")
        let mixed = OpenSslHttp(
            authority: sandbox.authority, identity: (another.identity.certificate, device.identity.key))
        let stranger = OpenSslHttp(authority: another.identity.certificate, identity: device.identity)
        let keys = HttpRequest(method: .get, url: "\(sandbox.url)/.well-known/jwks.json", headers: [], body: Data())
        #expect(try await http(device).send(keys).status == 200)
        for http in [mixed, stranger] { await #expect(throws: HttpError.tls) { try await http.send(keys) } }
    }
}

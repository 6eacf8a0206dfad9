import Foundation
import KaigoTap

/// The platform of this repository as a server: TLS 1.3, client certificates required, devices that enrol. It ends with the tests.
package final class TlsSandbox: @unchecked Sendable {
    package static let shared = Result { try TlsSandbox() }

    package let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID())")
    package let url: String
    private let held: Pipe

    /// Whom to trust, a file.
    package var authority: String { folder.appendingPathComponent("demo/authority.pem").path }

    private init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let demo = folder.appendingPathComponent("demo").path
        _ = try Self.said(by: ["sandbox", "init", demo, "--listen", "127.0.0.1:0"])
        let configuration = URL(fileURLWithPath: demo + "/sandbox.toml")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "\"optional\"", with: "\"required\"").utf8).write(to: configuration)
        let pipe = Pipe()
        held = try Kaigotap.startForThisProcess(["sandbox", "--directory", demo, "--json"], output: pipe)
        var said = Data()
        while !said.contains(UInt8(ascii: "}")) {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            said.append(more)
        }
        struct Started: Decodable { let listening: String }
        url = try JSONDecoder().decode(Started.self, from: said).listening
        atexit { (try? TlsSandbox.shared.get()).map { try? FileManager.default.removeItem(at: $0.folder) } }
    }

    private static func said(by arguments: [String]) throws -> Data {
        let pipe = Pipe()
        let process = try Kaigotap.start(arguments, output: pipe)
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return said
    }

    /// A device that is enrolled with a code, and has its certificate from there.
    package struct Device: Sendable {
        struct Enrolled: Decodable {
            struct Key: Decodable {
                let x: String
                let y: String
            }
            let deviceId: String
            let facilityId: String
            let issuer: String
            let staffIssuer: String
            let challengeKeys: [Key]
            let certificateChain: [String]
        }
        let given: Enrolled
        package let keys: KeyFile
        package let device: EnrolledDevice
        package let certificate: Data
        /// Files for ``OpenSslHttp``.
        package let identity: (certificate: String, key: String)

        /// A visit by whoever's token this is.
        package func environment(_ server: String, staffToken: String) throws -> Environment {
            let anchors = try Table.read().anchors["virtual"].orThrow("no anchors")
            return Environment(
                server: server, issuer: given.issuer,
                challengeKeys: given.challengeKeys.map { ChallengeKey(x: $0.x, y: $0.y) }, device: device,
                staffToken: staffToken,
                anchors: .test(authentication: anchors.compactMap { Data(base64Encoded: $0) }, signature: []),
                entropy: freshEntropy(), cardAuthorities: try Table.read().authorities("virtual"))
        }

        /// How somebody signs in.
        package func signIn() -> SignInPlan {
            SignInPlan(
                issuer: given.staffIssuer, device: device, returnsTo: "jp.kaigotap.app:/callback",
                entropy: freshEntropy())
        }
    }

    /// Enrols a device.
    package func enrol() async throws -> Device {
        struct Code: Decodable { let code: String }
        let demo = folder.appendingPathComponent("demo").path
        let code = try JSONDecoder().decode(
            Code.self, from: Self.said(by: ["sandbox", "activate", "--directory", demo, "--label", "desk", "--json"]))
        let key = folder.appendingPathComponent("key-\(UUID())")
        let keys = KeyFile(file: key)
        _ = try OpenSsl.run(
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-outform", "DER", "-out", key.path)
        let request = try OpenSsl.run(
            "req", "-new", "-key", key.path, "-keyform", "DER", "-subj", "/", "-outform", "DER"
        ).output
        let info = try OpenSsl.run("pkey", "-in", key.path, "-inform", "DER", "-pubout", "-outform", "DER").output
        let point = Data(info.suffix(65))
        let jwk = [
            "kty": "EC", "crv": "P-256", "x": point[point.startIndex + 1..<point.startIndex + 33].base64Url,
            "y": point.suffix(32).base64Url,
        ]
        let body = try JSONSerialization.data(
            withJSONObject: ["activation_code": code.code, "jwk": jwk, "csr": request.base64Url] as [String: Any])
        var nonce: String?
        for _ in 0..<2 {
            let headers = [
                Header(name: "content-type", value: "application/json"),
                Header(name: "dpop", value: try await proof(keys, jwk, nonce)),
            ]
            let answer = try await OpenSslHttp(authority: authority).send(
                HttpRequest(method: .post, url: "\(url)/v1/devices", headers: headers, body: body))
            if answer.status == 201 { return try enrolled(answer.body, keys, point, key) }
            nonce = answer.headers.first { $0.name.lowercased() == "dpop-nonce" }?.value
        }
        throw Differs("not enrolled")
    }

    private func enrolled(_ body: Data, _ keys: KeyFile, _ point: Data, _ key: URL) throws -> Device {
        let given = try JSONDecoder.snake.decode(Device.Enrolled.self, from: body)
        let certificate = try (given.certificateChain.first.flatMap { Data(base64Encoded: $0) }).orThrow(
            "a certificate")
        let file = key.appendingPathExtension("pem")
        let lines = certificate.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        try Data("-----BEGIN CERTIFICATE-----\n\(lines)\n-----END CERTIFICATE-----\n".utf8).write(to: file)
        return Device(
            given: given, keys: keys,
            device: EnrolledDevice(
                id: given.deviceId, facility: given.facilityId, key: DeviceKey(name: KeyFile.name, public: point)),
            certificate: certificate, identity: (file.path, key.path))
    }

    /// A proof that this key asks (RFC 9449).
    private func proof(_ keys: KeyFile, _ jwk: [String: String], _ nonce: String?) async throws -> String {
        let header: [String: Any] = ["typ": "dpop+jwt", "alg": "ES256", "jwk": jwk]
        var claims: [String: Any] = [
            "jti": UUID().uuidString, "htm": "POST", "htu": "\(url)/v1/devices",
            "iat": Int(Date().timeIntervalSince1970),
        ]
        claims["nonce"] = nonce
        let parts = try [header, claims].map { try JSONSerialization.data(withJSONObject: $0).base64Url }
        let signed = parts.joined(separator: ".")
        let signature = try await keys.sign(Data(signed.utf8), key: KeyFile.name)
        return "\(signed).\(try Self.fixed(signature).base64Url)"
    }

    /// `r‖s` of a signature in DER.
    private static func fixed(_ der: Data) throws -> Data {
        let bytes = [UInt8](der)
        let r = bytes[4..<4 + Int(bytes[3])]
        let s = bytes[(r.endIndex + 2)...]
        return [r, s].reduce(Data()) { $0 + Data(count: max(0, 32 - $1.count)) + Data($1.suffix(32)) }
    }
}

/// Somebody who signs in on the sandbox's own page: a browser that keeps cookies and fills in one form.
package struct AtBrowser: Browser {
    let staffId: String
    let http: any HttpLink

    package init(_ staffId: String, http: any HttpLink) { (self.staffId, self.http) = (staffId, http) }

    package func show(_ address: String, returnsTo _: String) async throws -> String {
        let page = try await http.send(HttpRequest(method: .get, url: address, headers: [], body: Data()))
        let parts = String(decoding: page.body, as: UTF8.self).components(separatedBy: "action=\"")
        let action = try parts.last.orThrow("a form").prefix { $0 != "\"" }
        var form = ["staff_id": staffId, "password": "sandbox-\(staffId)"]
        for tag in parts[parts.count - 1].components(separatedBy: "<input type=\"hidden\" name=\"").dropFirst() {
            let words = tag.components(separatedBy: "\"")
            form[words[0]] = words[2]
        }
        let body = form.map {
            "\($0.key)=\($0.value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        let cookies = page.headers.filter { $0.name.lowercased() == "set-cookie" }
            .map { String($0.value.prefix { $0 != ";" }) }
        let origin = address.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        let headers = [
            Header(name: "cookie", value: cookies.joined(separator: "; ")),
            Header(name: "content-type", value: "application/x-www-form-urlencoded"),
        ]
        let answer = try await http.send(
            HttpRequest(
                method: .post, url: origin + action, headers: headers, body: Data(body.joined(separator: "&").utf8)))
        return try (answer.headers.first { $0.name.lowercased() == "location" }?.value).orThrow("a redirect")
    }
}

extension Data {
    /// Base64 with the alphabet of addresses, and without padding (RFC 4648 §5).
    package var base64Url: String {
        base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}

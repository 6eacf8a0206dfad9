import CryptoKit
import Foundation
import Security
import Simulator
import Testing

@testable import KaigoTap

/// What a device makes of a server, and says of itself; with stand-ins for Apple's frameworks.
@Suite("TLS", .timeLimit(.minutes(1)))
struct TlsTests {
    /// A certificate of the sandbox's kind, made once by OpenSSL for a key on P-256, and the SHA-256 of its key's bytes.
    static func made() throws -> (der: Data, pin: Data) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, der) = (folder.appendingPathComponent("key").path, folder.appendingPathComponent("der").path)
        let made = try OpenSsl.run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
            "-days", "2", "-keyout", key, "-outform", "DER", "-out", der)
        try #require(made.status == 0)
        let point = try OpenSsl.run("pkey", "-in", key, "-pubout", "-outform", "DER").output
        return (try Data(contentsOf: URL(fileURLWithPath: der)), Data(SHA256.hash(data: point)))
    }

    private let other = Data(repeating: 7, count: 32)

    private func accepts(_ tls: Tls, _ trust: SecTrust?) -> Bool {
        guard case .trusted = tls.answer(method: "NSURLAuthenticationMethodServerTrust", trust: trust) else {
            return false
        }
        return true
    }

    @Test("SHA-256 is that of others")
    func digest() throws {
        for length in [0, 3, 55, 56, 64, 200] {
            let message = Data((0..<length).map { UInt8($0) })
            let theirs = try OpenSsl.run("dgst", "-sha256", "-binary", input: message).output
            #expect(Data(SHA256.hash(data: message)) == theirs)
        }
    }

    @Test("a server has one of two keys, and one of the authorities that are trusted")
    func servers() throws {
        let (der, pin) = try Self.made()
        #expect(ServerPins.pin(of: der) == pin)
        let root = Data([0x30, 1])
        let authority = try #require(SecCertificateCreateWithData(nil, root))
        let pins = try #require(ServerPins(present: other, backup: pin))
        #expect(accepts(Tls(), SecTrust([der])))
        #expect(accepts(Tls(pins: pins), SecTrust([der])))
        #expect(accepts(Tls(authorities: [authority], pins: pins), SecTrust([der], under: root)))
        // Another authority, another key, a pin below the server's own, nobody trusted at all, no certificate.
        #expect(!accepts(Tls(authorities: [authority]), SecTrust([der])))
        #expect(!accepts(Tls(), SecTrust([der], under: root)))
        #expect(!accepts(Tls(pins: ServerPins(present: other, backup: other)), SecTrust([der])))
        #expect(!accepts(Tls(pins: pins), SecTrust([root, der])))
        #expect(!accepts(Tls(authorities: [], pins: pins), SecTrust([der])))
        #expect(!accepts(Tls(pins: pins), SecTrust([])))
        #expect(!accepts(Tls(), nil))
        #expect(ServerPins(present: other, backup: Data(count: 31)) == nil)
    }

    @Test("what is cut off or changed has no key")
    func malformed() throws {
        let (der, _) = try Self.made()
        for length in 0..<der.count where length < 200 || length % 16 == 0 {
            #expect(ServerPins.pin(of: der.prefix(length)) == nil)
        }
        for length in 0...5 {
            #expect(ServerPins.pin(of: Data([0x30, 0x84] + [UInt8](repeating: 255, count: length))) == nil)
        }
    }

    @Test("a device says who it is with a key that stays in its place")
    func identity() async throws {
        let (keys, name) = (SecureEnclaveKeys(), "tls-\(UUID())")
        let (own, above) = (Data(Array("\u{30}own".utf8) + Array(name.utf8)), Data([0x30, 2]))
        Keychain.shared.script(name, certificates: [Data(Array("\u{30}older".utf8)), own])
        let identity = try await keys.identity(name, chain: [own, above])
        // Again, as after a start.
        _ = try await keys.identity(name, chain: [own, above])
        let tls = Tls(identity: identity)
        guard case .identity(let shown) = tls.answer(method: "NSURLAuthenticationMethodClientCertificate", trust: nil)
        else { throw Differs("no identity") }
        #expect(shown.above.map { SecCertificateCopyData($0) } == [above])
        var certificate: SecCertificate?
        #expect(SecIdentityCopyCertificate(shown.identity, &certificate) == errSecSuccess)
        #expect(certificate.map { SecCertificateCopyData($0) } == own)

        for usual in [
            Tls().answer(method: "NSURLAuthenticationMethodClientCertificate", trust: nil),
            tls.answer(method: "NSURLAuthenticationMethodHTTPBasic", trust: nil),
        ] {
            guard case .usual = usual else { throw Differs("not as usual") }
        }
    }

    @Test("a certificate of another key, and none, are told apart from a locked phone")
    func noIdentity() async throws {
        let (keys, name) = (SecureEnclaveKeys(), "tls-\(UUID())")
        let own = Data(Array("\u{30}own".utf8) + Array(name.utf8))
        await #expect(throws: SignError.gone) { try await keys.identity(name, chain: [own]) }
        await #expect(throws: SignError.failed) { try await keys.identity(name, chain: []) }
        await #expect(throws: SignError.failed) { try await keys.identity(name, chain: [own, Data("no".utf8)]) }
        Keychain.shared.script(name, status: errSecInteractionNotAllowed)
        await #expect(throws: SignError.locked) { try await keys.identity(name, chain: [own]) }
    }
}

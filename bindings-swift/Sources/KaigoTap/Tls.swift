import Foundation

#if canImport(CryptoKit) && canImport(Security)
    import CryptoKit
    @preconcurrency import Security

    /// How this device and the platform know each other: TLS 1.3 (RFC 8446) and nothing older. For ``URLSessionHttp``.
    public struct Tls: @unchecked Sendable {
        let authorities: [SecCertificate]?
        let pins: ServerPins?
        let identity: ClientIdentity?

        /// Servers of these authorities are trusted, and no other; those of the system if `nil`. Beside all other checks, a
        /// server's key has to be one of the `pins`. `identity` is who this device is, for a server that asks: it is of one
        /// facility, another one has a client of its own.
        public init(authorities: [SecCertificate]? = nil, pins: ServerPins? = nil, identity: ClientIdentity? = nil) {
            (self.authorities, self.pins, self.identity) = (authorities, pins, identity)
        }

        /// What a question of a handshake is answered with.
        enum Answer {
            case trusted(SecTrust)
            case identity(ClientIdentity)
            case refused
            /// As if nobody had been asked.
            case usual
        }

        /// Answers a question of a handshake.
        func answer(method: String, trust: SecTrust?) -> Answer {
            switch method {
            case "NSURLAuthenticationMethodServerTrust":
                guard let trust, isTrusted(trust) else { return .refused }
                return .trusted(trust)
            case "NSURLAuthenticationMethodClientCertificate":
                return identity.map(Answer.identity) ?? .usual
            default:
                return .usual
            }
        }

        private func isTrusted(_ trust: SecTrust) -> Bool {
            if let authorities {
                // With no anchors set, the system's would count.
                guard !authorities.isEmpty,
                    SecTrustSetAnchorCertificates(trust, authorities as CFArray) == errSecSuccess,
                    SecTrustSetAnchorCertificatesOnly(trust, true) == errSecSuccess
                else { return false }
            }
            guard SecTrustEvaluateWithError(trust, nil) else { return false }
            guard let pins else { return true }
            // Only the server's own certificate: what else it sends along is its choice.
            let chain = SecTrustCopyCertificateChain(trust) as? [SecCertificate]
            return chain?.first.map { pins.fit(SecCertificateCopyData($0) as Data) } ?? false
        }
    }

    /// SHA-256 of the keys that a server may have: the present one, and one that will follow it or lies in a safe.
    public struct ServerPins: Sendable {
        private let pins: [Data]

        /// Two pins of 32 bytes each; `nil` for others.
        public init?(present: Data, backup: Data) {
            guard present.count == 32, backup.count == 32 else { return nil }
            pins = [present, backup]
        }

        /// The pin of a certificate's key: SHA-256 of its `SubjectPublicKeyInfo` in DER (RFC 7469 §2.4). `nil` for what is no
        /// certificate.
        public static func pin(of certificate: Data) -> Data? {
            publicKeyInfo(of: certificate).map { Data(SHA256.hash(data: $0)) }
        }

        func fit(_ certificate: Data) -> Bool { Self.pin(of: certificate).map(pins.contains) ?? false }
    }

    /// Who a device is (RFC 8705): the certificates of its enrolment, and the key, which stays in the Secure Enclave.
    public struct ClientIdentity: @unchecked Sendable {
        let identity: SecIdentity
        let above: [SecCertificate]

        /// An identity of the keychain, and the certificates above its own.
        public init(_ identity: SecIdentity, above: [SecCertificate]) {
            (self.identity, self.above) = (identity, above)
        }
    }

    extension SecureEnclaveKeys {
        /// Who this device is at a handshake: the certificates that its enrolment gave (DER, its own first), and the key of
        /// this name. The certificate is kept in the keychain beside its key.
        public func identity(_ name: String, chain: [Data]) async throws(SignError) -> ClientIdentity {
            let certificates = chain.compactMap { SecCertificateCreateWithData(nil, $0 as CFData) }
            guard let own = certificates.first, certificates.count == chain.count else { throw .failed }
            let kept: [String: Any] = [kSecClass as String: kSecClassCertificate, kSecValueRef as String: own]
            let status = SecItemAdd(kept as CFDictionary, nil)
            guard status == errSecSuccess || status == errSecDuplicateItem else { throw SignError(status: status) }
            var query = attributes(name)
            query[kSecClass as String] = kSecClassIdentity
            query[kSecMatchLimit as String] = kSecMatchLimitAll
            query[kSecReturnRef as String] = true
            var found: CFTypeRef?
            switch SecItemCopyMatching(query as CFDictionary, &found) {
            case errSecSuccess: break
            case errSecItemNotFound: throw .gone
            case let status: throw SignError(status: status)
            }
            // A key that was enrolled anew has older certificates, too.
            for identity in found as? [SecIdentity] ?? [] {
                var certificate: SecCertificate?
                guard SecIdentityCopyCertificate(identity, &certificate) == errSecSuccess, let certificate else {
                    continue
                }
                if SecCertificateCopyData(certificate) as Data == chain.first {
                    return ClientIdentity(identity, above: Array(certificates.dropFirst()))
                }
            }
            throw .gone
        }
    }
#endif

/// The `SubjectPublicKeyInfo` of a certificate (RFC 5280 §4.1), as its bytes stand there.
func publicKeyInfo(of certificate: Data) -> Data? {
    var outer = Der(certificate)
    var signed = outer.element(0x30).flatMap { whole in
        var inner = Der(whole.content)
        return inner.element(0x30).map { Der($0.content) }
    }
    // The version is not there in certificates of version 1.
    _ = signed?.element(0xA0)
    // Serial number, algorithm, issuer, validity, subject.
    for tag: UInt8 in [0x02, 0x30, 0x30, 0x30, 0x30] {
        guard signed?.element(tag) != nil else { return nil }
    }
    return signed?.element(0x30)?.whole
}

/// Elements of DER, one after the other.
private struct Der {
    private var rest: Data

    init(_ bytes: Data) { rest = Data(bytes) }

    /// The next element, if it has this tag.
    mutating func element(_ tag: UInt8) -> (whole: Data, content: Data)? {
        let bytes = [UInt8](rest.prefix(6))
        guard bytes.count > 1, bytes[0] == tag else { return nil }
        let long = bytes[1] < 0x80 ? 0 : Int(bytes[1] & 0x7F)
        guard long < 4, bytes.count >= 2 + long else { return nil }
        let length = long == 0 ? Int(bytes[1]) : bytes[2..<2 + long].reduce(0) { $0 << 8 | Int($1) }
        let whole = rest.prefix(2 + long + length)
        guard whole.count == 2 + long + length else { return nil }
        rest = Data(rest.dropFirst(whole.count))
        return (Data(whole), Data(whole.dropFirst(2 + long)))
    }
}

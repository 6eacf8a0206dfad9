#if canImport(Security)
    @preconcurrency import Security
    import Foundation

    /// Keys of this device that the Secure Enclave keeps: P-256, made there, never read by anybody, in no backup, and
    /// usable while the device is unlocked.
    public final class SecureEnclaveKeys: DeviceKeys {
        private let asksPerson: Bool
        /// A signature may wait for a face or a finger: not where Swift runs everything else.
        private let queue = DispatchQueue(label: "KaigoTap.SecureEnclaveKeys")

        /// These keys. Where `asksPerson` is true, keys made from now on want a face, a finger or the device's code for
        /// every signature.
        public init(asksPerson: Bool = false) {
            self.asksPerson = asksPerson
        }

        /// The public key of this name: an uncompressed point on P-256, 65 bytes (SEC 1 §2.3.3). The key is made if it is
        /// not there.
        public func publicKey(_ name: String) async throws(SignError) -> Data {
            try await onQueue { keys throws(SignError) in
                let found = try keys.find(name)
                let key = if let found { found } else { try keys.make(name) }
                guard let publicKey = SecKeyCopyPublicKey(key),
                    let point = SecKeyCopyExternalRepresentation(publicKey, nil)
                else { throw .failed }
                return point as Data
            }
        }

        /// Signs a message: ECDSA with SHA-256, DER.
        public func sign(_ message: Data, key name: String) async throws -> Data {
            try await onQueue { keys throws(SignError) in
                guard let key = try keys.find(name) else { throw .gone }
                var error: Unmanaged<CFError>?
                let algorithm = SecKeyAlgorithm.ecdsaSignatureMessageX962SHA256
                guard let signature = SecKeyCreateSignature(key, algorithm, message as CFData, &error) else {
                    throw SignError(error?.takeRetainedValue())
                }
                return signature as Data
            }
        }

        private func onQueue(
            _ call: @escaping @Sendable (SecureEnclaveKeys) throws(SignError) -> Data
        ) async throws(SignError) -> Data {
            let result = await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(
                        returning: Result<Data, SignError> { () throws(SignError) in try call(self) })
                }
            }
            return try result.get()
        }

        private func find(_ name: String) throws(SignError) -> SecKey? {
            var query = attributes(name)
            query[kSecClass as String] = kSecClassKey
            query[kSecReturnRef as String] = true
            var found: CFTypeRef?
            switch SecItemCopyMatching(query as CFDictionary, &found) {
            case errSecSuccess:
                guard let found else { throw .failed }
                return (found as! SecKey)
            case errSecItemNotFound:
                return nil
            case let status:
                throw SignError(status: status)
            }
        }

        private func make(_ name: String) throws(SignError) -> SecKey {
            var flags = SecAccessControlCreateFlags.privateKeyUsage
            if asksPerson { flags.insert(.userPresence) }
            guard
                let access = SecAccessControlCreateWithFlags(
                    nil, kSecAttrAccessibleWhenUnlockedThisDeviceOnly, flags, nil)
            else { throw .failed }
            var kept = attributes(name)
            kept[kSecAttrIsPermanent as String] = true
            kept[kSecAttrAccessControl as String] = access
            let wanted: [String: Any] = [
                kSecAttrKeyType as String: kSecAttrKeyTypeECSECPrimeRandom,
                kSecAttrKeySizeInBits as String: 256,
                kSecAttrTokenID as String: kSecAttrTokenIDSecureEnclave,
                kSecPrivateKeyAttrs as String: kept,
            ]
            var error: Unmanaged<CFError>?
            guard let key = SecKeyCreateRandomKey(wanted as CFDictionary, &error) else {
                throw SignError(error?.takeRetainedValue())
            }
            return key
        }

        /// By which a key is found.
        func attributes(_ name: String) -> [String: Any] {
            [
                kSecAttrApplicationTag as String: Data("kaigotap.\(name)".utf8),
                kSecAttrKeyType as String: kSecAttrKeyTypeECSECPrimeRandom,
            ]
        }
    }

    extension SignError {
        /// What a status of the keychain means.
        init(status: OSStatus) {
            switch status {
            case errSecItemNotFound: self = .gone
            case errSecInteractionNotAllowed: self = .locked
            case errSecUserCanceled, errSecAuthFailed: self = .refused
            default: self = .failed
            }
        }

        /// What an error of the keychain, or of the question to a person (`LAError`), means.
        fileprivate init(_ error: CFError?) {
            guard let error = error as (any Error)? as NSError? else {
                self = .failed
                return
            }
            switch (error.domain, error.code) {
            case (NSOSStatusErrorDomain, let code):
                self.init(status: OSStatus(truncatingIfNeeded: code))
            // Not recognised, cancelled by the person, the other way chosen, cancelled by the system or the app.
            case ("com.apple.LocalAuthentication", -1), ("com.apple.LocalAuthentication", -2),
                ("com.apple.LocalAuthentication", -3), ("com.apple.LocalAuthentication", -4),
                ("com.apple.LocalAuthentication", -9):
                self = .refused
            // Too many wrong faces or fingers, and nobody can be asked now: the device's code opens it.
            case ("com.apple.LocalAuthentication", -8), ("com.apple.LocalAuthentication", -1004):
                self = .locked
            default:
                self = .failed
            }
        }
    }
#endif

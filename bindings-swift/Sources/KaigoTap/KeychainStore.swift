#if canImport(Security)
    @preconcurrency import Security
    import Foundation

    /// A few small entries as items of the keychain, for ``StoredJournalKeys``: readable while the device is unlocked, on
    /// this device only, and in no backup. While it is locked they are ``StoreError/denied``.
    public final class KeychainStore: Store {
        private let service: String
        /// The keychain is waited for here, and not where Swift runs everything else.
        private let queue = DispatchQueue(label: "KaigoTap.KeychainStore")

        /// The items of this service.
        public init(service: String = "kaigotap.journal") { self.service = service }

        /// Keeps an entry.
        public func keep(_ entry: Entry) async throws {
            try await onQueue { store in
                let content: [String: Any] = [
                    kSecValueData as String: entry.sealed,
                    kSecAttrAccessible as String: kSecAttrAccessibleWhenUnlockedThisDeviceOnly,
                ]
                let query = store.query(entry.name)
                var status = SecItemUpdate(query as CFDictionary, content as CFDictionary)
                if status == errSecItemNotFound {
                    status = SecItemAdd(query.merging(content) { own, _ in own } as CFDictionary, nil)
                }
                if status != errSecSuccess { throw StoreError(status: status) }
            }
        }

        /// Forgets an entry.
        public func forget(_ name: String) async throws {
            try await onQueue { store in
                let status = SecItemDelete(store.query(name) as CFDictionary)
                if status != errSecSuccess && status != errSecItemNotFound { throw StoreError(status: status) }
            }
        }

        /// The names of all entries.
        public func list() async throws -> [String] {
            try await onQueue { store in
                var query = store.query(nil)
                query[kSecMatchLimit as String] = kSecMatchLimitAll
                query[kSecReturnAttributes as String] = true
                let items = try store.found(query) as? [[String: Any]] ?? []
                return items.compactMap { $0[kSecAttrAccount as String] as? String }
            }
        }

        /// The entries of these names, as far as they are there.
        public func recall(_ names: [String]) async throws -> [Entry] {
            try await onQueue { store in
                try names.compactMap { name in
                    var query = store.query(name)
                    query[kSecReturnData as String] = true
                    return (try store.found(query) as? Data).map { Entry(name: name, sealed: $0) }
                }
            }
        }

        private func found(_ query: [String: Any]) throws(StoreError) -> CFTypeRef? {
            var found: CFTypeRef?
            switch SecItemCopyMatching(query as CFDictionary, &found) {
            case errSecSuccess: return found
            case errSecItemNotFound: return nil
            case let status: throw StoreError(status: status)
            }
        }

        private func onQueue<T: Sendable>(
            _ call: @escaping @Sendable (KeychainStore) throws -> T
        ) async throws -> T {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try call(self) }) }
            }
        }

        private func query(_ name: String?) -> [String: Any] {
            var query: [String: Any] = [
                kSecClass as String: kSecClassGenericPassword,
                kSecAttrService as String: service,
                // On a Mac, too, the keychain that an iPhone has.
                kSecUseDataProtectionKeychain as String: true,
            ]
            if let name { query[kSecAttrAccount as String] = name }
            return query
        }
    }

    extension StoreError {
        /// What a status of the keychain means.
        fileprivate init(status: OSStatus) {
            switch status {
            case errSecInteractionNotAllowed, errSecAuthFailed, errSecUserCanceled: self = .denied
            default: self = .failed
            }
        }
    }
#endif

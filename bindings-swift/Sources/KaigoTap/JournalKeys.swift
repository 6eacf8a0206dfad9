import Foundation

/// The key of this device's journal, and its mark: how often the journal was written, so that an older copy of it that was
/// put back is noticed. Both lie outside the journal's own folder, and in no backup. All functions throw a ``StoreError``.
public protocol JournalKeys: Sendable {
    /// The key, 32 bytes, made by the first call. Never log it.
    func secret() async throws -> Data
    /// The mark, 0 before the first one.
    func mark() async throws -> UInt64
    /// Keeps a mark, and returns when it is there. A lower one than is kept changes nothing.
    func raise(_ mark: UInt64) async throws
    /// Forgets key and mark, on a device that is out of use: nobody reads its journal from then on.
    func forget() async throws
}

/// Both in a store that is theirs alone: a ``KeychainStore``, or, where there is none, a ``FileStore``, whose files only
/// their owner can read. One object for one store.
///
/// A key that is damaged is ``StoreError/failed``, and not made anew until it is forgotten: what it sealed would be lost
/// without a word.
public actor StoredJournalKeys: JournalKeys {
    private static let (key, markName) = ("key", "mark")
    private let store: any Store
    private var last: Task<Void, Never>?

    /// Those in this store.
    public init(_ store: any Store) { self.store = store }

    /// The key.
    public func secret() async throws -> Data {
        try await alone { [store] in
            if let kept = try await Self.content(Self.key, store) {
                guard kept.count == 32 else { throw StoreError.failed }
                return kept
            }
            let made = freshEntropy()
            try await store.keep(Entry(name: Self.key, sealed: made))
            return made
        }
    }

    /// The mark.
    public func mark() async throws -> UInt64 {
        try await alone { [store] in try await Self.kept(store) }
    }

    /// Keeps a mark.
    public func raise(_ mark: UInt64) async throws {
        try await alone { [store] in
            guard try await mark > Self.kept(store) else { return }
            let bytes = withUnsafeBytes(of: mark.bigEndian) { Data($0) }
            try await store.keep(Entry(name: Self.markName, sealed: bytes))
        }
    }

    /// Forgets both.
    public func forget() async throws {
        try await alone { [store] in
            for name in [Self.key, Self.markName] { try await store.forget(name) }
        }
    }

    /// One after the other: an actor alone would let another one in where the store is waited for.
    private func alone<T: Sendable>(_ act: @escaping @Sendable () async throws -> T) async throws -> T {
        let before = last
        let work = Task {
            await before?.value
            return try await act()
        }
        last = Task { _ = await work.result }
        return try await work.value
    }

    private static func content(_ name: String, _ store: any Store) async throws -> Data? {
        try await store.recall([name]).first?.sealed
    }

    private static func kept(_ store: any Store) async throws -> UInt64 {
        guard let bytes = try await content(markName, store) else { return 0 }
        guard bytes.count == 8 else { throw StoreError.failed }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

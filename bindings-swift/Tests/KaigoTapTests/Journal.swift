import Foundation
import Security
import Testing

@testable import KaigoTap

@Suite("the journal's key", .timeLimit(.minutes(2)))
struct Journal {
    /// A store on the disk, and one in the keychain: the same is asked of both.
    enum Kind: CaseIterable { case files, keychain }

    /// Where a test's key lies.
    final class Kept {
        let place: Stores.Place
        let service = "\(UUID())"
        private let kind: Kind

        init(_ kind: Kind) throws { (place, self.kind) = (try Stores.Place(), kind) }

        func store() throws -> any Store {
            switch kind {
            case .files: try place.store()
            case .keychain: KeychainStore(service: service)
            }
        }
        func keys() throws -> StoredJournalKeys { StoredJournalKeys(try store()) }
    }

    func reason(_ call: () async throws -> Void) async -> StoreError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test("is made once, by whoever is first", arguments: Kind.allCases)
    func once(kind: Kind) async throws {
        let kept = try Kept(kind)
        let keys = try kept.keys()
        let secrets = try await withThrowingTaskGroup(of: Data.self) { group in
            for _ in 0..<8 { group.addTask { try await keys.secret() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(secrets.count == 1 && secrets.first?.count == 32)
        #expect(try await kept.keys().secret() == secrets.first)
        let another = try Kept(kind)
        #expect(try await another.keys().secret() != secrets.first)
    }

    @Test("a mark only rises", arguments: Kind.allCases)
    func marks(kind: Kind) async throws {
        let kept = try Kept(kind)
        let keys = try kept.keys()
        #expect(try await keys.mark() == 0)
        for (mark, now) in [(3, 3), (2, 3), (3, 3), (.max, .max)] as [(UInt64, UInt64)] {
            try await keys.raise(mark)
            #expect(try await kept.keys().mark() == now)
        }
        let another = try Kept(kind)
        let other = try another.keys()
        await withTaskGroup(of: Void.self) { group in
            for mark in (1...20).reversed() { group.addTask { try? await other.raise(UInt64(mark)) } }
        }
        #expect(try await other.mark() == 20)
        withExtendedLifetime(another) {}
    }

    @Test("what is damaged is told, and not made anew; what is forgotten is", arguments: Kind.allCases)
    func damaged(kind: Kind) async throws {
        let kept = try Kept(kind)
        let (store, keys) = (try kept.store(), try kept.keys())
        let secret = try await keys.secret()
        try await keys.raise(1)
        for name in ["key", "mark"] { try await store.keep(Entry(name: name, sealed: Data(count: 5))) }
        #expect(await reason { _ = try await keys.secret() } == .failed)
        #expect(await reason { _ = try await keys.mark() } == .failed)
        #expect(await reason { try await keys.raise(9) } == .failed)
        #expect(try await store.recall(["key"]).first?.sealed.count == 5)
        for _ in 0..<2 { try await keys.forget() }
        #expect(try await store.list() == [])
        #expect(try await keys.mark() == 0)
        #expect(try await keys.secret() != secret)
    }

    @Test("an older copy that was put back is told, and what the keychain says, too")
    func verified() async throws {
        let (kept, entries) = (try Kept(.keychain), try Stores.Place())
        let keys = try kept.keys()
        let device = EnrolledDevice(id: "d", facility: "1370000001", key: DeviceKey(name: "device", public: Host.point))
        let drivers = Drivers(store: try entries.store())
        let report = try await drivers.verifyJournal(keys, device: device)
        #expect((report.waiting, report.ended, report.mark) == (0, 0, 0) && report.findings.isEmpty)
        try await keys.raise(3)
        let found = try await drivers.verifyJournal(keys, device: device).findings
        #expect(found.map(\.failure.code) == ["journal_rolled_back"] && found.first?.number == nil)
        let key = JournalKey(secret: Data("24689".utf8), mark: 1)
        #expect(!Printing.shown(key).contains("24689") && "\(key)" == "JournalKey(..)")
        Keychain.shared.script(service: kept.service, status: errSecInteractionNotAllowed)
        #expect(await code { _ = try await drivers.verifyJournal(keys, device: device) } == "store_denied")
    }

    @Test("in the keychain it is for this device while it is unlocked")
    func keychain() async throws {
        let kept = try Kept(.keychain)
        let (store, keys) = (try kept.store(), try kept.keys())
        let secret = try await keys.secret()
        for mark: UInt64 in [1, 2] {
            try await keys.raise(mark)
            #expect(try await store.list().sorted() == ["key", "mark"])
        }
        #expect(try await store.recall(["none", "key"]) == [Entry(name: "key", sealed: secret)])
        for name in ["key", "mark"] {
            let item = try #require(Keychain.shared.password(kept.service, name))
            #expect(
                item[kSecAttrAccessible as String] as? String == kSecAttrAccessibleWhenUnlockedThisDeviceOnly as String)
        }
        for (status, expected) in [
            (errSecInteractionNotAllowed, StoreError.denied), (errSecAuthFailed, .denied), (-34_018, .failed),
        ] {
            Keychain.shared.script(service: kept.service, status: status)
            #expect(await reason { _ = try await keys.secret() } == expected)
            #expect(await reason { _ = try await keys.mark() } == expected)
            #expect(await reason { try await keys.raise(9) } == expected)
            #expect(await reason { try await keys.forget() } == expected)
            #expect(await reason { _ = try await store.list() } == expected)
            #expect(await reason { try await store.keep(Entry(name: "a", sealed: Data([1]))) } == expected)
        }
        Keychain.shared.script(service: kept.service, status: nil)
        #expect(try await keys.secret() == secret)
    }
}

import Foundation
import Security
import Simulator
import Testing

@testable import KaigoTap

@Suite("what the device does by itself", .timeLimit(.minutes(2)))
struct Host {
    /// Of the key that made ``signature``. Nobody has that key any more.
    static let point = Data(
        base64Encoded: "BL1dGhX5lO9JkclXw7f4MBTkjCO+TKQj8Jo9Ws/O7IJMGnRIg3kdjl2Ari1fLkzonozuJw/1waCugzx+SFtebqk=")!
    /// Of what the library has signed when it tries a key.
    static let signature = Data(
        base64Encoded: "MEUCIQDtXHImVNzE9XGCB0tz3IEpzwp5ZlewDll0N5LCGYjc"
            + "ggIgaXWFvM5jr2A3tIYq+d2Q57kuMcsuWayL1cSlgD4SQ7o=")!
    static let message = Data("kaigotap: is this key here?".utf8)

    /// Keys and a store that fail as a test wants.
    struct Failing: DeviceKeys, Store {
        let error: any Error
        func sign(_: Data, key _: String) async throws -> Data { throw error }
        func keep(_: Entry) async throws { throw error }
        func forget(_: String) async throws { throw error }
        func list() async throws -> [String] { throw error }
        func recall(_: [String]) async throws -> [Entry] { throw error }
    }

    /// A store in memory.
    actor Memory: Store {
        private var entries: [String: Entry] = [:]
        func keep(_ entry: Entry) { entries[entry.name] = entry }
        func forget(_ name: String) { entries[name] = nil }
        func list() -> [String] { Array(entries.keys) }
        func recall(_ names: [String]) -> [Entry] { names.compactMap { entries[$0] } }
    }

    @Test("clocks, store and key are tried; what is kept is left alone")
    func check() async throws {
        let place = try Stores.Place()
        let store = try place.store()
        try await store.keep(Stores.entry("visit-1", "sealed"))
        let keys = SecureEnclaveKeys()
        Keychain.shared.script("checked", point: Self.point, signatures: [Self.message: Self.signature])
        let made = try await keys.publicKey("checked")
        #expect(made == Self.point)
        let drivers = Drivers(keys: keys, store: store)
        let report = try await drivers.checkHost(key: DeviceKey(name: "checked", public: made))
        #expect(report.entries == 1 && report.signs)
        #expect(place.names == ["visit-1"])
        #expect(try await Drivers(store: Memory()).checkHost() == HostReport(entries: 0, signs: false))
        let another = DeviceKey(name: "checked", public: Data([4]) + Data(count: 64))
        #expect(await code { _ = try await drivers.checkHost(key: another) } == "device_key_failed")
    }

    @Test(
        "a store that fails, and none",
        arguments: [
            (StoreError.full, "store_full"), (.denied, "store_denied"), (.missing, "store_missing"),
            (.failed, "store_failed"),
        ])
    func stores(error: StoreError, expected: String) async throws {
        #expect(await code { _ = try await Drivers(store: Failing(error: error)).checkHost() } == expected)
        #expect(await code { _ = try await Drivers(store: Failing(error: Fault())).checkHost() } == "store_failed")
        #expect(await code { _ = try await Drivers().checkHost() } == "store_missing")
    }

    @Test(
        "a key that does not sign, and none",
        arguments: [
            (SignError.gone, "device_key_gone"), (.locked, "device_key_locked"), (.refused, "device_key_refused"),
            (.failed, "device_key_failed"),
        ])
    func keys(error: SignError, expected: String) async throws {
        let key = DeviceKey(name: "device", public: Self.point)
        let failing = { (error: any Error) in Drivers(keys: Failing(error: error), store: Memory()) }
        #expect(await code { _ = try await failing(error).checkHost(key: key) } == expected)
        #expect(await code { _ = try await failing(Fault()).checkHost(key: key) } == "device_key_failed")
        #expect(await code { _ = try await Drivers(store: Memory()).checkHost(key: key) } == "device_key_gone")
    }

    @Test("no reader")
    func noReader() async {
        #expect(await code { _ = try await Drivers().cardStatus() } == "no_reader")
    }

    @Test("two clocks: the wall's, and that of the machine since its start")
    func clocks() async throws {
        let uptime = { () throws -> Double in
            let text = try String(contentsOfFile: "/proc/uptime", encoding: .utf8)
            return try #require(Double(text.split(separator: " ")[0]))
        }
        // Between two looks at the machine's own, however long it takes; that one has hundredths of a second.
        let before = (wall: Date().timeIntervalSince1970, monotonic: try uptime())
        guard case .clock(let wall, let monotonic) = Reply.now() else { throw Fault() }
        try await Task.sleep(for: .milliseconds(20))
        guard case .clock(_, let later) = Reply.now() else { throw Fault() }
        let after = (wall: Date().timeIntervalSince1970, monotonic: try uptime())
        #expect((before.wall - 0.02...after.wall + 0.02).contains(Double(wall) / 1_000))
        #expect(before.monotonic - 0.02 <= Double(monotonic) / 1_000 && monotonic + 15 <= later)
        #expect(Double(later) / 1_000 <= after.monotonic + 0.02)
    }
}

@Suite("keys of the Secure Enclave", .timeLimit(.minutes(1)))
struct Enclave {
    func reason(_ name: String) async -> SignError? {
        do {
            _ = try await SecureEnclaveKeys().sign(Data("message".utf8), key: name)
            return nil
        } catch {
            return error as? SignError
        }
    }

    @Test("a key is made once, in the enclave, for this device while it is unlocked")
    func made() async throws {
        #expect(await reason("made") == .gone)
        for (name, asks) in [("made", false), ("asking", true)] {
            let keys = SecureEnclaveKeys(asksPerson: asks)
            Keychain.shared.script(name, point: Host.point, signatures: [Data("message".utf8): Data([0x30])])
            #expect(try await keys.publicKey(name) == Host.point)
            let kept = try #require(Keychain.shared.attributes(name))
            #expect(kept[kSecAttrTokenID as String] as? String == kSecAttrTokenIDSecureEnclave as String)
            #expect(kept[kSecAttrKeySizeInBits as String] as? Int == 256)
            #expect(kept[kSecAttrIsPermanent as String] as? Bool == true)
            let access = try #require(Keychain.shared.access(name))
            #expect(access.accessible == kSecAttrAccessibleWhenUnlockedThisDeviceOnly as String)
            #expect(access.flags == (asks ? [.privateKeyUsage, .userPresence] : [.privateKeyUsage]))
            #expect(try await keys.sign(Data("message".utf8), key: name) == Data([0x30]))
            #expect(try await keys.publicKey(name) == Host.point && Keychain.shared.made(name) == 1)
        }
    }

    @Test(
        "why a key is not found",
        arguments: [
            (errSecItemNotFound, SignError.gone), (errSecInteractionNotAllowed, .locked), (errSecAuthFailed, .refused),
            (-34_018, .failed),
        ])
    func notFound(status: OSStatus, expected: SignError) async throws {
        let name = "status \(status)"
        Keychain.shared.script(name, status: status)
        #expect(await reason(name) == expected)
    }

    @Test(
        "why a key does not sign",
        arguments: [
            (NSOSStatusErrorDomain, -25_308, SignError.locked), (NSOSStatusErrorDomain, -128, .refused),
            (NSOSStatusErrorDomain, -25_293, .refused), (NSOSStatusErrorDomain, -25_300, .gone),
            (NSOSStatusErrorDomain, -50, .failed), (NSOSStatusErrorDomain, .max, .failed),
            ("com.apple.LocalAuthentication", -1, .refused), ("com.apple.LocalAuthentication", -2, .refused),
            ("com.apple.LocalAuthentication", -3, .refused), ("com.apple.LocalAuthentication", -4, .refused),
            ("com.apple.LocalAuthentication", -9, .refused), ("com.apple.LocalAuthentication", -8, .locked),
            ("com.apple.LocalAuthentication", -1004, .locked), ("com.apple.LocalAuthentication", -10, .failed),
            ("another", -2, .failed),
        ])
    func notSigned(domain: String, code: Int, expected: SignError) async throws {
        let name = "\(domain) \(code)"
        Keychain.shared.script(name, point: Host.point, signatures: [:])
        _ = try await SecureEnclaveKeys().publicKey(name)
        Keychain.shared.script(name, refusal: Keychain.Refusal(domain, code))
        #expect(await reason(name) == expected)
    }
}

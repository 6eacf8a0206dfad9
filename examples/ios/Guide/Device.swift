#if canImport(CoreNFC)
    import Foundation
    import KaigoTap
    import KaigoTapNFC

    /// The reader, the keys and the store of this iPhone, tried once before a nurse relies on them.
    struct Device {
        let drivers: Drivers
        let report: HostReport

        init() async throws {
            let support = try FileManager.default.url(
                for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
            let keys = SecureEnclaveKeys()
            let store = try FileStore(folder: support.appendingPathComponent("kaigotap"))
            drivers = Drivers(card: try NFCCardLink(), keys: keys, store: store)
            let key = DeviceKey(name: "device", public: try await keys.publicKey("device"))
            report = try await drivers.checkHost(key: key)
        }
    }
#endif

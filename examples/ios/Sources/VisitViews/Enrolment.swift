#if canImport(CoreNFC)
    import Foundation
    import KaigoTap
    import KaigoTapNFC
    import VisitScreens

    /// What a real app learns when the device is enrolled and the nurse signs in; here it is invented. Put in what
    /// `kaigotap sandbox --enrolment` writes to try it against the sandbox.
    public enum Enrolment {
        private static let server = "https://kaigo.example.jp"
        private static let facility = "1370000001"
        private static let deviceId = "put the device's id here"
        private static let staffToken = "put the staff token here"
        private static let staffId = "put its subject here"

        /// 今日の訪問先.
        public static let visitors = [
            Visitor(name: "介護 花子", nameKana: "カイゴ ハナコ", birthDate: "1941-05-03"),
            Visitor(name: "福祉 太郎", nameKana: "フクシ タロウ", birthDate: "1938-11-02"),
        ]

        /// Everything through the SDK, the iPhone's own reader, its keys, its keychain and its files.
        public static func kit(_ words: Words) -> FieldKit {
            // Everything that is said to the platform is bound to this key, which never leaves the Secure Enclave.
            let keys = SecureEnclaveKeys()
            return FieldKit(
                enrolment: {
                    let key = DeviceKey(name: "device", public: try await keys.publicKey("device"))
                    return KaigoTap.Enrolment(
                        server: server, issuer: server, staffIssuer: server + "/staff", challengeKeys: [],
                        device: EnrolledDevice(id: deviceId, facility: facility, key: key), mutualTls: .none)
                },
                // What waits lies sealed in files; what opens it, in the keychain.
                journal: StoredJournalKeys(KeychainStore()),
                drivers: {
                    let link = try NFCCardLink(messages: words.language == .english ? .english : .japanese)
                    let support = try FileManager.default.url(
                        for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
                    let store = try FileStore(folder: support.appendingPathComponent("kaigotap"))
                    return Drivers(card: link, keys: keys, store: store)
                },
                // A real app shows the page of their issuer here: docs/sign-in.md.
                signIn: {
                    SignedIn(
                        staffToken: staffToken, staffId: staffId, facility: facility, name: nil, untilMs: .max)
                })
        }
    }
#endif

#if canImport(CoreNFC)
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

        /// 今日の訪問先.
        public static let visitors = [
            Visitor(name: "介護 花子", nameKana: "カイゴ ハナコ", birthDate: "1941-05-03"),
            Visitor(name: "福祉 太郎", nameKana: "フクシ タロウ", birthDate: "1938-11-02"),
        ]

        /// Runs visits through the SDK and the iPhone's own reader.
        public static func runner(_ words: Words) -> VisitRunner {
            { visitor, screen, progress in
                let link = try NFCCardLink(messages: words.language == .english ? .english : .japanese)
                // For whoever builds the app: names what the entitlements lack, and nothing of a person.
                defer { if let missing = link.setupError { print(missing) } }
                // Everything that is said to the platform is bound to this key, which never leaves the Secure Enclave.
                let keys = SecureEnclaveKeys()
                let key = DeviceKey(name: "device", public: try await keys.publicKey("device"))
                let environment = Environment(
                    server: server, issuer: server, challengeKeys: [],
                    device: EnrolledDevice(id: deviceId, facility: facility, key: key), staffToken: staffToken,
                    anchors: .production, entropy: freshEntropy())
                // Every way that the app has screens for; which of them are lawful is decided by the SDK and the platform.
                let plan = Plan(uses: [.view], person: visitor.chosen, offers: VisitPresenter.ways)
                return try await Drivers(card: link, keys: keys)
                    .visit(plan, environment: environment, screen: screen, progress: progress)
            }
        }
    }
#endif

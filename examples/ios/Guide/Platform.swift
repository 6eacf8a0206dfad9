#if canImport(AuthenticationServices)
    import AuthenticationServices
    import Foundation
    import KaigoTap
    import Security

    /// The way to the platform, on which each knows who the other is, and the browser in which a nurse signs in.
    struct Platform {
        let drivers: Drivers

        init(enrolled: [Data], authority: SecCertificate, pins: ServerPins, window: ASPresentationAnchor) async throws {
            let keys = SecureEnclaveKeys()
            let identity = try await keys.identity("device", chain: enrolled)
            let http = URLSessionHttp(tls: Tls(authorities: [authority], pins: pins, identity: identity))
            // The phone is shared: nobody is signed in by who was before.
            let browser = WebAuthenticationBrowser(remembers: false, above: { window })
            drivers = Drivers(http: http, keys: keys, browser: browser)
        }

        func signIn(_ device: EnrolledDevice, at issuer: String) async throws -> SignedIn {
            try await drivers.signIn(
                SignInPlan(
                    issuer: issuer, device: device, returnsTo: "jp.kaigotap.app:/callback", entropy: freshEntropy(),
                    anew: true, language: .japanese))
        }
    }
#endif

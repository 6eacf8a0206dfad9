#if canImport(AuthenticationServices)
    import AuthenticationServices
    import Foundation

    /// The system's browser, in which staff sign in: `ASWebAuthenticationSession`, which ends at a scheme of the app's own.
    ///
    /// Not run by the tests of this repository, which have no such framework: it is parsed there.
    public final class WebAuthenticationBrowser: NSObject, Browser, ASWebAuthenticationPresentationContextProviding {
        private let remembers: Bool
        private let anchor: @MainActor @Sendable () -> ASPresentationAnchor

        /// A browser above this window. Where it `remembers`, whoever signed in before is asked nothing; on a shared device
        /// it does not.
        public init(remembers: Bool, above anchor: @escaping @MainActor @Sendable () -> ASPresentationAnchor) {
            (self.remembers, self.anchor) = (remembers, anchor)
        }

        /// Shows the page, and waits for it to end.
        public func show(_ address: String, returnsTo: String) async throws -> String {
            guard let url = URL(string: address), let scheme = URL(string: returnsTo)?.scheme else {
                throw BrowseError.failed
            }
            let (shown, end) = (Shown(), First<String>())
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    end.wait(with: continuation)
                    Task { @MainActor in
                        guard !shown.closed else { return }
                        let session = ASWebAuthenticationSession(url: url, callbackURLScheme: scheme) { ended, error in
                            if let ended {
                                end.settle(.success(ended.absoluteString))
                            } else {
                                end.settle(.failure(BrowseError(of: error)))
                            }
                        }
                        session.presentationContextProvider = self
                        session.prefersEphemeralWebBrowserSession = !self.remembers
                        shown.session = session
                        // Without a window it says so by the error above.
                        session.start()
                    }
                }
            } onCancel: {
                end.settle(.failure(BrowseError.cancelled))
                Task { @MainActor in shown.close() }
            }
        }

        @MainActor
        public func presentationAnchor(for _: ASWebAuthenticationSession) -> ASPresentationAnchor { anchor() }
    }

    /// The session, for whoever cancels it.
    @MainActor
    private final class Shown: Sendable {
        var session: ASWebAuthenticationSession?
        private(set) var closed = false
        nonisolated init() {}

        /// Before it was shown, it is not shown any more.
        func close() {
            closed = true
            session?.cancel()
        }
    }

    extension BrowseError {
        /// What an error of the session means.
        fileprivate init(of error: (any Error)?) {
            switch (error as? ASWebAuthenticationSessionError)?.code {
            case .canceledLogin: self = .cancelled
            case .presentationContextNotProvided, .presentationContextInvalid: self = .noBrowser
            default: self = .failed
            }
        }
    }
#endif

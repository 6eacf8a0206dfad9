import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The platform, through URLSession: TLS 1.2 at least, no redirects, no cookies, no cache, and no answer beyond 1 MiB.
///
/// With a ``Tls`` it speaks 1.3 only, with whom and as whom that says, and through no proxy. That is on Apple's systems:
/// elsewhere `URLSession` has no client certificates, and an ``HttpLink`` of another make shows them.
public final class URLSessionHttp: HttpLink {
    /// Longest answer of a server.
    static let longestAnswer = 1 << 20

    private let configuration: URLSessionConfiguration

    #if canImport(FoundationNetworking)
        /// With a session that keeps nothing.
        public init() { configuration = .keepingNothing }
    #else
        private let tls: Tls?

        /// With a session that keeps nothing.
        public init(tls: Tls? = nil) {
            configuration = .keepingNothing
            // Also in an app that has switched App Transport Security off.
            configuration.tlsMinimumSupportedProtocolVersion = tls == nil ? .TLSv12 : .TLSv13
            if tls != nil { configuration.connectionProxyDictionary = [:] }
            self.tls = tls
        }
    #endif

    /// Sends a request.
    public func send(_ request: HttpRequest) async throws -> HttpResponse {
        guard let url = URL(string: request.url), let host = url.host else { throw HttpError.failed }
        switch url.scheme?.lowercased() {
        case "https": break
        case "http" where ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host): break
        default: throw HttpError.plainHttp
        }
        var sent = URLRequest(url: url)
        sent.httpMethod = request.method == .post ? "POST" : "GET"
        for header in request.headers { sent.setValue(header.value, forHTTPHeaderField: header.name) }
        if request.method == .post { sent.httpBody = request.body }

        #if canImport(FoundationNetworking)
            let exchange = Exchange()
        #else
            let exchange = Exchange(tls)
        #endif
        let session = URLSession(configuration: configuration, delegate: exchange, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: sent)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                exchange.answer.wait(with: continuation)
                task.resume()
            }
        } onCancel: {
            // Before anybody waits, if the Task was cancelled already; and whatever the session says of it, and when.
            exchange.answer.settle(.failure(HttpError.noAnswer))
            task.cancel()
        }
    }
}

extension URLSessionConfiguration {
    fileprivate static var keepingNothing: URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        return configuration
    }
}

/// One request and its answer.
private final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    /// Kept for whoever waits later: the session may end before.
    let answer = First<HttpResponse>()

    private let lock = NSLock()
    // Only touched with the lock held.
    private var body = Data()
    private var head: HTTPURLResponse?
    private var refused = false

    #if !canImport(FoundationNetworking)
        private let tls: Tls?
        init(_ tls: Tls?) { self.tls = tls }

        func urlSession(
            _: URLSession, didReceive challenge: URLAuthenticationChallenge,
            completionHandler: @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
        ) {
            let space = challenge.protectionSpace
            switch tls?.answer(method: space.authenticationMethod, trust: space.serverTrust) ?? .usual {
            case .trusted(let trust):
                completionHandler(.useCredential, URLCredential(trust: trust))
            case .identity(let device):
                let credential = URLCredential(
                    identity: device.identity, certificates: device.above, persistence: .none)
                completionHandler(.useCredential, credential)
            case .refused:
                lock.withLock { refused = true }
                completionHandler(.cancelAuthenticationChallenge, nil)
            case .usual:
                completionHandler(.performDefaultHandling, nil)
            }
        }
    #endif

    func urlSession(
        _: URLSession, task _: URLSessionTask, willPerformHTTPRedirection _: HTTPURLResponse,
        newRequest _: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _: URLSession, dataTask _: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        lock.withLock { head = response as? HTTPURLResponse }
        completionHandler(.allow)
    }

    func urlSession(_: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let tooLong = lock.withLock {
            body.append(data)
            return body.count > URLSessionHttp.longestAnswer
        }
        guard tooLong else { return }
        answer.settle(.failure(HttpError.tooLong))
        dataTask.cancel()
    }

    func urlSession(_: URLSession, task _: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (head, body, refused) = lock.withLock { (self.head, self.body, self.refused) }
        if let error {
            // A handshake that was broken off here counts as cancelled.
            answer.settle(.failure(refused ? HttpError.tls : HttpError(of: error)))
        } else if let head, let status = UInt16(exactly: head.statusCode) {
            let headers = head.allHeaderFields.map { Header(name: "\($0.key)", value: "\($0.value)") }
            answer.settle(.success(HttpResponse(status: status, headers: headers, body: body)))
        } else {
            answer.settle(.failure(HttpError.failed))
        }
    }
}

extension HttpError {
    /// What an error of URLSession means.
    init(of error: any Error) {
        switch (error as? URLError)?.code {
        case .cannotFindHost, .cannotConnectToHost, .dnsLookupFailed, .notConnectedToInternet,
            .internationalRoamingOff, .dataNotAllowed:
            self = .unreachable
        case .timedOut, .networkConnectionLost, .cancelled:
            self = .noAnswer
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired:
            self = .tls
        case .appTransportSecurityRequiresSecureConnection:
            self = .plainHttp
        default:
            self = .failed
        }
    }
}

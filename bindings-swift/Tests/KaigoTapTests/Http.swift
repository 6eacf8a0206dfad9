import Foundation
import Glibc
import Testing

@testable import KaigoTap

/// A server that gives every connection the same bytes, or none and stays silent.
final class CannedServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let requests = Requests()

    /// What the last one who came said first.
    var heard: [UInt8]? { requests.last }

    private final class Requests: @unchecked Sendable {
        private let lock = NSLock()
        private var held: [UInt8]?
        var last: [UInt8]? {
            get { lock.withLock { held } }
            set { lock.withLock { held = newValue } }
        }
    }

    init(_ answer: Data?) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bare in
                bind(listener, bare, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, bare, &length) == 0
            }
        }
        guard listens else { throw Fault() }
        (self.listener, port) = (listener, UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [requests] in
            var silent: [Int32] = []
            defer { for peer in silent { close(peer) } }
            while case let peer = accept(listener, nil, nil), peer >= 0 {
                guard let answer else {
                    silent.append(peer)
                    continue
                }
                var request = [UInt8](repeating: 0, count: 65_536)
                let count = recv(peer, &request, request.count, 0)
                requests.last = Array(request.prefix(max(count, 0)))
                var rest = answer
                while !rest.isEmpty {
                    let sent = rest.withUnsafeBytes { send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    guard sent > 0 else { break }
                    rest = rest.dropFirst(sent)
                }
                shutdown(peer, Int32(SHUT_RDWR))
                close(peer)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Asks it.
    func get() async throws -> HttpResponse {
        try await URLSessionHttp().send(
            HttpRequest(method: .get, url: "http://127.0.0.1:\(port)/", headers: [], body: Data()))
    }
}

@Suite("the HTTP client", .timeLimit(.minutes(1)))
struct Http {
    func reason(_ call: () async throws -> Void) async -> HttpError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? HttpError
        }
    }

    @Test("an answer, whatever its status")
    func answers() async throws {
        let server = try CannedServer(Data("HTTP/1.1 418 I\r\ncontent-length: 3\r\n\r\na\0b".utf8))
        let answer = try await server.get()
        #expect(answer.status == 418 && answer.body == Data([0x61, 0x00, 0x62]))
    }

    @Test("an answer's headers are handed on")
    func headers() async throws {
        let server = try CannedServer(
            Data("HTTP/1.1 401 U\r\nDPoP-Nonce: eyJ7S_zG\r\nretry-after:  7\r\ncontent-length: 0\r\n\r\n".utf8))
        let headers = try await server.get().headers
        let found = Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { $0 + $1 }
        #expect(found["dpop-nonce"] == "eyJ7S_zG" && found["retry-after"] == "7")
    }

    @Test("no older TLS than 1.2 is offered")
    func tls() async throws {
        let server = try CannedServer(Data())
        let request = HttpRequest(method: .get, url: "https://127.0.0.1:\(server.port)/", headers: [], body: Data())
        let ended = await reason { _ = try await URLSessionHttp().send(request) }
        #expect(ended != nil)
        let versions = try #require(server.heard.flatMap(Self.offered))
        #expect(!versions.isEmpty && versions.allSatisfy { $0 >= 0x0303 }, "\(versions)")
    }

    /// The versions that a ClientHello offers (RFC 8446 §4.2.1).
    static func offered(_ hello: [UInt8]) -> [UInt16]? {
        // Record, handshake, version, random.
        guard hello.count > 44, hello[0] == 22, hello[5] == 1 else { return nil }
        var rest = hello[43...]
        func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func number(_ size: Int) -> Int? { take(size)?.reduce(0) { $0 << 8 | Int($1) } }
        // Session, cipher suites, compressions, then all extensions.
        for size in [1, 2, 1] { guard let count = number(size), take(count) != nil else { return nil } }
        guard number(2) != nil else { return nil }
        while let type = number(2), let count = number(2), let body = take(count) {
            guard type == 43 else { continue }
            let bytes = Array(body.dropFirst())
            return stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        }
        return nil
    }

    @Test("a redirect is an answer, and is not followed")
    func redirects() async throws {
        let other = try CannedServer(Data("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".utf8))
        let location = "location: http://127.0.0.1:\(other.port)/"
        let server = try CannedServer(Data("HTTP/1.1 302 F\r\n\(location)\r\ncontent-length: 0\r\n\r\n".utf8))
        #expect(try await server.get().status == 302)
    }

    @Test("one MiB and no more", arguments: [0, 1])
    func tooLong(more: Int) async throws {
        let length = 1 << 20 + more
        let server = try CannedServer(
            Data("HTTP/1.1 200 OK\r\ncontent-length: \(length)\r\n\r\n".utf8) + Data(count: length))
        let ended = await reason {
            guard try await server.get().body == Data(count: length) else { throw Fault() }
        }
        #expect(ended == (more == 0 ? nil : .tooLong))
    }

    @Test("an answer that breaks off is none")
    func breaksOff() async throws {
        let server = try CannedServer(Data("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".utf8))
        let ended = await reason { _ = try await server.get() }
        // On Linux URLSession has no name for it. A conversation takes both alike.
        #expect(ended == .noAnswer || ended == .failed)
    }

    @Test("addresses that are none, or not this machine's without TLS")
    func addresses() async throws {
        for (url, expected) in [
            ("http://example.invalid/", HttpError.plainHttp), ("ftp://127.0.0.1/", .plainHttp), ("", .failed),
            ("\0", .failed), ("http://127.0.0.1.example.invalid/", .plainHttp), ("http://127.0.0.1:9/", .unreachable),
        ] {
            let request = HttpRequest(method: .post, url: url, headers: [], body: Data())
            let ended = await reason { _ = try await URLSessionHttp().send(request) }
            #expect(ended == expected, "\(url)")
        }
    }

    @Test("a Task that is cancelled before it asks")
    func cancelledBefore() async throws {
        let silent = try CannedServer(nil)
        for _ in 0..<50 {
            let asking = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await silent.get()
            }
            asking.cancel()
            await #expect(throws: HttpError.noAnswer) { _ = try await within(.seconds(20)) { try await asking.value } }
        }
    }

    @Test("a Task that is cancelled while the server is silent")
    func cancelled() async throws {
        let silent = try CannedServer(nil)
        for yields in 0..<50 {
            let asking = Task { try await silent.get() }
            for _ in 0..<yields { await Task.yield() }
            asking.cancel()
            await #expect(throws: HttpError.noAnswer) { _ = try await within(.seconds(20)) { try await asking.value } }
        }
    }
}

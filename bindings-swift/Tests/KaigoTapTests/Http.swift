import Foundation
import Glibc
import KaigoTap
import Testing

/// A server that gives every connection the same bytes.
final class CannedServer: Sendable {
    let port: UInt16
    private let listener: Int32

    init(_ answer: Data) throws {
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
        Thread.detachNewThread {
            while case let peer = accept(listener, nil, nil), peer >= 0 {
                var request = [UInt8](repeating: 0, count: 65_536)
                _ = recv(peer, &request, request.count, 0)
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
            return (error as? HttpLinkError)?.reason
        }
    }

    @Test("an answer, whatever its status")
    func answers() async throws {
        let server = try CannedServer(Data("HTTP/1.1 418 I\r\ncontent-length: 3\r\n\r\na\0b".utf8))
        let answer = try await server.get()
        #expect(answer.status == 418 && answer.body == Data([0x61, 0x00, 0x62]))
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

    @Test("a Task that is cancelled while the server is silent")
    func cancelled() async throws {
        let silent = try CannedServer(Data("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n".utf8))
        let task = Task { try await silent.get() }
        task.cancel()
        await #expect(throws: HttpLinkError.self) { _ = try await task.value }
    }
}

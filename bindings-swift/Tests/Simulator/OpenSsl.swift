import Foundation
import KaigoTap

#if canImport(Glibc)
    import Glibc
#endif

/// The command `openssl`.
package enum OpenSsl {
    package static func run(_ arguments: String..., input: Data = Data()) throws -> (status: Int32, output: Data) {
        try run(arguments, input: input)
    }

    package static func run(_ arguments: [String], input: Data = Data()) throws -> (status: Int32, output: Data) {
        // It may end before it has read all.
        signal(SIGPIPE, SIG_IGN)
        let (process, given, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        (process.standardInput, process.standardOutput) = (given, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        try? given.fileHandleForWriting.write(contentsOf: input)
        try? given.fileHandleForWriting.close()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, said)
    }
}

/// A way to a server for which it matters who asks: TLS 1.3 with a client certificate, where `URLSession` has none.
package struct OpenSslHttp: HttpLink {
    /// Whom to trust, a file.
    let authority: String
    /// Files with this device's certificate (PEM) and key (PKCS#8, DER).
    let identity: (certificate: String, key: String)?

    package init(authority: String, identity: (certificate: String, key: String)? = nil) {
        (self.authority, self.identity) = (authority, identity)
    }

    package func send(_ request: HttpRequest) async throws -> HttpResponse {
        guard request.url.hasPrefix("https://") else { throw HttpError.plainHttp }
        let rest = request.url.dropFirst(8)
        let host = String(rest.prefix { $0 != "/" })
        var arguments = [
            "s_client", "-quiet", "-tls1_3", "-connect", host, "-CAfile", authority, "-verify_return_error",
        ]
        arguments += ["-verify_ip", String(host.prefix { $0 != ":" })]
        if let identity { arguments += ["-cert", identity.certificate, "-key", identity.key, "-keyform", "DER"] }
        var head =
            "\(request.method == .post ? "POST" : "GET") \(rest.dropFirst(host.count)) HTTP/1.1\r\nHost: \(host)\r\n"
        for header in request.headers { head += "\(header.name): \(header.value)\r\n" }
        head += "Content-Length: \(request.body.count)\r\nConnection: close\r\n\r\n"
        let (status, said) = try OpenSsl.run(arguments, input: Data(head.utf8) + request.body)
        guard let end = said.range(of: Data("\r\n\r\n".utf8)) else {
            throw status == 0 ? HttpError.noAnswer : HttpError.tls
        }
        let lines = String(decoding: said[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let code = try lines[0].split(separator: " ").dropFirst().first.flatMap { UInt16($0) }.orThrow("a status")
        let headers = lines.dropFirst().compactMap { line -> Header? in
            let halves = line.split(separator: ":", maxSplits: 1)
            return halves.count < 2
                ? nil : Header(name: String(halves[0]), value: halves[1].trimmingCharacters(in: .whitespaces))
        }
        return HttpResponse(status: code, headers: headers, body: Data(said[end.upperBound...]))
    }
}

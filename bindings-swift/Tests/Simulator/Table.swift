import Foundation
import KaigoTap

/// What every replayer is given beside the transcripts.
package struct Table: Decodable {
    struct Key: Decodable {
        let keyId: String
        let modulus: String
    }
    struct Hierarchy: Decodable {
        let face: Key
        let inputSupport: Key
    }
    let anchors: [String: [String]]
    let authorities: [String: Hierarchy]
    let secrets: [String: String]

    /// The top of the repository. The sample has this folder by a link.
    package static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    package static let transcripts = root.appendingPathComponent("tests/vectors/transcripts")

    package static func read() throws -> Self {
        try JSONDecoder.snake.decode(
            Self.self, from: Data(contentsOf: transcripts.appendingPathComponent("table.json")))
    }

    package func authorities(_ name: String?) throws -> CardAuthorities {
        let found = try (name.flatMap { authorities[$0] }).orThrow("no authorities \(name ?? "")")
        let key = { (key: Key) in
            CardAuthorityKey(
                keyId: try Data(hex: key.keyId).orThrow("a key id"),
                modulus: try Data(hex: key.modulus).orThrow("a modulus"))
        }
        return .test(inputSupport: try key(found.inputSupport), face: try key(found.face))
    }

    func secret(_ name: String) throws -> String {
        try secrets[name].orThrow("no secret \(name)")
    }
}

/// Something in a test's data is not as it should be, or a replay differs.
package struct Differs: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

extension JSONDecoder {
    /// For what this repository writes.
    package static var snake: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}

extension Optional {
    func orThrow(_ what: String) throws -> Wrapped {
        guard let self else { throw Differs(what) }
        return self
    }
}

extension Data {
    init?(hex text: some StringProtocol) {
        guard text.utf8.count % 2 == 0 else { return nil }
        self.init()
        var rest = text[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            append(byte)
            rest = rest.dropFirst(2)
        }
    }
}

import Foundation
import Simulator
import Testing

/// What apps are compiled against, line by line, is a file of this repository: who changes it sees it.
@Suite("the public API", .timeLimit(.minutes(1)))
struct Api {
    struct Graph: Decodable {
        struct Module: Decodable { let name: String }
        struct Fragment: Decodable { let spelling: String }
        struct Symbol: Decodable {
            let pathComponents: [String]
            let declarationFragments: [Fragment]
        }
        let module: Module
        let symbols: [Symbol]
    }

    /// What the compiler says of the modules; `cargo xtask test swift` asks it.
    static let graphs = Table.root.appendingPathComponent("target/swift/symbols")
    static let recorded = Table.root.appendingPathComponent("bindings-swift/api.txt")
    static let written = Table.root.appendingPathComponent("target/swift/api.txt")

    static func files() -> [URL] {
        let all = try? FileManager.default.contentsOfDirectory(at: graphs, includingPropertiesForKeys: nil)
        return (all ?? []).filter { $0.pathExtension == "json" }
    }

    @Test("is what api.txt says", .enabled(if: !files().isEmpty))
    func same() throws {
        var lines: Set<String> = []
        for file in Self.files() {
            let graph = try JSONDecoder().decode(Graph.self, from: Data(contentsOf: file))
            for symbol in graph.symbols {
                let place = symbol.pathComponents.joined(separator: ".")
                // UniFFI's own machinery is public, because Swift wants it so, and nobody's to call.
                if ["ffi", "unsafefromhandle", "nohandle"].contains(where: place.lowercased().contains) { continue }
                let declared = symbol.declarationFragments.map(\.spelling).joined()
                let flat = declared.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                lines.insert("\(place)\t\(flat)")
            }
        }
        #expect(lines.count > 300)
        try Data((lines.sorted().joined(separator: "\n") + "\n").utf8).write(to: Self.written)
        let before = Set(try String(contentsOf: Self.recorded, encoding: .utf8).split(separator: "\n").map(String.init))
        for line in lines.subtracting(before).sorted() { Issue.record("new: \(line)") }
        for line in before.subtracting(lines).sorted() { Issue.record("gone: \(line)") }
    }
}

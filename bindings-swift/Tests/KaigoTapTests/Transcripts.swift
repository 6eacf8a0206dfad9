import Foundation
import Simulator
import Testing

@Suite("transcripts", .timeLimit(.minutes(2)))
struct Transcripts {
    /// The table that it writes is compared with those of the other languages.
    @Test("every one, to the byte")
    func all() throws {
        let table = try Table.read()
        let files = try FileManager.default.contentsOfDirectory(atPath: Table.transcripts.path)
            .filter { $0.hasSuffix(".jsonl") }.sorted()
        #expect(files.count >= 50)
        var rows = ""
        for file in files {
            let text = try String(contentsOf: Table.transcripts.appendingPathComponent(file), encoding: .utf8)
            do {
                let replay = try Replay(text, table)
                let ended = try replay.run()
                #expect(try ended == replay.recorded(), "\(file)")
                rows += ([file] + ended).joined(separator: "\t") + "\n"
            } catch {
                Issue.record("\(file): \(error)")
                rows += "\(file)\tdiffers\n"
            }
        }
        let folder = Table.root.appendingPathComponent("target/transcripts")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(rows.utf8).write(to: folder.appendingPathComponent("swift.tsv"))
    }

    @Test("a replay notices what differs")
    func notices() throws {
        let table = try Table.read()
        let path = Table.transcripts.appendingPathComponent("status-modern.jsonl")
        let text = try String(contentsOf: path, encoding: .utf8)
        #expect(try Replay(text, table).run() == ["done"])
        let lines = text.split(separator: "\n")
        for other in [
            text.replacingOccurrences(of: "\"tx\":\"00a4", with: "\"tx\":\"00a5"),
            lines.dropLast().joined(separator: "\n"),
            (lines + [lines[1]]).joined(separator: "\n"),
            text.replacingOccurrences(of: "\"first\"", with: "\"again\""),
        ] {
            #expect(throws: Differs.self) { try Replay(other, table).run() }
        }
    }

    @Test(
        "in a tap and in a sign-in, too",
        arguments: [
            ("visit-tap-modern", "\"payload\":\"65", "\"payload\":\"66"),
            ("visit-tap-modern", "\"birth_date\":\"1941-05-03\"", "\"birth_date\":\"1941-05-04\""),
            ("sign-in", "\"address\":\"http", "\"address\":\"https"),
            ("sign-in", "?code=", "?code=x"),
        ])
    func noticesMore(name: String, from: String, to: String) throws {
        let path = Table.transcripts.appendingPathComponent("\(name).jsonl")
        var text = try String(contentsOf: path, encoding: .utf8)
        let place = try #require(text.range(of: from))
        text.replaceSubrange(place, with: to)
        let table = try Table.read()
        #expect(throws: Differs.self) { try Replay(text, table).run() }
    }
}

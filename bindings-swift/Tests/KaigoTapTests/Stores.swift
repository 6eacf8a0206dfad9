import Foundation
import Glibc
import Simulator
import Testing

@testable import KaigoTap

@Suite("entries on the disk", .timeLimit(.minutes(2)))
struct Stores {
    static let isRoot = geteuid() == 0

    /// A folder of the test's own, which others may pass, and which is gone after the test.
    final class Place {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("stores-\(UUID())")
        var folder: URL { base.appendingPathComponent("entries") }

        init() throws {
            try FileManager.default.createDirectory(at: base, withIntermediateDirectories: false)
            chmod(base.path, 0o755)
        }

        deinit { try? FileManager.default.removeItem(at: base) }

        func store() throws -> FileStore { try FileStore(folder: folder) }
        func mode(_ name: String) -> mode_t {
            var found = stat()
            return lstat(folder.appendingPathComponent(name).path, &found) == 0 ? found.st_mode & 0o7777 : 0
        }
        var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }
    }

    /// All that is kept.
    static func all(_ store: FileStore) async throws -> [Entry] { try await store.recall(store.list()) }
    static func entry(_ name: String, _ text: String) -> Entry { Entry(name: name, sealed: Data(text.utf8)) }

    /// What a process of its own says that uses the store; nothing if it was killed.
    static func trial(_ place: Place, user: String = "-", _ call: String...) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = Table.root.appendingPathComponent("target/swift/debug/StoreTrial")
        process.arguments = [place.folder.path, user] + call
        process.standardOutput = pipe
        try process.run()
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func reason(_ call: () async throws -> Void) async -> StoreError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test("are kept, replaced, forgotten and brought back, and are nobody else's")
    func keeps() async throws {
        let place = try Place()
        let before = umask(0)
        defer { umask(before) }
        let store = try place.store()
        #expect(try await Self.all(store) == [])
        try await store.keep(Self.entry("visit-1", "first"))
        try await store.keep(Self.entry("visit-2", ""))
        try await store.keep(Self.entry("visit-1", "second"))
        let kept = try await Self.all(place.store()).sorted { $0.name < $1.name }
        #expect(kept == [Self.entry("visit-1", "second"), Self.entry("visit-2", "")])
        #expect(place.mode("") == 0o700 && place.mode("visit-1") == 0o600)
        #expect(try await store.recall(["none", "visit-1"]) == [Self.entry("visit-1", "second")])
        try await store.forget("visit-1")
        try await store.forget("visit-1")
        #expect(try await Self.all(store) == [Self.entry("visit-2", "")])
        #expect(place.names == ["visit-2"])
    }

    @Test("a process is killed between two steps: the entry is there as it was, or as it is now")
    func killed() async throws {
        for step in FileStore.Step.allCases {
            let place = try Place()
            #expect(try Self.trial(place, "keep", "a", "old") == "kept")
            #expect(try Self.trial(place, "keep", "a", "new", step.rawValue) == "")
            let now = step == .renamed || step == .folderSynced ? "new" : "old"
            #expect(try Self.trial(place, "recall") == "a=\(now)", "\(step)")
            // What it left aside is in nobody's way.
            #expect(place.names == (now == "new" ? ["a"] : ["a", "a.part"]), "\(step)")
            #expect(try Self.trial(place, "keep", "a", "newer") == "kept")
            #expect(try Self.trial(place, "recall") == "a=newer")
            #expect(place.names == ["a"])
        }
    }

    @Test("a full disk: what was there is there still, and nothing lies aside", .enabled(if: isRoot))
    func full() async throws {
        let place = try Place()
        try FileManager.default.createDirectory(at: place.folder, withIntermediateDirectories: false)
        guard mounts("-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", place.folder.path) else { throw Fault() }
        defer { _ = run("/usr/bin/umount", "-l", place.folder.path) }
        let store = try place.store()
        try await store.keep(Self.entry("a", "small"))
        let large = Entry(name: "b", sealed: Data(count: 128 << 10))
        #expect(await reason { try await store.keep(large) } == .full)
        #expect(await reason { try await store.keep(Entry(name: "a", sealed: large.sealed)) } == .full)
        #expect(try await Self.all(store) == [Self.entry("a", "small")])
        #expect(place.names == ["a"])
        try await store.keep(Self.entry("c", "there is room for this"))
        guard mounts("-o", "remount,ro", place.folder.path) else { throw Fault() }
        #expect(await reason { try await store.keep(Self.entry("a", "x")) } == .denied)
        #expect(await reason { try await store.forget("a") } == .denied)
        #expect(try await store.list().count == 2)
    }

    @Test("a folder of somebody else's, and one that may only be read", .enabled(if: isRoot))
    func denied() async throws {
        let place = try Place()
        try await place.store().keep(Self.entry("a", "kept"))
        #expect(try Self.trial(place, user: "65534", "recall") == "denied")
        #expect(try Self.trial(place, user: "65534", "keep", "a", "x") == "denied")
        chown(place.folder.path, 65_534, 65_534)
        chown(place.folder.appendingPathComponent("a").path, 65_534, 65_534)
        #expect(try Self.trial(place, user: "65534", "keep", "a", "own") == "kept")
        chmod(place.folder.path, 0o500)
        #expect(try Self.trial(place, user: "65534", "keep", "a", "x") == "denied")
        #expect(try Self.trial(place, user: "65534", "recall") == "a=own")
    }

    @Test("a folder that others can look into, that is none, or that was taken away")
    func folders() async throws {
        let place = try Place()
        let store = try place.store()
        chmod(place.folder.path, 0o750)
        #expect(await reason { _ = try place.store() } == .denied)
        #expect(await reason { try await store.keep(Self.entry("a", "x")) } == .denied)
        try FileManager.default.removeItem(at: place.folder)
        // An empty store and none are two things.
        #expect(await reason { _ = try await store.list() } == .missing)
        #expect(await reason { _ = try await store.recall(["a"]) } == .missing)
        #expect(await reason { try await store.keep(Self.entry("a", "x")) } == .missing)
        #expect(await reason { _ = try FileStore(folder: place.folder.appendingPathComponent("deeper")) } == .missing)
        try Data().write(to: place.folder)
        #expect(await reason { _ = try place.store() } == .missing)
    }

    @Test("links are not followed: of a folder, of an entry, of what is being written")
    func links() async throws {
        let (place, other) = (try Place(), try Place())
        let secret = other.base.appendingPathComponent("secret")
        try Data("another's".utf8).write(to: secret)
        mkdir(other.folder.path, 0o700)
        symlink(other.folder.path, place.folder.path)
        #expect(await reason { _ = try place.store() } == .missing)
        unlink(place.folder.path)
        let store = try place.store()
        for name in ["a", "b.part"] { symlink(secret.path, place.folder.appendingPathComponent(name).path) }
        #expect(await reason { _ = try await Self.all(store) } == .failed)
        try await store.keep(Self.entry("a", "own"))
        try await store.keep(Self.entry("b", "own"))
        #expect(try await Self.all(store).allSatisfy { $0.sealed == Data("own".utf8) })
        #expect(try Data(contentsOf: secret) == Data("another's".utf8))
        mkfifo(place.folder.appendingPathComponent("c").path, 0o600)
        #expect(await reason { _ = try await Self.all(store) } == .failed)
    }

    @Test("names that are none, and entries without end")
    func names() async throws {
        let place = try Place()
        let store = try place.store()
        for name in ["", ".", "..", "../a", "a/b", "A", "a.part", "あ", String(repeating: "x", count: 65)] {
            #expect(await reason { try await store.keep(Self.entry(name, "x")) } == .failed, "\(name)")
            #expect(await reason { try await store.forget(name) } == .failed, "\(name)")
            #expect(await reason { _ = try await store.recall(["a", name]) } == .failed, "\(name)")
        }
        try await store.keep(Entry(name: "a", sealed: Data(count: 1 << 20)))
        #expect(await reason { try await store.keep(Entry(name: "a", sealed: Data(count: 1 << 20 + 1))) } == .tooLong)
        #expect(try await Self.all(store).map(\.sealed.count) == [1 << 20])
        try Data("no entry".utf8).write(to: place.folder.appendingPathComponent("Thumbs.db"))
        #expect(try await store.list() == ["a"])
    }

    private func mounts(_ arguments: String...) -> Bool { run("/usr/bin/mount", arguments) }
    private func run(_ program: String, _ arguments: String...) -> Bool { run(program, arguments) }
    private func run(_ program: String, _ arguments: [String]) -> Bool {
        let process = try? Process.run(URL(fileURLWithPath: program), arguments: arguments)
        process?.waitUntilExit()
        return process?.terminationStatus == 0
    }
}

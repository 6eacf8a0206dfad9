import Foundation

/// Entries in a folder: one entry, one file, for its owner only (mode 0600).
///
/// A write goes aside, is synced and renamed, and the folder is synced: after a crash an entry is there as it was before,
/// or as it is now. No link is followed. On an iPhone the files are encrypted until the first unlock after a start, and
/// are in no backup.
///
/// Two stores in one folder get into each other's way.
public final class FileStore: Store {
    /// Longest entry.
    static let longest = 1 << 20
    /// The end of the name of a file that is not whole yet.
    static let aside = ".part"

    /// The steps of a write, after which a test can cut the power.
    package enum Step: String, Sendable, CaseIterable {
        case created, written, synced, renamed, folderSynced
    }

    private let path: String
    private let passed: @Sendable (Step) -> Void
    /// Files are waited for here, one call at a time, and not where Swift runs everything else.
    private let queue = DispatchQueue(label: "KaigoTap.FileStore")

    /// The store in this folder, which is made (mode 0700) if it is not there; its parent has to be. A folder that others
    /// can look into is ``StoreError/denied``.
    public convenience init(folder: URL) throws(StoreError) {
        try self.init(folder: folder, passed: { _ in })
    }

    package init(folder: URL, passed: @escaping @Sendable (Step) -> Void) throws(StoreError) {
        (path, self.passed) = (folder.path, passed)
        if mkdir(path, 0o700) == 0 {
            try Opened(path + "/..", O_DIRECTORY).sync()
        } else if errno != EEXIST {
            throw StoreError(errno: errno)
        }
        _ = try open()
        #if canImport(Darwin)
            var (place, values) = (folder, URLResourceValues())
            values.isExcludedFromBackup = true
            do { try place.setResourceValues(values) } catch { throw .failed }
        #endif
    }

    /// Keeps an entry, and returns when it is on the disk.
    public func keep(_ entry: Entry) async throws {
        try await onQueue { store in try store.put(entry) }
    }

    /// Forgets an entry, and returns when it is gone from the disk.
    public func forget(_ name: String) async throws {
        try await onQueue { store in
            let folder = try store.open()
            guard isName(name) else { throw StoreError.failed }
            if unlinkat(folder.file, name, 0) != 0 && errno != ENOENT { throw StoreError(errno: errno) }
            // That an earlier one is gone may not be on the disk yet.
            try folder.sync()
        }
    }

    /// The names of all entries.
    public func list() async throws -> [String] {
        // What has no name of an entry is none of ours.
        try await onQueue { store in try store.open().names().filter(isName) }
    }

    /// The entries of these names, as far as they are there.
    public func recall(_ names: [String]) async throws -> [Entry] {
        try await onQueue { store in
            let folder = try store.open()
            return try names.compactMap { name in
                guard isName(name) else { throw StoreError.failed }
                do throws(StoreError) {
                    return Entry(name: name, sealed: try Opened(name, 0, in: folder).content())
                } catch .missing {
                    return nil
                }
            }
        }
    }

    private func onQueue<T: Sendable>(_ call: @escaping @Sendable (FileStore) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try call(self) }) }
        }
    }

    /// The folder, opened anew each time: one that was taken away is missing, and not empty.
    private func open() throws(StoreError) -> Opened {
        let folder = try Opened(path, O_DIRECTORY)
        if try folder.mode() & 0o077 != 0 { throw .denied }
        return folder
    }

    private func put(_ entry: Entry) throws(StoreError) {
        let folder = try open()
        guard isName(entry.name) else { throw .failed }
        guard entry.sealed.count <= Self.longest else { throw .tooLong }
        let aside = entry.name + Self.aside
        // What a program that was killed has left. It never was an entry.
        if unlinkat(folder.file, aside, 0) != 0 && errno != ENOENT { throw StoreError(errno: errno) }
        do throws(StoreError) {
            // A link that lies there is not followed.
            let file = try Opened(aside, O_WRONLY | O_CREAT | O_EXCL, in: folder)
            try file.protect(path + "/" + aside)
            passed(.created)
            try file.write(entry.sealed)
            passed(.written)
            try file.sync()
            passed(.synced)
            if renameat(folder.file, aside, folder.file, entry.name) != 0 { throw StoreError(errno: errno) }
        } catch {
            _ = unlinkat(folder.file, aside, 0)
            throw error
        }
        passed(.renamed)
        try folder.sync()
        passed(.folderSynced)
    }
}

/// 1 to 64 of `a`–`z`, `0`–`9`, `-` and `_`, which is a file's name everywhere.
private func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
}

/// An open file or folder, which is closed with its last holder.
private final class Opened {
    let file: Int32

    /// Opens what has this name, and nothing that a link of this name leads to.
    init(_ name: String, _ flags: Int32, in folder: Opened? = nil) throws(StoreError) {
        // A pipe that lies there is not waited for.
        let flags = flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        file = openat(folder?.file ?? AT_FDCWD, name, flags, 0o600 as mode_t)
        if file < 0 { throw StoreError(errno: errno) }
    }

    deinit { close(file) }

    func mode() throws(StoreError) -> mode_t {
        var found = stat()
        if fstat(file, &found) != 0 { throw StoreError(errno: errno) }
        return found.st_mode
    }

    func content() throws(StoreError) -> Data {
        guard try mode() & S_IFMT == S_IFREG else { throw .failed }
        var (content, piece) = (Data(), [UInt8](repeating: 0, count: 1 << 16))
        while true {
            let count = read(file, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw StoreError(errno: errno) }
            if count == 0 { return content }
            content.append(contentsOf: piece[..<count])
            if content.count > FileStore.longest { throw .tooLong }
        }
    }

    func write(_ content: Data) throws(StoreError) {
        var rest = content[...]
        while !rest.isEmpty {
            #if canImport(Darwin)
                let count = rest.withUnsafeBytes { Darwin.write(file, $0.baseAddress, $0.count) }
            #else
                let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            #endif
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw StoreError(errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    func sync() throws(StoreError) {
        #if canImport(Darwin)
            // There `fsync` leaves it to the disk when it writes down what it was given.
            let failed = fcntl(file, F_FULLFSYNC) != 0
        #else
            let failed = fsync(file) != 0
        #endif
        if failed { throw StoreError(errno: errno) }
    }

    /// Has the system encrypt it until the first unlock after a start; only an iPhone does so.
    func protect(_ path: String) throws(StoreError) {
        #if os(iOS)
            let attributes = [FileAttributeKey.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication]
            do { try FileManager.default.setAttributes(attributes, ofItemAtPath: path) } catch { throw .failed }
        #endif
    }

    func names() throws(StoreError) -> [String] {
        let copy = openat(file, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let listing = fdopendir(copy) else { throw StoreError(errno: errno) }
        defer { closedir(listing) }
        var names: [String] = []
        errno = 0
        while let next = readdir(listing) {
            // Its array of characters is longer than the name, which ends with a zero.
            names.append(
                withUnsafePointer(to: &next.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
            errno = 0
        }
        if errno != 0 { throw StoreError(errno: errno) }
        return names
    }
}

extension StoreError {
    /// What an error of the system means.
    fileprivate init(errno code: Int32) {
        switch code {
        case ENOSPC, EDQUOT: self = .full
        case EACCES, EPERM, EROFS: self = .denied
        // A link, where a folder or a file is wanted, is none.
        case ENOENT, ENOTDIR: self = .missing
        default: self = .failed
        }
    }
}

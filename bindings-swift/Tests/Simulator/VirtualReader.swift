import Foundation
import KaigoTap

#if canImport(Glibc)
    import Glibc
#endif

/// The command-line program of this repository, which plays cards and the platform.
package enum Kaigotap {
    static let path = ProcessInfo.processInfo.environment["KAIGOTAP_COMMAND"] ?? "kaigotap"

    package static func start(_ arguments: [String], output: Any? = nil) throws -> Process {
        try run(path, arguments, input: FileHandle.nullDevice, output: output)
    }

    /// Starts it for as long as this process lives, however that ends: the pipe that is given back closes with it.
    static func startForThisProcess(_ arguments: [String], output: Any) throws -> Pipe {
        let held = Pipe()
        // It may have inherited that all other signals are blocked: those threads of Dispatch are.
        let script = "\"$0\" \"$@\" & started=$!; cat > /dev/null; kill -KILL $started"
        _ = try run("/bin/sh", ["-c", script, path] + arguments, input: held, output: output)
        return held
    }

    private static func run(_ path: String, _ arguments: [String], input: Any, output: Any?) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}

/// A card reader as `vpcd` is one: it listens, and virtual cards plug themselves in. A card that was torn away is held
/// to it again as the next of its profiles.
package final class VirtualReader: CardLink, @unchecked Sendable {
    private let queue = DispatchQueue(label: "virtual reader")
    // All below is touched on the queue only.
    private var profiles: [String]
    private let person: String
    private var listener: Int32 = -1
    private var card: Int32 = -1
    private var process: Process?
    private var connects = 0
    private var disconnects = 0
    private var commands: [Data] = []
    private let capacity: LinkCapacity
    package let pinTiming: PinTiming

    package init(
        _ profiles: String..., person: String = "hanako", capacity: LinkCapacity = .extended,
        pinTiming: PinTiming = .duringTap
    ) {
        self.profiles = profiles.isEmpty ? ["modern"] : profiles
        self.person = person
        self.capacity = capacity
        self.pinTiming = pinTiming
    }

    deinit { unplug() }

    /// How often a card was asked for, and let go.
    package var taps: (connects: Int, disconnects: Int) { queue.sync { (connects, disconnects) } }
    /// What was sent to the card.
    package var sent: [Data] { queue.sync { commands } }

    package func connect(_: Occasion) async throws -> LinkCapacity {
        try await onQueue { reader in
            reader.connects += 1
            if reader.card < 0 { try reader.plugIn() }
            try reader.write(Data([0x01]))
            try reader.write(Data([0x04]))
            _ = try reader.read()
            return reader.capacity
        }
    }

    package func transmit(_ command: Data) async throws -> Data {
        try await onQueue { reader in
            reader.commands.append(command)
            try reader.write(command)
            return try reader.read()
        }
    }

    package func disconnect() async {
        try? await onQueue { reader in
            reader.disconnects += 1
            if reader.card >= 0 { try reader.write(Data([0x00])) }
        }
    }

    private func onQueue<T: Sendable>(_ call: @escaping @Sendable (VirtualReader) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try call(self) }) }
        }
    }

    private func plugIn() throws {
        unplug()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port: UInt16? = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bare in
                bind(listener, bare, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, bare, &length) == 0
            } ? UInt16(bigEndian: pointer.pointee.sin_port) : nil
        }
        guard let port else { throw LinkError.noReader }
        let profile = profiles.count > 1 ? profiles.removeFirst() : profiles[0]
        process = try Kaigotap.start(
            ["virtual-card", "--vpcd", "127.0.0.1:\(port)", "--profile", profile, "--person", person])
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20_000) == 1 else { throw LinkError.noCard }
        card = accept(listener, nil, nil)
        guard card >= 0 else { throw LinkError.noCard }
    }

    private func unplug() {
        for file in [card, listener] where file >= 0 { close(file) }
        (card, listener) = (-1, -1)
        // It ends when its reader is gone.
        process = nil
    }

    private func write(_ body: Data) throws {
        var message = Data([UInt8(body.count >> 8), UInt8(body.count & 0xFF)]) + body
        while !message.isEmpty {
            let count = message.withUnsafeBytes { send(card, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw gone() }
            message = message.dropFirst(count)
        }
    }

    private func read() throws -> Data {
        let length = try read(2)
        return try read(Int(length[0]) << 8 | Int(length[1]))
    }

    private func read(_ count: Int) throws -> Data {
        var bytes = Data(count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { recv(card, $0.baseAddress! + filled, count - filled, 0) }
            guard got > 0 else { throw gone() }
            filled += got
        }
        return bytes
    }

    private func gone() -> LinkError {
        unplug()
        return LinkError.lost
    }
}

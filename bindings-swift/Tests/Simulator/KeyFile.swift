import Foundation
import KaigoTap

/// The key of a device on a desk, in the file where `kaigotap` keeps it. An iPhone has `SecureEnclaveKeys`.
package struct KeyFile: DeviceKeys {
    package static let name = "device"
    let file: URL

    package func sign(_ message: Data, key: String) async throws -> Data {
        guard key == Self.name else { throw SignError.gone }
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "dgst", "-sha256", "-keyform", "DER", "-sign", file.path]
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: message)
        try input.fileHandleForWriting.close()
        let signature = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw SignError.failed }
        return signature
    }
}

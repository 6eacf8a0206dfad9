import Foundation
import KaigoTap

/// The key of a device on a desk, in the file where `kaigotap` keeps it. An iPhone has `SecureEnclaveKeys`.
package struct KeyFile: DeviceKeys {
    package static let name = "device"
    package let file: URL

    package init(file: URL) { self.file = file }

    package func sign(_ message: Data, key: String) async throws -> Data {
        guard key == Self.name else { throw SignError.gone }
        let arguments = ["dgst", "-sha256", "-keyform", "DER", "-sign", file.path]
        let (status, signature) = try OpenSsl.run(arguments, input: message)
        guard status == 0 else { throw SignError.failed }
        return signature
    }
}

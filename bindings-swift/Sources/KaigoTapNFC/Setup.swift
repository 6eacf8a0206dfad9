import Foundation

/// The app lacks something that iOS wants before it lets an app read cards. Each entry names it.
public struct NFCSetupError: Error, CustomStringConvertible, Equatable {
    /// What is missing, with the place where it belongs.
    public let missing: [String]

    /// What is missing, one a line.
    public var description: String { missing.joined(separator: "\n") }
}

/// What belongs into an app's `Info.plist` and entitlements.
public enum NFCSetup {
    /// The applications of a card, which iOS wants to be told of, in this order.
    public static let applications = [
        "D392F000260100000001", "D3921000310001010408", "D3921000310001010402", "A0000001510000",
    ]
    /// Key of the list of applications in `Info.plist`.
    static let applicationsKey = "com.apple.developer.nfc.readersession.iso7816.select-identifiers"
    /// Key of the reason that people are shown, in `Info.plist`.
    static let usageKey = "NFCReaderUsageDescription"
    /// Only iOS can see whether this is there.
    static let entitlement =
        "entitlements: com.apple.developer.nfc.readersession.formats with TAG "
        + "(target > Signing & Capabilities > Near Field Communication Tag Reading)"

    /// Looks for what is missing in an app's `Info.plist`.
    public static func check(_ info: [String: Any] = Bundle.main.infoDictionary ?? [:]) throws(NFCSetupError) {
        let listed = (info[applicationsKey] as? [String] ?? []).map { $0.uppercased() }
        var missing = applications.filter { !listed.contains($0) }.map {
            "Info.plist: \($0) in \(applicationsKey)"
        }
        if (info[usageKey] as? String ?? "").isEmpty { missing.append("Info.plist: \(usageKey)") }
        if !missing.isEmpty { throw NFCSetupError(missing: missing) }
    }
}

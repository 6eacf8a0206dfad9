// A stand-in for Apple's framework of this name, for systems that have none: the names and types that are used here, and
// a keychain behind them that does what a test wants, key by key. It is in no product.

import Foundation

public typealias CFTypeRef = AnyObject
public typealias CFString = String
public typealias CFData = Data
public typealias CFDictionary = [String: Any]
public typealias CFArray = [Any]
public typealias OSStatus = Int32

public typealias CFError = NSError

public let errSecSuccess: OSStatus = 0
public let errSecUserCanceled: OSStatus = -128
public let errSecAuthFailed: OSStatus = -25_293
public let errSecDuplicateItem: OSStatus = -25_299
public let errSecItemNotFound: OSStatus = -25_300
public let errSecInteractionNotAllowed: OSStatus = -25_308

public let kSecClass: CFString = "class"
public let kSecClassKey: CFString = "keys"
public let kSecClassCertificate: CFString = "cert"
public let kSecClassIdentity: CFString = "idnt"
public let kSecMatchLimit: CFString = "m_Limit"
public let kSecMatchLimitAll: CFString = "m_LimitAll"
public let kSecValueRef: CFString = "v_Ref"
public let kSecReturnRef: CFString = "r_Ref"
public let kSecAttrApplicationTag: CFString = "atag"
public let kSecAttrKeyType: CFString = "type"
public let kSecAttrKeyTypeECSECPrimeRandom: CFString = "73"
public let kSecAttrKeySizeInBits: CFString = "bsiz"
public let kSecAttrTokenID: CFString = "tkid"
public let kSecAttrTokenIDSecureEnclave: CFString = "com.apple.setoken"
public let kSecPrivateKeyAttrs: CFString = "private"
public let kSecAttrIsPermanent: CFString = "perm"
public let kSecAttrAccessControl: CFString = "accc"
public let kSecAttrAccessibleWhenUnlockedThisDeviceOnly: CFString = "aku"

public struct SecAccessControlCreateFlags: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let userPresence = Self(rawValue: 1)
    public static let privateKeyUsage = Self(rawValue: 1 << 30)
}

/// Who may use a key, and when.
public final class SecAccessControl {
    let accessible: String
    let flags: SecAccessControlCreateFlags

    init(_ accessible: String, _ flags: SecAccessControlCreateFlags) {
        (self.accessible, self.flags) = (accessible, flags)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecAccessControlCreateWithFlags(
    _: AnyObject?, _ protection: CFString, _ flags: SecAccessControlCreateFlags,
    _: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> SecAccessControl? {
    SecAccessControl(protection, flags)
}

public enum SecKeyAlgorithm: Sendable {
    case ecdsaSignatureMessageX962SHA256
}

/// A key.
public final class SecKey: @unchecked Sendable {
    let tag: Data
    init(_ tag: Data) { self.tag = tag }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    if query[kSecClass] as? String == kSecClassGenericPassword {
        return Keychain.shared.findPassword(query) { result?.pointee = $0 }
    }
    guard query[kSecReturnRef] as? Bool == true, let tag = query[kSecAttrApplicationTag] as? Data else { return -50 }
    if query[kSecClass] as? String == kSecClassIdentity, query[kSecMatchLimit] as? String == kSecMatchLimitAll {
        return Keychain.shared.identities(tag) { result?.pointee = $0 as AnyObject }
    }
    guard query[kSecClass] as? String == kSecClassKey else { return -50 }
    return Keychain.shared.find(tag) { result?.pointee = $0 }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecKeyCreateRandomKey(
    _ parameters: CFDictionary, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> SecKey? {
    Keychain.shared.make(parameters) ?? failed(error, CFError(domain: NSOSStatusErrorDomain, code: -50))
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecKeyCopyPublicKey(_ key: SecKey) -> SecKey? { key }

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecKeyCopyExternalRepresentation(
    _ key: SecKey, _: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? {
    Keychain.shared.point(of: key)
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecKeyCreateSignature(
    _ key: SecKey, _: SecKeyAlgorithm, _ message: CFData, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? {
    switch Keychain.shared.sign(message, by: key) {
    case .success(let signature): return signature
    case .failure(let why): return failed(error, CFError(domain: why.domain, code: why.code))
    }
}

private func failed<T>(_ error: UnsafeMutablePointer<Unmanaged<CFError>?>?, _ why: CFError) -> T? {
    error?.pointee = .passRetained(why)
    return nil
}

/// The keychain as a test wants it. Tests run beside each other: each uses keys of its own names.
public final class Keychain: @unchecked Sendable {
    public static let shared = Keychain()

    /// Why a key does not sign.
    public struct Refusal: Error {
        let domain: String
        let code: Int

        public init(_ domain: String, _ code: Int) { (self.domain, self.code) = (domain, code) }
    }

    let lock = NSLock()
    // Only touched with the lock held.
    var added: Set<Data> = []
    var certified: [Data: [Data]] = [:]
    private var keys: [Data: [String: Any]] = [:]
    var statuses: [Data: OSStatus] = [:]
    /// Passwords, by service and account.
    var items: [[String]: [String: Any]] = [:]
    var serviceStatuses: [String: OSStatus] = [:]
    private var refusals: [Data: Refusal] = [:]
    private var points: [Data: Data] = [:]
    private var signatures: [Data: [Data: Data]] = [:]
    private var times: [Data: Int] = [:]

    func tag(_ name: String) -> Data { Data("kaigotap.\(name)".utf8) }

    /// Has it answer this to whoever looks for a key.
    public func script(_ name: String, status: OSStatus) { lock.withLock { statuses[tag(name)] = status } }

    /// Has a key refuse to sign.
    public func script(_ name: String, refusal: Refusal) { lock.withLock { refusals[tag(name)] = refusal } }

    /// Has a key be this one, with the signatures that it makes, by their messages.
    public func script(_ name: String, point: Data, signatures made: [Data: Data]) {
        lock.withLock { (points[tag(name)], signatures[tag(name)]) = (point, made) }
    }

    /// What a key was made with: its own attributes over those of its private half.
    public func attributes(_ name: String) -> [String: Any]? { lock.withLock { keys[tag(name)] } }

    /// How often a key of this name was made.
    public func made(_ name: String) -> Int { lock.withLock { times[tag(name)] ?? 0 } }

    /// Whether a key may be used while the device is unlocked only, and after which questions.
    public func access(_ name: String) -> (accessible: String, flags: SecAccessControlCreateFlags)? {
        (attributes(name)?[kSecAttrAccessControl] as? SecAccessControl).map { ($0.accessible, $0.flags) }
    }

    fileprivate func find(_ tag: Data, found: (SecKey) -> Void) -> OSStatus {
        lock.withLock {
            if let status = statuses[tag] { return status }
            guard keys[tag] != nil else { return errSecItemNotFound }
            found(SecKey(tag))
            return errSecSuccess
        }
    }

    fileprivate func make(_ parameters: [String: Any]) -> SecKey? {
        guard let kept = parameters[kSecPrivateKeyAttrs] as? [String: Any],
            let tag = kept[kSecAttrApplicationTag] as? Data
        else { return nil }
        lock.withLock {
            keys[tag] = parameters.merging(kept) { own, _ in own }
            times[tag, default: 0] += 1
        }
        return SecKey(tag)
    }

    fileprivate func point(of key: SecKey) -> Data? { lock.withLock { points[key.tag] } }

    fileprivate func sign(_ message: Data, by key: SecKey) -> Result<Data, Refusal> {
        lock.withLock {
            if let refusal = refusals[key.tag] { return .failure(refusal) }
            guard let signature = signatures[key.tag]?[message] else {
                return .failure(Refusal(NSOSStatusErrorDomain, -50))
            }
            return .success(signature)
        }
    }
}

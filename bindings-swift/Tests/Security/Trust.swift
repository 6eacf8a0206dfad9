import Foundation

/// A certificate: its bytes.
public final class SecCertificate: @unchecked Sendable {
    let der: Data
    init(_ der: Data) { self.der = der }
}

/// A certificate of the keychain whose key is there, too.
public final class SecIdentity: @unchecked Sendable {
    let certificate: SecCertificate
    public init(_ certificate: SecCertificate) { self.certificate = certificate }
}

/// What is thought of a server: its chain, whom it is of, and what a test says of that.
public final class SecTrust: @unchecked Sendable {
    let chain: [SecCertificate]
    let root: Data?
    var anchors: [Data]?
    var isOnly = false

    /// A chain under this root, or under one of the system.
    public init(_ chain: [Data], under root: Data? = nil) {
        (self.chain, self.root) = (chain.map(SecCertificate.init), root)
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecCertificateCreateWithData(_: AnyObject?, _ der: CFData) -> SecCertificate? {
    der.first == 0x30 ? SecCertificate(der) : nil
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecCertificateCopyData(_ certificate: SecCertificate) -> CFData { certificate.der }

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecIdentityCopyCertificate(
    _ identity: SecIdentity, _ certificate: UnsafeMutablePointer<SecCertificate?>
) -> OSStatus {
    certificate.pointee = identity.certificate
    return errSecSuccess
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTrustSetAnchorCertificates(_ trust: SecTrust, _ anchors: CFArray) -> OSStatus {
    trust.anchors = (anchors as? [SecCertificate])?.map(\.der)
    return errSecSuccess
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTrustSetAnchorCertificatesOnly(_ trust: SecTrust, _ isOnly: Bool) -> OSStatus {
    trust.isOnly = isOnly
    return errSecSuccess
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTrustEvaluateWithError(
    _ trust: SecTrust, _: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> Bool {
    guard let root = trust.root else { return !trust.isOnly }
    return trust.anchors?.contains(root) ?? false
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecTrustCopyCertificateChain(_ trust: SecTrust) -> CFArray? { trust.chain }

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecItemAdd(_ item: CFDictionary, _: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    if item[kSecClass] as? String == kSecClassGenericPassword { return Keychain.shared.addPassword(item) }
    guard item[kSecClass] as? String == kSecClassCertificate,
        let certificate = item[kSecValueRef] as? SecCertificate
    else { return -50 }
    return Keychain.shared.add(certificate)
}

extension Keychain {
    /// Has a key be that of these certificates, once they are added.
    public func script(_ name: String, certificates: [Data]) {
        lock.withLock { certified[tag(name)] = certificates }
    }

    func add(_ certificate: SecCertificate) -> OSStatus {
        lock.withLock { added.insert(certificate.der).inserted ? errSecSuccess : errSecDuplicateItem }
    }

    func identities(_ tag: Data, found: ([SecIdentity]) -> Void) -> OSStatus {
        lock.withLock {
            if let status = statuses[tag] { return status }
            let mine = (certified[tag] ?? []).filter(added.contains).map { SecIdentity(SecCertificate($0)) }
            guard !mine.isEmpty else { return errSecItemNotFound }
            found(mine)
            return errSecSuccess
        }
    }
}

import Foundation

// Generic passwords, as far as they are used here.

public let kSecClassGenericPassword: CFString = "genp"
public let kSecAttrService: CFString = "svce"
public let kSecAttrAccount: CFString = "acct"
public let kSecAttrAccessible: CFString = "pdmn"
public let kSecValueData: CFString = "v_Data"
public let kSecReturnData: CFString = "r_Data"
public let kSecReturnAttributes: CFString = "r_Attributes"
public let kSecUseDataProtectionKeychain: CFString = "nleg"

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecItemUpdate(_ query: CFDictionary, _ content: CFDictionary) -> OSStatus {
    Keychain.shared.passwords(query) { items, key in
        guard let key, let old = items[key] else { return errSecItemNotFound }
        items[key] = old.merging(content) { _, new in new }
        return errSecSuccess
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
    Keychain.shared.passwords(query) { items, key in
        guard let key, items.removeValue(forKey: key) != nil else { return errSecItemNotFound }
        return errSecSuccess
    }
}

extension Keychain {
    /// Has it answer this to everybody who asks for a password of this service, or no more.
    public func script(service: String, status: OSStatus?) { lock.withLock { serviceStatuses[service] = status } }

    /// What an item was kept with.
    public func password(_ service: String, _ account: String) -> [String: Any]? {
        lock.withLock { items[[service, account]] }
    }

    func passwords(
        _ query: [String: Any], _ act: (inout [[String]: [String: Any]], _ key: [String]?) -> OSStatus
    ) -> OSStatus {
        guard query[kSecClass] as? String == kSecClassGenericPassword, let service = query[kSecAttrService] as? String,
            query[kSecUseDataProtectionKeychain] as? Bool == true
        else { return -50 }
        return lock.withLock {
            if let status = serviceStatuses[service] { return status }
            return act(&items, (query[kSecAttrAccount] as? String).map { [service, $0] })
        }
    }

    func addPassword(_ item: [String: Any]) -> OSStatus {
        passwords(item) { items, key in
            guard let key, item[kSecValueData] is Data else { return -50 }
            guard items[key] == nil else { return errSecDuplicateItem }
            items[key] = item
            return errSecSuccess
        }
    }

    func findPassword(_ query: [String: Any], found: (AnyObject) -> Void) -> OSStatus {
        passwords(query) { items, key in
            if query[kSecMatchLimit] as? String == kSecMatchLimitAll, query[kSecReturnAttributes] as? Bool == true {
                let all = items.filter { $0.key[0] == query[kSecAttrService] as? String }.map(\.value)
                if all.isEmpty { return errSecItemNotFound }
                found(all as AnyObject)
                return errSecSuccess
            }
            guard query[kSecReturnData] as? Bool == true, let key, let data = items[key]?[kSecValueData] else {
                return errSecItemNotFound
            }
            found(data as AnyObject)
            return errSecSuccess
        }
    }
}

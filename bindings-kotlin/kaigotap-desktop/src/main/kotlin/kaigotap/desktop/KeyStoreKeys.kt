package kaigotap.desktop

import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.UnrecoverableKeyException
import java.security.interfaces.ECPublicKey
import kaigotap.DeviceKeyException
import kaigotap.DeviceKeys
import kaigotap.SignError
import kaigotap.uncompressed

/**
 * Keys in a key store of Java's: a PKCS#12 file, a token by PKCS#11, Windows' own. Each is a key on P-256 under an
 * alias, as `keytool -genkeypair -keyalg EC -groupname secp256r1 -alias NAME` makes it.
 *
 * No key of a name is [SignError.GONE]; no password, or a wrong one, [SignError.REFUSED].
 */
class KeyStoreKeys(
    /** It, loaded. */
    private val store: KeyStore,
    /** Brings the password of a key, to be filled with zeros when it was used; `null` if whoever is asked says no. */
    private val password: suspend (name: String) -> CharArray?,
) : DeviceKeys {
    /** The public key of this name, an uncompressed point (65 bytes). Throws [DeviceKeyException]. */
    fun publicKey(name: String): ByteArray {
        val certificate = store.getCertificate(name) ?: throw DeviceKeyException(SignError.GONE)
        return try {
            uncompressed(certificate.publicKey as ECPublicKey)
        } catch (other: RuntimeException) {
            throw DeviceKeyException(SignError.FAILED, other)
        }
    }

    override suspend fun sign(key: String, payload: ByteArray): ByteArray {
        if (!store.isKeyEntry(key)) throw DeviceKeyException(SignError.GONE)
        val typed = password(key) ?: throw DeviceKeyException(SignError.REFUSED)
        val private = try {
            store.getKey(key, typed) as PrivateKey
        } catch (wrong: UnrecoverableKeyException) {
            throw DeviceKeyException(SignError.REFUSED, wrong)
        } finally {
            typed.fill('\u0000')
        }
        return Signature.getInstance("SHA256withECDSA").run {
            initSign(private)
            update(payload)
            sign()
        }
    }
}

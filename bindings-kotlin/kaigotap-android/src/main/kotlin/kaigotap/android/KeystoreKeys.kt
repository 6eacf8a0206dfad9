package kaigotap.android

import android.app.KeyguardManager
import android.content.Context
import android.content.pm.PackageManager
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.UserNotAuthenticatedException
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.UnrecoverableKeyException
import java.security.cert.X509Certificate
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import kaigotap.ClientIdentity
import kaigotap.DeviceKeyException
import kaigotap.DeviceKeys
import kaigotap.SignError
import kaigotap.uncompressed

/**
 * Keys of this phone in Android's Keystore, from which nobody takes them: P-256, in StrongBox where the phone has one.
 *
 * | thrown | then | means |
 * |---|---|---|
 * | [KeyPermanentlyInvalidatedException], [UnrecoverableKeyException] | [SignError.GONE] | the screen's lock was taken away |
 * | nothing: no such key | [SignError.GONE] | the app's data was cleared |
 * | anything, while the phone is locked | [SignError.LOCKED] | it has to be unlocked first |
 * | [UserNotAuthenticatedException] | [SignError.REFUSED] | its user did not show finger, face or code |
 * | anything else | [SignError.FAILED] | |
 */
class KeystoreKeys internal constructor(
    private val strongBox: Boolean,
    private val locked: () -> Boolean,
    private val configure: KeyGenParameterSpec.Builder.() -> Unit,
) : DeviceKeys {
    /** `configure` may ask more of keys that are made: an attestation challenge, an unlocked phone, its user. */
    constructor(context: Context, configure: KeyGenParameterSpec.Builder.() -> Unit = {}) : this(
        context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE),
        { context.getSystemService(KeyguardManager::class.java)?.isDeviceLocked == true },
        configure,
    )

    /**
     * The public key of this name, an uncompressed point (65 bytes); the key is made if it is not there. Throws
     * [DeviceKeyException].
     */
    suspend fun publicKey(name: String): ByteArray = told(locked) {
        val known = keystore().getCertificate(name)?.publicKey ?: made(name)
        uncompressed(known as ECPublicKey)
    }

    /**
     * Who this phone is at a TLS handshake (RFC 8705): the certificates that its enrolment gave, its own first, and the key
     * of this name, which stays where it is. Throws [DeviceKeyException].
     */
    suspend fun identity(name: String, chain: List<X509Certificate>): ClientIdentity = told(locked) { ClientIdentity(chain, private(name)) }

    override suspend fun sign(key: String, payload: ByteArray): ByteArray = told(locked) {
        val private = private(key)
        Signature.getInstance("SHA256withECDSA").run {
            initSign(private)
            update(payload)
            sign()
        }
    }

    private fun private(name: String): PrivateKey =
        keystore().getKey(name, null) as? PrivateKey ?: throw DeviceKeyException(SignError.GONE)

    private fun made(name: String) = try {
        generated(name, strongBox)
    } catch (unavailable: ProviderException) {
        // It is there and has no room, or knows no such key.
        if (strongBox) generated(name, strongBox = false) else throw unavailable
    }

    private fun generated(name: String, strongBox: Boolean) =
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, ANDROID).run {
            val spec = KeyGenParameterSpec.Builder(name, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                // At a handshake Android makes the digest itself, and has the key sign that.
                .setDigests(KeyProperties.DIGEST_SHA256, KeyProperties.DIGEST_NONE)
                .apply(configure)
            if (strongBox) spec.setIsStrongBoxBacked(true)
            initialize(spec.build())
            generateKeyPair().public
        }
}

package kaigotap

import java.security.interfaces.ECPublicKey

/**
 * The keys of this device, which never leave their store.
 *
 * Called on a background thread, which it may block. Say what went wrong with [DeviceKeyException]; whatever else is
 * thrown counts as [SignError.FAILED].
 */
fun interface DeviceKeys {
    /**
     * Signs a message, not its digest, with ES256: ECDSA on P-256 over its SHA-256 (RFC 7518 §3.4). Brings DER or
     * `r‖s`, as the store gives it. The message may name people: never log it.
     */
    suspend fun sign(key: String, payload: ByteArray): ByteArray
}

/** Why the device's key did not sign. Thrown by [DeviceKeys]. */
class DeviceKeyException(
    /** Why. */
    val error: SignError,
    cause: Throwable? = null,
) : Exception(error.name, cause)

/**
 * The public key as an uncompressed point, 65 bytes (SEC 1 §2.3.3): what a [DeviceKey] is verified with.
 *
 * @throws IllegalArgumentException if it is no key on P-256.
 */
fun uncompressed(key: ECPublicKey): ByteArray {
    require(key.params.order.bitLength() == P256) { "not on P-256" }
    val point = ByteArray(1 + 2 * P256 / 8)
    point[0] = UNCOMPRESSED
    listOf(key.w.affineX, key.w.affineY).forEachIndexed { half, coordinate ->
        // With a byte for the sign, or shorter.
        val bytes = coordinate.toByteArray().takeLast(P256 / 8)
        val end = 1 + (half + 1) * P256 / 8
        bytes.forEachIndexed { index, byte -> point[end - bytes.size + index] = byte }
    }
    return point
}

private const val P256 = 256
private const val UNCOMPRESSED: Byte = 4

/** No key: for conversations that sign nothing. */
internal object NoKeys : DeviceKeys {
    override suspend fun sign(key: String, payload: ByteArray): ByteArray = throw DeviceKeyException(SignError.GONE)
}

package kaigotap

import java.security.KeyPairGenerator
import java.security.MessageDigest
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.util.Base64

/** A device whose key was made here, and which no platform knows. */
object MadeDevice : DeviceKeys {
    private val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
    private val point = uncompressed(pair.public as ECPublicKey)

    val enrolled = EnrolledDevice("made-here", "1370000001", DeviceKey("device", point))

    /** A token of this form that nobody has signed, bound to its key (RFC 7638 §3). */
    val staffToken: String = run {
        val (x, y) = listOf(1..32, 33..64).map { base64(point.sliceArray(it)) }
        val canonical = """{"crv":"P-256","kty":"EC","x":"$x","y":"$y"}"""
        val thumbprint = base64(MessageDigest.getInstance("SHA-256").digest(canonical.toByteArray()))
        val claims = """{"sub":"nurse-01","fac":"1370000001","cnf":{"jkt":"$thumbprint"}}"""
        "e30.${base64(claims.toByteArray())}.c2ln"
    }

    override suspend fun sign(key: String, payload: ByteArray): ByteArray = Signature.getInstance("SHA256withECDSA").run {
        initSign(pair.private)
        update(payload)
        sign()
    }

    private fun base64(bytes: ByteArray) = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
}

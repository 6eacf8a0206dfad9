package kaigotap

import java.security.InvalidKeyException
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.Provider
import java.security.PublicKey
import java.security.Signature
import java.security.SignatureSpi
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec

/** A key on P-256 as a phone's Keystore or a token has it: a handle, which signs in its store and tells nobody its bytes. */
class StoredKey : PrivateKey {
    @Transient
    private val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()

    val public get() = pair.public as ECPublicKey

    /** As its store does. */
    fun sign(message: ByteArray, algorithm: String = "SHA256withECDSA"): ByteArray = Signature.getInstance(algorithm, "SunEC").run {
        initSign(pair.private)
        update(message)
        sign()
    }

    override fun getAlgorithm() = "EC"
    override fun getFormat(): String? = null
    override fun getEncoded(): ByteArray? = null

    /** What has Java find the store; it takes such keys and no other. */
    object Store : Provider("KaigoTapStore", "1", "keys for tests") {
        private fun readResolve(): Any = Store

        init {
            put("Signature.SHA256withECDSA", Signs::class.java.name)
        }
    }

    /** Made by Java, which wants a class of its own. */
    class Signs : SignatureSpi() {
        private var key: StoredKey? = null
        private var message = ByteArray(0)

        override fun engineInitSign(key: PrivateKey) {
            this.key = key as? StoredKey ?: throw InvalidKeyException("of another store")
            message = ByteArray(0)
        }

        override fun engineInitVerify(key: PublicKey) = throw InvalidKeyException("it only signs")
        override fun engineUpdate(byte: Byte) {
            message += byte
        }

        override fun engineUpdate(bytes: ByteArray, from: Int, length: Int) {
            message += bytes.copyOfRange(from, from + length)
        }

        override fun engineSign(): ByteArray = checkNotNull(key).sign(message)
        override fun engineVerify(signature: ByteArray) = false

        @Deprecated("of the interface")
        override fun engineSetParameter(name: String, value: Any?) = Unit

        @Deprecated("of the interface")
        override fun engineGetParameter(name: String): Any? = null
    }
}

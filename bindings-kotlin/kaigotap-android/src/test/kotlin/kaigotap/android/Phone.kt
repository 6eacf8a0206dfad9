package kaigotap.android

import android.security.keystore.KeyGenParameterSpec
import java.io.InputStream
import java.io.OutputStream
import java.security.AlgorithmParameters
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.PrivateKey
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Signature
import java.security.SignatureException
import java.security.SignatureSpi
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey

/** What stands for Android's provider. */
object Phone : Provider("AndroidKeyStore", "1", "a test's own") {
    val pairs = mutableMapOf<String, KeyPair>()
    val specs = mutableListOf<KeyGenParameterSpec>()
    var atStrongBox: RuntimeException? = null
    var atLoad: Exception? = null
    var atSign: Exception? = null
    val secrets = mutableMapOf<String, SecretKey>()
    private fun readResolve(): Any = Phone

    init {
        put("KeyGenerator.AES", SecretMaker::class.java.name)
        put("Cipher.AES/GCM/NoPadding", Encrypter::class.java.name)
        put("Cipher.AES/GCM/NoPadding SupportedKeyClasses", SecretHandle::class.java.name)
        put("KeyStore.AndroidKeyStore", Kept::class.java.name)
        put("KeyPairGenerator.EC", Maker::class.java.name)
        put("Signature.SHA256withECDSA", Signer::class.java.name)
        put("Signature.SHA256withECDSA SupportedKeyClasses", Handle::class.java.name)
    }

    /** A private key that shows nothing of itself, as Android's does not. */
    class Handle(val alias: String) : PrivateKey {
        override fun getAlgorithm() = "EC"
        override fun getFormat(): String? = null
        override fun getEncoded(): ByteArray? = null
    }

    /** The same for a secret key. */
    class SecretHandle(val alias: String) : SecretKey {
        override fun getAlgorithm() = "AES"
        override fun getFormat(): String? = null
        override fun getEncoded(): ByteArray? = null
    }

    class SecretMaker : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun engineInit(random: SecureRandom?) = error("not used")
        override fun engineInit(size: Int, random: SecureRandom?) = error("not used")
        override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
            spec = parameters as KeyGenParameterSpec
        }
        override fun engineGenerateKey(): SecretKey {
            specs += spec
            if (spec.isStrongBoxBacked) atStrongBox?.let { throw it }
            secrets[spec.keystoreAlias] = KeyGenerator.getInstance("AES", "SunJCE").apply { init(spec.keySize) }.generateKey()
            return SecretHandle(spec.keystoreAlias)
        }
    }

    class Encrypter : CipherSpi() {
        private val inner = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")

        override fun engineInit(mode: Int, key: Key, random: SecureRandom?) {
            atSign?.let { throw it }
            inner.init(mode, secrets.getValue((key as SecretHandle).alias))
        }
        override fun engineInit(mode: Int, key: Key, parameters: AlgorithmParameterSpec?, random: SecureRandom?) {
            atSign?.let { throw it }
            inner.init(mode, secrets.getValue((key as SecretHandle).alias), parameters)
        }
        override fun engineGetIV(): ByteArray = inner.iv
        override fun engineUpdateAAD(bytes: ByteArray, offset: Int, length: Int) = inner.updateAAD(bytes, offset, length)
        override fun engineDoFinal(bytes: ByteArray?, offset: Int, length: Int): ByteArray = inner.doFinal(bytes, offset, length)
        override fun engineInit(mode: Int, key: Key, parameters: AlgorithmParameters?, random: SecureRandom?) = error("not used")
        override fun engineSetMode(mode: String) = error("not used")
        override fun engineSetPadding(padding: String) = error("not used")
        override fun engineGetBlockSize() = error("not used")
        override fun engineGetOutputSize(length: Int) = error("not used")
        override fun engineGetParameters() = error("not used")
        override fun engineUpdate(bytes: ByteArray, offset: Int, length: Int) = error("not used")
        override fun engineUpdate(bytes: ByteArray, offset: Int, length: Int, output: ByteArray, at: Int) = error("not used")
        override fun engineDoFinal(bytes: ByteArray, offset: Int, length: Int, output: ByteArray, at: Int) = error("not used")
    }

    class Shown(private val key: PublicKey) : Certificate("X.509") {
        override fun getPublicKey() = key
        override fun getEncoded() = ByteArray(0)
        override fun verify(key: PublicKey) = Unit
        override fun verify(key: PublicKey, provider: String) = Unit
        override fun toString() = "Shown"
    }

    class Maker : KeyPairGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun initialize(size: Int, random: SecureRandom?) = error("not used")

        override fun initialize(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
            spec = parameters as KeyGenParameterSpec
        }

        override fun generateKeyPair(): KeyPair {
            specs += spec
            if (spec.isStrongBoxBacked) atStrongBox?.let { throw it }
            val pair = KeyPairGenerator.getInstance("EC", "SunEC").run {
                initialize(spec.algorithmParameterSpec)
                generateKeyPair()
            }
            pairs[spec.keystoreAlias] = pair
            return KeyPair(pair.public, Handle(spec.keystoreAlias))
        }
    }

    class Signer : SignatureSpi() {
        private val inner = Signature.getInstance("SHA256withECDSA", "SunEC")

        override fun engineInitSign(key: PrivateKey) {
            atSign?.let { if (it !is SignatureException) throw it }
            inner.initSign(pairs.getValue((key as Handle).alias).private)
        }
        override fun engineUpdate(byte: Byte) = inner.update(byte)
        override fun engineUpdate(bytes: ByteArray, offset: Int, length: Int) = inner.update(bytes, offset, length)
        override fun engineSign(): ByteArray {
            atSign?.let { throw it }
            return inner.sign()
        }
        override fun engineInitVerify(key: PublicKey) = throw InvalidKeyException("Android's verifies nothing")
        override fun engineVerify(signature: ByteArray) = error("not used")
        @Deprecated("Deprecated in Java")
        override fun engineSetParameter(name: String, value: Any) = error("not used")
        @Deprecated("Deprecated in Java")
        override fun engineGetParameter(name: String) = error("not used")
    }

    class Kept : KeyStoreSpi() {
        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
        override fun engineGetKey(alias: String, password: CharArray?): Key? {
            atLoad?.let { throw it }
            return if (alias in pairs) Handle(alias) else if (alias in secrets) SecretHandle(alias) else null
        }
        override fun engineGetCertificate(alias: String): Certificate? = pairs[alias]?.let { Shown(it.public) }
        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null
        override fun engineGetCreationDate(alias: String): Date? = null
        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?) = error("not used")
        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?) = error("not used")
        override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = error("not used")
        override fun engineDeleteEntry(alias: String) {
            secrets.remove(alias)
        }
        override fun engineAliases(): Enumeration<String> = Collections.enumeration(pairs.keys)
        override fun engineContainsAlias(alias: String) = alias in pairs
        override fun engineSize() = pairs.size
        override fun engineIsKeyEntry(alias: String) = alias in pairs
        override fun engineIsCertificateEntry(alias: String) = false
        override fun engineGetCertificateAlias(certificate: Certificate): String? = null
        override fun engineStore(stream: OutputStream?, password: CharArray?) = error("not used")
    }
}

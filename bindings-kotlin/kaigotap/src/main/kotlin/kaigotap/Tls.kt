package kaigotap

import java.net.Socket
import java.security.KeyStore
import java.security.MessageDigest
import java.security.Principal
import java.security.PrivateKey
import java.security.cert.CertificateException
import java.security.cert.X509Certificate
import javax.net.ssl.KeyManager
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLEngine
import javax.net.ssl.SSLSocketFactory
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509ExtendedKeyManager
import javax.net.ssl.X509ExtendedTrustManager
import javax.net.ssl.X509TrustManager

/**
 * How this device and the platform know each other: TLS 1.3 (RFC 8446) and nothing older, which Android has from
 * version 10 on. For [UrlConnectionHttp], or by [sockets] for a client of another make.
 */
class Tls(
    /** Authorities whose servers are trusted, and no other; those of the system if `null`. */
    authorities: List<X509Certificate>? = null,
    /** Beside all other checks, the server's key has to be one of these. */
    pins: ServerPins? = null,
    /** Who this device is, for a server that asks. It is of one facility: another one has a client of its own. */
    identity: ClientIdentity? = null,
) {
    /** Makes the connections. */
    val sockets: SSLSocketFactory = NewerTls(
        SSLContext.getInstance("TLS").apply {
            val trust = trusting(authorities)
            init(identity?.let { arrayOf<KeyManager>(OneKey(it)) }, arrayOf(pins?.let { Pinned(trust, it) } ?: trust), null)
        }.socketFactory,
        NewerTls.BEFORE_13,
        showsIdentity = identity != null,
    )

    private fun trusting(authorities: List<X509Certificate>?): X509TrustManager {
        val store = authorities?.let {
            KeyStore.getInstance(KeyStore.getDefaultType()).apply {
                load(null, null)
                it.forEachIndexed { at, authority -> setCertificateEntry("$at", authority) }
            }
        }
        val managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
        return managers.trustManagers.filterIsInstance<X509TrustManager>().first()
    }
}

/** SHA-256 of the keys that a server may have: the present one, and one that will follow it or lies in a safe. */
class ServerPins(present: ByteArray, backup: ByteArray) {
    private val pins = listOf(present.copyOf(), backup.copyOf())

    init {
        require(pins.all { it.size == DIGEST }) { "a pin is 32 bytes" }
    }

    internal fun fit(certificate: X509Certificate): Boolean = pins.any { it.contentEquals(of(certificate)) }

    companion object {
        private const val DIGEST = 32

        /** The pin of a certificate's key: SHA-256 of its `SubjectPublicKeyInfo` in DER (RFC 7469 §2.4). */
        fun of(certificate: X509Certificate): ByteArray =
            MessageDigest.getInstance("SHA-256").digest(certificate.publicKey.encoded)
    }
}

/**
 * Who a device is (RFC 8705): the certificate of its enrolment, and the key that stays where it is. A [PrivateKey] of
 * Android's Keystore, of a PKCS#11 token or of Windows is a handle: TLS has it sign, and never reads it.
 *
 * A server that does not take it says so only after the client's part of the handshake: [HttpError.TLS], or
 * [HttpError.NO_ANSWER] where its words are lost with the connection.
 */
class ClientIdentity(
    /** The device's own certificate first. */
    chain: List<X509Certificate>,
    /** Its key. */
    internal val key: PrivateKey,
) {
    internal val chain = chain.toTypedArray()

    init {
        require(chain.isNotEmpty()) { "no certificate" }
    }
}

/** Judges as always, and then asks for one of two keys. Only the server's own certificate counts. */
private class Pinned(private val judged: X509TrustManager, private val pins: ServerPins) : X509ExtendedTrustManager() {
    override fun checkServerTrusted(chain: Array<X509Certificate>, type: String, socket: Socket) {
        if (judged is X509ExtendedTrustManager) judged.checkServerTrusted(chain, type, socket)
        else judged.checkServerTrusted(chain, type)
        look(chain)
    }

    override fun checkServerTrusted(chain: Array<X509Certificate>, type: String, engine: SSLEngine) {
        if (judged is X509ExtendedTrustManager) judged.checkServerTrusted(chain, type, engine)
        else judged.checkServerTrusted(chain, type)
        look(chain)
    }

    override fun checkServerTrusted(chain: Array<X509Certificate>, type: String) {
        judged.checkServerTrusted(chain, type)
        look(chain)
    }

    private fun look(chain: Array<X509Certificate>) {
        if (!pins.fit(chain.first())) throw CertificateException("another key than those that are pinned")
    }

    override fun getAcceptedIssuers(): Array<X509Certificate> = judged.acceptedIssuers

    override fun checkClientTrusted(chain: Array<X509Certificate>, type: String, socket: Socket) = nobody()
    override fun checkClientTrusted(chain: Array<X509Certificate>, type: String, engine: SSLEngine) = nobody()
    override fun checkClientTrusted(chain: Array<X509Certificate>, type: String) = nobody()

    private fun nobody(): Nothing = throw CertificateException("this is no server")
}

/** Shows the one certificate that there is. */
private class OneKey(private val identity: ClientIdentity) : X509ExtendedKeyManager() {
    override fun chooseClientAlias(types: Array<String>, issuers: Array<Principal>?, socket: Socket?) = ALIAS
    override fun chooseEngineClientAlias(types: Array<String>, issuers: Array<Principal>?, engine: SSLEngine?) = ALIAS
    override fun getClientAliases(type: String, issuers: Array<Principal>?) = arrayOf(ALIAS)
    override fun getCertificateChain(alias: String) = identity.chain
    override fun getPrivateKey(alias: String) = identity.key

    override fun chooseServerAlias(type: String, issuers: Array<Principal>?, socket: Socket?): String? = null
    override fun getServerAliases(type: String, issuers: Array<Principal>?): Array<String>? = null

    private companion object {
        const val ALIAS = "device"
    }
}

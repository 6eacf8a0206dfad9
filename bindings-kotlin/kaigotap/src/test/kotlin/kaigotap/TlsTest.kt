package kaigotap

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLException
import javax.net.ssl.SSLSocket
import javax.net.ssl.SSLSocketFactory
import javax.net.ssl.TrustManagerFactory
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

/** A server whose certificate says `localhost`. */
@Timeout(60)
class TlsTest {
    private val password = "changeit"
    private val directory = Files.createTempDirectory("kaigotap")
    private val keys = KeyStore.getInstance("PKCS12").apply {
        val file = directory.resolve("keys.p12")
        val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        val options = "-genkeypair -alias server -keyalg EC -dname CN=localhost -ext san=dns:localhost -storetype PKCS12"
        val made = ProcessBuilder(
            listOf(keytool) + options.split(' ') + listOf("-keystore", file.toString(), "-storepass", password),
        ).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor()
        check(made == 0) { "keytool" }
        Files.newInputStream(file).use { load(it, password.toCharArray()) }
    }
    private val server = HttpsServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        val managers = KeyManagerFactory.getInstance("PKIX").apply { init(keys, password.toCharArray()) }
        httpsConfigurator = HttpsConfigurator(SSLContext.getInstance("TLS").apply { init(managers.keyManagers, null, null) })
        createContext("/") {
            it.sendResponseHeaders(204, -1)
            it.close()
        }
        start()
    }

    @AfterTest
    fun stop() {
        server.stop(0)
        directory.toFile().deleteRecursively()
    }

    private fun get(host: String) =
        HttpRequest(Method.GET, "https://$host:${server.address.port}/", emptyList(), ByteArray(0))

    private fun trusting(): SSLSocketFactory {
        val trust = KeyStore.getInstance("PKCS12").apply {
            load(null, null)
            setCertificateEntry("server", keys.getCertificate("server"))
        }
        val managers = TrustManagerFactory.getInstance("PKIX").apply { init(trust) }
        return SSLContext.getInstance("TLS").apply { init(null, managers.trustManagers, null) }.socketFactory
    }

    private fun errorOf(http: HttpLink, host: String): HttpError =
        assertFailsWith<HttpLinkException> { runBlocking { http.send(get(host)) } }.error

    @Test
    fun `who is trusted is spoken to`() = runBlocking {
        assertEquals(204.toUShort(), UrlConnectionHttp(trusting()).send(get("localhost")).status)
    }

    /** As Android 8 and 9 offer it. */
    private class Older(private val sockets: SSLSocketFactory, vararg versions: String) : SSLSocketFactory() {
        private val versions = arrayOf(*versions)
        val made = mutableListOf<SSLSocket>()

        private fun older(socket: Socket) = socket.also {
            made += it as SSLSocket
            it.enabledProtocols = versions
        }

        override fun createSocket() = older(sockets.createSocket())
        override fun createSocket(socket: Socket, host: String, port: Int, close: Boolean) =
            older(sockets.createSocket(socket, host, port, close))
        override fun createSocket(host: String, port: Int) = older(sockets.createSocket(host, port))
        override fun createSocket(host: String, port: Int, local: InetAddress, localPort: Int) =
            older(sockets.createSocket(host, port, local, localPort))
        override fun createSocket(host: InetAddress, port: Int) = older(sockets.createSocket(host, port))
        override fun createSocket(host: InetAddress, port: Int, local: InetAddress, localPort: Int) =
            older(sockets.createSocket(host, port, local, localPort))
        override fun getDefaultCipherSuites(): Array<String> = sockets.defaultCipherSuites
        override fun getSupportedCipherSuites(): Array<String> = sockets.supportedCipherSuites
    }

    @Test
    fun `old versions of TLS are not offered, whatever the system would`() = runBlocking {
        val older = Older(trusting(), "TLSv1", "TLSv1.1", "TLSv1.2")
        assertEquals(204.toUShort(), UrlConnectionHttp(older).send(get("localhost")).status)
        assertEquals(listOf("TLSv1.2"), older.made.single().enabledProtocols.toList())
    }

    @Test
    fun `a system that knows only old versions is not used`() {
        assertFailsWith<SSLException> { NewerTls(Older(trusting(), "TLSv1", "TLSv1.1")).createSocket() }
    }

    @Test
    fun `who is not, or has another name, is not`() {
        assertEquals(HttpError.TLS, errorOf(UrlConnectionHttp(), "localhost"))
        assertEquals(HttpError.TLS, errorOf(UrlConnectionHttp(trusting()), "127.0.0.1"))
    }
}

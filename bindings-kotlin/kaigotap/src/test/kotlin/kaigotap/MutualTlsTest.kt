package kaigotap

import com.fasterxml.jackson.databind.ObjectMapper
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsParameters
import com.sun.net.httpserver.HttpsServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.Proxy
import java.net.ServerSocket
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyStore
import java.security.MessageDigest
import java.security.PrivateKey
import java.security.Security
import java.security.cert.X509Certificate
import java.util.Base64
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** The sandbox and a device know each other by their certificates; the device's key stays in its store. */
@Timeout(120)
class MutualTlsTest {
    @TempDir
    lateinit var folder: Path

    private val other = ByteArray(32) { 7 }
    private val trusted = listOf(sandbox.authority)

    private fun http(identity: ClientIdentity?, pins: ServerPins? = ServerPins(sandbox.pin, other)) =
        UrlConnectionHttp(Tls(trusted, pins, identity))

    private suspend fun answered(http: HttpLink): Int =
        http.send(HttpRequest(Method.GET, "${sandbox.url}/.well-known/jwks.json", emptyList(), ByteArray(0))).status.toInt()

    private fun refused(http: HttpLink) = assertFailsWith<HttpLinkException> { runBlocking { answered(http) } }.error

    private suspend fun staffToken(of: TlsDevice, http: HttpLink): String {
        val nurse = AtBrowser("nurse-01", Tls(trusted).sockets)
        val browser = Browser { address, _ -> nurse.signIn(address) }
        return of.device.signIn(of.staffIssuer, "jp.kaigotap.app:/callback", browser, http).value().staffToken
    }

    @Test
    fun `a first visit with PIN and a second by tap, all of it over mutual TLS`() = runBlocking<Unit> {
        val device = sandbox.enrol(StoredKey())
        val http = http(device.identity)
        val staffToken = staffToken(device, http)
        val first = VirtualCardLink().use { card ->
            device.device.visit(Plan(listOf(Use.VIEW, Use.REGISTER)), staffToken, card, http, Script(listOf("1234")))
        }.value()
        val claims = ObjectMapper().readTree(Base64.getUrlDecoder().decode(first.accessToken.split('.')[1]))
        val thumbprint = MessageDigest.getInstance("SHA-256").digest(device.identity.chain.first().encoded)
        assertEquals(Base64.getUrlEncoder().withoutPadding().encodeToString(thumbprint), claims["cnf"]["x5t#S256"].asText())

        val screen = Script()
        val second = VirtualCardLink().use { device.device.visit(byTap(first), staffToken, it, http, screen) }.value()
        assertEquals("card_tap" to first.subject, second.method to second.subject)
        assertEquals(listOf<Prompt>(Prompt.ConfirmFace), screen.asked)
    }

    @Test
    fun `without a certificate a device signs nobody in, and opens nothing`() = runBlocking<Unit> {
        val device = sandbox.enrol(StoredKey())
        val browser = Browser { _, _ -> error("nothing is to be opened") }
        val signedIn = device.device.signIn(device.staffIssuer, "jp.kaigotap.app:/callback", browser, http(null))
        assertEquals("client_certificate_required", signedIn.code())
        val staffToken = staffToken(device, http(device.identity))
        val ending = VirtualCardLink().use {
            device.device.visit(Plan(listOf(Use.VIEW)), staffToken, it, http(null), Script(listOf("1234")))
        }
        assertEquals("client_certificate_required", ending.code())
    }

    @Test
    fun `another device's certificate is not this device's`() = runBlocking<Unit> {
        val (device, another) = sandbox.enrol(StoredKey()) to sandbox.enrol(StoredKey())
        val staffToken = staffToken(device, http(device.identity))
        val ending = VirtualCardLink().use {
            device.device.visit(Plan(listOf(Use.VIEW)), staffToken, it, http(another.identity), Script(listOf("1234")))
        }
        assertEquals("refused" to "binding_mismatch", (ending as Ending.Failed).failure.run { code to debug })
    }

    @Test
    fun `a server has one of two keys, and one of the authorities that are trusted`() = runBlocking<Unit> {
        assertEquals(200, answered(http(null)))
        assertEquals(200, answered(http(null, ServerPins(other, sandbox.pin))))
        assertEquals(HttpError.TLS, refused(http(null, ServerPins(other, other))))
        // A pin is no authority.
        assertEquals(HttpError.TLS, refused(UrlConnectionHttp(Tls(emptyList(), ServerPins(sandbox.pin, sandbox.pin)))))
        assertEquals(HttpError.TLS, refused(UrlConnectionHttp(Tls(pins = ServerPins(sandbox.pin, sandbox.pin)))))
        assertFailsWith<IllegalArgumentException> { ServerPins(other, ByteArray(31)) }
    }

    @Test
    fun `who shows a certificate that is not of the facilities, or has not its key, is refused`() = runBlocking<Unit> {
        val device = sandbox.enrol(StoredKey())
        assertEquals(200, answered(http(device.identity)))
        val mixed = ClientIdentity(device.identity.chain.toList(), StoredKey())
        val keys = made("client")
        val certificate = keys.getCertificate("client") as X509Certificate
        val identity = ClientIdentity(listOf(certificate), keys.getKey("client", PASSWORD) as PrivateKey)
        for (who in listOf(mixed, identity)) {
            // A server closes when it has seen enough, and what it says then may be lost with the connection.
            val errors = List(20) { refused(http(who)) }.toSet()
            assertTrue(HttpError.TLS in errors && (errors - HttpError.TLS - HttpError.NO_ANSWER).isEmpty(), "$errors")
        }
        assertFailsWith<IllegalArgumentException> { ClientIdentity(emptyList(), StoredKey()) }
    }

    @Test
    fun `older TLS than 1_3 is not spoken`() {
        val keys = made("server")
        val context = SSLContext.getInstance("TLS").apply {
            init(KeyManagerFactory.getInstance("PKIX").apply { init(keys, PASSWORD) }.keyManagers, null, null)
        }
        for ((version, spoken) in mapOf("TLSv1.2" to false, "TLSv1.3" to true)) {
            val server = HttpsServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
            server.httpsConfigurator = object : HttpsConfigurator(context) {
                override fun configure(parameters: HttpsParameters) =
                    parameters.setSSLParameters(sslContext.defaultSSLParameters.apply { protocols = arrayOf(version) })
            }
            server.createContext("/") {
                it.sendResponseHeaders(204, -1)
                it.close()
            }
            server.start()
            try {
                val http = UrlConnectionHttp(Tls(listOf(keys.getCertificate("server") as X509Certificate)))
                val request = HttpRequest(Method.GET, "https://localhost:${server.address.port}/", emptyList(), ByteArray(0))
                val error = runCatching { runBlocking { http.send(request) } }.exceptionOrNull()
                assertEquals(if (spoken) null else HttpError.TLS, (error as? HttpLinkException)?.error, "$version: $error")
            } finally {
                server.stop(0)
            }
        }
    }

    @Test
    fun `a proxy that is named passes on what it cannot read, and one of the system is not asked`() = runBlocking<Unit> {
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { listener ->
            System.setProperty("https.proxyHost", "127.0.0.1")
            System.setProperty("https.proxyPort", "${listener.localPort}")
            System.setProperty("http.nonProxyHosts", "")
            try {
                assertEquals(200, answered(http(null)))
            } finally {
                for (name in listOf("https.proxyHost", "https.proxyPort", "http.nonProxyHosts")) System.clearProperty(name)
            }
            var head = ""
            val passing = thread { head = pass(listener) }
            val proxy = Proxy(Proxy.Type.HTTP, InetSocketAddress("127.0.0.1", listener.localPort))
            assertEquals(200, answered(UrlConnectionHttp(Tls(trusted), proxy = proxy)))
            passing.join()
            assertTrue(head.startsWith("CONNECT ${sandbox.url.removePrefix("https://")} "), head)
        }
    }

    /** One connection of a proxy; what it was asked. */
    private fun pass(listener: ServerSocket): String = listener.accept().use { client ->
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) head.append(client.getInputStream().read().toChar())
        val (host, port) = sandbox.url.removePrefix("https://").split(':')
        java.net.Socket(host, port.toInt()).use { server ->
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".toByteArray())
            thread { runCatching { server.getInputStream().transferTo(client.getOutputStream()) } }
            runCatching { client.getInputStream().transferTo(server.getOutputStream()) }
        }
        head.toString()
    }

    /** A key with a certificate of its own making, which says `localhost`. */
    private fun made(alias: String): KeyStore {
        val file = folder.resolve("$alias.p12")
        val keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString()
        val options = "-genkeypair -alias $alias -keyalg EC -groupname secp256r1 -dname CN=$alias -ext san=dns:localhost -storetype PKCS12"
        val made = ProcessBuilder(listOf(keytool) + options.split(' ') + listOf("-keystore", "$file", "-storepass", String(PASSWORD)))
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor()
        check(made == 0) { "keytool" }
        return KeyStore.getInstance("PKCS12").apply { Files.newInputStream(file).use { load(it, PASSWORD) } }
    }

    companion object {
        private val PASSWORD = "changeit".toCharArray()
        private lateinit var sandbox: TlsSandbox

        @JvmStatic
        @BeforeAll
        fun start() {
            Security.addProvider(StoredKey.Store)
            sandbox = TlsSandbox()
        }

        @JvmStatic
        @AfterAll
        fun stop() {
            sandbox.close()
            Security.removeProvider(StoredKey.Store.name)
        }
    }
}

package kaigotap

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Timeout

@Timeout(60)
class UrlConnectionHttpTest {
    private val loopback = InetAddress.getLoopbackAddress()
    private val threads = Executors.newCachedThreadPool()
    private val server = HttpServer.create(InetSocketAddress(loopback, 0), 0).apply {
        executor = threads
        start()
    }
    private val base = "http://127.0.0.1:${server.address.port}"
    private val http = UrlConnectionHttp()

    @AfterTest
    fun stop() {
        server.stop(0)
        threads.shutdownNow()
    }

    private fun get(url: String) = HttpRequest(Method.GET, url, emptyList(), ByteArray(0))

    private fun serve(path: String, answer: (HttpExchange) -> Unit) {
        server.createContext(path) { exchange -> exchange.use(answer) }
    }

    private fun HttpExchange.say(status: Int, body: ByteArray) {
        sendResponseHeaders(status, if (body.isEmpty()) -1 else body.size.toLong())
        responseBody.use { it.write(body) }
    }

    private fun errorOf(url: String, http: HttpLink = this.http): HttpError =
        assertFailsWith<HttpLinkException> { runBlocking { http.send(get(url)) } }.error

    @Test
    fun `sends headers and body, and brings whatever status there is with its body`() = runBlocking {
        serve("/echo") {
            val body = it.requestBody.readBytes()
            val said = "${it.requestMethod} ${it.requestHeaders.getFirst("authorization")} ".toByteArray() + body
            it.say(body.decodeToString().substringBefore(' ').toInt(), said)
        }
        // Often: a connection that is kept would be closed under the next request.
        val statuses = listOf(200, 201, 302, 400, 401, 403, 409, 429, 500, 503)
        for (status in List(20) { statuses }.flatten()) {
            val headers = listOf(Header("authorization", "Bearer x"), Header("content-type", "application/json"))
            val body = "$status \u0000 é".toByteArray()
            val answer = http.send(HttpRequest(Method.POST, "$base/echo", headers, body))
            assertEquals(status.toUShort(), answer.status)
            assertContentEquals("POST Bearer x ".toByteArray() + body, answer.body, "$status")
        }
    }

    @Test
    fun `brings all headers of the answer, whatever its status`() = runBlocking {
        serve("/headers") {
            it.responseHeaders.set("DPoP-Nonce", "n-1")
            it.responseHeaders.add("x-twice", "1")
            it.responseHeaders.add("x-twice", "2")
            it.say(401, ByteArray(0))
        }
        val headers = http.send(get("$base/headers")).headers
        val values = { name: String -> headers.filter { it.name.equals(name, ignoreCase = true) }.map { it.value } }
        assertEquals(listOf("n-1"), values("dpop-nonce"))
        assertEquals(setOf("1", "2"), values("x-twice").toSet())
        assertFalse(headers.any { "HTTP/1.1" in it.value }, "the status line is none of them")
    }

    @Test
    fun `sends any header it is given`() = runBlocking {
        serve("/proof") { it.say(200, it.requestHeaders.getFirst("dpop").toByteArray()) }
        val request = HttpRequest(Method.GET, "$base/proof", listOf(Header("dpop", "a.b.c")), ByteArray(0))
        assertEquals("a.b.c", http.send(request).body.decodeToString())
    }

    @Test
    fun `a server that drips is left in time`() = runBlocking {
        ServerSocket(0, 8, loopback).use { listener ->
            thread(isDaemon = true) {
                runCatching {
                    while (true) {
                        val socket = listener.accept()
                        thread(isDaemon = true) {
                            runCatching {
                                val head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
                                socket.getOutputStream().write(head.toByteArray())
                                while (true) {
                                    Thread.sleep(20)
                                    socket.getOutputStream().write(' '.code)
                                }
                            }
                        }
                    }
                }
            }
            // The base point of the curve.
            val key = ChallengeKey("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU")
            val base = "http://127.0.0.1:${listener.localPort}"
            val device = Device(base, base, listOf(key), MadeDevice.enrolled, MadeDevice, Table.read().anchors("virtual"))
            val plan = Plan(listOf(Use.VIEW))
            val limits = Limits(http = 300.milliseconds)
            val took = measureTime {
                val ending = device.visit(plan, MadeDevice.staffToken, VirtualCardLink(), http, Script(), limits = limits)
                assertEquals("server_no_answer", ending.code())
            }
            assertTrue(took < 20.seconds, "$took")
        }
    }

    @Test
    fun `follows no redirect`() = runBlocking {
        serve("/from") {
            it.responseHeaders.set("location", "$base/to")
            it.say(307, ByteArray(0))
        }
        serve("/to") { it.say(200, "there".toByteArray()) }
        assertEquals(307.toUShort(), http.send(get("$base/from")).status)
    }

    @Test
    fun `takes a MiB, and no byte more`() = runBlocking {
        serve("/full") { it.say(200, ByteArray(1 shl 20) { 7 }) }
        serve("/more") { it.say(200, ByteArray((1 shl 20) + 1)) }
        serve("/failing") { it.say(500, ByteArray(2 shl 20)) }
        assertEquals(1 shl 20, http.send(get("$base/full")).body.size)
        assertEquals(HttpError.TOO_LONG, errorOf("$base/more"))
        assertEquals(HttpError.TOO_LONG, errorOf("$base/failing"))
    }

    @Test
    fun `plain text goes to this machine only`() {
        assertEquals(HttpError.PLAIN_HTTP, errorOf("http://198.51.100.1/"))
        assertEquals(HttpError.PLAIN_HTTP, errorOf("http://127.0.0.1.example/"))
        assertEquals(HttpError.PLAIN_HTTP, errorOf("http://user@localhost.example/"))
        for (host in listOf("localhost", "LOCALHOST", "127.0.0.1", "127.255.255.255", "[::1]")) {
            assertTrue(isThisMachine(host), host)
        }
        for (host in listOf("", "127.0.0.1.example", "127.0.0.256", "1127.0.0.1", "10.0.0.1", "[::2]", "127.1")) {
            assertFalse(isThisMachine(host), host)
        }
    }

    @Test
    fun `what is no address is a failure`() {
        for (url in listOf("", "nonsense", "ftp://127.0.0.1/", "file:///etc/hosts", "javascript:0")) {
            assertEquals(HttpError.FAILED, errorOf(url), url)
        }
    }

    @Test
    fun `nobody listens`() {
        val free = ServerSocket(0, 1, loopback).use { it.localPort }
        assertEquals(HttpError.UNREACHABLE, errorOf("http://127.0.0.1:$free/"))
        assertEquals(HttpError.UNREACHABLE, errorOf("https://nobody.invalid/"))
    }

    @Test
    fun `a server without TLS is not spoken to`() {
        ServerSocket(0, 8, loopback).use { listener ->
            thread(isDaemon = true) {
                runCatching {
                    while (true) listener.accept().use { it.getOutputStream().write("HTTP/1.1 400 ?\r\n\r\n".toByteArray()) }
                }
            }
            assertEquals(HttpError.TLS, errorOf("https://127.0.0.1:${listener.localPort}/"))
        }
    }

    @Test
    fun `a connection that breaks is no answer, and nothing is sent twice`() {
        ServerSocket(0, 8, loopback).use { listener ->
            val came = AtomicInteger()
            thread(isDaemon = true) {
                runCatching {
                    while (true) listener.accept().use { socket ->
                        came.incrementAndGet()
                        socket.getInputStream().read(ByteArray(4096))
                    }
                }
            }
            val url = "http://127.0.0.1:${listener.localPort}/"
            val request = HttpRequest(Method.POST, url, emptyList(), ByteArray(3))
            val failed = assertFailsWith<HttpLinkException> { runBlocking { http.send(request) } }
            assertEquals(HttpError.NO_ANSWER, failed.error)
            assertEquals(1, came.get())
        }
    }

    @Test
    fun `a silent server is no answer, and a cancelled request ends at once`() {
        ServerSocket(0, 8, loopback).use { listener ->
            val url = "http://127.0.0.1:${listener.localPort}/"
            assertEquals(HttpError.NO_ANSWER, errorOf(url, UrlConnectionHttp(readTimeout = 100.milliseconds)))
            val took = measureTime {
                runBlocking { assertEquals(null, withTimeoutOrNull(200.milliseconds) { http.send(get(url)) }) }
            }
            assertTrue(took < 5.seconds, "$took")
        }
    }
}

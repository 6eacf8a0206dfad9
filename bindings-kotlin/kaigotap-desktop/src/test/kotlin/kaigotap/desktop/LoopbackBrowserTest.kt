package kaigotap.desktop

import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import kaigotap.AtBrowser
import kaigotap.BrowseError
import kaigotap.BrowserException
import kaigotap.Sandbox
import kaigotap.UrlConnectionHttp
import kaigotap.code
import kaigotap.signIn
import kaigotap.value
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

/** Somebody signs in at the sandbox, with a browser that comes back to this machine. */
@Timeout(60)
class LoopbackBrowserTest {
    private fun get(address: String): Int = (URL(address).openConnection() as HttpURLConnection).responseCode

    @Test
    fun `somebody signs in`() = Sandbox().use { sandbox ->
        val nurse = AtBrowser("nurse-02")
        val open = { address: String ->
            thread {
                val ended = nurse.signIn(address)
                // What asks for something else is not heard.
                assertEquals(404, get(ended.substringBefore("/callback") + "/favicon.ico"))
                assertEquals(200, get(ended))
            }
            Unit
        }
        LoopbackBrowser(open = open).use { browser ->
            val staff = runBlocking { sandbox.device.signIn(sandbox.staffIssuer, browser.returnsTo, browser, UrlConnectionHttp()) }.value()
            assertEquals("nurse-02" to "1370000001", staff.staffId to staff.facility)
        }
    }

    @Test
    fun `a desk without a browser says so`() = Sandbox().use { sandbox ->
        for (none in listOf(UnsupportedOperationException(), IOException("no program"))) {
            LoopbackBrowser(open = { throw none }).use { browser ->
                val ending = runBlocking { sandbox.device.signIn(sandbox.staffIssuer, browser.returnsTo, browser, UrlConnectionHttp()) }
                assertEquals("no_browser", ending.code())
            }
        }
    }

    @Test
    fun `waiting ends with whoever waits`() = runBlocking<Unit> {
        val opened = CompletableDeferred<Unit>()
        LoopbackBrowser(open = { opened.complete(Unit) }).use { browser ->
            val waiting = async(kotlinx.coroutines.Dispatchers.IO) { browser.show("http://127.0.0.1:9/", browser.returnsTo) }
            opened.await()
            waiting.cancel()
            waiting.join()
        }
    }

    @Test
    fun `an address at which nobody listens is not waited for`() {
        LoopbackBrowser(open = { throw BrowserException(BrowseError.FAILED) }).use { browser ->
            assertFailsWith<IllegalArgumentException> { runBlocking { browser.show("http://127.0.0.1:9/", "jp.kaigotap.app:/callback") } }
        }
    }

    @Test
    fun `only a browser that comes back is heard`() {
        val head = { line: String, host: String -> "$line\r\nHost: $host\r\n\r\n" }
        val target = { line: String, host: String -> LoopbackBrowser.target(head(line, host), "127.0.0.1:7") }
        assertEquals("/callback?code=1&state=2", target("GET /callback?code=1&state=2 HTTP/1.1", "127.0.0.1:7"))
        assertEquals("/callback?code=1", LoopbackBrowser.target("GET /callback?code=1 HTTP/1.1\r\nhost:127.0.0.1:7\r\n\r\n", "127.0.0.1:7"))
        assertNull(target("GET /callback?code=1 HTTP/1.1", "evil.example"))
        assertNull(target("GET /callback?code=1 HTTP/1.1", "127.0.0.1:8"))
        assertNull(target("GET /callback HTTP/1.1", "127.0.0.1:7"))
        assertNull(target("GET /favicon.ico HTTP/1.1", "127.0.0.1:7"))
        assertNull(target("POST /callback?code=1 HTTP/1.1", "127.0.0.1:7"))
        assertNull(target("GET http://127.0.0.1:7/callback?code=1 HTTP/1.1", "127.0.0.1:7"))
        assertNull(target("GET /callback?code=あ HTTP/1.1", "127.0.0.1:7"))
        assertNull(target("GET /callback?a b HTTP/1.1", "127.0.0.1:7"))
        assertNull(target("", ""))
    }
}

package kaigotap.desktop

import java.awt.Desktop
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketTimeoutException
import java.net.URI
import kaigotap.BrowseError
import kaigotap.Browser
import kaigotap.BrowserException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive

/**
 * The browser of a desk, in which staff sign in: it opens a page, and listens at a port of this machine for the browser to
 * come back (RFC 8252 §7.3). Nothing else that asks there is heard.
 *
 * Give its [returnsTo] to the sign-in; close it when there are no more of them.
 */
class LoopbackBrowser(
    /** What the browser shows in the end: HTML. */
    private val farewell: String = "<!DOCTYPE html><meta charset=\"utf-8\"><title>OK</title><p>このページは閉じてかまいません。",
    /** Opens an address in the system's browser; an [IOException] or [UnsupportedOperationException] if it has none. */
    private val open: (address: String) -> Unit = { Desktop.getDesktop().browse(URI(it)) },
) : Browser, AutoCloseable {
    private val listener = ServerSocket(0, WAITING, InetAddress.getByName("127.0.0.1")).apply { soTimeout = PAUSE }
    private val host = "127.0.0.1:${listener.localPort}"

    /** Where the browser ends. */
    val returnsTo: String = "http://$host$PATH"

    override suspend fun show(address: String, returnsTo: String): String {
        require(returnsTo == this.returnsTo) { "nobody listens there" }
        try {
            open(address)
        } catch (none: UnsupportedOperationException) {
            throw BrowserException(BrowseError.NO_BROWSER, none)
        } catch (none: IOException) {
            throw BrowserException(BrowseError.NO_BROWSER, none)
        }
        while (true) {
            currentCoroutineContext().ensureActive()
            val stream = try {
                listener.accept()
            } catch (nobody: SocketTimeoutException) {
                continue
            }
            // Whoever goes away in the middle was not it.
            val target = runCatching { stream.use(::came) }.getOrNull() ?: continue
            return "http://$host$target"
        }
    }

    override fun close() = listener.close()

    /** Where a browser has come back to. */
    private fun came(stream: Socket): String? {
        stream.soTimeout = PATIENCE
        val head = head(stream)
        val target = head?.let { target(it, host) }
        val (status, text) = if (target == null) "404 Not Found" to "" else "200 OK" to farewell
        val body = text.toByteArray()
        val answer = "HTTP/1.1 $status\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ${body.size}\r\n" +
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nCache-Control: no-store\r\n" +
            "Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        stream.getOutputStream().run {
            write(answer.toByteArray() + body)
            flush()
        }
        return target
    }

    private fun head(stream: Socket): String? {
        val until = System.nanoTime() + PATIENCE * NANOS
        val head = StringBuilder()
        val input = stream.getInputStream().buffered()
        while (!head.endsWith("\r\n\r\n")) {
            val next = input.read()
            if (next < 0 || head.length > LONGEST || System.nanoTime() > until) return null
            head.append(next.toChar())
        }
        return head.toString()
    }

    internal companion object {
        const val PATH = "/callback"
        const val WAITING = 16
        const val PAUSE = 100
        const val PATIENCE = 5_000
        const val NANOS = 1_000_000L
        const val LONGEST = 16 * 1024

        /**
         * What a request asks for, if it is a browser that has come back: at our path, and by our name, which no page
         * elsewhere can have.
         */
        fun target(head: String, host: String): String? {
            val lines = head.split("\r\n")
            val target = lines.first().removeSurrounding("GET ", " HTTP/1.1")
            val named = lines.drop(1).any {
                val (name, value) = it.split(':', limit = 2).takeIf { half -> half.size == 2 } ?: return@any false
                name.equals("host", ignoreCase = true) && value.trim() == host
            }
            return target.takeIf { named && it.startsWith("$PATH?") && it.all { c -> c in '!'..'~' } }
        }
    }
}

package kaigotap

import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.HttpURLConnection
import java.net.MalformedURLException
import java.net.NoRouteToHostException
import java.net.Proxy
import java.net.SocketException
import java.net.URL
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.SSLProtocolException
import javax.net.ssl.SSLSocketFactory
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext

/**
 * The HTTP client of the platform, on a JVM and on Android ([HttpURLConnection]).
 *
 * Follows no redirect, keeps no connection, takes at most 1 MiB, and speaks TLS 1.2 or later, with a [Tls] of one's own
 * 1.3; plain HTTP to this machine only. No proxy of the system is used, but one that is named. So that a JVM sends no POST a second time when a connection breaks, the system property
 * `sun.net.http.retryPost` is set to `false`, unless it has a value.
 */
class UrlConnectionHttp(
    /** Whose server certificates are accepted; those of the system if `null`. */
    private val trust: SSLSocketFactory? = null,
    /** How long connecting may take. */
    private val connectTimeout: Duration = 8.seconds,
    /** How long the server may be silent. */
    private val readTimeout: Duration = 20.seconds,
    /** Through which proxy HTTPS goes. */
    private val proxy: Proxy = Proxy.NO_PROXY,
) : HttpLink {
    /** With whom it speaks, and as whom. */
    constructor(
        tls: Tls,
        connectTimeout: Duration = 8.seconds,
        readTimeout: Duration = 20.seconds,
        proxy: Proxy = Proxy.NO_PROXY,
    ) : this(tls.sockets, connectTimeout, readTimeout, proxy)

    init {
        runCatching {
            if (System.getProperty(RETRY_POST) == null) System.setProperty(RETRY_POST, "false")
        }
    }

    override suspend fun send(request: HttpRequest): HttpResponse {
        val connection = open(request)
        return withContext(Dispatchers.IO) {
            suspendCancellableCoroutine { waiting ->
                // A thread that waits for a socket notices nothing but the end of the socket.
                waiting.invokeOnCancellation { connection.disconnect() }
                waiting.resumeWith(runCatching { exchange(connection, request) })
            }
        }
    }

    private fun open(request: HttpRequest): HttpURLConnection {
        val url = try {
            URL(request.url)
        } catch (malformed: MalformedURLException) {
            throw HttpLinkException(HttpError.FAILED, malformed)
        }
        val connection = when (url.protocol) {
            "https" -> url.openConnection(proxy)
            "http" -> {
                if (!isThisMachine(url.host)) throw HttpLinkException(HttpError.PLAIN_HTTP)
                url.openConnection(Proxy.NO_PROXY)
            }
            else -> throw HttpLinkException(HttpError.FAILED)
        } as HttpURLConnection
        if (connection is HttpsURLConnection) {
            connection.sslSocketFactory = NewerTls(trust ?: connection.sslSocketFactory)
        }
        return connection
    }

    private fun exchange(connection: HttpURLConnection, request: HttpRequest): HttpResponse {
        try {
            prepare(connection, request)
            connectTo(connection)
            return try {
                if (request.method == Method.POST) connection.outputStream.use { it.write(request.body) }
                answer(connection)
            } catch (refused: SSLException) {
                // With TLS 1.3 a server looks at a client's certificate when the client is done already.
                throw HttpLinkException(if (refused.isHandshake()) HttpError.TLS else HttpError.NO_ANSWER, refused)
            } catch (broken: IOException) {
                throw HttpLinkException(HttpError.NO_ANSWER, broken)
            }
        } finally {
            connection.disconnect()
        }
    }

    private fun SSLException.isHandshake() = this is SSLHandshakeException || this is SSLProtocolException

    private fun prepare(connection: HttpURLConnection, request: HttpRequest) {
        connection.requestMethod = when (request.method) {
            Method.GET -> "GET"
            Method.POST -> "POST"
        }
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.allowUserInteraction = false
        connection.doOutput = request.method == Method.POST
        connection.connectTimeout = connectTimeout.inWholeMilliseconds.toInt()
        connection.readTimeout = readTimeout.inWholeMilliseconds.toInt()
        for (header in request.headers) connection.setRequestProperty(header.name, header.value)
        connection.setRequestProperty("connection", "close")
    }

    private fun connectTo(connection: HttpURLConnection) = try {
        connection.connect()
    } catch (untrusted: SSLException) {
        throw HttpLinkException(HttpError.TLS, untrusted)
    } catch (unreachable: ConnectException) {
        throw HttpLinkException(HttpError.UNREACHABLE, unreachable)
    } catch (unreachable: NoRouteToHostException) {
        throw HttpLinkException(HttpError.UNREACHABLE, unreachable)
    } catch (broken: SocketException) {
        // It was there, and has closed the connection while it was told who this is.
        val refused = trust is NewerTls && trust.showsIdentity
        throw HttpLinkException(if (refused) HttpError.TLS else HttpError.UNREACHABLE, broken)
    } catch (unreachable: IOException) {
        throw HttpLinkException(HttpError.UNREACHABLE, unreachable)
    }

    private fun answer(connection: HttpURLConnection): HttpResponse {
        val status = connection.responseCode
        if (status !in 100..999) throw HttpLinkException(HttpError.NO_ANSWER)
        val body = if (status >= HttpURLConnection.HTTP_BAD_REQUEST) connection.errorStream else connection.inputStream
        // Not closed here: a JVM would keep the connection, and use it again after the server has closed it.
        return HttpResponse(status.toUShort(), headers(connection), body?.let(::bounded) ?: ByteArray(0))
    }

    /** The status line stands among them, without a name. */
    private fun headers(connection: HttpURLConnection): List<Header> = connection.headerFields.flatMap { (name, values) ->
        if (name == null) emptyList() else values.map { Header(name, it) }
    }

    private fun bounded(stream: InputStream): ByteArray {
        var body = ByteArray(CHUNK)
        var length = 0
        while (true) {
            if (length == body.size) body = body.copyOf(minOf(2 * length, LONGEST + 1)).also { body.fill(0) }
            val read = stream.read(body, length, body.size - length)
            if (read < 0) return body.copyOf(length).also { body.fill(0) }
            length += read
            if (length > LONGEST) throw HttpLinkException(HttpError.TOO_LONG)
        }
    }

    private companion object {
        const val RETRY_POST = "sun.net.http.retryPost"
        const val CHUNK = 8 * 1024
        const val LONGEST = 1 shl 20
    }
}

/** Whether a host is this machine: loopback by its number, or `localhost` (RFC 6761 §6.3). Nobody is asked. */
internal fun isThisMachine(host: String): Boolean =
    host.equals("localhost", ignoreCase = true) ||
        host == "[::1]" || host == "::1" ||
        Regex("""127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}""").matches(host)

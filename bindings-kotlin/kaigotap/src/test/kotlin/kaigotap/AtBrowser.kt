package kaigotap

import java.net.HttpURLConnection
import java.net.URL
import java.net.URLEncoder
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLSocketFactory

/** Somebody who signs in on the sandbox's own page: a browser that keeps cookies and fills in one form. */
class AtBrowser(private val staffId: String, private val trust: SSLSocketFactory? = null) {
    private val cookies = mutableMapOf<String, String>()

    /** Signs in; brings the address at which the browser ends, without going there. */
    fun signIn(address: String): String {
        val page = send(address, null)
        page.getHeaderField("Location")?.let { return it }
        val form = page.inputStream.use { it.readBytes().decodeToString() }.substringAfter("action=\"")
        val hidden = HIDDEN.findAll(form).associate { it.groupValues[1] to it.groupValues[2] }
        val typed = hidden + mapOf("staff_id" to staffId, "password" to "sandbox-$staffId")
        val body = typed.map { (name, value) -> "$name=${URLEncoder.encode(value, "UTF-8")}" }.joinToString("&")
        return checkNotNull(send(URL(URL(address), form.substringBefore('"')).toString(), body).getHeaderField("Location"))
    }

    private fun send(address: String, body: String?): HttpURLConnection {
        val connection = URL(address).openConnection() as HttpURLConnection
        if (connection is HttpsURLConnection) trust?.let { connection.sslSocketFactory = it }
        connection.instanceFollowRedirects = false
        connection.setRequestProperty("Cookie", cookies.map { (name, value) -> "$name=$value" }.joinToString("; "))
        if (body != null) {
            connection.doOutput = true
            connection.outputStream.use { it.write(body.toByteArray()) }
        }
        for (set in connection.headerFields.filterKeys { it.equals("set-cookie", ignoreCase = true) }.values.flatten()) {
            val (name, value) = set.substringBefore(';').split('=', limit = 2)
            cookies[name] = value
        }
        return connection
    }

    private companion object {
        val HIDDEN = Regex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\">")
    }
}

package kaigotap.android

import android.content.Context
import java.security.cert.X509Certificate
import kaigotap.HttpLink
import kaigotap.ServerPins
import kaigotap.Tls
import kaigotap.UrlConnectionHttp

/** What `docs/integrate-android.md` shows: a way to the platform on which each knows who the other is. */
suspend fun platform(context: Context, enrolled: List<X509Certificate>, authority: X509Certificate, pins: ServerPins): HttpLink {
    val identity = KeystoreKeys(context).identity("device", enrolled)
    return UrlConnectionHttp(Tls(listOf(authority), pins, identity))
}

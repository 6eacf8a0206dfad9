package kaigotap

import java.net.InetAddress
import java.net.Socket
import javax.net.ssl.SSLException
import javax.net.ssl.SSLSocket
import javax.net.ssl.SSLSocketFactory

/**
 * Sockets of another factory that do not offer old versions of TLS. Without a list that is what is older than 1.2: Android
 * 8 and 9 still offer 1.0 and 1.1 (RFC 8996).
 */
internal class NewerTls(
    private val sockets: SSLSocketFactory,
    private val old: Set<String> = BEFORE_12,
    /** Whether they tell a server who this device is. */
    val showsIdentity: Boolean = false,
) : SSLSocketFactory() {
    override fun createSocket(): Socket = newer(sockets.createSocket())
    override fun createSocket(socket: Socket, host: String, port: Int, autoClose: Boolean): Socket =
        newer(sockets.createSocket(socket, host, port, autoClose))
    override fun createSocket(host: String, port: Int): Socket = newer(sockets.createSocket(host, port))
    override fun createSocket(host: String, port: Int, localHost: InetAddress, localPort: Int): Socket =
        newer(sockets.createSocket(host, port, localHost, localPort))
    override fun createSocket(host: InetAddress, port: Int): Socket = newer(sockets.createSocket(host, port))
    override fun createSocket(address: InetAddress, port: Int, localAddress: InetAddress, localPort: Int): Socket =
        newer(sockets.createSocket(address, port, localAddress, localPort))

    override fun getDefaultCipherSuites(): Array<String> = sockets.defaultCipherSuites
    override fun getSupportedCipherSuites(): Array<String> = sockets.supportedCipherSuites

    private fun newer(socket: Socket): Socket = socket.also {
        if (it !is SSLSocket) throw SSLException("no TLS")
        val newer = it.enabledProtocols.filterNot(old::contains)
        if (newer.isEmpty()) throw SSLException("no TLS that is new enough")
        it.enabledProtocols = newer.toTypedArray()
    }

    companion object {
        private val BEFORE_12 = setOf("SSLv2Hello", "SSLv3", "TLSv1", "TLSv1.1")
        val BEFORE_13 = BEFORE_12 + "TLSv1.2"
    }
}

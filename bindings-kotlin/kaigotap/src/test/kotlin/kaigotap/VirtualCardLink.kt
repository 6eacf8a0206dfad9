package kaigotap

import java.io.DataInputStream
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket

/**
 * The virtual card of this repository, as a process that takes this for the virtual reader `vpcd`: two bytes of length,
 * big endian, and a body; a body of one byte is a control.
 *
 * A card that was torn away is gone for good, so each tap after it takes the next profile.
 */
class VirtualCardLink(
    private val person: String = "hanako",
    private vararg val profiles: String = arrayOf("modern"),
) : CardLink, AutoCloseable {
    private val listener = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).apply { soTimeout = 30_000 }
    private var program: Program? = null
    private var socket: Socket? = null
    private var taps = 0

    /** Every command that it was sent; and the arrays themselves, which are to be wiped. */
    val commands = mutableListOf<ByteArray>()
    val sent = mutableListOf<ByteArray>()

    /** How often it was given power, and how often that was taken away. */
    var powered = 0
        private set
    var unpowered = 0
        private set

    /** How many of the commands showed it a secret: VERIFY with data. */
    val verifications get() = commands.count { it[1] == 0x20.toByte() && it.size > 5 }

    override suspend fun connect(occasion: Occasion): LinkCapacity {
        if (socket == null) plugIn()
        send(byteArrayOf(POWER_ON))
        powered++
        send(byteArrayOf(ATR))
        receive()
        return LinkCapacity(65_544u, 65_538u)
    }

    override suspend fun transmit(command: ByteArray): ByteArray {
        commands += command.copyOf()
        sent += command
        send(command)
        return receive()
    }

    override suspend fun disconnect() {
        unpowered++
        runCatching { send(byteArrayOf(POWER_OFF)) }
    }

    override fun close() {
        pullOut()
        listener.close()
    }

    private fun plugIn() {
        val profile = profiles.getOrElse(taps++) { throw CardLinkException(LinkError.TIMED_OUT) }
        val address = "127.0.0.1:${listener.localPort}"
        program = Program("virtual-card", "--vpcd", address, "--person", person, "--profile", profile)
        socket = listener.accept().apply { tcpNoDelay = true }
    }

    private fun pullOut() {
        socket?.close()
        socket = null
        program?.close()
        program = null
    }

    private fun send(body: ByteArray) {
        val message = byteArrayOf((body.size shr 8).toByte(), body.size.toByte()) + body
        reached { getOutputStream().write(message) }
    }

    private fun receive(): ByteArray = reached {
        val stream = DataInputStream(getInputStream())
        ByteArray(stream.readUnsignedShort()).also(stream::readFully)
    }

    private fun <T> reached(act: Socket.() -> T): T {
        val socket = socket ?: throw CardLinkException(LinkError.LOST)
        return try {
            socket.act()
        } catch (torn: IOException) {
            pullOut()
            throw CardLinkException(LinkError.LOST, torn)
        }
    }

    private companion object {
        const val POWER_OFF: Byte = 0
        const val POWER_ON: Byte = 1
        const val ATR: Byte = 4
    }
}

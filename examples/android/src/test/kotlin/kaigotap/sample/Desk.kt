package kaigotap.sample

import java.io.DataInputStream
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.PKCS8EncodedKeySpec
import java.util.concurrent.TimeUnit
import kaigotap.CardLink
import kaigotap.CardLinkException
import kaigotap.DeviceKeys
import kaigotap.LinkCapacity
import kaigotap.LinkError
import kaigotap.Occasion
import kaigotap.PinTiming

/** What a phone has around it, on a desk: the sandbox and virtual cards as programs, and the device's key as a file. */
class Desk(private val folder: Path) : AutoCloseable {
    private val programs = mutableListOf<Process>()

    override fun close() = programs.forEach {
        it.destroy()
        it.waitFor(10, TimeUnit.SECONDS)
    }

    private fun program(vararg arguments: String): Process =
        ProcessBuilder(listOf(System.getProperty("kaigotap.command")) + arguments)
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start().also(programs::add)

    /** The sandbox, and what a device of it learnt when it was enrolled. */
    fun enrolment(): Enrolment {
        val file = folder.resolve("enrolment.json")
        val sandbox = program("sandbox", "--listen", "127.0.0.1:0", "--enrolment", "$file", "--json")
        repeat(1_000) {
            val text = if (Files.exists(file)) Files.readString(file) else ""
            if (text.trimEnd().endsWith("}")) return Enrolment.of(text, KeyFile(Path.of("$file.keys", Enrolment.DEVICE_KEY)))
            check(sandbox.isAlive) { "the sandbox ended" }
            Thread.sleep(30)
        }
        error("the sandbox wrote no enrolment")
    }

    /** The device's key, where `kaigotap` keeps it on a desk. */
    private class KeyFile(private val file: Path) : DeviceKeys {
        override suspend fun sign(key: String, payload: ByteArray): ByteArray {
            val private = KeyFactory.getInstance("EC").generatePrivate(PKCS8EncodedKeySpec(Files.readAllBytes(file)))
            return Signature.getInstance("SHA256withECDSA").run {
                initSign(private)
                update(payload)
                sign()
            }
        }
    }

    /** The virtual card, which takes this for the virtual reader `vpcd`. A torn card is followed by the next profile. */
    inner class Cards(private val person: String, vararg profiles: String) : CardLink {
        private val profiles = ArrayDeque(profiles.toList())
        private var card: Socket? = null

        // As the phone's.
        override val pinTiming get() = PinTiming.BEFORE_TAP

        override suspend fun connect(occasion: Occasion): LinkCapacity {
            if (card == null) {
                val profile = profiles.removeFirstOrNull() ?: throw CardLinkException(LinkError.TIMED_OUT)
                ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { reader ->
                    reader.soTimeout = 30_000
                    val address = "127.0.0.1:${reader.localPort}"
                    program("virtual-card", "--vpcd", address, "--person", person, "--profile", profile)
                    card = reader.accept().apply { tcpNoDelay = true }
                }
            }
            send(byteArrayOf(1))
            return LinkCapacity(261u, 258u)
        }

        override suspend fun transmit(command: ByteArray): ByteArray = try {
            send(command)
            val stream = DataInputStream(card!!.getInputStream())
            ByteArray(stream.readUnsignedShort()).also(stream::readFully)
        } catch (torn: IOException) {
            card?.close()
            card = null
            throw CardLinkException(LinkError.LOST, torn)
        }

        override suspend fun disconnect() {
            runCatching { send(byteArrayOf(0)) }
        }

        private fun send(body: ByteArray) =
            card!!.getOutputStream().write(byteArrayOf((body.size shr 8).toByte(), body.size.toByte()) + body)
    }
}

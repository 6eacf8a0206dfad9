package kaigotap.android

import android.nfc.TransceiveResult
import java.io.DataInputStream
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.TimeUnit
import kaigotap.Credential
import kaigotap.Ending
import kaigotap.PinKind
import kaigotap.Prompt
import kaigotap.VisitScreen
import kaigotap.cardCertificate
import kaigotap.cardDeselection
import kaigotap.cardStatus
import kaigotap.changePin
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test

/** The virtual card of this repository, which takes this for the virtual reader `vpcd`, behind the framework's `IsoDep`. */
internal class VirtualTag(profile: String) : FakeTagService(), AutoCloseable {
    private val listener = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).apply { soTimeout = 30_000 }
    private val program: Process = ProcessBuilder(
        System.getProperty("kaigotap.command"), "virtual-card",
        "--vpcd", "127.0.0.1:${listener.localPort}", "--profile", profile,
    ).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
    private val card: Socket = listener.accept().apply { tcpNoDelay = true }

    /** Whether a link has taken it. */
    @Volatile
    var powered = false
        private set

    override fun connect(handle: Int, technology: Int): Int {
        powered = true
        send(byteArrayOf(1))
        return super.connect(handle, technology)
    }

    override fun transceive(handle: Int, data: ByteArray, raw: Boolean): TransceiveResult {
        super.transceive(handle, data, raw)
        return try {
            send(data)
            val stream = DataInputStream(card.getInputStream())
            val response = ByteArray(stream.readUnsignedShort()).also(stream::readFully)
            TransceiveResult(TransceiveResult.RESULT_SUCCESS, response)
        } catch (_: IOException) {
            present = false
            TransceiveResult(TransceiveResult.RESULT_TAGLOST, null)
        }
    }

    private fun send(body: ByteArray) =
        card.getOutputStream().write(byteArrayOf((body.size shr 8).toByte(), body.size.toByte()) + body)

    override fun close() {
        card.close()
        listener.close()
        program.destroy()
        program.waitFor(10, TimeUnit.SECONDS)
    }
}

/** Conversations with a card that knows what it does, as far from a phone as the tag service. */
class VirtualCardTest {
    private val field = FakeField()
    private val options = ReaderOptions(rearmPause = Duration.ZERO, doubleTapGuard = Duration.ZERO)

    /** Holds each of these cards to the phone in turn, as they are asked for. */
    private fun <T> conversation(vararg cards: VirtualTag, talk: suspend (IsoDepLink) -> T): T = runBlocking {
        val link = IsoDepLink(field, options, Dispatchers.IO) { (System.nanoTime() / 1_000_000).milliseconds }
        try {
            withTimeout(60.seconds) {
                val result = async { talk(link) }
                for (card in cards) {
                    tap(card)
                    while (card.present && !result.isCompleted) delay(2)
                }
                result.await()
            }
        } finally {
            link.close()
            cards.forEach { it.close() }
        }
    }

    /** As often as it takes: who comes before a card is asked for again comes too early. */
    private suspend fun tap(card: VirtualTag) {
        while (!card.powered) {
            if (field.armed) field.tap(chipOf(card.tag(FakeTagService.NFC_B, FakeTagService.ISO_DEP)))
            delay(50)
        }
    }

    @Test
    fun `a card tells its status`() {
        val status = conversation(VirtualTag("modern")) { cardStatus(it) }
        assertIs<Ending.Done<*>>(status, "$status")
    }

    @Test
    fun `a phone with short commands only and one with long ones read the same certificate`() {
        val (short, long) = VirtualTag("extended").apply { extended = false; longest = 253 } to VirtualTag("extended")
        val read = listOf(short, long).map { card ->
            val result = conversation(card) { cardCertificate(it, Credential.AUTHENTICATION, object : VisitScreen {}) }
            assertIs<Ending.Done<ByteArray>>(result, "$result").value
        }
        assertTrue(read[0].size > 1000)
        assertEquals(read[0].toList(), read[1].toList())
        assertTrue(short.sent.size > long.sent.size, "${short.sent.size} commands and ${long.sent.size}")
        assertTrue(short.sent.all { it.size <= 253 })
    }

    @Test
    fun `a card that is pulled is asked for again, and the conversation ends well`() {
        val (torn, whole) = VirtualTag("torn-after:1") to VirtualTag("modern")
        val result = conversation(torn, whole) { cardCertificate(it, Credential.AUTHENTICATION, object : VisitScreen {}) }
        assertIs<Ending.Done<ByteArray>>(result, "$result")
        assertTrue(whole.sent.isNotEmpty(), "nothing was torn after ${torn.sent.size} commands")
    }

    @Test
    fun `a PIN goes to the card, and leaves nothing in the array that Android was given`() {
        val card = VirtualTag("modern")
        val typed = mutableListOf<CharArray>()
        val screen = object : VisitScreen {
            override suspend fun enterPin(prompt: Prompt.EnterPin) = "1234".toCharArray().also(typed::add)
            override suspend fun newPin(prompt: Prompt.NewPin) = "5678".toCharArray() to "5678".toCharArray()
        }
        val result = conversation(card) { changePin(it, PinKind.AUTHENTICATION, screen) }
        assertIs<Ending.Done<Unit>>(result, "$result")
        val verify = assertNotNull(card.sent.firstOrNull { it[1] == 0x20.toByte() && it.size > 5 })
        assertEquals("1234", String(verify, 5, 4, Charsets.US_ASCII))
        assertTrue(typed.single().all { it == '\u0000' })
        // What the link sends of its own is no secret.
        val closing = cardDeselection().map { it.toList() }
        assertTrue(card.given.filterNot { it.toList() in closing }.all { command -> command.all { it == 0.toByte() } })
    }
}

package kaigotap.desktop

import java.nio.ByteBuffer
import javax.smartcardio.ATR
import javax.smartcardio.Card
import javax.smartcardio.CardChannel
import javax.smartcardio.CardException
import javax.smartcardio.CardNotPresentException
import javax.smartcardio.CardTerminal
import javax.smartcardio.CardTerminals
import javax.smartcardio.CommandAPDU
import javax.smartcardio.ResponseAPDU
import kaigotap.CardLinkException
import kaigotap.LinkError
import kaigotap.Occasion
import kaigotap.cardDeselection
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

/** What the runtime says, and what it is to a conversation. */
@Timeout(30)
class SmartcardIoLinkTest {
    private val closing = cardDeselection().map { it.toList() }

    /** As the runtime tells PC/SC's errors. */
    private fun pcsc(code: String) = CardException("failed", Exception(code))

    private inner class FakeCard(private val answer: (ByteArray) -> ByteArray) : Card() {
        val sent = mutableListOf<ByteArray>()
        var held = 0
        var disconnected = 0
        private lateinit var owner: Thread
        private val channel = object : CardChannel() {
            override fun getCard() = this@FakeCard
            override fun getChannelNumber() = 0
            override fun transmit(command: CommandAPDU): ResponseAPDU = error("copies the command")
            override fun transmit(command: ByteBuffer, response: ByteBuffer): Int {
                check(Thread.currentThread() === owner) { "another thread" }
                // As the runtime's own does.
                require(command.remaining() >= 4 && response.remaining() >= 258)
                sent += ByteArray(command.remaining()).also(command::get)
                return answer(sent.last()).also(response::put).size
            }
            override fun close() = Unit
        }

        override fun getATR() = ATR(byteArrayOf(0x3b))
        override fun getProtocol() = "T=1"
        override fun getBasicChannel() = channel
        override fun openLogicalChannel(): CardChannel = error("not used")
        override fun transmitControlCommand(code: Int, command: ByteArray): ByteArray = error("not used")
        override fun beginExclusive() {
            held++
            owner = Thread.currentThread()
        }
        override fun endExclusive() {
            // Before another program may come.
            check(sent.takeLast(closing.size).map { it.toList() } == closing) { "a PIN may be open" }
            held--
        }
        override fun disconnect(reset: Boolean) {
            check(reset && held == 0)
            disconnected++
        }
    }

    @Test
    fun `every PIN is closed at every end, whatever the card answers`() = runBlocking {
        val refused = byteArrayOf(0x6a, 0x82.toByte())
        val answers = listOf<(ByteArray) -> ByteArray>({ ok }, { refused }, { throw pcsc("SCARD_W_RESET_CARD") })
        val ends = listOf<suspend (SmartcardIoLink) -> Unit>({ it.disconnect() }, { it.connect(Occasion.AGAIN) }, { it.close() })
        for (answer in answers) {
            for (end in ends) {
                val card = FakeCard(answer)
                val link = link(FakeTerminal("a") { card })
                link.connect(Occasion.FIRST)
                end(link)
                link.close()
                link.join()
                assertEquals(0, card.held)
                assertEquals(closing, card.sent.takeLast(closing.size).map { it.toList() })
            }
        }
    }

    private class FakeTerminal(private val called: String, private val put: () -> Card?) : CardTerminal() {
        override fun getName() = called
        override fun connect(protocol: String) = put() ?: throw CardNotPresentException("none")
        override fun isCardPresent() = runCatching { put() != null }.getOrDefault(true)
        override fun waitForCardPresent(timeout: Long) = isCardPresent
        override fun waitForCardAbsent(timeout: Long) = !isCardPresent
    }

    private fun link(vararg terminals: CardTerminal, reader: String? = null, wait: Duration = Duration.ZERO) =
        SmartcardIoLink(reader, wait) {
            object : CardTerminals() {
                override fun list(state: State) = terminals.toList()
                override fun waitForChange(timeout: Long) = false
            }
        }

    private fun failure(link: SmartcardIoLink): LinkError =
        link.use { assertFailsWith<CardLinkException> { runBlocking { it.connect(Occasion.FIRST) } }.error }

    /** What `close` set going is done. */
    private fun SmartcardIoLink.join() = repeat(200) { if (!over) Thread.sleep(10) }

    private val ok = byteArrayOf(0x90.toByte(), 0)
    private val known get() = FakeCard { ok }
    private val unknown get() = FakeCard { byteArrayOf(0x6a, 0x82.toByte()) }

    @Test
    fun `each reason for no card is its own`() {
        val (empty, other) = FakeTerminal("a", { null }) to FakeTerminal("b", { null })
        assertEquals(LinkError.NO_READER, failure(link()))
        assertEquals(LinkError.NO_READER, failure(link(FakeTerminal("Windows Hello 1") { known })))
        assertEquals(LinkError.NO_CARD, failure(link(empty)))
        assertEquals(LinkError.NO_CARD_ON_ANY_READER, failure(link(empty, other)))
        assertEquals(LinkError.READER_NOT_FOUND, failure(link(empty, reader = "c")))
        assertEquals(LinkError.NO_CARD, failure(link(empty, FakeTerminal("b") { known }, reader = "a")))
        val cards = arrayOf(FakeTerminal("a") { unknown }, FakeTerminal("b") { unknown })
        assertEquals(LinkError.NO_SUPPORTED_CARD_ON_ANY_READER, failure(link(*cards)))
        val mine = arrayOf(FakeTerminal("a") { known }, FakeTerminal("b") { known })
        assertEquals(LinkError.SEVERAL_CARDS, failure(link(*mine)))
    }

    @Test
    fun `each error of PC-SC is its own`() {
        val codes = mapOf(
            "SCARD_E_SHARING_VIOLATION" to LinkError.BUSY,
            "SCARD_W_UNRESPONSIVE_CARD" to LinkError.UNSUPPORTED_CARD,
            "SCARD_W_REMOVED_CARD" to LinkError.NO_CARD,
            "SCARD_E_UNKNOWN_READER" to LinkError.READER_NOT_FOUND,
            "SCARD_E_NO_SERVICE" to LinkError.SERVICE_NOT_RUNNING,
            "SCARD_W_SECURITY_VIOLATION" to LinkError.NOT_ALLOWED,
            "SCARD_F_INTERNAL_ERROR" to LinkError.READER_FAILED,
        )
        for ((code, expected) in codes) {
            assertEquals(expected, failure(link(FakeTerminal("a") { throw pcsc(code) })), code)
        }
        val services = mapOf(
            "SCARD_E_NO_READERS_AVAILABLE" to LinkError.NO_READER,
            "SCARD_E_SERVICE_STOPPED" to LinkError.SERVICE_NOT_RUNNING,
            "SCARD_E_NO_ACCESS" to LinkError.NOT_ALLOWED,
            "SCARD_F_UNKNOWN_ERROR" to LinkError.READER_FAILED,
        )
        for ((code, expected) in services) {
            val link = SmartcardIoLink(null, Duration.ZERO) {
                object : CardTerminals() {
                    override fun list(state: State): List<CardTerminal> = throw pcsc(code)
                    override fun waitForChange(timeout: Long) = false
                }
            }
            assertEquals(expected, failure(link), code)
        }
    }

    @Test
    fun `a stranger's card on another reader neither ends the wait nor hides a busy reader`() = runBlocking {
        val stranger = unknown
        val key = FakeTerminal("key") { stranger }
        var looks = 0
        val (mine, busy) = known to FakeTerminal("a") { throw pcsc("SCARD_E_SHARING_VIOLATION") }
        assertEquals(LinkError.BUSY, failure(link(key, busy)))
        val empty = FakeTerminal("a") { mine.takeIf { looks++ > 3 } }
        link(key, empty, wait = 20.seconds).use { it.connect(Occasion.FIRST) }
        assertTrue(mine.sent.isNotEmpty())
        assertEquals(2, stranger.disconnected, "it is looked at once a wait")
        assertEquals(LinkError.NO_SUPPORTED_CARD_ON_ANY_READER, failure(link(key, FakeTerminal("a") { null })))
    }

    @Test
    fun `another program that uses the card is waited for`() = runBlocking {
        var looks = 0
        val card = known
        val terminal = FakeTerminal("a") { if (looks++ > 2) card else throw pcsc("SCARD_E_SHARING_VIOLATION") }
        link(terminal, wait = 20.seconds).use { it.connect(Occasion.FIRST) }
        assertTrue(looks > 3)
    }

    @Test
    fun `the one card that is known is taken, and is held until it is let go`() = runBlocking {
        val (mine, other) = known to unknown
        link(FakeTerminal("a") { other }, FakeTerminal("b") { mine }).use { link ->
            val capacity = link.connect(Occasion.FIRST)
            assertEquals(8_192u, capacity.maxResponse)
            assertEquals(0 to 1, other.held to other.disconnected)
            assertEquals(1 to 0, mine.held to mine.disconnected)
            assertContentEquals(ok, link.transmit(byteArrayOf(0, 0x20, 0, 0x80.toByte())))
            link.disconnect()
            assertEquals(0 to 1, mine.held to mine.disconnected)
            link.disconnect()
            assertEquals(1, mine.disconnected)
            assertEquals(LinkError.LOST, assertFailsWith<CardLinkException> { link.transmit(ByteArray(4)) }.error)
        }
    }

    @Test
    fun `a lost card and a command that is not carried are told apart`() = runBlocking {
        val causes = mapOf<Exception, LinkError>(
            pcsc("SCARD_W_REMOVED_CARD") to LinkError.LOST,
            pcsc("SCARD_E_INSUFFICIENT_BUFFER") to LinkError.NOT_CARRIED,
            CardException("Extended length forms not supported for T=0") to LinkError.NOT_CARRIED,
            IllegalStateException("Card has been disconnected") to LinkError.LOST,
        )
        for ((cause, expected) in causes) {
            val card = FakeCard { throw cause }
            link(FakeTerminal("a") { card }).use { link ->
                link.connect(Occasion.FIRST)
                assertEquals(expected, assertFailsWith<CardLinkException> { link.transmit(ByteArray(4)) }.error, "$cause")
                // No command at all.
                assertEquals(LinkError.NOT_CARRIED, assertFailsWith<CardLinkException> { link.transmit(ByteArray(0)) }.error)
            }
        }
    }

    @Test
    fun `an answer of nothing is a lost card`() = runBlocking {
        for (answer in listOf(ByteArray(0), ByteArray(1))) {
            link(FakeTerminal("a") { FakeCard { answer } }).use { link ->
                link.connect(Occasion.FIRST)
                assertEquals(LinkError.LOST, assertFailsWith<CardLinkException> { link.transmit(ByteArray(4)) }.error)
            }
        }
    }

    @Test
    fun `a card is waited for`() = runBlocking {
        var looks = 0
        val card = known
        link(FakeTerminal("a") { card.takeIf { looks++ > 1 } }, wait = 20.seconds).use { it.connect(Occasion.AGAIN) }
        assertEquals(LinkError.NO_CARD, failure(link(FakeTerminal("a") { null }, wait = Duration.ZERO)))
    }
}

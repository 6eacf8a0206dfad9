package kaigotap.desktop

import javax.smartcardio.TerminalFactory
import kaigotap.Occasion
import kaigotap.Presence
import kaigotap.Printed
import kaigotap.Program
import kaigotap.Sandbox
import kaigotap.Script
import kaigotap.Table
import kaigotap.UrlConnectionHttp
import kaigotap.cardStatus
import kaigotap.code
import kaigotap.face
import kaigotap.value
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.EnabledIfSystemProperty

/** Over a real `pcscd` with the virtual reader; the environment says where cards for its two slots connect to. */
@Timeout(120)
@EnabledIfSystemProperty(named = "kaigotap.pcscd", matches = "1")
class PcscdTest {
    private val slots = System.getenv("KAIGOTAP_VPCD")?.split(' ').orEmpty()

    /** Puts a card into a slot, and waits until the service sees it. */
    private fun card(profile: String, slot: Int = 0, person: String = "hanako"): Program {
        val reader = TerminalFactory.getInstance("PC/SC", null).terminals().list()[slot]
        repeat(5) {
            val card = Program("virtual-card", "--vpcd", slots[slot], "--person", person, "--profile", profile)
            if (reader.waitForCardPresent(3_000)) return card
            card.close()
        }
        error("the service sees no card: ${reader.name}")
    }

    private fun <T> with(vararg cards: Program, act: suspend (SmartcardIoLink) -> T): T =
        try {
            runBlocking { SmartcardIoLink(wait = 20.seconds).use { act(it) } }
        } finally {
            cards.forEach(Program::close)
            emptied()
        }

    /** The service looks for a card every 400 ms; a slot that is filled before it noticed stays empty. */
    private fun emptied() = runBlocking {
        SmartcardIoLink(wait = Duration.ZERO).use { link ->
            while (cardStatus(link).code() != "no_card_on_any_reader") delay(100)
        }
    }

    @Test
    fun `a visit with a PIN, the card's face, and its status`() = Sandbox().use { sandbox ->
        with(card("modern")) { link ->
            sandbox.visit(link, UrlConnectionHttp(), Script(listOf("1234"))).value()
            val printed = Script(printed = listOf(Printed.Read("1941-05-03", 2035, "0503")))
            val face = face(link, Table.read().authorities("virtual"), printed).value()
            assertEquals(Presence.LIVE, face.genuineness.present)
            assertTrue(cardStatus(link).value().canAuthenticate)
        }
    }

    @Test
    fun `a card that speaks T=0, and a plain one`() {
        for (profile in listOf("modern+t0", "plain")) {
            Sandbox().use { sandbox ->
                with(card(profile)) { link ->
                    val visit = sandbox.visit(link, UrlConnectionHttp(), Script(listOf("1234")))
                    assertEquals("done", visit.code(), profile)
                }
            }
        }
    }

    @Test
    fun `a torn card is held to the reader again`() = Sandbox().use { sandbox ->
        val torn = card("modern+torn-after:3")
        with(torn) { link ->
            val screen = Script(listOf("1234", "1234"))
            val running = CoroutineScope(Dispatchers.Default).async {
                sandbox.visit(link, UrlConnectionHttp(), screen)
            }
            torn.ended()
            delay(1.seconds)
            card("modern").use { assertEquals("card_pin", running.await().value().method) }
        }
    }

    @Test
    fun `of two cards the one that is a My Number Card is taken`() {
        with(card("modern", 0, "other-country"), card("modern", 1)) { link ->
            delay(1.seconds)
            assertTrue(cardStatus(link).value().canAuthenticate)
        }
    }

    /** Status word of the answer to a command. */
    private suspend fun SmartcardIoLink.says(command: String): String {
        val bytes = command.chunked(2) { it.toString().toInt(16).toByte() }.toByteArray()
        return transmit(bytes).takeLast(2).joinToString("") { "%02x".format(it) }
    }

    @Test
    fun `a PIN that was open is closed when the card is let go`() {
        val application = "00a4040c0ad392f000260100000001"
        val sign = "802a008033" + "3031300d060960864801650304020105000420" + "00".repeat(32) + "00"
        with(card("modern")) { link ->
            link.connect(Occasion.FIRST)
            val opening = listOf(application, "00a4020c020018", "002000800431323334", "00a4020c020017", sign)
            assertEquals(List(5) { "9000" }, opening.map { link.says(it) })
            link.disconnect()
            link.connect(Occasion.FIRST)
            val signing = listOf(application, "00a4020c020017", sign)
            assertEquals(listOf("9000", "9000", "6982"), signing.map { link.says(it) })
            link.disconnect()
        }
    }
}

package kaigotap.android

import kaigotap.Ending
import kaigotap.FaceCheck
import kaigotap.Prompt
import kaigotap.Sandbox
import kaigotap.UrlConnectionHttp
import kaigotap.VerifiedVisit
import kaigotap.VisitScreen
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** Whole visits over the framework's own `IsoDep`: what the holder is asked, and how often the card is held to the phone. */
@Timeout(120)
class OneTapTest {
    private val field = FakeField()
    private val events = mutableListOf<String>()

    private inner class People(vararg pins: String) : VisitScreen {
        private val pins = ArrayDeque(pins.toList())

        override suspend fun confirmFace() = FaceCheck.MATCH.also { events += "face" }

        override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? {
            events += "PIN, ${prompt.triesLeft} left, ${prompt.why}"
            return pins.removeFirstOrNull()?.toCharArray()
        }

        override suspend fun lastTry(prompt: Prompt.LastTry) = true.also { events += "last try" }
    }

    /** A visit with this card, which somebody holds to the phone each time one is looked for. */
    private fun visit(card: VirtualTag, vararg pins: String): Ending<VerifiedVisit> = runBlocking {
        val options = ReaderOptions(rearmPause = Duration.ZERO, doubleTapGuard = Duration.ZERO)
        val link = IsoDepLink(field, options, Dispatchers.IO) { (System.nanoTime() / 1_000_000).milliseconds }
        val holding = launch {
            var held = 0
            while (true) {
                if (field.log.count { it == "arm" } > held && field.armed) {
                    held += 1
                    events += "tap"
                    field.tap(chipOf(card.tag(FakeTagService.NFC_B, FakeTagService.ISO_DEP)))
                }
                delay(5)
            }
        }
        try {
            withTimeout(60.seconds) { Sandbox().use { it.visit(link, UrlConnectionHttp(), People(*pins)) } }
        } finally {
            holding.cancel()
            link.close()
            card.close()
        }
    }

    @Test
    fun `the PIN first, and one tap does everything`() {
        assertIs<Ending.Done<*>>(visit(VirtualTag("modern"), "1234"))
        assertEquals(listOf("face", "PIN, null left, FIRST", "tap"), events)
    }

    @Test
    fun `with two tries left the holder is told, and it takes two taps`() {
        val card = VirtualTag("modern+authentication-tries:2")
        assertIs<Ending.Done<*>>(visit(card, "1234", "1234"))
        assertEquals(listOf("face", "PIN, null left, FIRST", "tap", "PIN, 2 left, TRIES_GONE", "tap"), events)
        assertEquals(1, card.sent.count { it[1] == 0x20.toByte() && it.size > 5 })
    }

    @Test
    fun `a wrong PIN is told before the card is held to the phone once more`() {
        assertIs<Ending.Done<*>>(visit(VirtualTag("modern"), "9999", "1234"))
        assertEquals(listOf("face", "PIN, null left, FIRST", "tap", "PIN, 2 left, WRONG", "tap"), events)
    }

    @Test
    fun `the last try is asked about before any PIN reaches the card`() {
        val card = VirtualTag("modern+authentication-tries:1")
        assertIs<Ending.Done<*>>(visit(card, "1234", "1234"))
        val asked = listOf("face", "PIN, null left, FIRST", "tap", "last try", "PIN, 1 left, TRIES_GONE", "tap")
        assertEquals(asked, events)
        assertEquals(1, card.sent.count { it[1] == 0x20.toByte() && it.size > 5 })
    }
}

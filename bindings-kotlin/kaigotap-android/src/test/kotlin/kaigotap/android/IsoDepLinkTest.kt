package kaigotap.android

import android.nfc.TagLostException
import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kaigotap.CardLinkException
import kaigotap.LinkCapacity
import kaigotap.LinkError
import kaigotap.Occasion
import kaigotap.PinTiming
import kaigotap.cardDeselection
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Test

@OptIn(ExperimentalCoroutinesApi::class)
class IsoDepLinkTest {
    private val field = FakeField()
    private val chip = FakeChip()
    private val ok = byteArrayOf(0x90.toByte(), 0)

    private fun TestScope.link(options: ReaderOptions = ReaderOptions()) =
        IsoDepLink(field, options, StandardTestDispatcher(testScheduler)) { currentTime.milliseconds }

    /** Waits for a card, and then holds this one to the phone. */
    private suspend fun TestScope.tapped(link: IsoDepLink, card: Chip? = chip, occasion: Occasion = Occasion.FIRST): LinkCapacity {
        val connecting = async { runCatching { link.connect(occasion) } }
        advanceTimeBy(5.seconds)
        assertTrue(field.tap(card), "nobody looks for a card")
        return connecting.await().getOrThrow()
    }

    private suspend fun refusal(call: suspend () -> Unit): CardLinkException =
        assertIs<CardLinkException>(runCatching { call() }.exceptionOrNull())

    @Test
    fun `a tap is a link with what phone and card carry`() = runTest {
        val link = link(ReaderOptions(timeout = 4.seconds))
        assertEquals(LinkCapacity(2462u, 2462u), tapped(link))
        assertEquals(4.seconds, chip.timeout)
        assertContentEquals(byteArrayOf(1, 2), link.transmit(byteArrayOf(1, 2)))
    }

    @Test
    fun `a phone without extended length carries short commands only`() {
        val short = LinkCapacity(261u, 258u)
        assertEquals(short, capacityOf(FakeChip(maxCommand = 2462, extendedLength = false)))
        assertEquals(LinkCapacity(253u, 258u), capacityOf(FakeChip(maxCommand = 253, extendedLength = false)))
        assertEquals(LinkCapacity(70_000u, 65_538u), capacityOf(FakeChip(maxCommand = 70_000)))
        assertEquals(LinkCapacity(200u, 258u), capacityOf(FakeChip(maxCommand = 200)))
    }

    @Test
    fun `what is too long is not sent`() = runTest {
        val short = FakeChip(maxCommand = 300, extendedLength = false)
        var sent = 0
        short.onTransceive = { sent += 1; it }
        val link = link()
        tapped(link, short)
        assertEquals(LinkError.NOT_CARRIED, refusal { link.transmit(ByteArray(262)) }.error)
        assertEquals(0, sent)
        link.transmit(ByteArray(261))
        assertEquals(1, sent)
    }

    @Test
    fun `without NFC there is no reader`() = runTest {
        for (state in listOf(NfcState.ABSENT, NfcState.OFF)) {
            field.now.value = state
            assertEquals(LinkError.NO_READER, refusal { link().connect(Occasion.FIRST) }.error)
        }
        assertFalse(field.armed)
    }

    @Test
    fun `switching NFC off ends the wait for a card`() = runTest {
        val link = link()
        val waiting = async { refusal { link.connect(Occasion.FIRST) } }
        advanceTimeBy(5.seconds)
        assertFalse(waiting.isCompleted)
        field.now.value = NfcState.OFF
        runCurrent()
        assertEquals(LinkError.NO_READER, waiting.await().error)
    }

    @Test
    fun `what is no card that can be talked to is unsupported`() = runTest {
        assertEquals(LinkError.UNSUPPORTED_CARD, refusal { tapped(link(), null) }.error)
        chip.onConnect = { throw UnsupportedOperationException() }
        val refused = refusal { tapped(link()) }
        assertEquals(LinkError.UNSUPPORTED_CARD, refused.error)
        assertIs<UnsupportedOperationException>(refused.cause)
    }

    @Test
    fun `a card pulled while it is powered is awaited again`() = runTest {
        for (thrown in listOf(IOException(), TagLostException(), SecurityException())) {
            val pulled = FakeChip().apply { onConnect = { throw thrown } }
            val link = link()
            val connecting = async { link.connect(Occasion.FIRST) }
            advanceTimeBy(5.seconds)
            field.tap(pulled)
            runCurrent()
            assertFalse(connecting.isCompleted)
            assertEquals(1, pulled.closings)
            field.tap(chip)
            runCurrent()
            connecting.await()
            link.close()
        }
    }

    @Test
    fun `failures of a command are told apart, and keep their cause`() = runTest {
        val cases = listOf(
            Triple(TagLostException("pulled"), true, LinkError.LOST),
            Triple(SecurityException("stale"), true, LinkError.LOST),
            Triple(IOException("radio"), true, LinkError.READER_FAILED),
            Triple(IOException("radio"), false, LinkError.LOST),
            Triple(IllegalStateException("closed"), true, LinkError.READER_FAILED),
        )
        for ((thrown, present, error) in cases) {
            val link = link()
            tapped(link)
            chip.onTransceive = { throw thrown }
            chip.isPresent = { present }
            val refused = refusal { link.transmit(byteArrayOf(0)) }
            assertEquals(error, refused.error, "$thrown")
            assertEquals(thrown.toString(), refused.cause.toString())
            link.close()
        }
    }

    @Test
    fun `a stale tag that cannot say whether it is there is lost`() = runTest {
        val link = link()
        tapped(link)
        chip.onTransceive = { throw IOException() }
        chip.isPresent = { throw SecurityException() }
        assertEquals(LinkError.LOST, refusal { link.transmit(byteArrayOf(0)) }.error)
    }

    @Test
    fun `a command that fails because NFC was switched off says so`() = runTest {
        val link = link()
        tapped(link)
        chip.onTransceive = {
            field.now.value = NfcState.OFF
            throw IOException()
        }
        assertEquals(LinkError.NO_READER, refusal { link.transmit(byteArrayOf(0)) }.error)
    }

    @Test
    fun `a command without a card is lost`() = runTest {
        val link = link()
        assertEquals(LinkError.LOST, refusal { link.transmit(byteArrayOf(0)) }.error)
        tapped(link)
        link.disconnect()
        assertEquals(1, chip.closings)
        assertEquals(LinkError.LOST, refusal { link.transmit(byteArrayOf(0)) }.error)
    }

    @Test
    fun `a card that comes while commands run is not taken for the one that slipped`() = runTest {
        val link = link()
        tapped(link)
        val (other, fresh) = FakeChip() to FakeChip()
        field.tap(other)
        assertContentEquals(byteArrayOf(1), link.transmit(byteArrayOf(1)))
        chip.onTransceive = { throw SecurityException("stale") }
        assertEquals(LinkError.LOST, refusal { link.transmit(byteArrayOf(1)) }.error)

        val connecting = async { link.connect(Occasion.AGAIN) }
        advanceTimeBy(30.seconds)
        assertFalse(connecting.isCompleted, "nobody held a card to the phone again")
        assertEquals(listOf("arm"), field.log, "the wait changed reader mode, which finds what lies there anew")
        fresh.onTransceive = { byteArrayOf(9) }
        field.tap(fresh)
        runCurrent()
        connecting.await()
        assertContentEquals(byteArrayOf(9), link.transmit(byteArrayOf(1)))
        assertEquals(null, other.timeout)
        assertEquals(listOf(1, 0, 0), listOf(chip, other, fresh).map { it.closings })
    }

    @Test
    fun `a card that was let go for a question is found anew where it lies`() = runTest {
        val link = link()
        tapped(link)
        field.tap(FakeChip().apply { onConnect = { throw AssertionError("an old tag") } })
        link.disconnect()
        val connecting = async { link.connect(Occasion.CONTINUE) }
        advanceTimeBy(200.milliseconds)
        assertFalse(connecting.isCompleted)
        field.tap(chip)
        runCurrent()
        assertTrue(connecting.isCompleted, "it waits as if another conversation began")
        assertEquals(listOf("arm", "disarm", "arm"), field.log)
    }

    @Test
    fun `every PIN is closed before the card is let go, whatever is answered`() = runTest {
        val sent = mutableListOf<List<Byte>>()
        val answers = listOf<(ByteArray) -> ByteArray>({ ok }, { throw IOException() }, { throw TagLostException() })
        for (answer in answers) {
            sent.clear()
            val link = link()
            tapped(link)
            chip.onTransceive = { command ->
                assertEquals(0, chip.closings)
                sent += command.toList()
                answer(command)
            }
            link.disconnect()
            assertEquals(cardDeselection().map { it.toList() }, sent)
            assertEquals(1, chip.closings)
            chip.closings = 0
            link.close()
        }
    }

    @Test
    fun `leaving the activity closes every PIN, too`() = runTest {
        val link = link()
        tapped(link)
        val sent = mutableListOf<ByteArray>()
        chip.onTransceive = { ok.also { _ -> sent += it } }
        link.close()
        assertTrue(sent.isEmpty(), "on the thread of the screen")
        runCurrent()
        assertEquals(cardDeselection().size, sent.size)
        assertEquals(1, chip.closings)
    }

    @Test
    fun `the PIN is asked for before the tap`() = runTest {
        assertEquals(PinTiming.BEFORE_TAP, link().pinTiming)
    }

    @Test
    fun `a card that bounces at the end begins no new conversation`() = runTest {
        val link = link(ReaderOptions(doubleTapGuard = 1.seconds, rearmPause = 100.milliseconds))
        tapped(link)
        link.disconnect()
        val bounced = FakeChip()
        field.tap(bounced)
        val next = async { link.connect(Occasion.FIRST) }
        advanceTimeBy(500.milliseconds)
        field.tap(bounced)
        advanceTimeBy(501.milliseconds)
        assertFalse(field.armed, "reader mode is not set up anew")
        advanceTimeBy(5.seconds)
        assertFalse(next.isCompleted)
        assertEquals(null, bounced.timeout)

        assertTrue(field.tap(chip))
        runCurrent()
        next.await()
        assertEquals(listOf("arm", "disarm", "arm"), field.log)
    }

    @Test
    fun `a card that lies there before the first conversation is found anew`() = runTest {
        val link = link()
        val first = async { link.connect(Occasion.FIRST) }
        advanceTimeBy(5.seconds)
        first.cancelAndJoin()
        field.tap(FakeChip().apply { onConnect = { throw AssertionError("an old tag") } })
        tapped(link)
        assertEquals(listOf("arm", "disarm", "arm"), field.log)
    }

    @Test
    fun `rearming brings back what the camera took, and the wait goes on`() = runTest {
        val link = link()
        link.rearm()
        assertFalse(field.armed, "reader mode begins before a conversation does")
        val connecting = async { link.connect(Occasion.FIRST) }
        advanceTimeBy(5.seconds)
        link.rearm()
        assertEquals(listOf("arm", "disarm", "arm"), field.log)
        field.tap(chip)
        runCurrent()
        assertEquals(2462u, connecting.await().maxCommand)
    }

    @Test
    fun `a cancelled wait leaves no card powered`() = runTest {
        val link = link()
        val connecting = launch { link.connect(Occasion.FIRST) }
        advanceTimeBy(5.seconds)
        connecting.cancelAndJoin()
        assertEquals(LinkError.LOST, refusal { link.transmit(byteArrayOf(0)) }.error)
        tapped(link)
    }

    @Test
    fun `closing ends a wait, reader mode and the card, for good`() = runTest {
        val link = link()
        val waiting = async { refusal { link.connect(Occasion.FIRST) } }
        advanceTimeBy(5.seconds)
        link.close()
        runCurrent()
        assertEquals(LinkError.CANCELLED, waiting.await().error)
        assertFalse(field.armed)
        link.rearm()
        link.close()
        assertEquals(listOf("arm", "disarm"), field.log)
        assertEquals(LinkError.CANCELLED, refusal { link.connect(Occasion.FIRST) }.error)
    }

    @Test
    fun `an activity that is gone is a person who went away`() = runTest {
        field.refuses = IllegalStateException("activity is already destroyed")
        assertEquals(LinkError.CANCELLED, refusal { link().connect(Occasion.FIRST) }.error)
    }

    @Test
    fun `rearming an activity that is gone does no harm`() = runTest {
        val link = link()
        val waiting = launch { link.connect(Occasion.FIRST) }
        advanceTimeBy(5.seconds)
        field.refuses = IllegalStateException("activity is already destroyed")
        link.rearm()
        assertFalse(field.armed)
        waiting.cancelAndJoin()
    }

    @Test
    fun `a permission that is missing is not hidden`() = runTest {
        field.refuses = SecurityException("NFC permission")
        assertIs<SecurityException>(runCatching { link().connect(Occasion.FIRST) }.exceptionOrNull())
    }

    /** In real time and with real threads. */
    private fun real(test: suspend (IsoDepLink) -> Unit) = runBlocking {
        val options = ReaderOptions(rearmPause = Duration.ZERO)
        val link = IsoDepLink(field, options, Dispatchers.IO) { System.nanoTime().let { (it / 1_000_000).milliseconds } }
        val connecting = async { link.connect(Occasion.FIRST) }
        withTimeout(20.seconds) {
            while (!connecting.isCompleted) {
                if (field.armed) field.tap(chip)
                kotlinx.coroutines.delay(5)
            }
            test(link)
        }
    }

    @Test
    fun `a cancelled command is broken off, and every PIN closed`() = real { link ->
        val under = CountDownLatch(1)
        chip.onTransceive = {
            under.countDown()
            chip.untilClosed()
        }
        kotlinx.coroutines.coroutineScope {
            val command = launch(Dispatchers.Default) { link.transmit(byteArrayOf(0)) }
            assertTrue(under.await(10, TimeUnit.SECONDS))
            command.cancelAndJoin()
        }
        assertTrue(chip.closings > 0)
        // Closed, it takes no command until it is powered anew.
        var powered = false
        val sent = mutableListOf<ByteArray>()
        chip.onConnect = { powered = true }
        chip.onTransceive = { check(powered); ok.also { _ -> sent += it } }
        link.disconnect()
        assertEquals(cardDeselection().size, sent.size)
        assertEquals(2, chip.closings)
    }

    @Test
    fun `nothing that blocks runs on the thread of the caller`() = real { link ->
        link.transmit(byteArrayOf(0))
        assertTrue(chip.threads.isNotEmpty())
        assertFalse(Thread.currentThread() in chip.threads)
    }
}

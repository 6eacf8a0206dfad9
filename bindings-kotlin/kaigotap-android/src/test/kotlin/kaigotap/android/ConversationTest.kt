package kaigotap.android

import android.nfc.TransceiveResult
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kaigotap.CardLinkException
import kaigotap.Ending
import kaigotap.cardStatus
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test

/** Conversations of the real library, over the framework's own `IsoDep`. */
class ConversationTest {
    private val field = FakeField()
    private val options = ReaderOptions(rearmPause = Duration.ZERO, doubleTapGuard = Duration.ZERO)
    private val link = IsoDepLink(field, options, Dispatchers.IO) { (System.nanoTime() / 1_000_000).milliseconds }

    @AfterEach
    fun close() = link.close()

    private fun live(test: suspend CoroutineScope.() -> Unit) = runBlocking { withTimeout(30.seconds) { test() } }

    private suspend fun tap(chip: Chip?) {
        while (!field.armed) delay(2)
        assertTrue(field.tap(chip))
    }

    private fun chip(service: FakeTagService) = assertNotNull(chipOf(service.tag(FakeTagService.ISO_DEP)))

    /** A card that knows no application. */
    private fun stranger() = FakeTagService().apply {
        answer = TransceiveResult(TransceiveResult.RESULT_SUCCESS, byteArrayOf(0x6A, 0x82.toByte()))
    }

    private fun code(result: Ending<*>) = assertIs<Ending.Failed>(result).failure.code

    @Test
    fun `without NFC the core says that there is no reader`() = live {
        field.now.value = NfcState.OFF
        assertEquals("no_reader", code(cardStatus(link)))
    }

    @Test
    fun `a tag that is no card is a card of another kind`() = live {
        val result = async { cardStatus(link) }
        tap(null)
        assertEquals("card_not_supported", code(result.await()))
    }

    @Test
    fun `a card without the applications is a card of another kind`() = live {
        val (card, result) = stranger() to async { cardStatus(link) }
        tap(chip(card))
        assertEquals("not_my_number_card", code(result.await()))
        assertTrue(card.sent.isNotEmpty())
    }

    @Test
    fun `a card that took the place of another is used when it is held to the phone again, and not by itself`() = live {
        val (service, other) = FakeTagService() to stranger()
        val stale = chip(service)
        val first = FakeChip().apply {
            onConnect = { stale.connect(1.seconds) }
            onTransceive = { command ->
                // Another card comes, so that Android forgets the first.
                service.upToDate = false
                field.tap(chip(other))
                stale.transceive(command)
            }
        }
        val result = async { cardStatus(link) }
        tap(first)
        delay(300)
        assertFalse(result.isCompleted)
        assertTrue(other.sent.isEmpty(), "nobody held it to the phone")
        field.tap(chip(other))
        assertEquals("not_my_number_card", code(result.await()))
        assertTrue(other.sent.isNotEmpty())
    }

    @Test
    fun `a card that is pulled every time is told as pulled, with Android's word for it`() = live {
        val pulled = FakeTagService().apply { answer = TransceiveResult(TransceiveResult.RESULT_TAGLOST, null) }
        val result = async { cardStatus(link) }
        val tapping = launch {
            while (true) {
                field.tap(chip(pulled))
                delay(5)
            }
        }
        val failed = assertIs<Ending.Failed>(result.await())
        tapping.cancel()
        assertEquals("card_removed", failed.failure.code)
        assertIs<android.nfc.TagLostException>(assertIs<CardLinkException>(failed.cause).cause)
    }

    @Test
    fun `cancelling in the middle of a command lets go of the card`() = live {
        val under = CountDownLatch(1)
        val card = FakeChip().apply {
            onTransceive = {
                under.countDown()
                untilClosed()
            }
        }
        val running = launch(Dispatchers.Default) { cardStatus(link) }
        tap(card)
        assertTrue(under.await(10, TimeUnit.SECONDS))
        running.cancelAndJoin()
        assertTrue(card.closings > 0)
    }

    @Test
    fun `leaving the activity while a card is awaited is no error of the reader's`() = live {
        val result = async { cardStatus(link) }
        while (!field.armed) delay(2)
        link.close()
        assertEquals("cancelled", code(result.await()))
        assertFalse(field.armed)
    }
}

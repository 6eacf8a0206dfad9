package kaigotap

import kotlin.coroutines.cancellation.CancellationException
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.Timeout

/** The coroutine of a visit is cancelled at each of its steps. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CancellationTest {
    private val sandbox = Sandbox()
    private val card = VirtualCardLink()
    private val client = UrlConnectionHttp()

    /** Counts every call of links and screen, and at one of them is cancelled. */
    private inner class Counted(private val at: Int, private val hangs: Boolean) : CardLink, HttpLink, VisitScreen {
        lateinit var job: Job
        var calls = 0
        val given = mutableListOf<CharArray>()

        private suspend fun count() {
            if (++calls != at) return
            job.cancel()
            if (hangs) awaitCancellation()
        }

        override suspend fun connect(occasion: Occasion) = card.connect(occasion).also { count() }

        override suspend fun transmit(command: ByteArray) = card.transmit(command).also { count() }

        override suspend fun disconnect() = card.disconnect()

        override suspend fun send(request: HttpRequest) = client.send(request).also { count() }

        override suspend fun confirmFace() = FaceCheck.MATCH.also { count() }

        override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray {
            val typed = "1234".toCharArray().also(given::add)
            count()
            return typed
        }

        override fun show(progress: Progress) {
            if (++calls == at) job.cancel()
        }
    }

    @AfterAll
    fun stop() {
        card.close()
        sandbox.close()
    }

    /** Runs a visit that is cancelled at a call; how many calls there were, and whether it came to its end. */
    private fun cancelled(at: Int, hangs: Boolean): Pair<Int, Boolean> {
        val app = Counted(at, hangs)
        val visit = sandbox.device.begin(sandbox.plan, sandbox.staffToken)
        val (on, off) = card.powered to card.unpowered
        val running = CoroutineScope(Dispatchers.Default)
        app.job = running.coroutineContext[Job]!!
        val ended = runBlocking {
            val result = running.async { visit.run(app, app, app, sandbox.device.keys) }
            try {
                assertEquals("done", result.await().code())
                true
            } catch (_: CancellationException) {
                result.join()
                false
            }
        }
        val powered = card.powered - on
        assertTrue(card.unpowered - off >= powered, "the card has no power after call $at")
        assertTrue(app.given.all { array -> array.all { it == '\u0000' } } || hangs, "what was typed is gone after call $at")
        // Dropped: nothing can go on with it.
        assertFailsWith<IllegalStateException> { visit.start() }
        return app.calls to ended
    }

    @Test
    fun `at every step, by a call that comes back and by one that hangs`() {
        val (steps, ended) = cancelled(at = 0, hangs = false)
        assertTrue(ended && steps > 20, "$steps calls")
        for (hangs in listOf(false, true)) {
            // The very last call shows that it is done.
            for (at in 1..<steps) assertEquals(false, cancelled(at, hangs).second, "call $at of $steps")
        }
        // No try was lost on the way.
        val status = runBlocking { cardStatus(card) }.value()
        assertEquals(PinState.TriesLeft(3u), status.pins.single { it.pin == PinKind.AUTHENTICATION }.state)
    }
}

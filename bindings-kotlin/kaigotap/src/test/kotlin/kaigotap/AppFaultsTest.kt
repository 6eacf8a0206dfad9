package kaigotap

import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.coroutines.cancellation.CancellationException
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.Timeout

/** The app's own links and screen fail, or never answer. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AppFaultsTest {
    private class Fault : RuntimeException("a fault of the app")

    private val sandbox = Sandbox()
    private val http = UrlConnectionHttp()

    /** A card that does something else at one of its calls. */
    private class Odd(
        private val card: VirtualCardLink,
        private val call: String,
        private val act: suspend () -> Nothing,
    ) : CardLink {
        override suspend fun connect(occasion: Occasion) = if (call == "connect") act() else card.connect(occasion)

        override suspend fun transmit(command: ByteArray) = if (call == "transmit") act() else card.transmit(command)

        override suspend fun disconnect() {
            card.disconnect()
            if (call == "disconnect") act()
        }
    }

    @AfterAll
    fun stop() = sandbox.close()

    private fun visit(
        call: String = "",
        act: suspend () -> Nothing = { throw Fault() },
        http: HttpLink = this.http,
        screen: VisitScreen = Script(listOf("1234")),
        limits: Limits = Limits(),
    ): VisitResult = runBlocking {
        VirtualCardLink().use { card ->
            val result = sandbox.visit().use { it.run(Odd(card, call, act), http, screen, limits) }
            // Whatever went wrong, the card is let go.
            assertTrue(card.powered <= card.unpowered, "$call: ${card.powered} ${card.unpowered}")
            result
        }
    }

    @Test
    fun `a card link that throws is a reader that failed`() {
        for (call in listOf("connect", "transmit")) {
            for (thrown in listOf(Fault(), OutOfMemoryError("none"), CancellationException("not ours"))) {
                val failed = assertIs<VisitResult.Failed>(visit(call, { throw thrown }))
                assertEquals("reader_failed", failed.failure.code, "$call $thrown")
                assertSame(thrown, failed.cause)
            }
        }
        assertEquals("done", visit("disconnect").code())
    }

    @Test
    fun `a command is wiped when its link throws, too`() = runBlocking {
        val sent = mutableListOf<ByteArray>()
        val link = object : CardLink {
            override suspend fun connect(occasion: Occasion) = LinkCapacity(261u, 258u)
            override suspend fun transmit(command: ByteArray): ByteArray {
                sent += command
                throw Fault()
            }
            override suspend fun disconnect() = Unit
        }
        cardStatus(link)
        assertTrue(sent.isNotEmpty() && sent.all { command -> command.all { it == 0.toByte() } })
    }

    @Test
    fun `what a card link says is told, and its cause kept`() {
        for (error in LinkError.entries) {
            val thrown = CardLinkException(error, Fault())
            val failed = assertIs<VisitResult.Failed>(visit("connect", { throw thrown }))
            assertSame(thrown, failed.cause, "$error")
        }
    }

    @Test
    fun `an HTTP link that throws is a request that failed`() {
        for (thrown in listOf(Fault(), StackOverflowError(), CancellationException("not ours"))) {
            val failed = assertIs<VisitResult.Failed>(visit(http = { throw thrown }))
            assertEquals(FailureKind.SERVER, failed.failure.kind)
            assertSame(thrown, failed.cause)
        }
    }

    @Test
    fun `a screen that throws ends the visit, and is not asked again`() {
        val faults = listOf<(VisitScreen) -> VisitScreen>(
            { object : VisitScreen by it { override suspend fun confirmFace() = throw Fault() } },
            { object : VisitScreen by it { override suspend fun enterPin(prompt: Prompt.EnterPin) = throw Fault() } },
            { object : VisitScreen by it { override fun show(progress: Progress) = throw Fault() } },
            {
                object : VisitScreen by it {
                    override fun show(progress: Progress) {
                        if (progress.stage == Stage.SIGN) throw Fault()
                    }
                }
            },
        )
        for (fault in faults) {
            val failed = assertIs<VisitResult.Failed>(visit(screen = fault(Script(listOf("1234")))))
            assertEquals("app_failed", failed.failure.code)
            assertIs<Fault>(failed.cause)
        }
    }

    @Test
    fun `a cause that was overcome is forgotten`() {
        var times = 0
        val flaky = object : VisitScreen by Script() {
            override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? = null
        }
        val card = VirtualCardLink("hanako", "modern+torn-after:2", "modern")
        val counted = HttpLink { request ->
            times++
            http.send(request)
        }
        val result = runBlocking { card.use { link -> sandbox.visit().use { it.run(link, counted, flaky) } } }
        assertEquals(null, assertIs<VisitResult.Failed>(result).cause)
        assertTrue(times > 0)
    }

    private val short = Limits(
        connect = 300.milliseconds,
        transmit = 300.milliseconds,
        http = 300.milliseconds,
        disconnect = 300.milliseconds,
        grace = 50.milliseconds,
    )

    /** Blocks its thread, and hears nothing. */
    private fun block(): Nothing {
        while (true) {
            try {
                CountDownLatch(1).await(1, TimeUnit.MINUTES)
            } catch (_: InterruptedException) {
                continue
            }
        }
    }

    @Test
    fun `links that never answer run out of time, whether they suspend or block`() {
        val codes = mapOf("connect" to "no_card_in_time", "transmit" to "card_removed", "disconnect" to "done")
        for ((call, code) in codes) {
            for (never in listOf<suspend () -> Nothing>({ awaitCancellation() }, { block() })) {
                val took = measureTime { assertEquals(code, visit(call, never, limits = short).code(), call) }
                assertTrue(took < 10.seconds, "$call took $took")
            }
        }
        for (never in listOf<suspend () -> Nothing>({ awaitCancellation() }, { block() })) {
            val failed = assertIs<VisitResult.Failed>(visit(http = { never() }, limits = short))
            assertEquals(FailureKind.SERVER, failed.failure.kind)
        }
    }
}

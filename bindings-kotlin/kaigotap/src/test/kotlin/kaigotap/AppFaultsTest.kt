package kaigotap

import java.nio.file.Path
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
import org.junit.jupiter.api.io.TempDir

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
    ): Ending<VerifiedVisit> = runBlocking {
        VirtualCardLink().use { card ->
            val result = sandbox.visit(Odd(card, call, act), http, screen, limits)
            // Whatever went wrong, the card is let go.
            assertTrue(card.powered <= card.unpowered, "$call: ${card.powered} ${card.unpowered}")
            result
        }
    }

    @Test
    fun `a card link that throws is a reader that failed`() {
        for (call in listOf("connect", "transmit")) {
            for (thrown in listOf(Fault(), OutOfMemoryError("none"), CancellationException("not ours"))) {
                val failed = assertIs<Ending.Failed>(visit(call, { throw thrown }))
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
            val failed = assertIs<Ending.Failed>(visit("connect", { throw thrown }))
            assertSame(thrown, failed.cause, "$error")
        }
    }

    @Test
    fun `an HTTP link that throws is a request that failed`() {
        for (thrown in listOf(Fault(), StackOverflowError(), CancellationException("not ours"))) {
            val failed = assertIs<Ending.Failed>(visit(http = { throw thrown }))
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
            val failed = assertIs<Ending.Failed>(visit(screen = fault(Script(listOf("1234")))))
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
        val result = runBlocking { card.use { link -> sandbox.visit(link, counted, flaky) } }
        assertEquals(null, assertIs<Ending.Failed>(result).cause)
        assertTrue(times > 0)
    }

    private fun store(act: () -> Nothing) = object : Store {
        override suspend fun keep(entry: Entry) = act()
        override suspend fun forget(name: String) = act()
        override suspend fun list() = act()
        override suspend fun recall(names: List<String>) = act()
    }

    @Test
    fun `what a store says is told, and its cause kept`() = runBlocking {
        val codes = mapOf(
            StoreError.FULL to "store_full", StoreError.DENIED to "store_denied", StoreError.MISSING to "store_missing",
            StoreError.TOO_LONG to "store_failed", StoreError.NO_STORE to "store_missing", StoreError.FAILED to "store_failed",
        )
        assertEquals(StoreError.entries.toSet(), codes.keys)
        for ((error, code) in codes) {
            val thrown = StoreException(error, Fault())
            val failed = assertIs<Ending.Failed>(hostCheck(store { throw thrown }))
            assertEquals(code, failed.failure.code)
            assertEquals(FailureKind.DEVICE, failed.failure.kind)
            assertSame(thrown, failed.cause)
        }
        assertEquals("store_failed", hostCheck(store { throw Fault() }).code())
    }

    @Test
    fun `what keys say is told, and their cause kept`(@TempDir folder: Path) = runBlocking {
        val (store, key) = FileStore(folder.resolve("kept")) to DeviceKey("device", ByteArray(65))
        val codes = mapOf(
            SignError.GONE to "device_key_gone", SignError.LOCKED to "device_key_locked",
            SignError.REFUSED to "device_key_refused", SignError.FAILED to "device_key_failed",
        )
        assertEquals(SignError.entries.toSet(), codes.keys)
        for ((error, code) in codes) {
            val thrown = DeviceKeyException(error, Fault())
            val failed = assertIs<Ending.Failed>(hostCheck(store, { _, _ -> throw thrown }, key))
            assertEquals(code, failed.failure.code)
            assertSame(thrown, failed.cause)
        }
        assertEquals("device_key_failed", hostCheck(store, { _, _ -> throw Fault() }, key).code())
        assertEquals("device_key_failed", hostCheck(store, { _, _ -> ByteArray(64) }, key).code())
        assertEquals("device_key_gone", hostCheck(store, key = key).code())
    }

    private val short = Limits(
        connect = 300.milliseconds,
        transmit = 300.milliseconds,
        http = 300.milliseconds,
        disconnect = 300.milliseconds,
        sign = 300.milliseconds,
        store = 300.milliseconds,
        grace = 50.milliseconds,
    )

    @Test
    fun `keys and stores that never answer run out of time`(@TempDir folder: Path) = runBlocking {
        assertEquals("store_failed", hostCheck(store { block() }, limits = short).code())
        val key = DeviceKey("device", ByteArray(65))
        val never = DeviceKeys { _, _ -> awaitCancellation() }
        assertEquals("device_key_failed", hostCheck(FileStore(folder.resolve("kept")), never, key, short).code())
    }

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
            val failed = assertIs<Ending.Failed>(visit(http = { never() }, limits = short))
            assertEquals(FailureKind.SERVER, failed.failure.kind)
        }
    }
}

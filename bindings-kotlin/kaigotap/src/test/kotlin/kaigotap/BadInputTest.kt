package kaigotap

import java.nio.ByteBuffer
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

/** What an app may get wrong: each is a failure with a code, and none is undefined. */
@Timeout(60)
class BadInputTest {
    private val short = LinkCapacity(261u, 258u)
    private val anchors = Table.read().anchors("virtual")
    /** The base point of the curve. */
    private val keys = listOf(
        ChallengeKey("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"),
    )
    private val plan = Plan(listOf(Use.VIEW))
    private val nobody = object : CardLink {
        override suspend fun connect(occasion: Occasion) = throw CardLinkException(LinkError.NO_READER)
        override suspend fun transmit(command: ByteArray) = throw CardLinkException(LinkError.LOST)
        override suspend fun disconnect() = Unit
    }

    private fun codeOf(act: () -> Unit): String = failureOf(assertFailsWith<KaigoTapException> { act() }).code

    private fun environment(
        server: String = "https://example.org",
        entropy: ByteArray = ByteArray(32),
        keys: List<ChallengeKey> = this.keys,
        token: String = MadeDevice.staffToken,
        anchors: TrustAnchors = this.anchors,
    ) = Environment(server, "https://example.org", keys, MadeDevice.enrolled, token, anchors, entropy)

    @Test
    fun `a reply that answers something else`() {
        val replies = listOf(
            Reply.Transmitted(ByteArray(2)), Reply.NotTransmitted(LinkError.LOST), Reply.Disconnected, Reply.Cancelled,
            Reply.Received(HttpResponse(200u, emptyList(), ByteArray(0))), Reply.NotReceived(HttpError.FAILED), Reply.Clock(0u, 0u),
            Reply.FaceChecked(FaceCheck.MATCH), Reply.Consented(true),
        )
        cardStatus().use { reading ->
            reading.start()
            for (reply in replies) assertEquals("flow_wrong_reply", codeOf { reading.resume(reply) }, "$reply")
            assertEquals("flow_wrong_reply", codeOf { reading.enterPin(ByteBuffer.allocateDirect(4)) })
            // It still waits for the right one.
            assertIs<Request.Transmit>((reading.resume(Reply.Connected(short)) as Step.Need).request)
        }
    }

    @Test
    fun `starting twice, resuming before the start and after the end`() {
        cardStatus().use { reading ->
            assertEquals("flow_not_started", codeOf { reading.resume(Reply.Disconnected) })
            reading.start()
            assertEquals("flow_already_started", codeOf { reading.start() })
            assertIs<Step.Failed>(reading.resume(Reply.NotConnected(LinkError.NO_READER)))
            assertEquals("flow_finished", codeOf { reading.resume(Reply.Disconnected) })
            assertEquals("flow_finished", codeOf { reading.start() })
        }
    }

    @Test
    fun `closing twice, and use after closing`() = runBlocking {
        val reading = cardStatus()
        reading.close()
        reading.close()
        val failed = assertIs<Ending.Failed>(reading.run(nobody, screen = Script()))
        assertEquals("flow_finished", failed.failure.code)
        assertEquals(FailureKind.SOFTWARE, failed.failure.kind)

        val visit = visit(plan, environment())
        visit.use { assertIs<Ending.Failed>(it.run(nobody, { throw HttpLinkException(HttpError.FAILED) }, Script(face = null))) }
        assertEquals("flow_finished", visit.run(nobody, { throw HttpLinkException(HttpError.FAILED) }, Script()).code())

    }

    @Test
    fun `whoever runs what is being run is told so, and disturbs nobody`() = runBlocking {
        val reading = cardCertificate(Credential.SIGNATURE)
        val again = object : VisitScreen {
            var code = ""
            override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? {
                code = reading.run(nobody, screen = Script()).code()
                return "ABC123".toCharArray()
            }
        }
        val result = VirtualCardLink().use { card -> reading.run(card, screen = again) }
        assertEquals("flow_already_started", again.code)
        assertEquals("done", result.code())
    }

    @Test
    fun `two threads at once wait or are told`() {
        repeat(50) {
            cardStatus().use { reading ->
                reading.start()
                val barrier = CyclicBarrier(2)
                val (steps, codes) = AtomicInteger() to mutableListOf<String>()
                List(2) {
                    thread {
                        barrier.await()
                        try {
                            reading.resume(Reply.Connected(short))
                            steps.incrementAndGet()
                        } catch (refused: KaigoTapException) {
                            synchronized(codes) { codes += failureOf(refused).code }
                        }
                    }
                }.forEach(Thread::join)
                assertEquals(1, steps.get())
                assertTrue(codes.single() in setOf("flow_in_use", "flow_wrong_reply"), "$codes")
            }
        }
    }

    @Test
    fun `what cannot be used to begin with`() {
        assertEquals("setup_invalid", codeOf { visit(plan, environment(entropy = ByteArray(31))) })
        assertEquals("setup_invalid", codeOf { visit(plan, environment(keys = listOf(ChallengeKey("x", "y")))) })
        val none = TrustAnchors.Test(listOf(ByteArray(9)), emptyList())
        assertEquals("setup_invalid", codeOf { visit(plan, environment(anchors = none)) })
        val authorities = Table.read().authorities("virtual")
        assertEquals("setup_invalid", codeOf { face(authorities, ByteArray(0)) })
        assertEquals("setup_invalid", codeOf { changePin(PinKind.UNKNOWN) })
        val odd = CardAuthorityKey(ByteArray(15), ByteArray(3))
        assertEquals("setup_invalid", codeOf { age(CardAuthorities.Test(odd, odd), null) })
        val demand = Demand(null, ULong.MAX_VALUE, emptyList(), emptyList(), null)
        assertEquals("setup_invalid", codeOf { anchors.judge(ByteArray(0), demand) })
    }

    @Test
    fun `null bytes and lone surrogates in texts`() {
        val odd = listOf("\u0000", "nu\u0000rse", "\ud83d", "\udc00x", "\uffff", "𠮷".repeat(9), "")
        for (text in odd) {
            val known = MadeDevice.enrolled
            for (enrolled in listOf(known, known.copy(id = text), known.copy(facility = text))) {
                val device = Device("https://example.org", "https://example.org", keys, enrolled, MadeDevice, anchors)
                val token = if (enrolled == known) text else MadeDevice.staffToken
                assertEquals("setup_invalid", codeOf { device.begin(plan, token) })
            }
        }
    }

    @Test
    fun `PINs of all sorts cost no try`() = runBlocking {
        val odd = listOf("", "1", "１２３", "12\u0000", "\ud83d\udd11\ud83d", "12345", "9".repeat(100_000), "日本")
        VirtualCardLink().use { card ->
            for (typed in odd) {
                val screen = Script(listOf(typed, "1234"), chosen = listOf("\udc00\udc00\udc00\udc00" to "", "1234" to "1234"))
                changePin(card, PinKind.AUTHENTICATION, screen).value()
                val asked = screen.asked.filterIsInstance<Prompt.EnterPin>()
                assertEquals(listOf(pin(3, WhyPin.FIRST), pin(3, WhyPin.MALFORMED)), asked)
                assertTrue(screen.given.all { array -> array.all { it == '\u0000' } })
            }
            assertEquals(odd.size, card.verifications)
            // Nobody is asked for ever.
            val screen = Script(List(20) { "?" }, chosen = listOf("1234" to "1234"))
            assertEquals("pin_malformed 3", changePin(card, PinKind.AUTHENTICATION, screen).code())
        }
    }

    @Test
    fun `a PIN of full width is the same PIN`() = runBlocking {
        VirtualCardLink().use { card ->
            val screen = Script(listOf("１２３４"), chosen = listOf("１２３４" to "1234"))
            assertEquals("done", changePin(card, PinKind.AUTHENTICATION, screen).code())
            assertTrue(screen.given.all { array -> array.all { it == '\u0000' } })
        }
    }

    @Test
    fun `giant, empty and senseless answers of a card`() = runBlocking {
        val sizes = listOf(0, 1, 2, 3, 258, 65_538, 65_539, 8 shl 20)
        for (size in sizes) {
            val link = object : CardLink {
                var off = 0
                override suspend fun connect(occasion: Occasion) = LinkCapacity(UInt.MAX_VALUE, 0u)
                override suspend fun transmit(command: ByteArray) = ByteArray(size) { 0x90.toByte() }
                override suspend fun disconnect() {
                    off++
                }
            }
            assertIs<Ending.Failed>(cardStatus(link), "$size")
            assertTrue(link.off > 0)
        }
        // Past the loop it is refused, too.
        cardStatus().use { reading ->
            reading.start()
            reading.resume(Reply.Connected(short))
            assertEquals("setup_invalid", codeOf { reading.resume(Reply.Transmitted(ByteArray(65_539))) })
        }
    }

    @Test
    fun `giant and senseless answers of a server`() = runBlocking {
        for (body in listOf(ByteArray(0), ByteArray((1 shl 20) + 1), ByteArray(1 shl 20), "[".repeat(100_000).toByteArray())) {
            for (status in listOf(0, 200, 201, 404, 500, 65_535)) {
                val http = HttpLink { HttpResponse(status.toUShort(), emptyList(), body) }
                val result = visit(plan, environment()).run(nobody, http, Script(), MadeDevice)
                val failure = assertIs<Ending.Failed>(result).failure
                assertTrue(failure.kind in setOf(FailureKind.SERVER, FailureKind.TRUST, FailureKind.REFUSED), "$failure")
            }
        }
    }
}

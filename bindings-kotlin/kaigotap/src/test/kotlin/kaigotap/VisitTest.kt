package kaigotap

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.Timeout

/** Whole visits: the compiled library, a virtual card and the sandbox, each a process. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VisitTest {
    private val sandbox = Sandbox()
    private val http = UrlConnectionHttp()

    @AfterAll
    fun stop() = sandbox.close()

    private fun visit(card: VirtualCardLink, screen: VisitScreen): Ending<VerifiedVisit> = runBlocking {
        card.use { link -> sandbox.visit(link, http, screen) }
    }

    private fun clean(card: VirtualCardLink) = assertEquals(card.powered, card.unpowered)

    @Test
    fun `a visit with a PIN`() {
        val (card, screen) = VirtualCardLink() to Script(listOf("1234"))
        val result = visit(card, screen)
        val verified = result.value()
        assertEquals("カイゴ　ハナコ", verified.entitlement.person.nameKana)
        assertEquals(CareLevelCode.CARE3, verified.entitlement.careLevel?.code)
        assertEquals("要介護3", verified.entitlement.careLevel?.text(Language.JAPANESE))
        assertEquals("card_pin", verified.method)
        assertEquals(Origin.TEST, verified.trust)
        assertTrue(verified.freshUntilMs > verified.verifiedAtMs)
        assertEquals(listOf(Prompt.ConfirmFace, pin(3, WhyPin.FIRST)), screen.asked)
        assertEquals("\u0000\u0000\u0000\u0000", screen.given.single().concatToString())
        assertTrue(card.sent.all { command -> command.all { it == 0.toByte() } })
        val stages = screen.shown.map { it.stage }.distinct()
        assertEquals(stages.sorted(), stages)
        assertTrue(Stage.SIGN in stages && Stage.ENTITLEMENT in stages, "$stages")
        assertEquals(1, card.verifications)
        clean(card)
    }

    @Test
    fun `a wrong PIN, then the right one`() {
        val (card, screen) = VirtualCardLink() to Script(listOf("9999", "12345", "1234"))
        assertEquals("done", visit(card, screen).code())
        val prompts = listOf(pin(3, WhyPin.FIRST), pin(2, WhyPin.WRONG), pin(2, WhyPin.MALFORMED))
        assertEquals(prompts, screen.asked.drop(1))
        assertEquals(2, card.verifications)
        clean(card)
    }

    @Test
    fun `the last try is refused, and nothing is lost`() {
        val (card, screen) = VirtualCardLink("hanako", "modern+authentication-tries:1") to Script(listOf("1234"))
        assertEquals("pin_last_try 1", visit(card, screen).code())
        assertEquals(Prompt.LastTry(PinKind.AUTHENTICATION, WhyPin.FIRST), screen.asked.last())
        assertEquals(0, card.verifications)
        clean(card)
    }

    @Test
    fun `the last try is taken`() {
        val card = VirtualCardLink("hanako", "modern+authentication-tries:1")
        val screen = Script(listOf("1234"), consents = true)
        assertEquals("done", visit(card, screen).code())
        assertTrue(Prompt.LastTry(PinKind.AUTHENTICATION, WhyPin.FIRST) in screen.asked)
    }

    @Test
    fun `a torn tap is survived by a second one, wherever it is torn`() {
        val whole = VirtualCardLink().also { visit(it, Script(listOf("1234"))) }.commands.size
        for (commands in 1..<whole) {
            val card = VirtualCardLink("hanako", "modern+torn-after:$commands", "modern")
            val screen = Script(listOf("1234", "1234"))
            assertEquals("done", visit(card, screen).code(), "torn after $commands")
            // The last command only leaves the card clean.
            assertEquals(if (commands < whole - 1) 2 else 1, card.powered, "torn after $commands")
        }
    }

    @Test
    fun `a card that does not come back`() {
        val card = VirtualCardLink("hanako", "modern+torn-after:3")
        val failed = assertIs<Ending.Failed>(visit(card, Script(listOf("1234", "1234"))))
        assertEquals(FailureKind.READER, failed.failure.kind)
        assertIs<CardLinkException>(failed.cause)
    }

    @Test
    fun `a locked card`() {
        val (card, screen) = VirtualCardLink("blocked", "modern") to Script(listOf("1234"))
        val failed = assertIs<Ending.Failed>(visit(card, screen))
        assertEquals("pin_blocked", failed.failure.code)
        assertEquals(FailureKind.PIN, failed.failure.kind)
        assertEquals(0, card.verifications)
        assertNotEquals("", failed.failure.message(Language.JAPANESE))
        assertNotEquals("", failed.failure.nextAction(Language.ENGLISH))
        clean(card)
    }

    @Test
    fun `each question can be answered by stopping`() {
        val atFace = VirtualCardLink()
        assertEquals("cancelled", visit(atFace, Script(face = null)).code())
        assertEquals(0, atFace.powered)
        val atPin = VirtualCardLink()
        val code = visit(atPin, Script()).code()
        assertTrue(code.startsWith("cancelled"), code)
        assertEquals(0, atPin.verifications)
        clean(atPin)
    }

    @Test
    fun `another face ends it before the card is read`() {
        val card = VirtualCardLink()
        assertEquals("face_differs", visit(card, Script(face = FaceCheck.NO_MATCH)).code())
        assertEquals(0, card.powered)
    }

    @Test
    fun `another person's card tells nothing of them, and what differs`() = runBlocking {
        suspend fun visit(person: ChosenPerson) = VirtualCardLink().use { card ->
            sandbox.device.visit(sandbox.plan.copy(person = person), sandbox.staffToken, card, http, Script(listOf("1234")))
        }
        // As care software writes her: hiragana, half width, no space.
        assertEquals("done", visit(ChosenPerson("かいごﾊﾅｺ", "1941-05-03", RegisteredSex.FEMALE)).code())
        val other = assertIs<Ending.Failed>(visit(ChosenPerson("カイゴ タロウ", "1941-05-04", RegisteredSex.FEMALE))).failure
        assertEquals("another_person", other.code)
        assertEquals(Differences(name = true, birthDate = true, sex = false), other.differences)
    }

    @Test
    fun `a card of another country, and a forgery`() {
        val other = VirtualCardLink("other-country", "modern")
        val failed = assertIs<Ending.Failed>(visit(other, Script(listOf("1234"))))
        assertEquals(FailureKind.CARD, failed.failure.kind)
        val forged = VirtualCardLink("foreign-issuer", "modern")
        val distrusted = assertIs<Ending.Failed>(visit(forged, Script(listOf("1234"))))
        assertEquals(FailureKind.TRUST, distrusted.failure.kind)
        assertEquals(0, forged.verifications)
    }

    @Test
    fun `a server that is not there, and a token that it does not know`() = runBlocking {
        val failed = sandbox.visit(VirtualCardLink(), { throw HttpLinkException(HttpError.UNREACHABLE) }, Script())
        assertEquals(FailureKind.SERVER, assertIs<Ending.Failed>(failed).failure.kind)
        val (header, claims) = sandbox.staffToken.split('.')
        val forged = "$header.$claims.c2ln"
        val refused = sandbox.device.visit(sandbox.plan, forged, VirtualCardLink(), http, Script())
        assertEquals("staff_token_invalid", refused.code())
        val unusable = sandbox.device.visit(sandbox.plan, "nonsense", VirtualCardLink(), http, Script())
        assertEquals("setup_invalid", unusable.code())
    }

    @Test
    fun `a key that is gone, and one that the platform does not know`() = runBlocking {
        fun device(keys: DeviceKeys) = sandbox.device.run { Device(server, issuer, challengeKeys, enrolled, keys, anchors) }
        val gone = device { _, _ -> throw DeviceKeyException(SignError.GONE) }
        assertEquals("device_key_gone", gone.visit(sandbox.plan, sandbox.staffToken, VirtualCardLink(), http, Script()).code())
        val other = device(MadeDevice).visit(sandbox.plan, sandbox.staffToken, VirtualCardLink(), http, Script())
        assertEquals("device_key_failed", other.code())
    }

    @Test
    fun `progress is a flow, too`() = runBlocking {
        val screen = ObservedScreen(Script(listOf("1234")))
        assertEquals(Stage.READY, screen.progress.value.stage)
        val result = VirtualCardLink().use { card -> sandbox.visit(card, http, screen) }
        assertEquals("done", result.code())
        assertEquals(Stage.ENTITLEMENT, screen.progress.value.stage)
    }
}

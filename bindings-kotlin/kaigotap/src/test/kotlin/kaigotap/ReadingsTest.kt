package kaigotap

import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

/** Every question to a card, on the virtual card. */
@Timeout(60)
class ReadingsTest {
    private val authorities = Table.read().authorities("virtual")
    private val printed = Printed.Read("1941-05-03", 2035, "0503")

    private fun <T> on(card: VirtualCardLink = VirtualCardLink(), ask: suspend (CardLink) -> T): T {
        val answer = runBlocking { card.use { ask(it) } }
        assertEquals(card.powered, card.unpowered)
        return answer
    }

    @Test
    fun `status asks nobody and costs nothing`() {
        val card = VirtualCardLink()
        val status = on(card) { cardStatus(it) }.value()
        assertEquals(Token.MY_NUMBER_CARD, status.token)
        assertTrue(status.canAuthenticate)
        assertIs<CertificateState.Present>(status.authentication)
        val report = status.pins.single { it.pin == PinKind.AUTHENTICATION }
        assertEquals(PinState.TriesLeft(3u), report.state)
        assertEquals(0, card.verifications)
    }

    @Test
    fun `status of a card that is locked`() {
        val status = on(VirtualCardLink("blocked", "modern")) { cardStatus(it) }.value()
        assertEquals(PinState.Locked, status.pins.single { it.pin == PinKind.AUTHENTICATION }.state)
        assertEquals(false, status.canAuthenticate)
    }

    @Test
    fun `the certificate for authentication is free`() {
        val der = on { cardCertificate(it, Credential.AUTHENTICATION, Script()) }.value()
        val parsed = CertificateFactory.getInstance("X.509").generateCertificate(der.inputStream()) as X509Certificate
        assertEquals("RSA", parsed.publicKey.algorithm)
    }

    @Test
    fun `the certificate for signatures opens with its password`() {
        val screen = Script(listOf("nope", "ABC123"))
        val der = on { cardCertificate(it, Credential.SIGNATURE, screen) }.value()
        assertTrue(der.size > 500)
        val why = screen.asked.map { assertIs<Prompt.EnterPin>(it).why }
        assertEquals(listOf(WhyPin.FIRST, WhyPin.MALFORMED), why)
    }

    @Test
    fun `the four attributes by PIN, with proof that the card is here`() {
        val screen = Script(listOf("2345"))
        val holder = on { holder(it, HolderKey.PIN, authorities, screen) }.value()
        assertEquals("1941-05-03", holder.birthDate)
        assertEquals(Sex.FEMALE, holder.sex)
        assertEquals(Part.SIGNED, holder.genuineness.attributes)
        assertEquals(Presence.LIVE, holder.genuineness.present)
        assertEquals(Origin.TEST, holder.genuineness.signedBy)
        assertEquals(pin(3, WhyPin.FIRST, PinKind.INPUT_SUPPORT), screen.asked.single())
    }

    @Test
    fun `the four attributes by what is printed, which may be mistyped`() {
        val mistyped = listOf(Printed.Read("1941-02-30", 2035, "0503"), Printed.Read("1941-05-03", -1, "05０3"), printed)
        val screen = Script(printed = mistyped)
        val card = VirtualCardLink()
        val holder = on(card) { holder(it, HolderKey.VERIFICATION_NUMBER_B, authorities, screen, present = false) }.value()
        assertEquals(Presence.NOT_CHECKED, holder.genuineness.present)
        val why = screen.asked.map { assertIs<Prompt.EnterPin>(it).why }
        assertEquals(listOf(WhyPin.FIRST, WhyPin.MALFORMED, WhyPin.MALFORMED), why)
        assertEquals(1, card.verifications)
    }

    @Test
    fun `the fourteen digits as they stand there open a card that counts years otherwise`() {
        val card = VirtualCardLink("foreign-resident", "codes-as-printed")
        val digits = "79022820310228".toCharArray()
        val screen = Script(printed = listOf(Printed.Read("1979-02-28", 2031, "0228"), Printed.Scanned(digits)))
        val face = on(card) { face(it, authorities, screen) }
        assertEquals("done", face.code())
        val asked = screen.asked.map { assertIs<Prompt.EnterPin>(it) }
        assertEquals(listOf(WhyPin.FIRST, WhyPin.WRONG), asked.map { it.why })
        assertTrue(digits.all { it == '\u0000' })
    }

    @Test
    fun `fourteen digits that are none are asked for again`() {
        val scanned = listOf("", "7902282031022", "７９０２２８", "79022820310228x")
            .map { Printed.Scanned(it.toCharArray()) }
        val card = VirtualCardLink()
        val screen = Script(printed = scanned + printed)
        assertEquals("done", on(card) { face(it, authorities, screen) }.code())
        assertEquals(scanned.size, screen.asked.count { (it as Prompt.EnterPin).why == WhyPin.MALFORMED })
        assertEquals(1, card.verifications)
    }

    @Test
    fun `the face of the card`() {
        val face = on { face(it, authorities, Script(printed = listOf(printed))) }.value()
        val photo = assertNotNull(face.photo)
        assertEquals(photo.width.toInt() * photo.height.toInt(), photo.grey.size)
        assertContentEquals(byteArrayOf(0x89.toByte(), 'P'.code.toByte()), face.nameImage.copyOf(2))
        assertEquals(Part.SIGNED, face.genuineness.photo)
        assertEquals(Part.NOT_SIGNED, face.genuineness.expiry)
    }

    @Test
    fun `the age record by date of birth`() {
        val age = on { age(it, authorities, Script(births = listOf("03.05.1941", "1941-05-03"))) }.value()
        assertEquals("1941-05-03", age.birthDate)
        assertEquals(Presence.LIVE, age.genuineness.present)
    }

    @Test
    fun `basic information`() {
        assertTrue(on { cardInformation(it) }.value().extendedLength)
    }

    @Test
    fun `a PIN is changed, and the new one opens`() {
        val card = VirtualCardLink()
        runBlocking {
            card.use { link ->
                val screen = Script(listOf("1234"), chosen = listOf("4321" to "4322", "432" to "432", "4321" to "4321"))
                changePin(link, PinKind.AUTHENTICATION, screen).value()
                val why = screen.asked.filterIsInstance<Prompt.NewPin>().map { it.why }
                assertEquals(listOf(WhyNewPin.FIRST, WhyNewPin.DIFFERENT, WhyNewPin.MALFORMED), why)
                assertTrue(screen.given.all { array -> array.all { it == '\u0000' } })
                // The card now knows the new one.
                val again = Script(listOf("1234", "4321"), chosen = listOf("1234" to "1234"))
                changePin(link, PinKind.AUTHENTICATION, again).value()
                val asked = again.asked.filterIsInstance<Prompt.EnterPin>()
                assertEquals(listOf(pin(3, WhyPin.FIRST), pin(2, WhyPin.WRONG)), asked)
            }
        }
    }

    @Test
    fun `what stands on the card cannot be changed`() {
        val result = on { changePin(it, PinKind.VERIFICATION_NUMBER_B, Script()) }
        assertIs<Ending.Failed>(result)
    }

    @Test
    fun `a torn reading is survived`() {
        val card = VirtualCardLink("hanako", "modern+torn-after:4", "modern")
        assertEquals("done", on(card) { face(it, authorities, Script(printed = listOf(printed, printed))) }.code())
    }
}

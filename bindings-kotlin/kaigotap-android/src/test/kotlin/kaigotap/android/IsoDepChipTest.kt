package kaigotap.android

import android.nfc.TagLostException
import android.nfc.TransceiveResult
import java.io.IOException
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** The framework's own `Tag` and `IsoDep`, over a service that a test plays. */
class IsoDepChipTest {
    private val service = FakeTagService()
    private val tag = service.tag(FakeTagService.NFC_B, FakeTagService.ISO_DEP)

    private fun connected(): Chip = assertNotNull(chipOf(tag)).also { it.connect(5.seconds) }

    @Test
    fun `carries commands and answers as they are`() {
        val chip = connected()
        assertContentEquals(byteArrayOf(0x90.toByte(), 0), chip.transceive(byteArrayOf(0, 0xA4.toByte())))
        assertContentEquals(byteArrayOf(0, 0xA4.toByte()), service.sent.single())
        assertEquals(listOf(true), service.raw)
        assertEquals(5000, service.timeout)
    }

    @Test
    fun `says what it carries`() {
        val chip = connected()
        assertEquals(2462, chip.maxCommand)
        assertTrue(chip.extendedLength)
        service.extended = false
        assertFalse(chip.extendedLength)
    }

    @Test
    fun `a tag without ISO-DEP is no card`() {
        assertNull(chipOf(service.tag(FakeTagService.NFC_B)))
    }

    @Test
    fun `a pulled card and a failed radio are different exceptions of the framework`() {
        val chip = connected()
        service.answer = TransceiveResult(TransceiveResult.RESULT_TAGLOST, null)
        assertThrows<TagLostException> { chip.transceive(byteArrayOf(0)) }
        service.answer = TransceiveResult(TransceiveResult.RESULT_FAILURE, null)
        assertFalse(assertThrows<IOException> { chip.transceive(byteArrayOf(0)) } is TagLostException)
    }

    @Test
    fun `a stale tag is a security exception of the framework`() {
        val chip = connected()
        service.upToDate = false
        assertThrows<SecurityException> { chip.transceive(byteArrayOf(0)) }
        chip.close()
    }

    @Test
    fun `what the phone refuses to power is unsupported`() {
        service.connects = NOT_ALLOWED
        assertThrows<UnsupportedOperationException> { connected() }
        service.connects = FAILED
        assertThrows<IOException> { connected() }
    }

    @Test
    fun `knows whether the card is there`() {
        val chip = connected()
        assertTrue(chip.present)
        service.present = false
        assertFalse(chip.present)
    }

    private companion object {
        /** `ErrorCodes.ERROR_DISALLOWED` and `ERROR_IO`, which are hidden. */
        const val NOT_ALLOWED = -21
        const val FAILED = -1
    }
}

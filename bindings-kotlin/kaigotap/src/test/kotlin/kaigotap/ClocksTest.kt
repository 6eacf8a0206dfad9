package kaigotap

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class ClocksTest {
    /** As `android.os.SystemClock` has it. */
    object Phone {
        @JvmStatic
        fun elapsedRealtime() = 7_000L
    }

    @Test
    fun `both clocks are read, and one of them only goes on`() {
        val before = now()
        Thread.sleep(20)
        val after = now()
        assertTrue(after.monotonicMs - before.monotonicMs in 10uL..10_000uL, "$before $after")
        val wall = System.currentTimeMillis().toULong()
        assertTrue(wall - before.wallMs < 60_000uL, "$before")
    }

    @Test
    fun `a phone's own clock is found by its name`() {
        assertEquals(7_000, assertNotNull(elapsedBy(Phone::class.java.name))())
        assertNull(elapsedBy("android.os.NoClock"))
        assertNull(elapsedBy("java.lang.String"))
    }

    @Test
    fun `a link says when a PIN is asked for, and one that does not is at a desk`() {
        assertEquals(PinTiming.DURING_TAP, VirtualCardLink().use { it.pinTiming })
    }
}

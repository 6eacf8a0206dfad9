package kaigotap.android

import android.app.Activity
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.nfc.AvailableNfcAntenna
import android.nfc.NfcAdapter
import android.nfc.NfcAntennaInfo
import android.os.Bundle
import android.view.View
import android.view.Window
import android.view.WindowManager
import java.nio.file.Path
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Test
import org.mockito.ArgumentCaptor
import org.mockito.ArgumentMatchers.any
import org.mockito.ArgumentMatchers.anyInt
import org.mockito.Mockito.mock
import org.mockito.Mockito.mockStatic
import org.mockito.Mockito.never
import org.mockito.Mockito.verify
import org.mockito.Mockito.`when`

/** What touches the framework's classes, with stand-ins for the objects that only a phone can make. */
class AndroidTest {
    private val adapter = mock(NfcAdapter::class.java)
    private val activity = mock(Activity::class.java)

    @Test
    fun `reader mode looks for type B and nothing else`() {
        assertEquals(NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK, flags(ReaderOptions()))
        val quiet = flags(ReaderOptions(platformSounds = false))
        assertEquals(NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS, quiet xor flags(ReaderOptions()))
    }

    @Test
    fun `arming enables reader mode of the activity, and taps arrive`() {
        val field = ActivityField(activity, ReaderOptions(presenceCheckDelay = 750.milliseconds), adapter)
        val taps = mutableListOf<Chip?>()
        field.arm { taps += it }
        val callback = ArgumentCaptor.forClass(NfcAdapter.ReaderCallback::class.java)
        val extras = ArgumentCaptor.forClass(Bundle::class.java)
        verify(adapter).enableReaderMode(eqTo(activity), callback.capture() ?: NOBODY, anyInt(), extras.capture())
        assertEquals(750, extras.value.getInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, -1))

        val service = FakeTagService()
        callback.value.onTagDiscovered(service.tag(FakeTagService.ISO_DEP))
        callback.value.onTagDiscovered(service.tag(FakeTagService.NFC_B))
        assertIs<IsoDepChip>(taps[0])
        assertNull(taps[1])

        field.disarm()
        verify(adapter).disableReaderMode(activity)
    }

    @Test
    fun `an activity that is destroyed is left alone`() {
        `when`(activity.isDestroyed).thenReturn(true)
        ActivityField(activity, ReaderOptions(), adapter).disarm()
        verify(adapter, never()).disableReaderMode(any())
    }

    @Test
    fun `NFC is absent, off or on`() {
        assertEquals(NfcState.ABSENT, stateOf(null))
        assertEquals(NfcState.OFF, stateOf(adapter))
        `when`(adapter.isEnabled).thenReturn(true)
        assertEquals(NfcState.ON, stateOf(adapter))
        assertEquals(NfcState.ON, ActivityField(activity, ReaderOptions(), adapter).state)
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    @Test
    fun `switching NFC on and off is told, each state once, until nobody listens`() = runTest {
        mockStatic(NfcAdapter::class.java).use { framework ->
            framework.`when`<NfcAdapter> { NfcAdapter.getDefaultAdapter(any()) }.thenReturn(adapter)
            val seen = mutableListOf<NfcState>()
            val listening = launch(UnconfinedTestDispatcher(testScheduler)) { nfcStates(activity).toList(seen) }
            val receiver = ArgumentCaptor.forClass(BroadcastReceiver::class.java)
            val filter = ArgumentCaptor.forClass(IntentFilter::class.java)
            verify(activity).registerReceiver(receiver.capture(), filter.capture())
            assertTrue(filter.value.hasAction(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED))

            for (state in listOf(NfcAdapter.STATE_TURNING_ON, NfcAdapter.STATE_ON, NfcAdapter.STATE_TURNING_OFF)) {
                val told = Intent(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED).putExtra(NfcAdapter.EXTRA_ADAPTER_STATE, state)
                receiver.value.onReceive(activity, told)
            }
            assertEquals(listOf(NfcState.OFF, NfcState.ON, NfcState.OFF), seen)
            verify(activity, never()).unregisterReceiver(any())
            listening.cancel()
            testScheduler.runCurrent()
            verify(activity).unregisterReceiver(receiver.value)
        }
    }

    @Test
    fun `a phone that only claims to have NFC has none`() {
        mockStatic(NfcAdapter::class.java).use { framework ->
            framework.`when`<NfcAdapter> { NfcAdapter.getDefaultAdapter(any()) }.thenThrow(UnsupportedOperationException())
            assertEquals(NfcState.ABSENT, nfcState(mock(Context::class.java)))
        }
    }

    @Test
    fun `antennas are counted from the upper left corner`() {
        val info = NfcAntennaInfo(80, 160, false, listOf(AvailableNfcAntenna(40, 120), AvailableNfcAntenna(0, 0)))
        assertEquals(listOf(AntennaSpot(0.5f, 0.25f), AntennaSpot(0f, 1f)), spotsOf(info))
        val beyond = NfcAntennaInfo(80, 160, false, listOf(AvailableNfcAntenna(81, 10), AvailableNfcAntenna(10, -1)))
        assertEquals(emptyList(), spotsOf(beyond))
        assertEquals(emptyList(), spotsOf(NfcAntennaInfo(80, 160, true, listOf(AvailableNfcAntenna(40, 120)))))
        assertEquals(emptyList(), spotsOf(NfcAntennaInfo(0, 0, false, listOf(AvailableNfcAntenna(0, 0)))))
    }

    @Test
    fun `antennas are asked for where Android has the question`() {
        val info = NfcAntennaInfo(80, 160, false, listOf(AvailableNfcAntenna(40, 120)))
        `when`(adapter.nfcAntennaInfo).thenReturn(info)
        assertEquals(1, spotsOf(34, adapter).size)
        assertEquals(emptyList(), spotsOf(33, adapter))
        assertEquals(emptyList(), spotsOf(34, null))
        `when`(adapter.nfcAntennaInfo).thenReturn(null)
        assertEquals(emptyList(), spotsOf(34, adapter))
        `when`(adapter.nfcAntennaInfo).thenThrow(UnsupportedOperationException())
        assertEquals(emptyList(), spotsOf(34, adapter))
    }

    @Test
    fun `private windows are secure, and pads deaf to covered touches`() {
        val window = mock(Window::class.java)
        window.keepPrivate()
        val secure = WindowManager.LayoutParams.FLAG_SECURE
        verify(window).setFlags(secure, secure)
        val pad = mock(View::class.java)
        pad.refuseCoveredTouches()
        verify(pad).filterTouchesWhenObscured = true
    }

    @Test
    fun `the manifest asks for NFC and does not insist on it`() {
        val file = Path.of("src/main/AndroidManifest.xml").toFile()
        val manifest = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).documentElement
        fun names(tag: String) = manifest.getElementsByTagName(tag).let { found ->
            (0 until found.length).map { found.item(it).attributes }
                .associate { it.getNamedItem("android:name").nodeValue to it.getNamedItem("android:required")?.nodeValue }
        }
        assertEquals(setOf("android.permission.NFC"), names("uses-permission").keys)
        assertEquals(mapOf("android.hardware.nfc" to "false"), names("uses-feature"))
        assertFalse(manifest.getAttribute("package").isEmpty())
    }

    private fun <T> eqTo(value: T): T = org.mockito.ArgumentMatchers.eq(value) ?: value

    private companion object {
        val NOBODY = NfcAdapter.ReaderCallback { }
    }
}

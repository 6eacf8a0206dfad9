package kaigotap.android

import android.nfc.INfcTag
import android.nfc.NdefMessage
import android.nfc.Tag
import android.nfc.TransceiveResult
import android.os.Bundle
import android.os.IBinder
import java.io.IOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow

/** A radio that finds what a test says. */
internal class FakeField : ReaderField {
    val now = MutableStateFlow(NfcState.ON)
    val log = mutableListOf<String>()
    var refuses: RuntimeException? = null
    private var found: ((Chip?) -> Unit)? = null

    override val state: NfcState get() = now.value
    override val states: Flow<NfcState> get() = now
    val armed: Boolean get() = found != null

    override fun arm(found: (Chip?) -> Unit) {
        refuses?.let { throw it }
        log += "arm"
        this.found = found
    }

    override fun disarm() {
        log += "disarm"
        found = null
    }

    /** Whether anybody heard of it. */
    fun tap(chip: Chip?): Boolean = found?.let { it(chip) } != null
}

/** A card that answers every command with itself, or does what a test says. */
internal class FakeChip(
    override val maxCommand: Int = 2462,
    override val extendedLength: Boolean = true,
) : Chip {
    var onConnect: () -> Unit = {}
    var onTransceive: (ByteArray) -> ByteArray = { it.copyOf() }
    var isPresent: () -> Boolean = { true }
    var timeout: Duration? = null
    val threads = mutableSetOf<Thread>()

    @Volatile
    var closings = 0
    private val closed = CountDownLatch(1)

    override val present: Boolean get() = isPresent()

    override fun connect(timeout: Duration) {
        threads += Thread.currentThread()
        this.timeout = timeout
        onConnect()
    }

    override fun transceive(command: ByteArray): ByteArray {
        threads += Thread.currentThread()
        return onTransceive(command)
    }

    override fun close() {
        closings += 1
        closed.countDown()
    }

    /** As a command that the radio never answers: it ends when the card is let go of. */
    fun untilClosed(): Nothing {
        check(closed.await(20, TimeUnit.SECONDS)) { "nobody let go of it" }
        throw IOException("closed")
    }
}

/** Android's NFC service, as the framework's own [Tag] and IsoDep speak with it. */
internal open class FakeTagService : INfcTag {
    var answer = TransceiveResult(TransceiveResult.RESULT_SUCCESS, byteArrayOf(0x90.toByte(), 0))
    var connects = 0
    var upToDate = true
    var present = true
    var timeout = 0
    var extended = true
    var longest = 2462
    val sent = mutableListOf<ByteArray>()

    /** The arrays themselves. */
    val given = mutableListOf<ByteArray>()
    val raw = mutableListOf<Boolean>()

    /** A tag of this service; ISO-DEP is technology 3, NFC-B is 2. */
    fun tag(vararg technologies: Int) =
        Tag(byteArrayOf(1, 2, 3, 4), technologies, Array(technologies.size) { Bundle() }, HANDLE, COOKIE, this)

    override fun connect(handle: Int, technology: Int): Int = connects
    override fun transceive(handle: Int, data: ByteArray, raw: Boolean): TransceiveResult {
        check(handle == HANDLE)
        sent += data.copyOf()
        given += data
        this.raw += raw
        return answer
    }

    override fun isTagUpToDate(cookie: Long): Boolean = upToDate && cookie == COOKIE
    override fun isPresent(handle: Int): Boolean = present
    override fun setTimeout(technology: Int, timeout: Int): Int {
        this.timeout = timeout
        return 0
    }

    override fun getMaxTransceiveLength(technology: Int): Int = longest
    override fun getExtendedLengthApdusSupported(): Boolean = extended
    override fun getTimeout(technology: Int): Int = timeout
    override fun resetTimeouts() = Unit
    override fun reconnect(handle: Int): Int = 0
    override fun getTechList(handle: Int): IntArray = intArrayOf(3)
    override fun rediscover(handle: Int): Tag? = null
    override fun isNdef(handle: Int): Boolean = false
    override fun ndefRead(handle: Int): NdefMessage? = null
    override fun ndefWrite(handle: Int, message: NdefMessage?): Int = -1
    override fun ndefMakeReadOnly(handle: Int): Int = -1
    override fun ndefIsWritable(handle: Int): Boolean = false
    override fun formatNdef(handle: Int, key: ByteArray?): Int = -1
    override fun canMakeReadOnly(technology: Int): Boolean = false
    override fun asBinder(): IBinder? = null

    companion object {
        const val HANDLE = 7
        const val COOKIE = 99L
        const val NFC_B = 2
        const val ISO_DEP = 3
    }
}

package kaigotap.android

import android.nfc.Tag
import android.nfc.tech.IsoDep
import java.io.IOException
import kotlin.time.Duration

/** A card in the field: what [IsoDepLink] wants of [IsoDep], whose words for what goes wrong it keeps. */
internal interface Chip {
    /** Powers it. */
    fun connect(timeout: Duration)

    /** Longest command in bytes that phone and card take. */
    val maxCommand: Int

    /** Whether the phone carries commands of extended length (ISO/IEC 7816-4 §5.1). */
    val extendedLength: Boolean

    /** Whether it still answers. */
    val present: Boolean

    /** Sends a command and waits for the answer. */
    fun transceive(command: ByteArray): ByteArray

    /** Lets go of it, and breaks off a [transceive] in another thread. */
    fun close()
}

/** Android's own. */
internal class IsoDepChip(private val isoDep: IsoDep) : Chip {
    override fun connect(timeout: Duration) {
        isoDep.connect()
        isoDep.timeout = timeout.inWholeMilliseconds.toInt()
    }

    override val maxCommand: Int get() = isoDep.maxTransceiveLength
    override val extendedLength: Boolean get() = isoDep.isExtendedLengthApduSupported
    override val present: Boolean get() = isoDep.isConnected

    override fun transceive(command: ByteArray): ByteArray = isoDep.transceive(command)

    override fun close() {
        try {
            isoDep.close()
        } catch (_: IOException) {
            // It is gone, which is what was wanted.
        } catch (_: SecurityException) {
            // Another one took its place.
        }
    }
}

/** The card behind a tag; `null` if it is none that commands can be sent to. */
internal fun chipOf(tag: Tag): Chip? = try {
    IsoDep.get(tag)?.let(::IsoDepChip)
} catch (_: SecurityException) {
    null
}

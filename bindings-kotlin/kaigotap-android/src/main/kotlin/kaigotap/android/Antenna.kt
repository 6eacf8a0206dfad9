package kaigotap.android

import android.content.Context
import android.nfc.NfcAdapter
import android.nfc.NfcAntennaInfo
import android.os.Build

/**
 * Where an antenna is, seen from the front of the upright phone, as parts of its width and height: draw the card there.
 */
data class AntennaSpot(
    /** 0 is the left edge, 1 the right one. */
    val fromLeft: Float,
    /** 0 is the upper edge, 1 the lower one. */
    val fromTop: Float,
)

/** Says where antennas are. An app that knows its phones puts a table of its own in front of [platform]. */
fun interface AntennaHints {
    /** The spots; empty if nobody knows, and then it is best to say "the middle of the back". */
    fun spots(): List<AntennaSpot>

    companion object {
        /** What the maker of the phone says, on Android 14 and later. Foldable phones say nothing of use. */
        fun platform(context: Context): AntennaHints = AntennaHints {
            spotsOf(Build.VERSION.SDK_INT, adapterOf(context))
        }
    }
}

internal fun spotsOf(version: Int, adapter: NfcAdapter?): List<AntennaSpot> {
    if (version < Build.VERSION_CODES.UPSIDE_DOWN_CAKE || adapter == null) return emptyList()
    return try {
        adapter.nfcAntennaInfo?.let(::spotsOf).orEmpty()
    } catch (_: UnsupportedOperationException) {
        emptyList()
    }
}

/** Android counts millimetres from the lower left corner. */
internal fun spotsOf(info: NfcAntennaInfo): List<AntennaSpot> {
    val (width, height) = info.deviceWidth to info.deviceHeight
    if (info.isDeviceFoldable || width <= 0 || height <= 0) return emptyList()
    return info.availableNfcAntennas
        .filter { it.locationX in 0..width && it.locationY in 0..height }
        .map { AntennaSpot(it.locationX.toFloat() / width, 1 - it.locationY.toFloat() / height) }
}

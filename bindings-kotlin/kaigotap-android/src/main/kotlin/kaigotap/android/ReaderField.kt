package kaigotap.android

import android.app.Activity
import android.nfc.NfcAdapter
import android.os.Bundle
import kotlinx.coroutines.flow.Flow

/** The phone's radio: what [IsoDepLink] wants of [NfcAdapter]. */
internal interface ReaderField {
    /** Whether it can read now. */
    val state: NfcState

    /** The same, whenever it changes. */
    val states: Flow<NfcState>

    /** Begins to look for cards; each is told on a thread of Android's. `null` is one that cannot be talked to. */
    fun arm(found: (Chip?) -> Unit)

    /** Looks for no more cards. */
    fun disarm()
}

/**
 * Reader mode of an activity. Android suspends it while the activity is paused. It takes cards away from all other apps,
 * looks for nothing but type B, which the My Number Card is, and does not look for NDEF messages, which costs time.
 */
internal class ActivityField(
    private val activity: Activity,
    private val options: ReaderOptions,
    private val adapter: NfcAdapter? = adapterOf(activity),
) : ReaderField {
    override val state: NfcState get() = stateOf(adapter)
    override val states: Flow<NfcState> get() = nfcStates(activity)

    override fun arm(found: (Chip?) -> Unit) {
        adapter?.enableReaderMode(activity, { found(chipOf(it)) }, flags(options), extras(options))
    }

    override fun disarm() {
        // Android has disarmed what is destroyed.
        if (!activity.isDestroyed) adapter?.disableReaderMode(activity)
    }
}

internal fun flags(options: ReaderOptions): Int {
    val quiet = if (options.platformSounds) 0 else NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS
    return NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK or quiet
}

internal fun extras(options: ReaderOptions) = Bundle().apply {
    // An int of milliseconds; Android ignores a long.
    putInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, options.presenceCheckDelay.inWholeMilliseconds.toInt())
}

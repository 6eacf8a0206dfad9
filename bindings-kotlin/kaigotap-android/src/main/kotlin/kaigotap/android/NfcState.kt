package kaigotap.android

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.nfc.NfcAdapter
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged

/** Whether this phone can read a card at all. */
enum class NfcState {
    /** It has no near-field communication (NFC): use another phone, or a reader on a computer. */
    ABSENT,

    /** NFC is switched off: offer `Settings.ACTION_NFC_SETTINGS`. */
    OFF,

    /** NFC is on. */
    ON,
}

/** Whether NFC is there, and on, now. */
fun nfcState(context: Context): NfcState = stateOf(adapterOf(context))

/**
 * The state of NFC now and whenever it changes, each different one once. Show it before a visit: a nurse who learns only
 * after the face check that NFC is off has done it for nothing.
 */
fun nfcStates(context: Context): Flow<NfcState> = callbackFlow {
    val receiver = object : BroadcastReceiver() {
        override fun onReceive(context: Context?, intent: Intent?) {
            // On its way up or down it reads nothing.
            val state = intent?.getIntExtra(NfcAdapter.EXTRA_ADAPTER_STATE, NfcAdapter.STATE_OFF)
            trySend(if (state == NfcAdapter.STATE_ON) NfcState.ON else NfcState.OFF)
        }
    }
    // Only the system can send this, so the receiver needs no word on who else may; and with RECEIVER_NOT_EXPORTED it
    // would hear nothing, because the sender is the NFC service's own user.
    context.registerReceiver(receiver, IntentFilter(NfcAdapter.ACTION_ADAPTER_STATE_CHANGED))
    // After registering, so that no change falls in between.
    trySend(nfcState(context))
    awaitClose { context.unregisterReceiver(receiver) }
}.conflate().distinctUntilChanged()

/** The phone's adapter. `null` where there is none, or where the phone only claims to have one. */
internal fun adapterOf(context: Context): NfcAdapter? = try {
    NfcAdapter.getDefaultAdapter(context)
} catch (_: UnsupportedOperationException) {
    null
}

internal fun stateOf(adapter: NfcAdapter?): NfcState = when {
    adapter == null -> NfcState.ABSENT
    adapter.isEnabled -> NfcState.ON
    else -> NfcState.OFF
}

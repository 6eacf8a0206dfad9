package kaigotap.sample

import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

/**
 * Locks a phone that nobody touches. It counts while the screen is on; when the screen goes dark the app is left, and locked
 * by that.
 */
class ShiftLock(private val scope: CoroutineScope, private val lock: () -> Unit) {
    private var idle: Job? = null

    /** Somebody touches the phone. So many seconds after the last touch it is locked; never where no shift is on. */
    fun touched(locksAfterSeconds: ULong?) {
        idle?.cancel()
        idle = locksAfterSeconds?.let {
            scope.launch {
                delay(it.toLong().seconds)
                lock()
            }
        }
    }
}

package kaigotap

import kotlin.time.Duration
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

/**
 * Calls code of the app that may take for ever; `null` if it took too long. It is a coroutine of nobody's, so that
 * whoever waits can go on when it does not end; within the grace it is waited for, so that two calls do not overlap
 * where the code behaves. `afterwards` runs when the call is truly over.
 */
internal suspend fun <T> bounded(
    limit: Duration,
    grace: Duration,
    afterwards: () -> Unit = {},
    call: suspend () -> T,
): Result<T>? {
    val result = CompletableDeferred<Result<T>>()
    val running = CoroutineScope(Dispatchers.IO).launch { result.complete(caught(call)) }
    running.invokeOnCompletion { afterwards() }
    try {
        return withTimeoutOrNull(limit) { result.await() }
    } finally {
        running.cancel()
        withContext(NonCancellable) { withTimeoutOrNull(grace) { running.join() } }
    }
}

/** The result, or whatever was thrown: an app's fault must not become ours. */
internal suspend fun <T> caught(call: suspend () -> T): Result<T> = try {
    Result.success(call())
} catch (thrown: Throwable) {
    Result.failure(thrown)
}

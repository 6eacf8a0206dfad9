package kaigotap

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/**
 * How long links may take. What takes longer is cancelled, left behind if it does not end, and counts as having no
 * answer. The time is that of the machine, also in tests with virtual time. People are not hurried.
 */
data class Limits(
    /** Until a card is held to the reader: [LinkError.TIMED_OUT]. */
    val connect: Duration = 60.seconds,
    /** One command and its answer: [LinkError.LOST]. */
    val transmit: Duration = 10.seconds,
    /** One request and its answer: [HttpError.NO_ANSWER]. */
    val http: Duration = 30.seconds,
    /** One signature of the device's key, which may ask its user for a finger or a face: [SignError.FAILED]. */
    val sign: Duration = 60.seconds,
    /** A sign-in in the system's browser: [BrowseError.TIMED_OUT]. */
    val browse: Duration = 5.minutes,
    /** Keeping, forgetting, listing or recalling entries: [StoreError.FAILED]. */
    val store: Duration = 30.seconds,
    /** Powering a card down. */
    val disconnect: Duration = 5.seconds,
    /** What a call that was cancelled has to end by itself, before it is left behind. */
    val grace: Duration = 500.milliseconds,
)

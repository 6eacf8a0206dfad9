package kaigotap.android

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** How cards are looked for and talked to. What is preset suits phones that were seen to be slow. */
data class ReaderOptions(
    /**
     * How long the radio waits for the answer to one command. Phones preset a fraction of a second, which is too short
     * for a signature. Keep it below [kaigotap.Limits.transmit].
     */
    val timeout: Duration = 5.seconds,
    /**
     * How often Android asks whether the card is still there. On some phones the question breaks a command that is
     * under way, and they ask every 125 ms.
     */
    val presenceCheckDelay: Duration = 1.seconds,
    /** Whether Android makes its sound when a card is found. Switch it off if the app makes its own. */
    val platformSounds: Boolean = true,
    /**
     * How long after the end of one conversation a card found counts as the same one, still lying there or pulled away
     * slowly, and begins no new conversation.
     */
    val doubleTapGuard: Duration = 1.seconds,
    /** How long reader mode stays off when it is set up anew; some phones need a moment. */
    val rearmPause: Duration = 100.milliseconds,
)

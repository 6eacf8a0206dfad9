package kaigotap.android

import android.app.Activity
import android.os.SystemClock
import java.io.IOException
import java.util.concurrent.atomic.AtomicReference
import kaigotap.CardLink
import kaigotap.CardLinkException
import kaigotap.LinkCapacity
import kaigotap.LinkError
import kaigotap.Occasion
import kaigotap.PinTiming
import kaigotap.cardDeselection
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.isActive
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext

/**
 * Cards held to the phone, through reader mode of an activity.
 *
 * Make one per activity, in `onCreate`; call [rearm] when the camera was closed, and [close] in `onDestroy`. Reader mode
 * begins with the first conversation and lasts until then, so that a card that is still lying there when a conversation
 * is over does not open some other app. Nothing here blocks the main thread.
 *
 * Each connect waits for a card that is found after it began. One that comes while commands are under way may be
 * another person's (two cards in one wallet), so it is not taken for the one that slipped: whoever is asked to hold the
 * card to the phone again does so. Right after a conversation no card begins a new one
 * ([ReaderOptions.doubleTapGuard]).
 *
 * The holder is asked for a PIN before the card is held to the phone, so that one tap does everything. Nobody promises
 * that letting go of a card cuts its power, so every PIN on it is closed first.
 */
class IsoDepLink internal constructor(
    private val field: ReaderField,
    private val options: ReaderOptions,
    private val background: CoroutineDispatcher,
    private val now: () -> Duration,
) : CardLink, AutoCloseable {
    /** Reader mode of this activity. */
    constructor(activity: Activity, options: ReaderOptions = ReaderOptions()) : this(
        ActivityField(activity, options),
        options,
        Dispatchers.IO,
        { SystemClock.elapsedRealtime().milliseconds },
    )

    private class Found(val chip: Chip?)

    private class Held(val chip: Chip, val capacity: LinkCapacity) {
        /** Whether a command was broken off, by closing the chip. */
        @Volatile
        var brokenOff = false
    }

    override val pinTiming: PinTiming get() = PinTiming.BEFORE_TAP

    /** Only the latest. */
    private val found = Channel<Found>(Channel.CONFLATED)

    private val held = AtomicReference<Held?>()

    @Volatile
    private var endedAt: Duration? = null
    private val arming = Any()
    private var armed = false
    private var closed = false

    override suspend fun connect(occasion: Occasion): LinkCapacity = withContext(background) {
        letGo()
        if (field.state != NfcState.ON) throw CardLinkException(LinkError.NO_READER)
        if (occasion == Occasion.FIRST) endedAt?.let { delay(it + options.doubleTapGuard - now()) }
        if (occasion != Occasion.AGAIN) {
            // The card may lie there since somebody was asked something: so it is found anew.
            disarm()
            delay(options.rearmPause)
        }
        // What was found before belongs to what came before.
        while (found.tryReceive().isSuccess) Unit
        arm()
        untilOff { hold() }
    }

    override suspend fun transmit(command: ByteArray): ByteArray {
        val card = held.get() ?: throw CardLinkException(LinkError.LOST)
        if (command.size > card.capacity.maxCommand.toInt()) throw CardLinkException(LinkError.NOT_CARRIED)
        return breakable({ card.brokenOff = true; card.chip.close() }) {
            try {
                card.chip.transceive(command)
            } catch (thrown: Exception) {
                throw toldApart(thrown, card.chip, field.state)
            }
        }
    }

    override suspend fun disconnect() = withContext(background) {
        if (letGo()) endedAt = now()
    }

    /**
     * Sets reader mode up anew, where it is on. Some phones drop it when the camera opens and do not bring it back when
     * it closes: call this when the app has closed the camera.
     */
    fun rearm(): Unit = synchronized(arming) {
        if (armed) {
            disarm()
            try {
                arm()
            } catch (_: CardLinkException) {
                // The activity is gone; who waits is told by its end.
            }
        }
    }

    /** Ends reader mode for good. As often as one likes. */
    override fun close() {
        synchronized(arming) { closed = true }
        // Talks to the card, so not on the thread of the screen.
        background.dispatch(EmptyCoroutineContext) { letGo() }
        disarm()
        found.close()
    }

    private fun arm() = synchronized(arming) {
        // The activity is gone, and the person with it.
        if (closed) throw CardLinkException(LinkError.CANCELLED)
        if (!armed) {
            try {
                field.arm { found.trySend(Found(it)) }
            } catch (destroyed: IllegalStateException) {
                throw CardLinkException(LinkError.CANCELLED, destroyed)
            }
            armed = true
        }
    }

    private fun disarm() = synchronized(arming) {
        if (armed) {
            armed = false
            field.disarm()
        }
    }

    /** Waits for a card until one can be powered: one that was pulled at once comes again. */
    private suspend fun hold(): LinkCapacity {
        while (true) {
            val chip = (found.receiveCatching().getOrNull() ?: throw CardLinkException(LinkError.CANCELLED)).chip
                ?: throw CardLinkException(LinkError.UNSUPPORTED_CARD)
            try {
                val capacity = breakable(chip::close) {
                    chip.connect(options.timeout)
                    capacityOf(chip)
                }
                held.set(Held(chip, capacity))
                return capacity
            } catch (_: IOException) {
                chip.close()
            } catch (_: SecurityException) {
                chip.close()
            } catch (unsupported: UnsupportedOperationException) {
                throw CardLinkException(LinkError.UNSUPPORTED_CARD, unsupported)
            }
        }
    }

    /** Ends a wait when NFC is switched off. */
    private suspend fun <T> untilOff(wait: suspend () -> T): T = coroutineScope {
        val waiting = async { runCatching { wait() } }
        val off = async { field.states.first { it != NfcState.ON } }
        val result = select {
            waiting.onAwait { it }
            off.onAwait { Result.failure(CardLinkException(LinkError.NO_READER)) }
        }
        waiting.cancel()
        off.cancel()
        result.getOrThrow()
    }

    /** Calls what blocks in the background; who is cancelled meanwhile breaks it off. */
    private suspend fun <T> breakable(breakOff: () -> Unit, call: () -> T): T = coroutineScope {
        val calling = async(background) { runCatching(call) }
        try {
            calling.await().getOrThrow()
        } catch (cancelled: CancellationException) {
            breakOff()
            throw cancelled
        }
    }

    private fun letGo(): Boolean {
        val card = held.getAndSet(null) ?: return false
        try {
            if (card.brokenOff) card.chip.connect(options.timeout)
            closePins(card.chip)
        } catch (_: Exception) {
            // It is gone.
        } finally {
            card.chip.close()
        }
        return true
    }

    private fun closePins(chip: Chip) {
        for (command in cardDeselection()) {
            try {
                chip.transceive(command)
            } catch (_: Exception) {
                // Whatever it answers, or does not.
            }
        }
    }
}

/** What phone and card carry. Answers have no limit of their own in Android; commands' is the best guess. */
internal fun capacityOf(chip: Chip): LinkCapacity {
    val command = chip.maxCommand
    return if (chip.extendedLength) {
        LinkCapacity(command.coerceAtLeast(0).toUInt(), command.coerceIn(SHORT_RESPONSE, LONGEST_RESPONSE).toUInt())
    } else {
        LinkCapacity(command.coerceIn(0, SHORT_COMMAND).toUInt(), SHORT_RESPONSE.toUInt())
    }
}

/** Header, length, 255 bytes, expected length. */
private const val SHORT_COMMAND = 261

/** 256 bytes and the status word. */
private const val SHORT_RESPONSE = 258

/** 65,536 bytes and the status word. */
private const val LONGEST_RESPONSE = 65_538

package kaigotap.desktop

import java.nio.ByteBuffer
import java.util.concurrent.Executors
import javax.smartcardio.Card
import javax.smartcardio.CardException
import javax.smartcardio.CardTerminal
import javax.smartcardio.CardTerminals
import javax.smartcardio.TerminalFactory
import kaigotap.CardLink
import kaigotap.CardLinkException
import kaigotap.LinkCapacity
import kaigotap.LinkError
import kaigotap.Occasion
import kaigotap.cardDeselection
import kaigotap.cardRecognition
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext

/**
 * A PC/SC reader, by `javax.smartcardio`: Windows, macOS, and Linux with pcscd.
 *
 * The card is held in a transaction from connect to disconnect, so no other program comes between the PIN and the
 * signature. A Java runtime cannot cut its power, and a reset leaves an open PIN open: at every end each PIN is closed
 * by commands, and then the card is reset. Close this when no card is wanted any more.
 *
 * A command crosses the runtime in one copy, and the driver in others, which nobody can wipe from here: they last until
 * the memory is used again. Who may look into the process can find a PIN there.
 *
 * A Java runtime opens the smart-card service once: if that is restarted, so must be the program. What the runtime
 * would do with answers by itself, a conversation does: the system properties `sun.security.smartcardio.t0GetResponse`
 * and `t1GetResponse` are set to `false`, unless they have a value.
 */
class SmartcardIoLink(
    /** This reader only, by its name; whichever holds a card if `null`. */
    private val reader: String? = null,
    /** How long a card is waited for. */
    private val wait: Duration = 30.seconds,
    private val terminals: () -> CardTerminals = ::ofTheSystem,
) : CardLink, AutoCloseable {
    // A transaction belongs to the thread that began it.
    private val thread = Executors.newSingleThreadExecutor { work -> Thread(work, "kaigotap-reader").apply { isDaemon = true } }
    private val own = thread.asCoroutineDispatcher()
    private var card: Held? = null

    /** Readers with a card that turned out to be none of ours: as long as it is there, it is left in peace. */
    private val strangers = mutableSetOf<String>()

    /** Where a card was lost: the service takes it for present for a while. */
    private var lost: CardTerminal? = null

    private class Held(val terminal: CardTerminal, val card: Card)

    override suspend fun connect(occasion: Occasion): LinkCapacity = withContext(own) {
        release()
        lost?.let { runCatching { it.waitForCardAbsent(NOTICED) } }
        lost = null
        strangers.clear()
        val began = TimeSource.Monotonic.markNow()
        while (true) {
            try {
                card = open()
                break
            } catch (none: CardLinkException) {
                if (none.error !in WORTH_WAITING || began.elapsedNow() >= wait) throw none
            }
            delay(GLANCE)
        }
        LinkCapacity(MAX_COMMAND, MAX_RESPONSE)
    }

    override suspend fun transmit(command: ByteArray): ByteArray = withContext(own) {
        val held = card ?: throw CardLinkException(LinkError.LOST)
        val answer = try {
            exchange(held.card, command)
        } catch (failed: CardException) {
            throw if (refused(failed)) CardLinkException(LinkError.NOT_CARRIED, failed) else lost(held, failed)
        } catch (removed: IllegalStateException) {
            throw lost(held, removed)
        } catch (form: IllegalArgumentException) {
            throw CardLinkException(LinkError.NOT_CARRIED, form)
        }
        // What a service brings of a card that has just gone.
        if (answer.size < STATUS_WORD) throw lost(held, null)
        answer
    }

    /** By buffers: a `CommandAPDU` would be two copies more. */
    private fun exchange(card: Card, command: ByteArray): ByteArray {
        val answer = ByteBuffer.allocate(LONGEST_RESPONSE)
        card.basicChannel.transmit(ByteBuffer.wrap(command), answer)
        return answer.array().copyOf(answer.position())
    }

    private fun lost(held: Held, cause: Exception?): CardLinkException {
        lost = held.terminal
        return CardLinkException(LinkError.LOST, cause)
    }

    override suspend fun disconnect() = withContext(own) { release() }

    override fun close() {
        // A second time there is nobody who would.
        if (!thread.isShutdown) thread.execute(::release)
        thread.shutdown()
    }

    /** Whether what [close] set going is done. */
    internal val over: Boolean get() = thread.isTerminated

    private fun release() {
        val held = card ?: return
        card = null
        letGo(held)
    }

    private fun open(): Held {
        val found = listed()
        val considered = found.filter { reader == null || it.name == reader }
        if (considered.isEmpty()) {
            throw CardLinkException(if (found.isEmpty()) LinkError.NO_READER else LinkError.READER_NOT_FOUND)
        }
        val several = considered.size > 1
        val holding = considered.filter { runCatching { it.isCardPresent }.getOrDefault(false) }
        strangers.retainAll(holding.map { it.name }.toSet())
        val none = if (several) LinkError.NO_CARD_ON_ANY_READER else LinkError.NO_CARD
        return when {
            holding.isEmpty() -> throw CardLinkException(none)
            several -> recognised(holding)
            else -> hold(holding.single())
        }
    }

    private fun listed(): List<CardTerminal> = try {
        terminals().list().filter { terminal -> VIRTUAL.none { terminal.name.startsWith(it) } }
    } catch (failed: CardException) {
        val error = when (code(failed)) {
            "SCARD_E_NO_READERS_AVAILABLE" -> LinkError.NO_READER
            in SERVICE -> LinkError.SERVICE_NOT_RUNNING
            in ACCESS -> LinkError.NOT_ALLOWED
            else -> LinkError.READER_FAILED
        }
        throw CardLinkException(error, failed)
    }

    /** The one card that is a My Number Card: a security key is always in some reader. */
    private fun recognised(holding: List<CardTerminal>): Held {
        var busy: CardLinkException? = null
        val known = holding.filterNot { it.name in strangers }.mapNotNull { terminal ->
            val held = try {
                hold(terminal)
            } catch (other: CardLinkException) {
                if (other.error == LinkError.BUSY) busy = other
                return@mapNotNull null
            }
            val answer = runCatching { exchange(held.card, cardRecognition()) }.getOrNull()
            if (answer?.takeLast(STATUS_WORD) == OK) return@mapNotNull held
            letGo(held)
            strangers += terminal.name
            null
        }
        known.singleOrNull()?.let { return it }
        known.forEach(::letGo)
        // What another program uses may be the one.
        throw if (known.isNotEmpty()) CardLinkException(LinkError.SEVERAL_CARDS) else
            busy ?: CardLinkException(LinkError.NO_SUPPORTED_CARD_ON_ANY_READER)
    }

    private fun hold(terminal: CardTerminal): Held {
        val held = try {
            Held(terminal, terminal.connect("*"))
        } catch (failed: CardException) {
            throw CardLinkException(notHeld(failed), failed)
        }
        return try {
            held.also { it.card.beginExclusive() }
        } catch (failed: CardException) {
            letGo(held)
            throw CardLinkException(notHeld(failed), failed)
        } catch (removed: IllegalStateException) {
            letGo(held)
            throw CardLinkException(LinkError.NO_CARD, removed)
        }
    }

    private fun letGo(held: Held) {
        // A card that is gone needs none of it.
        for (command in cardDeselection()) runCatching { exchange(held.card, command) }
        runCatching { held.card.endExclusive() }
        runCatching { held.card.disconnect(true) }
    }

    private companion object {
        /** With length fields: 65,535 bytes of data, and what is around them (ISO/IEC 7816-4 §5.1). */
        const val MAX_COMMAND = 65_544u

        /** What the Java runtime's buffer holds. */
        const val MAX_RESPONSE = 8_192u

        /** 65,536 bytes and the status word. */
        const val LONGEST_RESPONSE = 65_538
        const val STATUS_WORD = 2
        val OK = listOf(0x90.toByte(), 0.toByte())
        val GLANCE = 400.milliseconds

        /** By then the service has noticed that a card is gone, in milliseconds. */
        const val NOTICED = 1_000L

        /** What passes, or a person can still put right. */
        val WORTH_WAITING = setOf(
            LinkError.NO_CARD, LinkError.NO_CARD_ON_ANY_READER, LinkError.UNSUPPORTED_CARD, LinkError.NO_READER,
            LinkError.NO_SUPPORTED_CARD_ON_ANY_READER, LinkError.BUSY,
        )

        /** Readers that are none: Windows shows its own virtual cards as such. */
        val VIRTUAL = listOf("Windows Hello", "Microsoft UICC")
        val SERVICE = setOf("SCARD_E_NO_SERVICE", "SCARD_E_SERVICE_STOPPED", "SCARD_F_COMM_ERROR", "SCARD_E_INVALID_HANDLE")
        val ACCESS = setOf("SCARD_E_NO_ACCESS", "SCARD_W_SECURITY_VIOLATION")
        val FORM = setOf(
            "SCARD_E_INVALID_VALUE", "SCARD_E_INVALID_PARAMETER", "SCARD_E_INSUFFICIENT_BUFFER", "SCARD_E_UNSUPPORTED_FEATURE",
        )

        fun ofTheSystem(): CardTerminals = try {
            for (name in listOf("t0GetResponse", "t1GetResponse").map { "sun.security.smartcardio.$it" }) {
                if (System.getProperty(name) == null) System.setProperty(name, "false")
            }
            TerminalFactory.getInstance("PC/SC", null).terminals()
        } catch (none: java.security.NoSuchAlgorithmException) {
            throw CardLinkException(LinkError.SERVICE_NOT_RUNNING, none)
        }

        /** The name of a PC/SC error: the runtime tells it as text only. */
        fun code(failed: Throwable): String? =
            generateSequence<Throwable>(failed) { it.cause }.mapNotNull { it.message }.firstOrNull { it.startsWith("SCARD_") }

        /** Whether the reader or the runtime, not the card, refuses the form of a command. */
        fun refused(failed: CardException) = code(failed) in FORM || failed.message?.startsWith("Extended length") == true

        fun notHeld(failed: CardException): LinkError = when (code(failed)) {
            "SCARD_E_SHARING_VIOLATION" -> LinkError.BUSY
            "SCARD_E_NO_SMARTCARD", "SCARD_W_REMOVED_CARD", "SCARD_W_RESET_CARD", "SCARD_E_READER_UNAVAILABLE" -> LinkError.NO_CARD
            "SCARD_W_UNRESPONSIVE_CARD", "SCARD_W_UNPOWERED_CARD", "SCARD_W_UNSUPPORTED_CARD", "SCARD_E_PROTO_MISMATCH",
            -> LinkError.UNSUPPORTED_CARD
            "SCARD_E_UNKNOWN_READER" -> LinkError.READER_NOT_FOUND
            in SERVICE -> LinkError.SERVICE_NOT_RUNNING
            in ACCESS -> LinkError.NOT_ALLOWED
            else -> if (failed is javax.smartcardio.CardNotPresentException) LinkError.NO_CARD else LinkError.READER_FAILED
        }
    }
}

package kaigotap.desktop

import java.util.concurrent.Executors
import javax.smartcardio.Card
import javax.smartcardio.CardException
import javax.smartcardio.CardTerminal
import javax.smartcardio.CardTerminals
import javax.smartcardio.CommandAPDU
import javax.smartcardio.TerminalFactory
import kaigotap.CardLink
import kaigotap.CardLinkException
import kaigotap.LinkCapacity
import kaigotap.LinkError
import kaigotap.Occasion
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
 * signature, and is reset at the end. Close this when no card is wanted any more.
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

    /** Where a card was lost: the service takes it for present for a while. */
    private var lost: CardTerminal? = null

    private class Held(val terminal: CardTerminal, val card: Card)

    override suspend fun connect(occasion: Occasion): LinkCapacity = withContext(own) {
        release()
        lost?.let { runCatching { it.waitForCardAbsent(NOTICED) } }
        lost = null
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
        try {
            held.card.basicChannel.transmit(formed(command)).bytes
        } catch (failed: CardException) {
            throw if (refused(failed)) CardLinkException(LinkError.NOT_CARRIED, failed) else lost(held, failed)
        } catch (removed: IllegalStateException) {
            throw lost(held, removed)
        } catch (empty: IllegalArgumentException) {
            // What a service brings of a card that has just gone: no answer of two bytes.
            throw lost(held, empty)
        }
    }

    private fun formed(command: ByteArray): CommandAPDU = try {
        CommandAPDU(command)
    } catch (form: IllegalArgumentException) {
        throw CardLinkException(LinkError.NOT_CARRIED, form)
    }

    private fun lost(held: Held, cause: Exception): CardLinkException {
        lost = held.terminal
        return CardLinkException(LinkError.LOST, cause)
    }

    override suspend fun disconnect() = withContext(own) { release() }

    override fun close() {
        thread.execute(::release)
        thread.shutdown()
    }

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
        return when (holding.size) {
            0 -> throw CardLinkException(if (several) LinkError.NO_CARD_ON_ANY_READER else LinkError.NO_CARD)
            1 -> hold(holding.single())
            else -> recognised(holding)
        }
    }

    private fun listed(): List<CardTerminal> = try {
        terminals().list().filter { terminal -> VIRTUAL.none { terminal.name.startsWith(it) } }
    } catch (failed: CardException) {
        throw when (val code = code(failed)) {
            "SCARD_E_NO_READERS_AVAILABLE" -> CardLinkException(LinkError.NO_READER, failed)
            else -> CardLinkException(if (code in SERVICE) LinkError.SERVICE_NOT_RUNNING else LinkError.READER_FAILED, failed)
        }
    }

    /** The one of several cards that is a My Number Card. */
    private fun recognised(holding: List<CardTerminal>): Held {
        val question = CommandAPDU(cardRecognition())
        val known = holding.mapNotNull { terminal ->
            val held = runCatching { hold(terminal) }.getOrNull() ?: return@mapNotNull null
            val answer = runCatching { held.card.basicChannel.transmit(question).sw }.getOrNull()
            held.takeIf { answer == OK } ?: null.also { letGo(held) }
        }
        known.singleOrNull()?.let { return it }
        known.forEach(::letGo)
        throw CardLinkException(if (known.isEmpty()) LinkError.NO_SUPPORTED_CARD_ON_ANY_READER else LinkError.SEVERAL_CARDS)
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
        // A card that is gone cannot be reset, and need not be.
        runCatching { held.card.endExclusive() }
        runCatching { held.card.disconnect(true) }
    }

    private companion object {
        /** With length fields: 65,535 bytes of data, and what is around them (ISO/IEC 7816-4 §5.1). */
        const val MAX_COMMAND = 65_544u

        /** What the Java runtime's buffer holds. */
        const val MAX_RESPONSE = 8_192u
        const val OK = 0x9000
        val GLANCE = 400.milliseconds

        /** By then the service has noticed that a card is gone, in milliseconds. */
        const val NOTICED = 1_000L

        /** What a person can still put right. */
        val WORTH_WAITING = setOf(
            LinkError.NO_CARD, LinkError.NO_CARD_ON_ANY_READER, LinkError.UNSUPPORTED_CARD, LinkError.NO_READER,
        )

        /** Readers that are none: Windows shows its own virtual cards as such. */
        val VIRTUAL = listOf("Windows Hello", "Microsoft UICC")
        val SERVICE = setOf("SCARD_E_NO_SERVICE", "SCARD_E_SERVICE_STOPPED", "SCARD_F_COMM_ERROR", "SCARD_E_INVALID_HANDLE")
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
            else -> if (failed is javax.smartcardio.CardNotPresentException) LinkError.NO_CARD else LinkError.READER_FAILED
        }
    }
}

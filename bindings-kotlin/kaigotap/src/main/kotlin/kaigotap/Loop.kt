package kaigotap

import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext

/** How a conversation ended. */
internal sealed interface Ending {
    class Done(val outcome: Outcome) : Ending

    class Failed(val failure: Failure, val cause: Throwable?) : Ending
}

/** Runs a conversation to its end, with one branch for each request that it may have. */
internal class Loop(
    private val talk: Conversation,
    private val card: CardLink,
    private val http: HttpLink,
    private val screen: VisitScreen,
    private val limits: Limits,
) {
    private var caller: CoroutineContext = Dispatchers.Default

    /** Whether a card may have power. */
    private var powered = false

    /** What the last call of a link threw; forgotten when a call of a link works. */
    private var thrown: Throwable? = null

    /** What the screen threw. From then on it is asked nothing. */
    private var fault: Throwable? = null

    suspend fun run(): Ending {
        caller = currentCoroutineContext()[ContinuationInterceptor] ?: caller
        return withContext(Dispatchers.IO) { converse() }
    }

    private suspend fun converse(): Ending {
        // Who did not start it does not end it: somebody else may be running it.
        var step = try {
            talk.start()
        } catch (misuse: KaigoTapException) {
            return failed(misuse)
        }
        try {
            while (true) {
                val shown = show()
                step = when (val now = step) {
                    is Step.Done -> return Ending.Done(now.outcome)
                    is Step.Failed -> return screenFailed() ?: Ending.Failed(now.failure, thrown)
                    is Step.Need -> if (shown) answer(now.request) else return screenFailed() ?: cancelled()
                }
            }
        } catch (misuse: KaigoTapException) {
            return failed(misuse)
        } finally {
            talk.end()
            if (powered) powerDown()
        }
    }

    private suspend fun answer(request: Request): Step = when (request) {
        is Request.Connect -> talk.resume(connect(request.occasion))
        is Request.Transmit -> talk.resume(transmit(request.command))
        is Request.Disconnect -> {
            powerDown()
            talk.resume(Reply.Disconnected)
        }
        is Request.Send -> talk.resume(send(request.request))
        is Request.Clock -> talk.resume(Reply.Clock(System.currentTimeMillis().coerceAtLeast(0).toULong()))
        is Request.Ask -> ask(request.prompt)
    }

    private suspend fun connect(occasion: Occasion): Reply {
        powered = true
        return call(
            limits.connect,
            late = Reply.NotConnected(LinkError.TIMED_OUT),
            works = { Reply.Connected(it) },
            fails = { Reply.NotConnected(linkError(it)) },
        ) { card.connect(occasion) }
    }

    private suspend fun transmit(command: ByteArray): Reply = call(
        limits.transmit,
        late = Reply.NotTransmitted(LinkError.LOST),
        works = {
            if (it.size <= LONGEST_RESPONSE) Reply.Transmitted(it) else Reply.NotTransmitted(LinkError.READER_FAILED)
        },
        fails = { Reply.NotTransmitted(linkError(it)) },
        afterwards = { command.fill(0) },
    ) { card.transmit(command) }

    private suspend fun send(request: HttpRequest): Reply = call(
        limits.http,
        late = Reply.NotReceived(HttpError.NO_ANSWER),
        works = { if (it.body.size <= LONGEST_BODY) Reply.Received(it) else Reply.NotReceived(HttpError.TOO_LONG) },
        fails = { Reply.NotReceived((it as? HttpLinkException)?.error ?: HttpError.FAILED) },
    ) { http.send(request) }

    private fun linkError(thrown: Throwable) = (thrown as? CardLinkException)?.error ?: LinkError.READER_FAILED

    /** What powers a card down cannot be stopped, but for its limit. */
    private suspend fun powerDown() = withContext(NonCancellable) {
        powered = false
        bounded(limits.disconnect, limits.grace) { card.disconnect() }
    }

    private suspend fun <T> call(
        limit: Duration,
        late: Reply,
        works: (T) -> Reply,
        fails: (Throwable) -> Reply,
        afterwards: () -> Unit = {},
        call: suspend () -> T,
    ): Reply {
        val came = bounded(limit, limits.grace, afterwards, call)
        currentCoroutineContext().ensureActive()
        thrown = came?.exceptionOrNull()
        return came?.fold(works, fails) ?: late
    }

    private suspend fun ask(prompt: Prompt): Step = when (prompt) {
        is Prompt.ConfirmFace -> resume(onScreen { screen.confirmFace() }) { Reply.FaceChecked(it) }
        is Prompt.LastTry -> resume(onScreen { screen.lastTry(prompt.pin) }) { Reply.Consented(it) }
        is Prompt.NewPin -> newPin(prompt)
        is Prompt.EnterPin -> when (prompt.pin) {
            PinKind.VERIFICATION_NUMBER_B -> until(prompt, { screen.enterPrinted(it) }) { talk.enterPrinted(it) }
            PinKind.BIRTH_DATE -> until(prompt, { screen.enterBirthDate(it) }) { talk.enterBirthDate(it) }
            else -> enterPin(prompt)
        }
        is Prompt.Unknown -> talk.resume(Reply.Cancelled)
    }

    private fun <T> resume(answer: T?, reply: (T) -> Reply): Step =
        talk.resume(answer?.let(reply) ?: Reply.Cancelled)

    private suspend fun enterPin(prompt: Prompt.EnterPin): Step {
        // Kept outside of what may be cancelled on its way back.
        var typed: CharArray? = null
        try {
            onScreen { screen.enterPin(prompt).also { typed = it } }
            val pin = typed?.let(::asciiOf) ?: return talk.resume(Reply.Cancelled)
            return try {
                talk.enterPin(pin)
            } finally {
                wipe(pin)
            }
        } finally {
            typed?.let(::wipe)
        }
    }

    private suspend fun newPin(prompt: Prompt.NewPin): Step {
        var typed: Pair<CharArray, CharArray>? = null
        try {
            onScreen { screen.newPin(prompt).also { typed = it } }
            val (first, second) = typed?.run { asciiOf(first) to asciiOf(second) }
                ?: return talk.resume(Reply.Cancelled)
            return try {
                talk.enterNewPin(first, second)
            } finally {
                wipe(first)
                wipe(second)
            }
        } finally {
            typed?.run {
                wipe(first)
                wipe(second)
            }
        }
    }

    /** Asks again, as the core does for PINs, while what was entered is not of the right form. */
    private suspend fun <T : Any> until(
        prompt: Prompt.EnterPin,
        ask: suspend (Prompt.EnterPin) -> T?,
        enter: (T) -> Step,
    ): Step {
        var asked = prompt
        while (true) {
            val entered = onScreen { ask(asked) } ?: return talk.resume(Reply.Cancelled)
            try {
                return enter(entered)
            } catch (refused: KaigoTapException) {
                if (failureOf(refused).code != "setup_invalid") throw refused
                asked = prompt.copy(why = WhyPin.MALFORMED)
            }
        }
    }

    /** Shows where the conversation stands; whether that went well. */
    private suspend fun show(): Boolean {
        if (fault != null) return true
        val progress = talk.progress()
        onScreen { screen.show(progress) }
        return fault == null
    }

    /** Asks the screen where it lives. `null` if it failed, or was told to stop. */
    private suspend fun <T> onScreen(ask: suspend () -> T): T? {
        if (fault != null) return null
        val answer = withContext(caller) { caught(ask) }
        // Our own cancellation is no fault of the screen's.
        currentCoroutineContext().ensureActive()
        return answer.onFailure { fault = it }.getOrNull()
    }

    private fun screenFailed() = fault?.let { Ending.Failed(failure(HostFault.SCREEN_FAILED), it) }

    private fun cancelled() = Ending.Failed(failure(HostFault.CANCELLED), null)

    private fun failed(misuse: KaigoTapException) = Ending.Failed(failureOf(misuse), misuse)

    private companion object {
        /** Longest answer of a card, data and status word. */
        const val LONGEST_RESPONSE = 65_538

        /** Longest answer of a server. */
        const val LONGEST_BODY = 1 shl 20
    }
}

/** What was thrown, whoever threw it. */
internal fun failureOf(thrown: KaigoTapException): Failure = when (thrown) {
    is KaigoTapException.Failed -> thrown.failure
}

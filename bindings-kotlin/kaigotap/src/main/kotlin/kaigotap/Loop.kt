package kaigotap

import java.nio.charset.CharacterCodingException
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext

/** Runs a conversation to its end, with one branch for each request that it may have. */
internal class Loop(
    private val talk: Conversation,
    private val card: CardLink,
    private val http: HttpLink,
    private val screen: VisitScreen,
    private val keys: DeviceKeys,
    private val store: Store,
    private val browser: Browser,
    private val limits: Limits,
) {
    private var caller: CoroutineContext = Dispatchers.Default

    /** Whether a card may have power. */
    private var powered = false

    /** What the last call of a link threw; forgotten when a call of a link works. */
    private var thrown: Throwable? = null

    /** What the screen threw. From then on it is asked nothing. */
    private var fault: Throwable? = null

    suspend fun run(): Ending<Outcome> {
        caller = currentCoroutineContext()[ContinuationInterceptor] ?: caller
        return withContext(Dispatchers.IO) { converse() }
    }

    private suspend fun converse(): Ending<Outcome> {
        val timing = caught { card.pinTiming }.getOrElse { return Ending.Failed(failure(HostFault.SCREEN_FAILED), it) }
        // Who did not start it does not end it: somebody else may be running it.
        var step = try {
            turn { it.askForPins(timing) }
            turn { it.start() }
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
            // Drops what it holds, which wipes it. As often as one likes.
            runCatching { talk.cancel() }
            talk.close()
            if (powered) powerDown()
        }
    }

    /** One call over the boundary. Throws nothing but [KaigoTapException]. */
    private inline fun <T> turn(call: (Conversation) -> T): T = crossed { call(talk) }

    private suspend fun answer(request: Request): Step = when (request) {
        is Request.Ask -> ask(request.prompt)
        else -> reply(request).let { reply -> turn { it.resume(reply) } }
    }

    private suspend fun reply(request: Request): Reply = when (request) {
        is Request.Connect -> connect(request.occasion)
        is Request.Transmit -> transmit(request.command)
        is Request.Disconnect -> {
            powerDown()
            Reply.Disconnected
        }
        is Request.Send -> send(request.request)
        is Request.Browse -> browse(request.address, request.returnsTo)
        is Request.Sign -> sign(request.key, request.payload)
        is Request.Keep -> stored({ Reply.Kept }, Reply::NotKept) { store.keep(Entry(request.name, request.sealed)) }
        is Request.Forget -> stored({ Reply.Forgotten }, Reply::NotForgotten) { store.forget(request.name) }
        is Request.ListNames -> stored(Reply::Listed, Reply::NotListed) { store.list() }
        is Request.Recall -> stored(Reply::Recalled, Reply::NotRecalled) { store.recall(request.names) }
        is Request.Clock -> now()
        is Request.Ask -> Reply.Cancelled
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

    private suspend fun browse(address: String, returnsTo: String): Reply = call(
        limits.browse,
        late = Reply.NotBrowsed(BrowseError.TIMED_OUT),
        works = { Reply.Browsed(it) },
        fails = { Reply.NotBrowsed((it as? BrowserException)?.error ?: BrowseError.FAILED) },
    ) { browser.show(address, returnsTo) }

    private suspend fun sign(key: String, payload: ByteArray): Reply = call(
        limits.sign,
        late = Reply.NotSigned(SignError.FAILED),
        works = { Reply.Signed(it) },
        fails = { Reply.NotSigned((it as? DeviceKeyException)?.error ?: SignError.FAILED) },
    ) { keys.sign(key, payload) }

    private suspend fun <T> stored(works: (T) -> Reply, fails: (StoreError) -> Reply, act: suspend () -> T): Reply =
        call(
            limits.store,
            late = fails(StoreError.FAILED),
            works = works,
            fails = { fails((it as? StoreException)?.error ?: StoreError.FAILED) },
            call = act,
        )

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
        is Prompt.LastTry -> resume(onScreen { screen.lastTry(prompt) }) { Reply.Consented(it) }
        is Prompt.NewPin -> newPin(prompt)
        is Prompt.EnterPin -> when (prompt.pin) {
            PinKind.VERIFICATION_NUMBER_B -> enterPrinted(prompt)
            PinKind.BIRTH_DATE -> enterBirthDate(prompt)
            else -> enterPin { screen.enterPin(prompt) }
        }
        is Prompt.EnterPrinted ->
            resume(onScreen { screen.enterPrintedFields(prompt) }) { Reply.PrintedEntered(it) }
        is Prompt.ConfirmPhoto -> resume(onScreen { screen.confirmPhoto(prompt.photo) }) { Reply.FaceChecked(it) }
        is Prompt.ChooseWay -> resume(onScreen { screen.chooseWay(prompt) }) { Reply.WayChosen(it) }
        is Prompt.EnterAttributes ->
            resume(onScreen { screen.enterAttributes(prompt) }) { Reply.AttributesEntered(it) }
        is Prompt.ConfirmBirthDate ->
            resume(onScreen { screen.confirmBirthDate(prompt.read) }) { Reply.BirthDateChecked(it) }
        is Prompt.Unknown -> stop()
    }

    private fun stop(): Step = turn { it.resume(Reply.Cancelled) }

    private fun <T> resume(answer: T?, reply: (T) -> Reply): Step =
        if (answer == null) stop() else turn { it.resume(reply(answer)) }

    private suspend fun enterPin(ask: suspend () -> CharArray?): Step {
        // Kept outside of what may be cancelled on its way back.
        var typed: CharArray? = null
        try {
            onScreen { ask().also { typed = it } }
            val pin = typed?.let(::utf8Of) ?: return stop()
            return try {
                turn { it.enterPin(pin) }
            } finally {
                wipe(pin)
            }
        } finally {
            typed?.let(::wipe)
        }
    }

    private suspend fun enterPrinted(prompt: Prompt.EnterPin): Step {
        var printed: Printed? = null
        try {
            onScreen { screen.enterPrinted(prompt).also { printed = it } }
            return when (val entered = printed) {
                is Printed.Read -> turn {
                    it.enterPrinted(whole(entered.birthDate), entered.expiryYear.toString(), whole(entered.code))
                }
                is Printed.Scanned -> enterPin { entered.digits }
                null -> stop()
            }
        } finally {
            (printed as? Printed.Scanned)?.let { wipe(it.digits) }
        }
    }

    private suspend fun enterBirthDate(prompt: Prompt.EnterPin): Step {
        val date = onScreen { screen.enterBirthDate(prompt) } ?: return stop()
        return turn { it.enterBirthDate(whole(date)) }
    }

    private suspend fun newPin(prompt: Prompt.NewPin): Step {
        var typed: Pair<CharArray, CharArray>? = null
        try {
            onScreen { screen.newPin(prompt).also { typed = it } }
            val (first, second) = typed?.run { utf8Of(first) to utf8Of(second) } ?: return stop()
            return try {
                turn { it.enterNewPin(first, second) }
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

    /** Shows where the conversation stands; whether that went well. */
    private suspend fun show(): Boolean {
        if (fault != null) return true
        val progress = turn { it.progress() }
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

/** Calls over the boundary; what the generated code throws of its own becomes a failure of this library's. */
internal inline fun <T> crossed(call: () -> T): T = try {
    call()
} catch (closed: IllegalStateException) {
    throw KaigoTapException.Failed(software("flow_finished", "the object was closed"))
} catch (fault: InternalException) {
    throw KaigoTapException.Failed(software("internal_error", "a fault behind the boundary"))
} catch (malformed: CharacterCodingException) {
    throw KaigoTapException.Failed(software("setup_invalid", "half a surrogate pair in a text"))
}

/** A failure of the app, or of this library. */
internal fun software(code: String, debug: String) =
    Failure(FailureKind.SOFTWARE, code, null, null, Differences(false, false, false), debug)

/** What was thrown, whoever threw it. */
internal fun failureOf(thrown: KaigoTapException): Failure = when (thrown) {
    is KaigoTapException.Failed -> thrown.failure
}

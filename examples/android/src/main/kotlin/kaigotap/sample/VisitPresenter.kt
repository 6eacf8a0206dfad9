package kaigotap.sample

import kaigotap.Ending
import kaigotap.FaceCheck
import kaigotap.PinKind
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Stage
import kaigotap.VerifiedVisit
import kaigotap.VisitScreen
import kaigotap.android.NfcState
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

/** Runs one visit; in the app, through the SDK. */
fun interface VisitRunner {
    suspend fun run(visitor: Visitor, screen: VisitScreen): Ending<VerifiedVisit>
}

/**
 * The flow of the screens: choose, look, enter, hold, read the result. Lives on one thread, that of the scope, and
 * knows nothing of Android's views, so it is tested without a phone.
 */
class VisitPresenter(
    private val scope: CoroutineScope,
    private val visitors: List<Visitor>,
    words: Words,
    private val runner: VisitRunner,
) : VisitScreen {
    private val screens = Screens(words)
    private var nfc = NfcState.ON
    private val shown = MutableStateFlow(screens.home(visitors, nfc))

    private var visit: Job? = null
    private var visitor: Visitor? = null
    private var question: Question? = null
    private var hold = Hold.FIRST

    /** What is to be drawn. */
    val screen: StateFlow<Screen> = shown.asStateFlow()

    /** Whether a visit is under way. */
    val busy: Boolean get() = visit?.isActive == true

    private class Question(val answer: CompletableDeferred<Any?>, val prompt: Prompt?, val pin: PinEntry?)

    /** What NFC does now. */
    fun nfc(state: NfcState) {
        nfc = state
        if (shown.value.name == "home") home()
    }

    /** What somebody did. What makes no sense on this screen is not heard: fingers are faster than screens. */
    fun on(action: Action) {
        val asked = question
        when (action) {
            is Action.Choose -> if (shown.value.name == "home") start(action.visitor)
            Action.FaceMatches -> answerTo("face", FaceCheck.MATCH)
            Action.FaceDiffers -> answerTo("face", FaceCheck.NO_MATCH)
            is Action.Digit -> edit { it.add(action.digit) }
            Action.Erase -> edit { it.erase() }
            Action.Enter -> if (asked?.pin?.full == true) answerTo("pin", asked.pin.take())
            Action.TryLast -> answerTo("last", true)
            Action.Stop -> stop()
            Action.Again -> if (!busy) visitor?.let(::start)
            Action.Home -> if (!busy) home()
            Action.OpenNfcSettings -> Unit
        }
    }

    /**
     * Somebody stops, or leaves the app: nothing of a person stays on the screen, and the SDK wipes what it holds and
     * powers the card down.
     */
    fun stop() {
        visit?.cancel()
        question?.pin?.clear()
        question = null
        home()
    }

    override suspend fun confirmFace(): FaceCheck? = visitor?.let { ask(screens.face(it)) as FaceCheck? }

    override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? {
        // A visit asks for no other.
        if (prompt.pin != PinKind.AUTHENTICATION) return null
        val entry = PinEntry(PIN_LENGTH)
        try {
            return ask(screens.pin(prompt, entry, PIN_LENGTH), prompt, entry) as CharArray?
        } finally {
            entry.clear()
        }
    }

    override suspend fun lastTry(prompt: Prompt.LastTry): Boolean = ask(screens.lastTry(prompt.why)) == true

    override fun show(progress: Progress) {
        when (progress.stage) {
            Stage.AWAIT_CARD -> shown.value = screens.hold(hold)
            Stage.READ_CARD, Stage.SIGN, Stage.CHANGE_PIN -> {
                hold = Hold.SLIPPED
                shown.value = screens.still(progress)
            }
            // These have questions of their own.
            Stage.FACE_CHECK, Stage.ENTER_PIN -> Unit
            else -> shown.value = screens.wait(progress.stage)
        }
    }

    private fun home() {
        visitor = null
        shown.value = screens.home(visitors, nfc)
    }

    private fun start(chosen: Visitor) {
        if (busy || nfc != NfcState.ON) return
        visitor = chosen
        hold = Hold.FIRST
        val before = visit
        visit = scope.launch {
            // One that was stopped may still be powering its card down.
            before?.join()
            val end = try {
                when (val result = runner.run(chosen, this@VisitPresenter)) {
                    is Ending.Failed -> screens.failure(result.failure)
                    is Ending.Done -> screens.result(result.value)
                }
            } catch (cancelled: CancellationException) {
                throw cancelled
            } catch (_: Exception) {
                screens.broken()
            }
            ensureActive()
            shown.value = end
        }
    }

    private suspend fun ask(screen: Screen, prompt: Prompt? = null, pin: PinEntry? = null): Any? {
        // Whoever was asked something holds the card to the phone once more, though it did not slip.
        if (hold == Hold.SLIPPED) hold = Hold.ONCE_MORE
        val asked = Question(CompletableDeferred(), prompt, pin)
        question = asked
        shown.value = screen
        try {
            return asked.answer.await()
        } finally {
            if (question === asked) question = null
        }
    }

    private fun answerTo(screen: String, value: Any?) {
        if (shown.value.name == screen) answer(value)
    }

    private fun answer(value: Any?) {
        val asked = question ?: return
        question = null
        if (!asked.answer.complete(value)) (value as? CharArray)?.fill('\u0000')
    }

    private fun edit(change: (PinEntry) -> Unit) {
        val asked = question ?: return
        val (entry, prompt) = (asked.pin ?: return) to (asked.prompt as? Prompt.EnterPin ?: return)
        change(entry)
        shown.value = screens.pin(prompt, entry, PIN_LENGTH)
    }

    private companion object {
        const val PIN_LENGTH = 4
    }
}

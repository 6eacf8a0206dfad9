package kaigotap.sample

import kaigotap.Attributes
import kaigotap.BirthDateRead
import kaigotap.ChipPhoto
import kaigotap.Ending
import kaigotap.FaceCheck
import kaigotap.PinKind
import kaigotap.PrintedFields
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Stage
import kaigotap.VerifiedVisit
import kaigotap.VisitScreen
import kaigotap.Way
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
    private val words: Words,
    private val runner: VisitRunner,
) : VisitScreen {
    private val screens = Screens(words)
    private var nfc = NfcState.ON
    private val shown = MutableStateFlow(screens.home(visitors, nfc))

    private var visit: Job? = null
    private var visitor: Visitor? = null
    private var question: Question? = null
    private var hold = Hold.FIRST
    private var typed: TypedFields? = null
    private var onPaper = false

    /** What is to be drawn. */
    val screen: StateFlow<Screen> = shown.asStateFlow()

    /** Whether a visit is under way. */
    val busy: Boolean get() = visit?.isActive == true

    private class Question(val answer: CompletableDeferred<Any?>, val prompt: Prompt?, val pin: PinEntry?, val fields: TypedFields?)

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
            Action.Enter -> when {
                asked?.fields != null -> answer(true)
                asked?.pin?.full == true -> answerTo("pin", asked.pin.take())
            }
            is Action.Typed -> asked?.fields?.put(action.field, action.text) ?: action.text.fill('\u0000')
            is Action.Take -> if (action.way in (asked?.prompt as? Prompt.ChooseWay)?.ways.orEmpty()) answer(action.way)
            Action.Paper -> if (asked?.prompt is Prompt.ChooseWay) {
                onPaper = true
                answer(null)
            }
            Action.DateMatches -> answerTo("date", true)
            Action.DateDiffers -> answerTo("date", false)
            Action.PhotoMatches -> answerTo("photo", FaceCheck.MATCH)
            Action.PhotoDiffers -> answerTo("photo", FaceCheck.NO_MATCH)
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
        wipe()
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

    override suspend fun chooseWay(prompt: Prompt.ChooseWay): Way? {
        wipe()
        return ask(screens.ways(prompt), prompt) as Way?
    }

    override suspend fun enterAttributes(prompt: Prompt.EnterAttributes): Attributes? {
        val fields = fields(Field.CERTIFICATE, prompt.fault != null) {
            val known = prompt.prefilled
            when (it) {
                Field.INSURER_NUMBER -> known.insurerNumber
                Field.INSURED_NUMBER -> known.insuredNumber
                Field.NAME_KANA -> known.nameKana
                Field.BIRTH_DATE -> known.birthDate
                Field.SEX -> words.sex(known.sex)
                else -> ""
            }
        }
        if (ask(screens.attributes(prompt, fields), prompt, fields = fields) != true) return null
        val (insurer, insured, name, birth, sex) = Field.CERTIFICATE.map { fields[it].text }
        return Attributes(insurer, insured, name, birth, sex)
    }

    override suspend fun enterPrintedFields(prompt: Prompt.EnterPrinted): PrintedFields? {
        val fields = fields(Field.CARD, prompt.fault != null) { "" }
        if (ask(screens.printed(prompt, fields), prompt, fields = fields) != true) return null
        val (birth, expiry, code) = Field.CARD.map { fields[it].text }
        return PrintedFields(birth, expiry, code)
    }

    override suspend fun confirmBirthDate(read: BirthDateRead): Boolean? = ask(screens.dateRead(read)) as Boolean?

    override suspend fun confirmPhoto(photo: ChipPhoto): FaceCheck? = try {
        ask(screens.photo(photo)) as FaceCheck?
    } finally {
        // No copy of it is kept.
        if (shown.value.name == "photo") shown.value = screens.wait(Stage.EXCHANGE)
    }

    override fun show(progress: Progress) {
        // These have questions of their own.
        if (progress.stage == Stage.FACE_CHECK || progress.stage == Stage.ENTER_PIN) return
        // The SDK has what was typed.
        wipe()
        when (progress.stage) {
            Stage.AWAIT_CARD -> shown.value = screens.hold(hold)
            Stage.READ_CARD, Stage.SIGN, Stage.CHANGE_PIN -> {
                hold = Hold.SLIPPED
                shown.value = screens.still(progress)
            }
            else -> shown.value = screens.wait(progress.stage)
        }
    }

    /** Empty fields, but for what is known; after a fault those that are on the screen, so that one is mended only. */
    private fun fields(of: List<Field>, again: Boolean, known: (Field) -> String): TypedFields {
        typed?.takeIf { again && it.fields == of }?.let { return it }
        wipe()
        return TypedFields(of).also { fresh ->
            for (field in of) fresh.put(field, known(field).toCharArray())
            typed = fresh
        }
    }

    private fun wipe() {
        typed?.clear()
        typed = null
    }

    private fun home() {
        visitor = null
        shown.value = screens.home(visitors, nfc)
    }

    private fun start(chosen: Visitor) {
        if (busy || nfc != NfcState.ON) return
        visitor = chosen
        hold = Hold.FIRST
        onPaper = false
        val before = visit
        visit = scope.launch {
            // One that was stopped may still be powering its card down.
            before?.join()
            val end = try {
                when (val result = runner.run(chosen, this@VisitPresenter)) {
                    is Ending.Failed -> if (onPaper) screens.paper(result.failure) else screens.failure(result.failure)
                    is Ending.Done -> screens.result(result.value)
                }
            } catch (cancelled: CancellationException) {
                throw cancelled
            } catch (_: Exception) {
                screens.broken()
            }
            ensureActive()
            wipe()
            shown.value = end
        }
    }

    private suspend fun ask(screen: Screen, prompt: Prompt? = null, pin: PinEntry? = null, fields: TypedFields? = null): Any? {
        // Whoever was asked something holds the card to the phone once more, though it did not slip.
        if (hold == Hold.SLIPPED) hold = Hold.ONCE_MORE
        val asked = Question(CompletableDeferred(), prompt, pin, fields)
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

package kaigotap.sample

import kaigotap.Attributes
import kaigotap.BirthDateRead
import kaigotap.ChipPhoto
import kaigotap.Ending
import kaigotap.FaceCheck
import kaigotap.Failure
import kaigotap.PinKind
import kaigotap.PrintedFields
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Stage
import kaigotap.VerifiedVisit
import kaigotap.VisitScreen
import kaigotap.WaitingVisit
import kaigotap.Way
import kaigotap.android.NfcState
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
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
    /** Where there are homes without coverage. */
    private val day: OfflineDay? = null,
) : VisitScreen {
    private val screens = Screens(words)
    private val offline = OfflineScreens(words)
    private val idle = ShiftLock(scope, ::lock)
    private var nfc = NfcState.ON
    private val shown = MutableStateFlow(screens.home(visitors, nfc))

    private var visit: Job? = null
    private var visitor: Visitor? = null
    private var question: Question? = null
    private var hold = Hold.FIRST
    private var typed: TypedFields? = null
    private var onPaper = false
    private var again: (() -> Unit)? = null
    private var sendLater: Job? = null
    private val attempt = Attempt()

    /** What is to be drawn. */
    val screen: StateFlow<Screen> = shown.asStateFlow()

    /** Whether a visit is under way. */
    val busy: Boolean get() = visit?.isActive == true

    private class Question(
        val answer: CompletableDeferred<Any?>,
        val prompt: Prompt?,
        val pin: PinEntry?,
        /** The screen of that entry. */
        val drawn: ((PinEntry) -> Screen)?,
        val fields: TypedFields?,
    )

    /** What the visit with a network had come to when it failed, and whether it goes on without one. */
    private class Attempt(var sent: Boolean = false, var uncovered: Boolean = false)

    /** What NFC does now. */
    fun nfc(state: NfcState) {
        nfc = state
        if (shown.value.name == "home") shown.value = first()
    }

    /** What somebody did. What makes no sense on this screen is not heard: fingers are faster than screens. */
    fun on(action: Action) {
        touched()
        val asked = question
        when (action) {
            is Action.Choose -> if (shown.value.name == "home") start(action.visitor)
            Action.FaceMatches -> answerTo("face", FaceCheck.MATCH)
            Action.FaceDiffers -> answerTo("face", FaceCheck.NO_MATCH)
            is Action.Digit -> edit { it.add(action.digit) }
            Action.Erase -> edit { it.erase() }
            Action.Enter -> when {
                asked?.fields != null -> answer(true)
                asked?.pin?.full == true -> answer(asked.pin.take())
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
            Action.Again -> if (!busy) again?.invoke()
            Action.Home -> if (!busy) home()
            Action.OpenNfcSettings -> Unit
            Action.FetchTickets -> if (atHome) fetch()
            Action.Send -> if (atHome) send()
            Action.ShowWaiting -> if (atHome) day?.let { shown.value = offline.waiting(it.view) }
            Action.Acknowledge -> if (shown.value.name == "waiting") acknowledge()
            Action.BeginShift -> if (atHome || shown.value.name == "locked") begin()
            Action.Lock -> if (atHome) lock()
        }
    }

    /** The app is shown: looks at what is held and waits. A phone whose shift is on is locked then. */
    fun look(): Unit? = day?.let { work(Stage.KEEP, ::look) { it.look() } }

    /** Somebody touches the phone, wherever. */
    fun touched() = idle.touched(day?.locksAfterSeconds)

    /** The phone lies idle, or the app is left: as [stop], and whoever goes on with a shift enters its code. */
    fun lock() {
        if (day?.locksAfterSeconds != null) day.cover()
        touched()
        stop()
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

    /** Where a visit goes on without a network it is compared anew: when that was goes on record. */
    override suspend fun confirmFace(): FaceCheck? =
        visitor?.let { ask(screens.face(it, attempt.uncovered)) as FaceCheck? }

    override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? {
        // A visit asks for no other.
        if (prompt.pin != PinKind.AUTHENTICATION) return null
        return enter(PIN_LENGTH, prompt) { screens.pin(prompt, it, PIN_LENGTH) }
    }

    private suspend fun enter(length: Int, prompt: Prompt? = null, drawn: (PinEntry) -> Screen): CharArray? {
        val entry = PinEntry(length)
        try {
            return ask(drawn(entry), prompt, entry, drawn) as CharArray?
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
        if (progress.stage == Stage.EXCHANGE) attempt.sent = true
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

    private val atHome: Boolean get() = shown.value.name == "home" && !busy

    private fun home(told: List<Element> = listOf()) {
        visitor = null
        again = null
        if (day?.locked == true) unlock(day) else shown.value = first(told)
    }

    private fun first(told: List<Element> = listOf()) =
        if (day == null) screens.home(visitors, nfc) else
            screens.home(visitors, nfc, told + offline.state(day.view), offline.choices(day.view))

    private fun start(chosen: Visitor) {
        if (busy || nfc != NfcState.ON) return
        begins { start(chosen) }
        visitor = chosen
        hold = Hold.FIRST
        onPaper = false
        attempt.run { sent = false; uncovered = false }
        run {
            when (val result = runner.run(chosen, this@VisitPresenter)) {
                is Ending.Done -> screens.result(result.value)
                is Ending.Failed -> when (val other = withTicket(chosen, result.failure)) {
                    null -> failed(result.failure)
                    is Ending.Done -> offline.waits(other.value)
                    is Ending.Failed -> failed(other.failure)
                }
            }
        }
    }

    /** The same visit where there is no network, with a ticket that is held; `null` if that is not how it is. */
    private suspend fun withTicket(chosen: Visitor, failure: Failure): Ending<WaitingVisit>? {
        // Where the platform may have heard of the visit, it is not made a second time.
        val unheard = failure.code == "server_unreachable" || failure.code == "server_no_answer" && !attempt.sent
        if (day == null || !unheard || day.view.tickets.isEmpty()) return null
        attempt.uncovered = true
        hold = Hold.FIRST
        return day.visit(chosen, this)
    }

    private fun failed(failure: Failure) = if (onPaper) screens.paper(failure) else screens.failure(failure)

    private fun fetch(): Unit? = day?.let { work(Stage.CHALLENGE, ::fetch) { it.fetch() } }

    private fun acknowledge(): Unit? = day?.let { work(Stage.KEEP, ::acknowledge) { it.acknowledge() } }

    private fun begin(): Unit? = day?.let { day ->
        visit?.cancel()
        work(Stage.CHALLENGE, ::begin) { day.begin { enter(CODE_LENGTH) { offline.newCode(it) } ?: CharArray(0) } }
    }

    private fun send() {
        if (day == null) return
        begins(::send)
        run {
            shown.value = screens.wait(Stage.SEND_WAITING)
            when (val ending = day.send()) {
                is Ending.Failed -> screens.failure(ending.failure)
                is Ending.Done -> {
                    // No earlier than the SDK says, and only where nobody does something else.
                    ending.value.againAfterMs?.let { wait ->
                        sendLater = scope.launch {
                            delay(wait.toLong())
                            if (atHome) send()
                        }
                    }
                    first(offline.sent(ending.value))
                }
            }
        }
    }

    /** Something without questions, after which the first screen is shown. */
    private fun work(stage: Stage, anew: () -> Unit?, act: suspend () -> Ending<*>) {
        begins { anew() }
        run {
            shown.value = screens.wait(stage)
            when (val ending = act()) {
                is Ending.Failed -> if (ending.failure.code == "shift_locked") first() else screens.failure(ending.failure)
                is Ending.Done -> first()
            }
        }
    }

    /** Asks for the code until it is right, or the shift is wiped. */
    private fun unlock(day: OfflineDay) {
        shown.value = screens.wait(Stage.KEEP)
        run {
            day.lock()
            var refusal: Failure? = null
            while (day.locked) {
                val code = enter(CODE_LENGTH) { offline.locked(refusal, it) } ?: continue
                shown.value = screens.wait(Stage.KEEP)
                refusal = (day.unlock(code) as? Ending.Failed)?.failure
            }
            refusal?.let(screens::failure) ?: first()
        }
    }

    private fun begins(anew: () -> Unit) {
        again = anew
        sendLater?.cancel()
    }

    /** Does it, and shows what it ends with. */
    private fun run(act: suspend () -> Screen) {
        val before = visit
        visit = scope.launch {
            // One that was stopped may still be powering its card down.
            before?.join()
            val end = try {
                act()
            } catch (cancelled: CancellationException) {
                throw cancelled
            } catch (_: Exception) {
                screens.broken()
            }
            ensureActive()
            wipe()
            // What went wrong is told before the phone is locked again; it is about nobody.
            if (day?.locked == true && end.name != "failure") unlock(day) else shown.value = end
            touched()
        }
    }

    private suspend fun ask(
        screen: Screen,
        prompt: Prompt? = null,
        pin: PinEntry? = null,
        drawn: ((PinEntry) -> Screen)? = null,
        fields: TypedFields? = null,
    ): Any? {
        // Whoever was asked something holds the card to the phone once more, though it did not slip.
        if (hold == Hold.SLIPPED) hold = Hold.ONCE_MORE
        val asked = Question(CompletableDeferred(), prompt, pin, drawn, fields)
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
        val entry = asked.pin ?: return
        change(entry)
        asked.drawn?.let { shown.value = it(entry) }
    }

    private companion object {
        const val PIN_LENGTH = 4

        /** The SDK takes codes of 6 to 12 digits. */
        const val CODE_LENGTH = 6
    }
}

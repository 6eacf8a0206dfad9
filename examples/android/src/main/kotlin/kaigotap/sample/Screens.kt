package kaigotap.sample

import kaigotap.Failure
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Stage
import kaigotap.VerifiedVisit
import kaigotap.android.NfcState
import kaigotap.sample.Element.Bar
import kaigotap.sample.Element.Choice
import kaigotap.sample.Element.Dots
import kaigotap.sample.Element.Heading
import kaigotap.sample.Element.Keypad
import kaigotap.sample.Element.Large
import kaigotap.sample.Element.Notice
import kaigotap.sample.Element.Text

/** How each moment of a visit looks. Knows nothing and decides nothing. */
class Screens(private val words: Words) {
    fun home(visitors: List<Visitor>, nfc: NfcState) = Screen(
        "home",
        listOf(Heading(words.choosePerson)) + when (nfc) {
            // Said before the face check and not after it.
            NfcState.ABSENT -> listOf(Notice(words.nfcAbsent, Tone.CARE))
            NfcState.OFF -> listOf(
                Notice(words.nfcOff, Tone.CARE),
                Choice(words.openSettings, Action.OpenNfcSettings, Weight.FIRST),
            )
            NfcState.ON -> visitors.map { Choice(it.name, Action.Choose(it), spoken = "${it.name}、${it.nameKana}") }
        },
    )

    fun face(visitor: Visitor) = Screen(
        "face",
        listOf(
            Heading(words.faceTitle),
            Text(words.faceHow(visitor)),
            Choice(words.faceMatches, Action.FaceMatches, Weight.FIRST),
            Choice(words.faceDiffers, Action.FaceDiffers),
            Choice(words.stop, Action.Stop),
        ),
    )

    fun hold(again: Boolean) = Screen(
        "hold",
        listOf(
            Heading(words.holdTitle),
            if (again) Notice(words.holdAgain, Tone.CARE) else Text(words.holdHow),
            Choice(words.stop, Action.Stop),
        ),
    )

    fun still(progress: Progress): Screen {
        val percent = if (progress.total == 0u) null else
            (progress.done.toLong() * 100 / progress.total.toLong()).toInt().coerceIn(0, 100)
        return Screen(
            "still",
            listOf(Heading(words.stillTitle), Text(words.still), Bar(percent, words.progress(percent))),
        )
    }

    fun wait(stage: Stage) = Screen(
        "wait",
        listOf(
            Heading(words.waitTitle),
            Text(words.waiting(stage)),
            Bar(null, words.waiting(stage)),
            Choice(words.stop, Action.Stop),
        ),
    )

    fun pin(prompt: Prompt.EnterPin, entry: PinEntry, length: Int) = Screen(
        "pin",
        listOfNotNull(
            Heading(words.pinTitle),
            words.why(prompt.why)?.let { Notice(it, Tone.CARE) },
            Text(words.tries(prompt.triesLeft.toInt())),
            Text(words.pinHow),
            Dots(entry.entered, length, words.dots(entry.entered, length)),
            Keypad(words.keypad, words.erase, entry.full),
            if (entry.full) Choice(words.enter, Action.Enter, Weight.FIRST) else null,
            Choice(words.stop, Action.Stop),
        ),
    )

    fun lastTry() = Screen(
        "last",
        listOf(
            Heading(words.lastTitle),
            Notice(words.lastWarning, Tone.CARE),
            Choice(words.lastStop, Action.Stop, Weight.FIRST),
            Choice(words.lastGo, Action.TryLast),
        ),
    )

    fun result(verified: VerifiedVisit): Screen {
        val entitlement = verified.entitlement
        val level = entitlement.careLevel
        return Screen(
            "result",
            listOfNotNull(
                Heading(words.doneTitle),
                Notice("${words.doneTitle} ✓", Tone.GOOD),
                Large(words.person, entitlement.person.nameKana),
                Large(words.birthDate, words.date(entitlement.person.birthDate)),
                Large(words.careLevel, level?.let(words::level) ?: words.noCareLevel),
                level?.let { Text("${words.until} ${words.date(it.validUntil)}") },
                entitlement.burdenRatio?.let { Large(words.burden, words.percent(it.percent.toInt())) },
                Choice(words.home, Action.Home, Weight.FIRST),
            ),
        )
    }

    fun otherPerson() = failed(words.otherTitle, null, words.otherNext, null, again = false)

    fun failure(failure: Failure) = failed(
        words.failedTitle,
        failure.message(words.language),
        failure.nextAction(words.language),
        words.code(failure.code),
        again = true,
    )

    /** Where not even the SDK can say what happened. */
    fun broken() = failed(words.failedTitle, null, words.unknownFailure, null, again = false)

    private fun failed(title: String, what: String?, next: String, code: String?, again: Boolean) = Screen(
        "failure",
        listOfNotNull(
            Heading(title),
            what?.let { Notice(it, Tone.CARE) },
            Large(words.next, next),
            if (again) Choice(words.again, Action.Again, Weight.FIRST) else null,
            Choice(words.home, Action.Home, if (again) Weight.OTHER else Weight.FIRST),
            code?.let { Text(it) },
        ),
    )
}

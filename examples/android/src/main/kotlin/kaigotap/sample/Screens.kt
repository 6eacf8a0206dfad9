package kaigotap.sample

import kaigotap.Failure
import kaigotap.Origin
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Retry
import kaigotap.Stage
import kaigotap.VerifiedVisit
import kaigotap.WhyPin
import kaigotap.android.NfcState
import kaigotap.sample.Element.Bar
import kaigotap.sample.Element.Choice
import kaigotap.sample.Element.Dots
import kaigotap.sample.Element.Heading
import kaigotap.sample.Element.Keypad
import kaigotap.sample.Element.Large
import kaigotap.sample.Element.Notice
import kaigotap.sample.Element.Text

/** Why a card is to be held to the phone. */
enum class Hold { FIRST, SLIPPED, ONCE_MORE }

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

    fun hold(hold: Hold) = Screen(
        "hold",
        listOf(
            Heading(words.holdTitle),
            when (hold) {
                Hold.FIRST -> Text(words.holdHow)
                Hold.SLIPPED -> Notice(words.holdAgain, Tone.CARE)
                Hold.ONCE_MORE -> Text(words.holdOnceMore)
            },
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
            Text(prompt.triesLeft?.let { words.tries(it.toInt()) } ?: words.triesUnknown),
            Text(words.pinHow),
            Dots(entry.entered, length, words.dots(entry.entered, length)),
            Keypad(words.keypad, words.erase, entry.full),
            if (entry.full) Choice(words.enter, Action.Enter, Weight.FIRST) else null,
            Choice(words.stop, Action.Stop),
        ),
    )

    fun lastTry(why: WhyPin = WhyPin.FIRST) = Screen(
        "last",
        listOfNotNull(
            Heading(words.lastTitle),
            words.why(why)?.let { Notice(it, Tone.CARE) },
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
                if (verified.trust == Origin.TEST) Notice(words.testTrust, Tone.CARE) else null,
                Large(words.person, entitlement.person.nameKana),
                entitlement.person.birthDate?.let { Large(words.birthDate, words.date(it)) },
                Large(words.careLevel, level?.let(words::level) ?: words.noCareLevel),
                level?.let { Text("${words.until} ${words.date(it.validUntil)}") },
                entitlement.burdenRatio?.let { Large(words.burden, words.percent(it.percent.toInt())) },
                Choice(words.home, Action.Home, Weight.FIRST),
            ),
        )
    }

    fun failure(failure: Failure) = failed(
        words.failedTitle,
        failure.message(words.language),
        failure.nextAction(words.language),
        words.code(failure.code),
        failure.retry(),
    )

    /** Where not even the SDK can say what happened. */
    fun broken() = failed(words.failedTitle, null, words.unknownFailure, null, Retry.NONE)

    private fun failed(title: String, what: String?, next: String, code: String?, retry: Retry): Screen {
        val again = Choice(words.again, Action.Again, if (retry == Retry.SAME) Weight.FIRST else Weight.OTHER)
        val home = Choice(words.home, Action.Home, if (retry == Retry.SAME) Weight.OTHER else Weight.FIRST)
        // The first button is the one that leads on: "again" only where the same can succeed.
        val choices = when (retry) {
            Retry.SAME -> listOf(again, home)
            Retry.OTHER_WAY -> listOf(home, again)
            Retry.NONE -> listOf(home)
        }
        return Screen(
            "failure",
            listOfNotNull(Heading(title), what?.let { Notice(it, Tone.CARE) }, Large(words.next, next)) + choices +
                listOfNotNull(code?.let { Text(it) }),
        )
    }
}

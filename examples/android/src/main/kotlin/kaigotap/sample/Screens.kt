package kaigotap.sample

import kaigotap.BirthDateRead
import kaigotap.ChipPhoto
import kaigotap.Failure
import kaigotap.Origin
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Retry
import kaigotap.Stage
import kaigotap.VerifiedVisit
import kaigotap.Way
import kaigotap.WhyPin
import kaigotap.android.NfcState
import kaigotap.sample.Element.Bar
import kaigotap.sample.Element.Choice
import kaigotap.sample.Element.Dots
import kaigotap.sample.Element.Heading
import kaigotap.sample.Element.Input
import kaigotap.sample.Element.Keypad
import kaigotap.sample.Element.Large
import kaigotap.sample.Element.Notice
import kaigotap.sample.Element.Picture
import kaigotap.sample.Element.Text

/** Why a card is to be held to the phone. */
enum class Hold { FIRST, SLIPPED, ONCE_MORE }

/** How each moment of a visit looks. Knows nothing and decides nothing. */
class Screens(private val words: Words) {
    fun home(visitors: List<Visitor>, nfc: NfcState, above: List<Element> = listOf(), below: List<Element> = listOf()) = Screen(
        "home",
        listOf(Heading(words.choosePerson)) + above + when (nfc) {
            // Said before the face check and not after it.
            NfcState.ABSENT -> listOf(Notice(words.nfcAbsent, Tone.CARE))
            NfcState.OFF -> listOf(
                Notice(words.nfcOff, Tone.CARE),
                Choice(words.openSettings, Action.OpenNfcSettings, Weight.FIRST),
            )
            NfcState.ON -> visitors.map { Choice(it.name, Action.Choose(it), spoken = "${it.name}、${it.nameKana}") }
        } + below,
    )

    fun face(visitor: Visitor, uncovered: Boolean = false) = Screen(
        "face",
        listOfNotNull(
            Heading(words.faceTitle),
            if (uncovered) Notice(words.noNetwork, Tone.CARE) else null,
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

    /** One way has failed; which is next? The best of them stands out. */
    fun ways(prompt: Prompt.ChooseWay) = Screen(
        "ways",
        listOf(
            Heading(words.waysTitle),
            Notice(prompt.after.message(words.language), Tone.CARE),
            Large(words.next, prompt.after.nextAction(words.language)),
        ) + prompt.ways.mapIndexed { index, way ->
            Choice(words.way(way), Action.Take(way), if (index == 0) Weight.FIRST else Weight.OTHER)
        } + listOf(Choice(words.paper, Action.Paper), Text(words.code(prompt.after.code))),
    )

    /** Nothing is left but paper: what to note on it. */
    fun paper(failure: Failure) = Screen(
        "paper",
        listOf(Heading(words.paperTitle), Notice(failure.message(words.language), Tone.CARE)) +
            failure.toNote(words.language).map { Text("□ $it", spoken = it) } +
            listOf(Choice(words.home, Action.Home, Weight.FIRST), Text(words.code(failure.code))),
    )

    fun attributes(prompt: Prompt.EnterAttributes, typed: TypedFields): Screen {
        val how = if (prompt.way == Way.DISASTER) words.disasterHow else words.attributesHow
        val fault = prompt.fault?.let { Field.valueOf(it.attribute.name) to words.fault(it.faulty) }
        return fields("attributes", words.attributesTitle, listOf(Text(how)), typed, fault)
    }

    fun printed(prompt: Prompt.EnterPrinted, typed: TypedFields): Screen {
        val before = listOfNotNull(
            words.whyPrinted(prompt.why)?.let { Notice(it, Tone.CARE) },
            prompt.triesLeft?.let { Text(words.tries(it.toInt())) },
            Text(words.printedHow),
        )
        val fault = prompt.fault?.let { Field.valueOf(it.field.name) to words.fault(it.faulty) }
        return fields("printed", words.printedTitle, before, typed, fault)
    }

    private fun fields(name: String, title: String, how: List<Element>, typed: TypedFields, fault: Pair<Field, String>?) = Screen(
        name,
        listOf(Heading(title)) +
            listOfNotNull(fault?.let { (field, wrong) -> Notice("${words.field(field)}：$wrong", Tone.CARE) }) + how +
            typed.fields.map { field ->
                Input(field, words.field(field), typed[field], fault?.takeIf { it.first == field }?.second)
            } + listOf(Choice(words.enter, Action.Enter, Weight.FIRST), Choice(words.stop, Action.Stop)),
    )

    fun dateRead(read: BirthDateRead) = Screen(
        "date",
        listOf(
            Heading(words.dateTitle),
            Large(words.birthDate, words.read(read)),
            Text(words.dateHow),
            Choice(words.dateMatches, Action.DateMatches, Weight.FIRST),
            Choice(words.dateDiffers, Action.DateDiffers),
            Choice(words.stop, Action.Stop),
        ),
    )

    /** Who cannot see the photo is not asked whether it is the right one. */
    fun photo(photo: ChipPhoto) = Screen(
        "photo",
        listOf(Heading(words.photoTitle)) + (
            photo.pixels?.let {
                listOf(
                    Picture(it, words.photoTitle),
                    Text(words.photoHow),
                    Choice(words.photoMatches, Action.PhotoMatches, Weight.FIRST),
                    Choice(words.faceDiffers, Action.PhotoDiffers),
                )
            } ?: listOf(Notice(words.photoUnreadable, Tone.CARE))
            ) + Choice(words.stop, Action.Stop),
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

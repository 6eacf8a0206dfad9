package kaigotap.sample

import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import kaigotap.EntryState
import kaigotap.Failure
import kaigotap.JournalEntry
import kaigotap.Origin
import kaigotap.SendReport
import kaigotap.WaitingVisit
import kaigotap.sample.Element.Choice
import kaigotap.sample.Element.Dots
import kaigotap.sample.Element.Heading
import kaigotap.sample.Element.Keypad
import kaigotap.sample.Element.Notice
import kaigotap.sample.Element.Text

/** How a day with homes without coverage looks. Knows nothing and decides nothing. */
class OfflineScreens(private val words: Words, private val zone: ZoneId = ZoneId.systemDefault()) {
    /** What the first screen says above the names. */
    fun state(view: DayView): List<Element> =
        view.findings.map { Notice(told(it), Tone.CARE) } + listOfNotNull(
            Text(words.tickets(view.tickets.size, view.ticketsUntilMs?.let(::time))),
            if (view.othersWaiting > 0) Text(words.othersWaiting(view.othersWaiting)) else null,
        )

    /** What the first screen offers below the names. */
    fun choices(view: DayView): List<Element> = listOfNotNull(
        if (view.entries.isEmpty()) null else Choice(words.entries(view.waiting, view.ended.size), Action.ShowWaiting),
        if (view.waiting + view.othersWaiting == 0) null else Choice(words.send, Action.Send),
        Choice(words.fetchTickets, Action.FetchTickets),
        if (view.shift) Choice(words.lock, Action.Lock) else Choice(words.beginShift, Action.BeginShift),
    )

    /** What came of a sending, with the reason where something waits on. */
    fun sent(report: SendReport): List<Element> = listOfNotNull(
        report.run { words.sent(confirmed.toInt(), refused.toInt(), expired.toInt()) }?.let { Notice(it, Tone.GOOD) },
        report.heldUp?.let { Notice(told(it), Tone.CARE) },
    )

    /** The end of a visit without coverage. It must not look like a confirmation. */
    fun waits(visit: WaitingVisit) = Screen(
        "waits",
        listOfNotNull(
            Heading(words.waitsTitle),
            Notice(words.waitsHow(time(visit.expiresMs.toLong())), Tone.CARE),
            if (visit.clockSet) Notice(words.clockSet, Tone.CARE) else null,
            if (visit.trust == Origin.TEST) Notice(words.testTrust, Tone.CARE) else null,
            Choice(words.home, Action.Home, Weight.FIRST),
        ),
    )

    /** A nurse's own visits, and what came of each. */
    fun waiting(view: DayView) = Screen(
        "waiting",
        listOf(Heading(words.waitingTitle)) + view.entries.flatMap(::entry) + listOfNotNull(
            if (view.ended.isEmpty()) null else Choice(words.acknowledge, Action.Acknowledge),
            Choice(words.home, Action.Home, Weight.FIRST),
        ),
    )

    private fun entry(entry: JournalEntry): List<Element> {
        val what = if (entry.isNote) words.note(entry.label) else entry.label
        val line = "${time(entry.claimedAtMs.toLong())}　$what　${words.state(entry.state)}"
        val more = when (entry.state) {
            EntryState.REFUSED -> entry.refusal?.let { Notice(told(it), Tone.CARE) }
            EntryState.EXPIRED -> Notice(words.expired, Tone.CARE)
            EntryState.WAITING -> entry.expiresMs?.let { Text(words.sendUntil(time(it.toLong()))) }
            EntryState.CONFIRMED -> null
        }
        return listOfNotNull(Text(line), more)
    }

    /** Whoever has signed in chooses the code of their shift. */
    fun newCode(entry: PinEntry) = code(
        "code", words.newCodeTitle, words.newCodeHow, null, entry, Choice(words.stop, Action.Stop),
    )

    /** All that is shown of a locked phone. */
    fun locked(refusal: Failure?, entry: PinEntry) = code(
        "locked", words.lockedTitle, words.lockedHow, refusal, entry, Choice(words.beginOtherShift, Action.BeginShift),
    )

    private fun code(name: String, title: String, how: String, refusal: Failure?, entry: PinEntry, other: Choice) = Screen(
        name,
        listOfNotNull(
            Heading(title),
            refusal?.let { Notice(told(it), Tone.CARE) },
            Text(how),
            Dots(entry.entered, entry.length, words.dots(entry.entered, entry.length)),
            Keypad(words.keypad, words.erase, entry.full),
            if (entry.full) Choice(words.enter, Action.Enter, Weight.FIRST) else null,
            other,
        ),
    )

    private fun told(failure: Failure) = failure.message(words.language) + words.between + failure.nextAction(words.language)

    private fun time(ms: Long): String = CLOCK.format(Instant.ofEpochMilli(ms).atZone(zone))

    private companion object {
        val CLOCK: DateTimeFormatter = DateTimeFormatter.ofPattern("HH:mm")
    }
}

package kaigotap.sample

import kaigotap.CardLink
import kaigotap.ChosenPerson
import kaigotap.Ending
import kaigotap.EntryState
import kaigotap.Failure
import kaigotap.HeldTicket
import kaigotap.HostFault
import kaigotap.HttpLink
import kaigotap.JournalEntry
import kaigotap.Offline
import kaigotap.Plan
import kaigotap.SendReport
import kaigotap.Shift
import kaigotap.ShiftChange
import kaigotap.SignedIn
import kaigotap.UrlConnectionHttp
import kaigotap.Use
import kaigotap.VisitScreen
import kaigotap.WaitingVisit
import kaigotap.Way
import kaigotap.failure
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/** What a nurse sees of their visits without coverage. */
data class DayView(
    val tickets: List<HeldTicket> = listOf(),
    /** Their own, as far as they have not acknowledged what came of it. */
    val entries: List<JournalEntry> = listOf(),
    val othersWaiting: Int = 0,
    /** What was noticed of the store. */
    val findings: List<Failure> = listOf(),
    /** Whether a shift is on. */
    val shift: Boolean = false,
) {
    /** Until when all of them are good, in milliseconds since 1970. */
    val ticketsUntilMs: Long? get() = tickets.minOfOrNull { it.untilMs.toLong() }

    val waiting: Int get() = entries.count { it.state == EntryState.WAITING }

    /** The numbers of those of which something came. */
    val ended: List<ULong> get() = entries.filter { it.state != EntryState.WAITING }.map { it.number }
}

/**
 * A day with homes without coverage, on a phone that several nurses may share: who has signed in, their shift, and what the
 * SDK keeps for them. Nothing of it outlives the app but what the SDK has sealed.
 */
class OfflineDay(
    private val card: CardLink,
    private val http: HttpLink = UrlConnectionHttp(),
    /** How long the phone may lie untouched during a shift. */
    private val idleAfter: Duration = 5.minutes,
    private val signIn: suspend () -> Ending<SignedIn>,
    open: () -> Offline,
) {
    // One object for one store.
    private val offline by lazy(open)
    private var staff: SignedIn? = null
    private var shift: Shift? = null

    /** What was seen when it was last looked. */
    var view = DayView()
        private set

    /** Whether a shift is on that has to be unlocked. */
    var locked = false
        private set

    /** After how long without a touch the app locks itself. */
    val locksAfterSeconds: ULong? get() = shift?.idleAfterSeconds()

    /** Who has signed in. After their token's time, and after a start of the app, they do it anew. */
    suspend fun signedIn(): Ending<SignedIn> {
        staff?.takeIf { it.untilMs.toLong() > System.currentTimeMillis() }?.let { return Ending.Done(it) }
        return signIn().then { fresh ->
            staff = fresh
            if (shift.let { it == null || it.staffId() == fresh.staffId }) return@then Ending.Done(fresh)
            // The shift is another's, and nothing of it is this one's to see.
            cover()
            Ending.Failed(failure(HostFault.CANCELLED))
        }
    }

    /** Looks at what is held and what waits, without asking anybody. */
    suspend fun look(): Ending<DayView> {
        val ending = offline.heldTickets(holder(), shift).then { tickets ->
            offline.journal(holder(), shift).then { journal ->
                val findings = (tickets.findings + journal.findings).map { it.failure }.distinctBy { it.code }
                val others = journal.othersWaiting.toInt()
                Ending.Done(DayView(tickets.held, journal.entries, others, findings, shift != null))
            }
        }
        when (ending) {
            is Ending.Done -> view = ending.value
            is Ending.Failed -> if (ending.failure.code == "shift_locked") cover()
        }
        return ending
    }

    /** Before leaving: as many tickets as a day has visits. Those of whoever had the phone before are given back. */
    suspend fun fetch(): Ending<DayView> = signedIn().then { staff ->
        look().then { held ->
            // For whoever it may be. With one for a person, their `subject` in place of `null`, their card needs no PIN.
            val people = List(TICKETS - held.tickets.size) { null }
            if (people.isEmpty()) Ending.Done(held) else offline.fetchTickets(people, staff.staffToken, http).then { look() }
        }
    }

    /** A visit where there is no network. It is on the disk when it ends; nobody is confirmed. */
    suspend fun visit(visitor: Visitor, screen: VisitScreen): Ending<WaitingVisit> {
        val plan = Plan(listOf(Use.VIEW), ChosenPerson(visitor.nameKana, visitor.birthDate), offers = Way.entries)
        // The label is what the nurse knows the visit by. It is sealed like the rest, and never sent.
        val ending = offline.visit(plan, holder(), card, screen, label = visitor.name, shift = shift)
        look()
        return ending
    }

    /** Where there is coverage: sends what waits, whoever made it. */
    suspend fun send(): Ending<SendReport> {
        val ending = signedIn().then { offline.sendWaiting(it.staffToken, http) }
        look()
        return ending
    }

    /** The nurse has read what came of their visits: that is forgotten. */
    suspend fun acknowledge(): Ending<DayView> =
        offline.acknowledge(view.ended, holder(), shift).then { look() }

    /** Begins the shift of a nurse who signs in now, with the code that they choose. Their password is typed anew. */
    suspend fun begin(choose: suspend () -> CharArray): Ending<DayView> {
        staff = null
        return signIn().then { fresh ->
            offline.beginShift(fresh.staffToken, choose(), idleAfter).then { change ->
                staff = fresh
                opened(change)
            }
        }
    }

    /** Unlocks the shift with its code. Five wrong ones in a row wipe it with its tickets; what waits stays. */
    suspend fun unlock(code: CharArray): Ending<DayView> = offline.unlockShift(code).then { opened(it) }

    /** At once: nothing is shown any more. The shift is locked on the disk by [lock]. */
    fun cover() {
        shift = null
        locked = true
        view = DayView()
    }

    /** Stop a visit that is on first. */
    suspend fun lock() = offline.lockShift()

    private suspend fun opened(change: ShiftChange): Ending<DayView> {
        val refusal = change.refusal
        // Wiped, or ended: there is nothing to unlock, and nobody is signed in.
        locked = refusal?.code == "unlock_wrong"
        shift = change.shift
        if (!locked && staff?.staffId != shift?.staffId()) staff = null
        val seen = if (locked) Ending.Done(view) else look()
        return if (refusal == null) seen else Ending.Failed(refusal)
    }

    private fun holder() = shift?.staffId() ?: staff?.staffId ?: NOBODY

    private companion object {
        /** How many tickets a phone carries here; the SDK holds up to 20. */
        const val TICKETS = 6

        /** Nothing is theirs; on a phone with a shift they are told that it is locked. */
        const val NOBODY = "nobody"
    }
}

/** What follows, unless it has failed already. */
private inline fun <T, R> Ending<T>.then(next: (T) -> Ending<R>): Ending<R> = when (this) {
    is Ending.Done -> next(value)
    is Ending.Failed -> this
}

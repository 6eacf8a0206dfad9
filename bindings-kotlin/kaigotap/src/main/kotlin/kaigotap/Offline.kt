package kaigotap

import kotlin.time.Duration
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * What a device does where there is no network, and before and after it: tickets are fetched, visits and what belongs to them
 * wait in a journal in [store], sealed by the key of [journal], and are sent later. Each function ends, and is cancelled, as
 * [run] says; one waits for the other. One object for one [store].
 *
 * The mark of [journal] is raised with each outcome. What was noticed of the store is in the outcome's `findings`; it ends
 * nothing. `staffId` is whoever holds the device ([SignedIn.staffId]): only their own is used and shown. On a device with
 * shifts the [Shift] says it, and without one everything that is somebody's own ends with `shift_locked`.
 */
class Offline(
    private val enrolment: Enrolment,
    private val keys: DeviceKeys,
    private val journal: JournalKeys,
    private val store: Store,
    private val anchors: TrustAnchors = TrustAnchors.Production,
    private val cardAuthorities: CardAuthorities? = null,
    private val limits: Limits = Limits(),
) {
    private val device = enrolment.run {
        Device(server, issuer, challengeKeys, device, this@Offline.keys, anchors, cardAuthorities)
    }
    private val one = Mutex()

    /**
     * Fetches a ticket (持ち出し) for each of these people ([VerifiedVisit.subject]), or for whoever it may be, in one call: at
     * most 20, good for up to 12 hours.
     */
    suspend fun fetchTickets(
        people: List<String?>,
        staffToken: String,
        http: HttpLink,
        hours: UByte = LONGEST_HOURS,
    ): Ending<Tickets> =
        kept({ key, _ -> device.with(staffToken) { fetchTickets(it, key, people, hours) } }, ::tickets, http = http)

    /** The tickets that are held, without asking anybody. */
    suspend fun heldTickets(staffId: String, shift: Shift? = null): Ending<Tickets> =
        kept({ key, entropy -> heldTickets(held(staffId, shift, key, entropy)) }, ::tickets)

    /** Gives back what is held and not used. */
    suspend fun returnTickets(staffToken: String, http: HttpLink): Ending<Tickets> =
        kept({ key, _ -> device.with(staffToken) { returnTickets(it, key) } }, ::tickets, http = http)

    /**
     * A visit where there is no network, with a ticket that was fetched before. It is on the disk when it ends; nobody is
     * confirmed, and nothing of the platform is shown.
     */
    suspend fun visit(
        plan: Plan,
        staffId: String,
        card: CardLink,
        screen: VisitScreen,
        /** What its maker will know it by, at most 128 characters. It is sealed like the rest, and not sent. */
        label: String,
        shift: Shift? = null,
    ): Ending<WaitingVisit> = kept(
        { key, entropy -> offlineVisit(plan, held(staffId, shift, key, entropy), label) },
        { (it as? Outcome.VisitWaits)?.run { waits to waits.mark } },
        card = card,
        screen = screen,
    )

    /**
     * Notes the person's consent behind a visit that waits, by its number: it is sent after it, and taken only if the visit is
     * confirmed. The number of the note.
     */
    suspend fun noteConsent(
        visit: ULong,
        explained: Boolean,
        agreed: Boolean,
        staffId: String,
        shift: Shift? = null,
    ): Ending<ULong> =
        kept({ key, entropy -> noteConsent(held(staffId, shift, key, entropy), visit, explained, agreed) }, ::noted)

    /** Notes a filing in the same way. */
    suspend fun noteFiling(visit: ULong, notice: Notice, staffId: String, shift: Shift? = null): Ending<ULong> =
        kept({ key, entropy -> noteFiling(held(staffId, shift, key, entropy), visit, notice) }, ::noted)

    /**
     * Sends what waits, in order, whoever made it. [SendReport.heldUp] says why something waits on. A device that was killed
     * (`device_revoked`) forgets everything that it keeps, the key of the journal last.
     */
    suspend fun sendWaiting(staffToken: String, http: HttpLink): Ending<SendReport> = kept(
        { key, _ -> device.with(staffToken) { sendWaiting(it, key) } },
        { (it as? Outcome.WaitingSent)?.run { report to report.mark } },
        http = http,
        failed = { if (it.code == "device_revoked") journal.forget() },
    )

    /** What this staff member has made on this device, as far as they have not acknowledged what came of it. */
    suspend fun journal(staffId: String, shift: Shift? = null): Ending<JournalView> = kept(
        { key, entropy -> journal(held(staffId, shift, key, entropy)) },
        { (it as? Outcome.JournalTold)?.run { journal to journal.mark } },
    )

    /** They were told what came of these: they are forgotten. */
    suspend fun acknowledge(numbers: List<ULong>, staffId: String, shift: Shift? = null): Ending<Unit> = kept(
        { key, entropy -> acknowledge(held(staffId, shift, key, entropy), numbers) },
        { (it as? Outcome.Acknowledged)?.run { Unit to mark } },
    )

    /** Whether the journal is as this device left it ([Device.verifyJournal]). */
    suspend fun verify(): Ending<JournalReport> = one.withLock { device.verifyJournal(journal, store, limits) }

    /**
     * Begins the shift of a staff member who has just signed in, with a code of 6 to 12 digits that they choose. If the device
     * was another one's, that one's tickets are wiped; what waits stays. The code is filled with zeros.
     */
    suspend fun beginShift(
        staffToken: String,
        code: CharArray,
        /** How long the device may lie untouched until the app locks it. */
        idleAfter: Duration,
    ): Ending<ShiftChange> = withCode(code) { bytes ->
        val seconds = idleAfter.inWholeSeconds.coerceAtLeast(0).toULong()
        kept({ key, entropy -> beginShift(key, enrolment.device, staffToken, bytes, seconds, entropy) }, ::changed)
    }

    /**
     * Unlocks the shift with its holder's code, which is filled with zeros. A wrong one is no failure, but a
     * [ShiftChange.refusal]; five in a row wipe the shift and its tickets.
     */
    suspend fun unlockShift(code: CharArray): Ending<ShiftChange> = withCode(code) { bytes ->
        kept({ key, entropy -> unlockShift(key, enrolment.device, bytes, entropy) }, ::changed)
    }

    /** Locks the shift: when the device lies idle, or is handed over. Nothing is wiped. Stop a visit that is on first. */
    suspend fun lockShift(): Ending<ShiftChange> =
        kept({ key, entropy -> lockShift(key, enrolment.device, entropy) }, ::changed)

    /** Ends the shift, and wipes its tickets: return them first, where there is a network. */
    suspend fun endShift(): Ending<ShiftChange> =
        kept({ key, entropy -> endShift(key, enrolment.device, entropy) }, ::changed)

    private fun held(staffId: String, shift: Shift?, key: JournalKey, entropy: ByteArray) =
        OfflineEnvironment(enrolment, staffId, anchors, key, entropy, shift, cardAuthorities)

    /** A conversation over the journal, whose mark is raised with the one that the outcome has. */
    private suspend fun <T : Any> kept(
        begin: (JournalKey, entropy: ByteArray) -> Conversation,
        value: (Outcome) -> Pair<T, ULong>?,
        card: CardLink = NoCard,
        http: HttpLink = NoHttp,
        screen: VisitScreen = NoScreen,
        failed: suspend (Failure) -> Unit = {},
    ): Ending<T> = one.withLock {
        sealed(journal) { key, entropy ->
            val ending = ended({ begin(key, entropy) }, value) { it.run(card, http, screen, keys, store, limits) }
            when (ending) {
                is Ending.Failed -> ending.also { failed(it.failure) }
                is Ending.Done -> {
                    val (told, mark) = ending.value
                    journal.raise(mark)
                    Ending.Done(told)
                }
            }
        }
    }

    private companion object {
        const val LONGEST_HOURS: UByte = 12u
    }
}

private fun tickets(outcome: Outcome) = (outcome as? Outcome.TicketsHeld)?.run { tickets to tickets.mark }

private fun noted(outcome: Outcome) = (outcome as? Outcome.NotedBehind)?.run { number to mark }

private fun changed(outcome: Outcome) = (outcome as? Outcome.ShiftChanged)?.run { change to change.mark }

/** With the bytes of a code that was typed; both are wiped. */
private suspend fun <T> withCode(code: CharArray, act: suspend (ByteArray) -> Ending<T>): Ending<T> {
    val typed = utf8Of(code)
    val bytes = ByteArray(typed.remaining()).also(typed::get)
    wipe(typed)
    wipe(code)
    try {
        return act(bytes)
    } finally {
        bytes.fill(0)
    }
}

package kaigotap

import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** Visits without coverage: the compiled library, a virtual card, the sandbox and a folder. */
@Timeout(120)
class OfflineTest {
    @TempDir
    lateinit var folder: Path
    private val http = UrlConnectionHttp()
    private val nowhere = HttpLink { throw HttpLinkException(HttpError.UNREACHABLE) }
    private val plan = Plan(listOf(Use.VIEW))

    private fun marks() = StoredJournalKeys(FileStore(folder.resolve("journal-key")))

    @Test
    fun `a visit without coverage waits, and is confirmed when it is sent`() = Sandbox().use { sandbox ->
        runBlocking {
            val offline = sandbox.offline(folder)
            val staff = sandbox.staffId
            assertEquals(2, offline.fetchTickets(listOf(null, null), sandbox.staffToken, http).value().held.size)

            val online = sandbox.device.visit(plan, sandbox.staffToken, NoCard, nowhere, Script())
            assertEquals("server_unreachable", online.code())
            assertEquals("server_unreachable", offline.fetchTickets(listOf(null), sandbox.staffToken, nowhere).code())
            val screen = Script(listOf("1234"))
            val waits = VirtualCardLink().use { offline.visit(plan, staff, it, screen, "花子さん").value() }
            assertEquals("card_pin" to Origin.TEST, waits.method to waits.trust)
            assertTrue(screen.shown.any { it.stage == Stage.KEEP })
            assertEquals(waits.mark, marks().mark())
            assertEquals(1, offline.heldTickets(staff).value().held.size)
            val entry = offline.journal(staff).value().entries.single()
            assertEquals(listOf(waits.number, EntryState.WAITING, "花子さん"), listOf(entry.number, entry.state, entry.label))
            assertEquals("JournalEntry(..)", "$entry")

            val heldUp = offline.sendWaiting(sandbox.staffToken, nowhere).value()
            assertEquals("server_unreachable" to 1u, heldUp.heldUp?.code to heldUp.waiting)
            // As an app that was started anew.
            val later = sandbox.offline(folder)
            val sent = later.sendWaiting(sandbox.staffToken, http).value()
            assertEquals(listOf(1u, 0u, 0u), listOf(sent.confirmed, sent.again, sent.waiting))
            val token = sent.opens.single().evidenceToken
            val reopened = Care(sandbox.device, sandbox.staffToken, http).reopen(token, plan.uses).value()
            assertEquals(plan.uses, reopened.opens)
            assertEquals(EntryState.CONFIRMED, later.journal(staff).value().entries.single().state)
            assertIs<Ending.Done<Unit>>(later.acknowledge(listOf(waits.number), staff))
            assertTrue(later.journal(staff).value().entries.isEmpty())

            assertTrue(later.returnTickets(sandbox.staffToken, http).value().held.isEmpty())
            val report = later.verify().value()
            assertEquals(listOf(0uL, 0uL, marks().mark()), listOf(report.waiting, report.ended, report.mark))
            assertEquals(emptyList(), report.findings)
        }
    }

    @Test
    fun `what was noted behind a visit is sent after it`() = Sandbox().use { sandbox ->
        runBlocking {
            val offline = sandbox.offline(folder)
            val staff = sandbox.staffId
            offline.fetchTickets(listOf(null), sandbox.staffToken, http).value()
            val uses = Plan(listOf(Use.VIEW, Use.CONSENT, Use.CARE_PLAN_NOTICE))
            val visit = VirtualCardLink("taro").use { offline.visit(uses, staff, it, Script(listOf("5678")), "").value() }
            assertEquals("assent_missing", offline.noteConsent(visit.number, true, false, staff).code())
            val consent = offline.noteConsent(visit.number, true, true, staff).value()
            val notice = Notice("0b8ee1f8-6a1f-4b39-9a3f-0d3f6a3f1c11", FilingKind.CARE_PLAN, "2026-12-01", true)
            val filing = offline.noteFiling(visit.number, notice, staff).value()
            assertEquals(listOf(visit.number + 1u, visit.number + 2u), listOf(consent, filing))
            val sent = offline.sendWaiting(sandbox.staffToken, http).value()
            // This facility is of another kind.
            assertEquals(listOf(1u, 2u, 0u), listOf(sent.confirmed, sent.refused, sent.waiting))
            val notes = offline.journal(staff).value().entries.filter { it.isNote }
            assertEquals(List(2) { "facility_kind_not_allowed" }, notes.map { it.refusal?.code })
        }
    }

    @Test
    fun `on a device with shifts nothing is shown without one that is unlocked`() = Sandbox().use { sandbox ->
        runBlocking {
            val offline = sandbox.offline(folder)
            val staff = sandbox.staffId
            val code = "482915".toCharArray()
            val shift = offline.beginShift(sandbox.staffToken, code, 5.minutes).value().shift!!
            assertTrue(code.all { it == '\u0000' })
            assertEquals(staff to 300uL, shift.staffId() to shift.idleAfterSeconds())
            offline.fetchTickets(listOf(null), sandbox.staffToken, http).value()
            assertEquals(1, offline.heldTickets(staff, shift).value().held.size)
            assertEquals("shift_locked", offline.journal(staff).code())

            assertEquals(null, offline.lockShift().value().shift)
            assertEquals("shift_locked", offline.journal(staff, shift).code())
            assertEquals("shift_locked", offline.visit(plan, staff, NoCard, Script(), "", shift).code())
            val before = marks().mark()
            val refused = offline.unlockShift("482916".toCharArray()).value()
            assertEquals(null to "unlock_wrong 4", refused.shift to refused.refusal?.told())
            assertTrue(refused.mark > before)
            assertEquals(refused.mark, marks().mark())
            val unlocked = offline.unlockShift("482915".toCharArray()).value().shift!!
            assertEquals(1, offline.heldTickets(staff, unlocked).value().held.size)
            assertEquals("shift_locked", offline.heldTickets(staff, shift).code())
            offline.endShift().value()
            assertEquals("shift_locked", offline.heldTickets(staff, unlocked).code())
        }
    }
}

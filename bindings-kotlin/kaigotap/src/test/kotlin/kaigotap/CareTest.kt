package kaigotap

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.Timeout

/** What a facility does beside the visit, against the sandbox. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CareTest {
    private val sandbox = Sandbox()
    private val http = UrlConnectionHttp()
    private val care = Care(sandbox.device, sandbox.staffToken, http)

    @AfterAll
    fun stop() = sandbox.close()

    @Test
    fun `whoever was visited is on the list until the contract ends`() = runBlocking {
        val verified = VirtualCardLink().use { sandbox.visit(it, http, Script(listOf("1234"))) }.value()
        assertEquals(listOf(Use.VIEW), verified.opens)
        val page = care.users(UserSearch(nameBegins = "かいご", birthDate = "1941-05-03")).value()
        val user = page.users.single()
        assertEquals(verified.subject, user.subject)
        assertEquals("card_pin", user.method.code)
        assertEquals(listOf("User(..)", "UserPage(..)"), listOf("$user", "$page"))

        val plan = Plan(
            listOf(Use.VIEW),
            registration = care.open(user.subject).value().registration,
            beginWith = Way.REGISTERED,
            reading = listOf(InformationKind.CARE_PLAN, InformationKind.SURVEY),
        )
        val again = sandbox.device.visit(plan, sandbox.staffToken, NoCard, http, NoScreen).value()
        assertEquals("registered", again.method)
        val plans = care.information(again.accessToken, InformationKind.CARE_PLAN).value().records
        assertEquals(1.toUByte(), assertIs<InformationRecords.CarePlan>(plans).records.minOf { it.table })
        assertEquals("not_shared", care.information(again.accessToken, InformationKind.SURVEY).code())
        assertEquals(user.nameKana, care.entitlement(again.accessToken).value().person.nameKana)

        assertIs<Ending.Done<Unit>>(care.end(user.subject))
        assertEquals("registration_expired", care.end(user.subject).code())
        assertTrue(care.users().value().users.isEmpty())
    }

    @Test
    fun `a visit leaves what opens consent and notices for a day`() = runBlocking {
        val plan = Plan(listOf(Use.VIEW, Use.CONSENT, Use.CARE_PLAN_NOTICE))
        val confirmed = VirtualCardLink("taro").use {
            sandbox.device.confirm(plan, sandbox.staffToken, it, http, Script(listOf("5678"))).value()
        }
        assertEquals(plan.uses, confirmed.confirmation.opens)
        val reopened = care.reopen(confirmed.confirmation.evidenceToken!!, plan.uses).value()
        assertEquals("given", care.consent(reopened.accessToken).value().state.code)
        // This facility is of another kind.
        assertEquals("facility_kind_not_allowed", care.takeConsent(reopened.accessToken, true, true).code())
        assertEquals("assent_missing", care.takeConsent(reopened.accessToken, true, false).code())
        val notice = Notice("0b8ee1f8-6a1f-4b39-9a3f-0d3f6a3f1c11", FilingKind.CARE_PLAN, "2026-12-01", true)
        assertEquals("facility_kind_not_allowed", care.file(reopened.accessToken, notice).code())
        assertTrue(care.filings().value().filings.isEmpty())
    }

    @Test
    fun `who was confirmed for one insurance is confirmed for the other`() = runBlocking {
        val plan = Plan(listOf(Use.VIEW), insuranceDomain = InsuranceDomain.MEDICAL)
        val confirmed = VirtualCardLink("taro").use {
            sandbox.device.confirm(plan, sandbox.staffToken, it, http, Script(listOf("5678"))).value()
        }
        assertEquals(InsuranceDomain.MEDICAL, confirmed.confirmation.insuranceDomain)
        assertEquals(8, care.entitlement(confirmed.confirmation.accessToken).value().medical?.insurerNumber?.length)
        val evidence = confirmed.confirmation.evidenceToken!!
        val careDay = care.reopen(evidence, plan.uses).value()
        assertEquals(InsuranceDomain.CARE, careDay.insuranceDomain)
        assertEquals(null, care.entitlement(careDay.accessToken).value().medical)
    }
}

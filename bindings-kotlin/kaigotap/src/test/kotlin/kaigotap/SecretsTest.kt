package kaigotap

import kotlin.test.Test
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

/** What an app prints by accident. */
@Timeout(60)
class SecretsTest {
    private val authorities = Table.read().authorities("virtual")
    private val printed = Printed.Read("1941-05-03", 2035, "0503")

    /** Everything personal or secret in the conversations below. */
    private val secrets = listOf(
        "介護", "花子", "カイゴ", "ハナコ", "1941", "架空", "0001234567", "990010", "0503", "2035",
        "Bearer", "eyJ", "1234", "2345",
    )

    private fun shows(vararg values: Any?) {
        for (value in values) {
            val text = "$value"
            assertFalse(secrets.any { it in text }, "${value?.javaClass}")
        }
    }

    @Test
    fun `a visit shows nothing of itself`() = runBlocking {
        Sandbox().use { sandbox ->
            val requests = mutableListOf<HttpRequest>()
            val answers = mutableListOf<HttpResponse>()
            val client = UrlConnectionHttp()
            val http = HttpLink { request -> client.send(request).also { requests += request; answers += it } }
            val result = VirtualCardLink().use { card -> sandbox.visit(card, http, Script(listOf("1234"))) }
            val verified = result.value()
            shows(result, verified, verified.entitlement, verified.entitlement.person, verified.entitlement.insurer)
            shows(verified.entitlement.careLevel, verified.entitlement.burdenRatio, verified.entitlement.limitCertificate)
            assertTrue(requests.size >= 3)
            for (request in requests) shows(request.copy(url = ""), request.headers)
            for (answer in answers) shows(answer, Reply.Received(answer))
            val device = sandbox.device
            val keys = device.challengeKeys
            val environment = Environment("", "", keys, device.enrolled, sandbox.staffToken, sandbox.anchors, ByteArray(32))
            shows(environment, device, device.enrolled, device.enrolled.key)
            shows(Step.Done(Outcome.Visit(verified)), Step.Need(Request.Send(requests.first().copy(url = ""))))
        }
    }

    @Test
    fun `readings show nothing of themselves`() = runBlocking {
        VirtualCardLink().use { card ->
            val holder = holder(card, HolderKey.PIN, authorities, Script(listOf("2345")))
            val face = face(card, authorities, Script(printed = listOf(printed)))
            val age = age(card, authorities, Script(births = listOf("1941-05-03")))
            val information = cardInformation(card)
            val results = listOf(holder, face, age, information)
            shows(*results.toTypedArray(), printed)
            shows(*results.map { it.value() }.toTypedArray(), face.value().photo)
            shows(Step.Done(Outcome.Holder(holder.value())), Outcome.Face(face.value()), Outcome.Age(age.value()))
        }
    }

    @Test
    fun `a failure shows nothing of what was typed`() = runBlocking {
        VirtualCardLink().use { card ->
            val result = cardCertificate(card, Credential.SIGNATURE, Script(listOf("1234", "2345")))
            val failed = assertIs<Ending.Failed>(result)
            shows(failed, failed.failure.message(Language.ENGLISH), failed.failure.nextAction(Language.JAPANESE))
        }
    }
}

package kaigotap

import kotlinx.coroutines.runBlocking
import java.nio.file.Files
import java.util.Base64
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** A device enrols itself at a platform that says what a test wants. */
class EnrolTest {
    private val asked = mutableListOf<String>()
    private var refusal: String? = null

    private val http = HttpLink { request ->
        val path = request.url.removePrefix(SERVER)
        asked += path
        val (x, y) = listOf(1..32, 33..64).map {
            Base64.getUrlEncoder().withoutPadding().encodeToString(MadeDevice.enrolled.key.`public`.sliceArray(it))
        }
        val told = """{"device_id":"made-here","label":"ward 3","facility_id":"1370000001","issuer":"$SERVER",
            "staff_issuer":"$SERVER/staff","challenge_keys":[{"kty":"EC","crv":"P-256","x":"$x","y":"$y"}],
            "policy":{"offline_tickets":20,"mtls":"none"},"server_time":"2026-11-20T01:02:03Z"}"""
        when {
            path.startsWith("/.well-known/") -> answer(200, """{"issuer":"$SERVER"}""")
            refusal != null -> answer(400, """{"error":"x","kaigo_error":"$refusal"}""")
            request.method == Method.POST -> answer(201, told)
            else -> answer(200, told)
        }
    }

    @Test
    fun `a device enrols, and keeps what it was told`() = runBlocking {
        val (server, typed, keys) = Triple(SERVER, "7zzz 0123 4567 89ab cdef ghjk mn", MadeDevice)
        val key = MadeDevice.enrolled.key
        val file = Files.createTempFile("enrolment", ".json").toFile().apply { deleteOnExit() }
        val ending = enrol(server, typed, key, keys, http)
        if (ending is Ending.Done) file.writeText(enrolmentToJson(ending.value))
        val device = Device(enrolmentFromJson(file.readText()), keys)
        assertEquals("done", ending.code())
        assertEquals(listOf("/.well-known/oauth-authorization-server", "/v1/devices"), asked)
        assertEquals("made-here" to SERVER, device.enrolled.id to device.issuer)
        val kept = enrolmentFromJson(file.readText())
        assertEquals("ward 3" to "$SERVER/staff", kept.label to kept.staffIssuer)
        assertEquals("Enrolment(..)", kept.toString())
        assertFalse("7ZZZ" in file.readText())

        val refreshed = kept.refreshed(MadeDevice.staffToken, keys, http).value()
        assertEquals("/v1/devices/self" to file.readText(), asked.last() to enrolmentToJson(refreshed))
        assertEquals("setup_invalid", kept.rolledOver(key, MadeDevice.staffToken, keys, http).code())
    }

    @Test
    fun `what goes wrong has its code`() = runBlocking {
        suspend fun enrolled(typed: String, keys: DeviceKeys = MadeDevice, issuer: String? = null) =
            enrol(SERVER, typed, MadeDevice.enrolled.key, keys, http, issuer).code()
        assertEquals("activation_code_short", enrolled("7ZZZ"))
        assertEquals("activation_code_unreadable", enrolled("7ZZZ-U"))
        assertEquals("enrolment_untrusted", enrolled(CODE, issuer = "https://other.example"))
        assertEquals("device_key_gone", enrolled(CODE, DeviceKeys { _, _ -> throw DeviceKeyException(SignError.GONE) }))
        assertNull(asked.find { it == "/v1/devices" })
        refusal = "activation_code_invalid"
        assertEquals("activation_code_invalid", enrolled(CODE))
        assertTrue("/v1/devices" in asked)
    }

    private fun answer(status: Int, body: String) = HttpResponse(status.toUShort(), emptyList(), body.toByteArray())

    private companion object {
        const val SERVER = "https://platform.example"
        const val CODE = "7ZZZ-0123-4567-89AB-CDEF-GHJK-MN"
    }
}

package kaigotap

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.nio.file.Files
import java.util.Base64

/** The sandbox platform as a process, and a device enrolled with it. */
class Sandbox : AutoCloseable {
    private val directory = Files.createTempDirectory("kaigotap")
    private val file = directory.resolve("enrolment.json")
    private val program = Program("sandbox", "--listen", "127.0.0.1:0", "--enrolment", file.toString(), "--json")
    private val enrolment: JsonNode = program.await("the enrolment") {
        runCatching { json.readTree(Files.readString(file)) }.getOrNull()?.takeIf { it.has("server") }
    }

    val server: String = enrolment["server"].asText()
    val staffToken: String = enrolment["staff_token"].asText()
    val plan = Plan(enrolment["facility_id"].asText(), enrolment["staff_id"].asText(), listOf(Use.VIEW, Use.REGISTER))
    val anchors = TrustAnchors.test(enrolment["test_anchors"].map { Base64.getDecoder().decode(it.asText()) }, emptyList())
    val device = Device(
        server = server,
        issuer = enrolment["issuer"].asText(),
        challengeKeys = enrolment["challenge_keys"].map { ChallengeKey(it["x"].asText(), it["y"].asText()) },
        anchors = anchors,
    )

    fun visit(): Visit = device.visit(plan, staffToken)

    override fun close() {
        anchors.close()
        program.close()
        Files.deleteIfExists(file)
        Files.deleteIfExists(directory)
    }

    private companion object {
        val json = ObjectMapper()
    }
}

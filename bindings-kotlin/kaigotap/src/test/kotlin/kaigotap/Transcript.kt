package kaigotap

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path

/** Where a replay differs from what was recorded. */
internal class Mismatch(what: String) : Exception(what)

/** A recorded conversation; `tests/vectors/transcripts/README.md` describes the format. */
internal class Transcript(path: Path, private val table: Table) {
    private val lines: List<JsonNode> = Files.readAllLines(path).map(JSON::readTree)
    private val header = lines.first()
    private val parameters = header["parameters"]
    private val visit = parameters["visit"]
    private val signIn = parameters["sign_in"]
    private val enrol = parameters["enrol"]

    /** What the paths of requests come behind. */
    private val server: String get() = (visit ?: signIn ?: enrol)["server"].asText()

    /** Turns of the flow. */
    val turns: List<JsonNode> = lines.drop(1)

    /**
     * What came of it, as the replay has to find it: `done`, or the code and the tries left. A record of which a part
     * stands withheld is replayed with zeros in its place, and judged to be none, whatever it was before.
     */
    val outcome: String = header["outcome"].let { recorded ->
        val code = recorded["code"]?.asText() ?: "done"
        when {
            code in JUDGED && lines.any { "withheld" in it.path("rx").asText() } -> "card_record_invalid"
            else -> listOfNotNull(code, recorded["tries_left"]?.asText()).joinToString("\t")
        }
    }

    /** Begins the conversation anew. */
    fun begin(): Conversation {
        val challenge = header["challenge"]?.asText()?.let(::unhex)
        val authorities = { table.authorities(parameters["authorities"].asText()) }
        val talk = when (val flow = header["flow"].asText()) {
            "visit" -> visit(unhex(header["entropy"].asText()))
            "sign_in" -> signIn(unhex(header["entropy"].asText()))
            "enrol" -> enrol(unhex(header["entropy"].asText()))
            "status" -> cardStatus()
            "information" -> cardInformation()
            "certificate" -> cardCertificate(named(parameters["credential"]))
            "holder" -> holder(named(parameters["key"]), authorities(), challenge)
            "face" -> face(authorities(), challenge)
            "age" -> age(authorities(), challenge)
            "change_pin" -> changePin(named(parameters["pin"]))
            "host_check" -> hostCheck(parameters["device_key"]?.let(::deviceKey))
            else -> throw Mismatch("no flow $flow")
        }
        parameters["pin_timing"]?.let { talk.askForPins(named(it)) }
        return talk
    }

    private fun deviceKey(key: JsonNode) = DeviceKey(key["name"].asText(), unhex(key["public"].asText()))

    private fun visit(entropy: ByteArray): Conversation {
        val anchors = table.anchors(visit["anchors"].asText())
        val keys = visit["challenge_keys"].map { ChallengeKey(it["x"].asText(), it["y"].asText()) }
        val uses = visit["uses"].map { named<Use>(it) }
        val plan = Plan(uses, visit["person"]?.let(::chosen), visit["registered_as"]?.asText())
        val faces = parameters["authorities"]?.let { table.authorities(it.asText()) }
        val (issuer, token) = visit["issuer"].asText() to visit["staff_token"].asText()
        return visit(plan, Environment(server, issuer, keys, enrolled(visit["device"]), token, anchors, entropy, faces))
    }

    private fun enrolled(device: JsonNode) =
        EnrolledDevice(device["id"].asText(), device["facility"].asText(), deviceKey(device["key"]))

    private fun chosen(person: JsonNode) =
        ChosenPerson(person["name_kana"].asText(), person["birth_date"]?.asText(), person["sex"]?.let { named<RegisteredSex>(it) })

    private fun signIn(entropy: ByteArray): Conversation {
        val language = when (signIn["language"]?.asText()) {
            "ja" -> Language.JAPANESE
            "en" -> Language.ENGLISH
            else -> null
        }
        val anew = signIn.path("anew").asBoolean()
        val (issuer, returnsTo) = signIn["issuer"].asText() to signIn["returns_to"].asText()
        return signIn(SignInPlan(issuer, enrolled(signIn["device"]), returnsTo, entropy, anew, language, null))
    }

    private fun enrol(entropy: ByteArray): Conversation {
        val (issuer, code) = enrol["issuer"].asText() to enrol["activation_code"].asText()
        return enrol(EnrolPlan(server, code, deviceKey(enrol["key"]), entropy, issuer))
    }

    /** Checks that the flow asks for what was recorded, to the byte, and tells it what was recorded. */
    fun answer(talk: ConversationInterface, request: Request, turn: JsonNode): Step = when (request) {
        is Request.Connect -> {
            same("the occasion", request.occasion, named(turn["occasion"]))
            talk.resume(
                turn["link"]?.let { Reply.Connected(LinkCapacity(unsigned(it["max_command"]), unsigned(it["max_response"]))) }
                    ?: Reply.NotConnected(named(turn["error"])),
            )
        }
        is Request.Transmit -> {
            val recorded = fill(turn["tx"].asText())
            if (!request.command.contentEquals(recorded)) throw Mismatch("another command, or PIN, than ${turn["tx"]}")
            val answer = turn["rx"]?.let { Reply.Transmitted(fill(it.asText())) }
            talk.resume(answer ?: Reply.NotTransmitted(named(turn["error"])))
        }
        is Request.Disconnect -> {
            same("the turn", "disconnect", turn["type"].asText())
            talk.resume(Reply.Disconnected)
        }
        is Request.Clock ->
            talk.resume(Reply.Clock(turn["wall_ms"].asLong().toULong(), turn["monotonic_ms"].asLong().toULong()))
        is Request.Send -> talk.resume(received(request.request, turn))
        is Request.Browse -> {
            same("the address to open", request.address, turn["address"].asText())
            same("where the browser ends", request.returnsTo, turn["returns_to"].asText())
            talk.resume(turn["ended"]?.let { Reply.Browsed(it.asText()) } ?: Reply.NotBrowsed(named(turn["error"])))
        }
        is Request.Sign -> {
            same("the key", request.key, turn["key"].asText())
            same("what is signed", request.payload.hex(), fill(turn["payload"].asText()).hex())
            talk.resume(turn["signature"]?.let { Reply.Signed(unhex(it.asText())) } ?: Reply.NotSigned(named(turn["error"])))
        }
        is Request.Keep -> {
            same("the name", request.name, turn["name"].asText())
            same("what is kept", request.sealed.hex(), fill(turn["sealed"].asText()).hex())
            talk.resume(turn["error"]?.let { Reply.NotKept(named(it)) } ?: Reply.Kept)
        }
        is Request.Forget -> {
            same("the name", request.name, turn["name"].asText())
            talk.resume(turn["error"]?.let { Reply.NotForgotten(named(it)) } ?: Reply.Forgotten)
        }
        is Request.ListNames -> {
            same("the turn", "list", turn["type"].asText())
            talk.resume(turn["error"]?.let { Reply.NotListed(named(it)) } ?: Reply.Listed(turn["names"].map { it.asText() }))
        }
        is Request.Recall -> {
            same("the names", request.names, turn["names"].map { it.asText() })
            val entry = { entry: JsonNode -> Entry(entry["name"].asText(), fill(entry["sealed"].asText())) }
            talk.resume(turn["error"]?.let { Reply.NotRecalled(named(it)) } ?: Reply.Recalled(turn["entries"].map(entry)))
        }
        is Request.Ask -> asked(talk, request.prompt, turn)
    }

    private fun received(request: HttpRequest, turn: JsonNode): Reply {
        same("the method", request.method.name, turn["method"].asText())
        same("the address", request.url, server + turn["path"].asText())
        same("the headers", request.headers.map { it.name to it.value }, turn["headers"].map { it[0].asText() to it[1].asText() })
        same("the body", request.body.decodeToString(), turn["body"].asText())
        val status = turn["status"] ?: return Reply.NotReceived(named(turn["error"]))
        val headers = turn.path("answer_headers").map { Header(it[0].asText(), it[1].asText()) }
        return Reply.Received(HttpResponse(status.asInt().toUShort(), headers, turn["answer"].asText().toByteArray()))
    }

    private fun asked(talk: ConversationInterface, prompt: Prompt, turn: JsonNode): Step {
        same("the question", prompt, recorded(turn["prompt"]))
        val answer = turn["answer"]
        val typed = { name: JsonNode -> direct(table.secret(name.asText())) }
        return when {
            answer.has("face") ->
                talk.resume(Reply.FaceChecked(if (answer["face"].asText() == "match") FaceCheck.MATCH else FaceCheck.NO_MATCH))
            answer.has("pin") -> talk.enterPin(typed(answer["pin"]))
            answer.has("consent") -> talk.resume(Reply.Consented(answer["consent"].asBoolean()))
            answer.has("new_pin") -> talk.enterNewPin(typed(answer["new_pin"][0]), typed(answer["new_pin"][1]))
            else -> talk.resume(Reply.Cancelled)
        }
    }

    private fun recorded(prompt: JsonNode): Prompt = when (prompt["kind"].asText()) {
        "confirm_face" -> Prompt.ConfirmFace
        "enter_pin" -> Prompt.EnterPin(named(prompt["pin"]), prompt["tries_left"]?.asInt()?.toUByte(), named(prompt["why"]))
        "last_try" -> Prompt.LastTry(named(prompt["pin"]), named(prompt["why"]))
        else -> Prompt.NewPin(named(prompt["pin"]), named(prompt["why"]))
    }

    /** Hexadecimal with markers: a secret with its length before it, or so many bytes that were withheld. */
    private fun fill(text: String): ByteArray {
        var bytes = ByteArray(0)
        for (part in PARTS.findAll(text)) {
            val marker = part.groupValues[1]
            bytes += when {
                marker.isEmpty() -> unhex(part.value)
                marker.startsWith("withheld:") -> ByteArray(marker.removePrefix("withheld:").toInt())
                else -> table.secret(marker).toByteArray().let { byteArrayOf(it.size.toByte()) + it }
            }
        }
        return bytes
    }

    private companion object {
        val JSON = ObjectMapper()

        /** What can be said of a record that was read. */
        val JUDGED = setOf("done", "card_not_genuine")
        val PARTS = Regex("<([^>]+)>|[^<]+")

        fun direct(typed: String): ByteBuffer =
            ByteBuffer.allocateDirect(typed.length).put(typed.toByteArray()).flip()

        fun unsigned(node: JsonNode) = node.asLong().toUInt()

        inline fun <reified E : Enum<E>> named(node: JsonNode): E = enumValueOf(node.asText().uppercase())

        fun <T> same(what: String, now: T, then: T) {
            if (now != then) throw Mismatch("$what is $now; recorded was $then")
        }
    }
}

/** Replays a transcript; what came of it. */
internal fun Transcript.replay(): String {
    val talk = begin()
    try {
        var step = talk.start()
        for (turn in turns) {
            val request = (step as? Step.Need)?.request ?: throw Mismatch("over before $turn: $step")
            step = answer(talk, request, turn)
        }
        return when (step) {
            is Step.Done -> "done"
            is Step.Failed -> listOfNotNull(step.failure.code, step.failure.triesLeft).joinToString("\t")
            is Step.Need -> throw Mismatch("it goes on with ${step.request}")
        }
    } finally {
        talk.close()
    }
}

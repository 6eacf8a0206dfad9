package kaigotap

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.PKCS8EncodedKeySpec
import java.util.Base64

/** What a device learnt when it was enrolled, as `kaigotap sandbox` writes it. */
class Enrolled(file: Path) {
    private val text = Files.readString(file)
    private val enrolment = ObjectMapper().readTree(text)

    val staffToken: String = enrolment["staff_token"].asText()
    val staffIssuer: String = enrolment["staff_issuer"].asText()
    val plan = Plan(listOf(Use.VIEW, Use.REGISTER))
    val anchors = TrustAnchors.Test(enrolment["test_anchors"].map { Base64.getDecoder().decode(it.asText()) }, emptyList())
    val device = Device(
        server = enrolment["server"].asText(),
        issuer = enrolment["issuer"].asText(),
        challengeKeys = enrolment["challenge_keys"].map { ChallengeKey(it["x"].asText(), it["y"].asText()) },
        enrolled = EnrolledDevice(enrolment["device_id"].asText(), enrolment["facility_id"].asText(), KeyFile.key(enrolment["device_key"])),
        keys = KeyFile(Path.of("$file.keys", KeyFile.NAME)),
        anchors = anchors,
        cardAuthorities = Table.read().authorities("virtual"),
    )

    /** Its journal in this folder, with the key beside it. */
    fun offline(folder: Path, through: (Store) -> Store = { it }): Offline {
        val (keys, entries) = listOf("journal-key", "journal").map { through(FileStore(folder.resolve(it))) }
        val told = enrolmentFromJson(text)
        return Offline(told, device.keys, StoredJournalKeys(keys), entries, anchors, device.cardAuthorities)
    }

    suspend fun visit(card: CardLink, http: HttpLink, screen: VisitScreen, limits: Limits = Limits()) =
        device.visit(plan, staffToken, card, http, screen, limits = limits)
}

/** The key of a device on a desk, where `kaigotap` keeps it. A phone has its own store for such keys. */
class KeyFile(private val file: Path) : DeviceKeys {
    override suspend fun sign(key: String, payload: ByteArray): ByteArray {
        if (key != NAME) throw DeviceKeyException(SignError.GONE)
        val private = KeyFactory.getInstance("EC").generatePrivate(PKCS8EncodedKeySpec(Files.readAllBytes(file)))
        return Signature.getInstance("SHA256withECDSA").run {
            initSign(private)
            update(payload)
            sign()
        }
    }

    companion object {
        const val NAME = "device"

        /** The key of a JWK (RFC 7518 §6.2.1). */
        fun key(jwk: JsonNode): DeviceKey {
            val coordinate = { name: String -> Base64.getUrlDecoder().decode(jwk[name].asText()) }
            return DeviceKey(NAME, byteArrayOf(4) + coordinate("x") + coordinate("y"))
        }
    }
}

/** The sandbox platform as a process, and a device enrolled with it. */
class Sandbox : AutoCloseable {
    private val directory = Files.createTempDirectory("kaigotap")
    val file: Path = directory.resolve("enrolment.json")
    private val program = Program("sandbox", "--listen", "127.0.0.1:0", "--enrolment", file.toString(), "--json")

    // Until it is whole, it is no JSON.
    private val enrolment = program.await("the enrolment") { runCatching { Enrolled(file) }.getOrNull() }

    val staffToken get() = enrolment.staffToken
    val staffIssuer get() = enrolment.staffIssuer
    val plan get() = enrolment.plan
    val anchors get() = enrolment.anchors
    val device get() = enrolment.device

    /** Who has signed in: `sub` of their token. */
    val staffId: String
        get() = ObjectMapper().readTree(Base64.getUrlDecoder().decode(staffToken.split('.')[1]))["sub"].asText()

    fun offline(folder: Path) = enrolment.offline(folder)

    suspend fun visit(card: CardLink, http: HttpLink, screen: VisitScreen, limits: Limits = Limits()) =
        enrolment.visit(card, http, screen, limits)

    override fun close() {
        program.close()
        Files.deleteIfExists(file)
        directory.toFile().resolve("enrolment.json.keys").deleteRecursively()
        Files.deleteIfExists(directory)
    }
}

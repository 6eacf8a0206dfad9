package kaigotap

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.io.ByteArrayInputStream
import java.nio.file.Files
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.time.Instant
import java.util.Base64
import java.util.UUID

/** The sandbox as a server: TLS 1.3, client certificates of its facilities' authority required, devices that enrol. */
class TlsSandbox : AutoCloseable {
    private val folder = Files.createTempDirectory("kaigotap").resolve("demo")
    private val program: Program

    /** Where it is, and whom to trust there. */
    val url: String
    val authority: X509Certificate
    val pin: ByteArray

    init {
        run("init", "$folder", "--listen", "127.0.0.1:0")
        val configuration = folder.resolve("sandbox.toml")
        Files.writeString(configuration, Files.readString(configuration).replace("\"optional\"", "\"required\""))
        authority = certificate("authority.pem")
        pin = ServerPins.of(certificate("server.pem"))
        program = Program("sandbox", "--directory", "$folder", "--json")
        url = program.await("an address") { LISTENING.find(program.output())?.groupValues?.get(1) }
    }

    private fun run(vararg arguments: String): String = Program("sandbox", *arguments).use {
        it.ended()
        it.output()
    }

    private fun certificate(name: String): X509Certificate =
        Files.newInputStream(folder.resolve(name)).use { FACTORY.generateCertificate(it) as X509Certificate }

    /** A device that is enrolled with a code, and has its certificate from there. */
    suspend fun enrol(key: StoredKey): TlsDevice {
        val code = checkNotNull(CODE.find(run("activate", "--directory", "$folder", "--label", "desk", "--json"))).groupValues[1]
        val body = JSON.writeValueAsBytes(mapOf("activation_code" to code, "jwk" to jwk(key), "csr" to base64(request(key))))
        var nonce: String? = null
        repeat(2) {
            val headers = listOf(Header("content-type", "application/json"), Header("dpop", proof(key, nonce)))
            val answer = UrlConnectionHttp(Tls(listOf(authority))).send(HttpRequest(Method.POST, "$url/v1/devices", headers, body))
            if (answer.status == CREATED) return TlsDevice(key, JSON.readTree(answer.body), url)
            nonce = answer.headers.firstOrNull { it.name.equals("dpop-nonce", ignoreCase = true) }?.value
        }
        error("not enrolled")
    }

    /** A proof that this key asks (RFC 9449). */
    private fun proof(key: StoredKey, nonce: String?): String {
        val header = mapOf("typ" to "dpop+jwt", "alg" to "ES256", "jwk" to jwk(key))
        val claims = mapOf(
            "jti" to "${UUID.randomUUID()}",
            "htm" to "POST",
            "htu" to "$url/v1/devices",
            "iat" to Instant.now().epochSecond,
            "nonce" to nonce,
        )
        val signed = listOf(header, claims.filterValues { it != null }).joinToString(".") { base64(JSON.writeValueAsBytes(it)) }
        return "$signed.${base64(key.sign(signed.toByteArray(), "SHA256withECDSAinP1363Format"))}"
    }

    private fun jwk(key: StoredKey): Map<String, String> {
        val point = uncompressed(key.public)
        return mapOf("kty" to "EC", "crv" to "P-256", "x" to base64(point.sliceArray(1..32)), "y" to base64(point.sliceArray(33..64)))
    }

    /** A request for a certificate that names nobody (PKCS#10, RFC 2986): names come from the code. */
    private fun request(key: StoredKey): ByteArray {
        val wanted = der(0x30, der(0x02, byteArrayOf(0)), der(0x30), key.public.encoded, der(0xA0))
        return der(0x30, wanted, der(0x30, unhex("06082a8648ce3d040302")), der(0x03, byteArrayOf(0), key.sign(wanted)))
    }

    private fun der(tag: Int, vararg parts: ByteArray): ByteArray {
        val content = parts.fold(ByteArray(0), ByteArray::plus)
        val length = if (content.size < 0x80) byteArrayOf(content.size.toByte()) else byteArrayOf(0x81.toByte(), content.size.toByte())
        return byteArrayOf(tag.toByte()) + length + content
    }

    override fun close() {
        program.close()
        folder.parent.toFile().deleteRecursively()
    }

    private companion object {
        const val CREATED: UShort = 201u
        val LISTENING = Regex("\"listening\": *\"([^\"]+)\"")
        val CODE = Regex("\"code\": *\"([^\"]+)\"")
        val JSON = ObjectMapper()
        val FACTORY: CertificateFactory = CertificateFactory.getInstance("X.509")

        fun base64(bytes: ByteArray): String = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)
    }
}

/** A device that the sandbox has enrolled. */
class TlsDevice(private val key: StoredKey, enrolled: JsonNode, server: String) : DeviceKeys {
    /** As whom it is known at the handshake. */
    val identity = ClientIdentity(
        enrolled["certificate_chain"].map {
            val der = ByteArrayInputStream(Base64.getDecoder().decode(it.asText()))
            CertificateFactory.getInstance("X.509").generateCertificate(der) as X509Certificate
        },
        key,
    )
    val staffIssuer: String = enrolled["staff_issuer"].asText()
    val device = Device(
        server = server,
        issuer = enrolled["issuer"].asText(),
        challengeKeys = enrolled["challenge_keys"].map { ChallengeKey(it["x"].asText(), it["y"].asText()) },
        enrolled = EnrolledDevice(
            enrolled["device_id"].asText(), enrolled["facility_id"].asText(), DeviceKey(NAME, uncompressed(key.public)),
        ),
        keys = this,
        anchors = Table.read().anchors("virtual"),
        cardAuthorities = Table.read().authorities("virtual"),
    )

    override suspend fun sign(key: String, payload: ByteArray): ByteArray = this.key.sign(payload)

    private companion object {
        const val NAME = "device"
    }
}

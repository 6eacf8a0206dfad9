package kaigotap

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.nio.file.Files
import java.nio.file.Path
import java.util.Base64

/** What every replayer is given beside the transcripts: test secrets, authorities, anchors. */
class Table private constructor(private val table: JsonNode) {
    fun secret(name: String): String = table["secrets"][name].asText()

    fun anchors(name: String): TrustAnchors =
        TrustAnchors.Test(table["anchors"][name].map { Base64.getDecoder().decode(it.asText()) }, emptyList())

    fun authorities(name: String): CardAuthorities {
        val key = { of: JsonNode -> CardAuthorityKey(unhex(of["key_id"].asText()), unhex(of["modulus"].asText())) }
        val hierarchy = table["authorities"][name]
        return CardAuthorities.Test(key(hierarchy["input_support"]), key(hierarchy["face"]))
    }

    companion object {
        val directory: Path = top.resolve("tests/vectors/transcripts")

        fun read() = Table(ObjectMapper().readTree(Files.readString(directory.resolve("table.json"))))
    }
}

internal fun ByteArray.hex() = joinToString("") { "%02x".format(it) }

internal fun unhex(text: String): ByteArray {
    require(text.length % 2 == 0) { "half a byte" }
    return ByteArray(text.length / 2) { text.substring(2 * it, 2 * it + 2).toInt(16).toByte() }
}

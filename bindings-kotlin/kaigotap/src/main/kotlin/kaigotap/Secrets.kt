package kaigotap

import java.nio.ByteBuffer
import java.nio.CharBuffer
import java.nio.charset.CodingErrorAction

/** Longer than anything that can be a PIN: the rest would only be copied about. */
private const val LONGEST = 64

/** Most bytes that a `Char` becomes; a pair of surrogates becomes fewer. */
private const val BYTES_A_CHAR = 3

/**
 * What was typed as UTF-8, in memory that no garbage collector copies. Half a surrogate pair becomes a question mark,
 * which no PIN holds, so the core calls the entry malformed and no card sees it.
 */
internal fun utf8Of(typed: CharArray): ByteBuffer {
    val kept = CharBuffer.wrap(typed, 0, minOf(typed.size, LONGEST))
    val encoder = Charsets.UTF_8.newEncoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .onUnmappableCharacter(CodingErrorAction.REPLACE)
    val buffer = ByteBuffer.allocateDirect(kept.remaining() * BYTES_A_CHAR)
    encoder.encode(kept, buffer, true)
    buffer.flip()
    return buffer
}

/** Fills the whole of a buffer with zeros. */
internal fun wipe(buffer: ByteBuffer) {
    buffer.clear()
    while (buffer.hasRemaining()) buffer.put(0)
}

/** Fills an array with zeros. */
internal fun wipe(typed: CharArray) = typed.fill('\u0000')

/** Text that crosses the boundary whatever it holds: half a surrogate pair would not. */
internal fun whole(text: String): String = text.take(LONGEST).encodeToByteArray().decodeToString()

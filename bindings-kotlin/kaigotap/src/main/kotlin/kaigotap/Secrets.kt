package kaigotap

import java.nio.ByteBuffer

/** Longer than anything that can be a PIN: the rest would only be copied about. */
private const val LONGEST = 64

/**
 * What was typed as ASCII, in memory that no garbage collector copies. What is not ASCII becomes a question mark, which
 * no PIN holds, so the core calls the entry malformed and no card sees it.
 */
internal fun asciiOf(typed: CharArray): ByteBuffer {
    val length = minOf(typed.size, LONGEST)
    val buffer = ByteBuffer.allocateDirect(length)
    for (index in 0 until length) {
        val character = typed[index]
        buffer.put(if (character.code in 0..0x7F) character.code.toByte() else '?'.code.toByte())
    }
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
internal fun ascii(text: String): String {
    val kept = text.take(LONGEST)
    return if (kept.all { it.code in 0..0x7F }) kept else kept.map { if (it.code in 0..0x7F) it else '?' }.joinToString("")
}

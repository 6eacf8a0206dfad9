package kaigotap

import java.nio.file.Files
import kotlin.io.path.extension
import kotlin.io.path.name
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

/** Every transcript, to the byte, and a table of what came of each, to be compared with that of other languages. */
class TranscriptsTest {
    private val table = Table.read()
    private val files = Files.list(Table.directory).use { all -> all.filter { it.extension == "jsonl" }.sorted().toList() }

    @Test
    fun `each transcript is replayed to its outcome`() {
        val outcomes = files.associate { file ->
            val transcript = Transcript(file, table)
            val outcome = try {
                transcript.replay()
            } catch (mismatch: Mismatch) {
                throw AssertionError(file.name, mismatch)
            }
            assertEquals(transcript.outcome, outcome, file.name)
            file.name to outcome
        }
        assertTrue(outcomes.size >= 50, "${outcomes.size} transcripts")
        val written = Files.createDirectories(top.resolve("target/transcripts")).resolve("kotlin.tsv")
        Files.write(written, outcomes.map { (name, outcome) -> "$name\t$outcome" })
    }

    @Test
    fun `another command is noticed`() {
        val transcript = Transcript(Table.directory.resolve("status-modern.jsonl"), table)
        val talk = transcript.begin()
        val connect = talk.start() as Step.Need
        val command = transcript.answer(talk, connect.request, transcript.turns[0]) as Step.Need
        assertFailsWith<Mismatch> { transcript.answer(talk, command.request, transcript.turns[2]) }
        talk.close()
    }

    /** Changes one thing of a transcript, and has it replayed. */
    private fun changed(name: String, from: String, to: String) {
        val text = Files.readString(Table.directory.resolve(name))
        assertTrue(from in text, from)
        val file = Files.createTempFile("transcript", ".jsonl")
        try {
            Files.writeString(file, text.replaceFirst(from, to))
            assertFailsWith<Mismatch>("$name: $from") { Transcript(file, table).replay() }
        } finally {
            Files.delete(file)
        }
    }

    @Test
    fun `what differs in a tap or a sign-in is noticed`() {
        changed("visit-tap-modern.jsonl", "\"payload\":\"65", "\"payload\":\"66")
        changed("visit-tap-modern.jsonl", "\"birth_date\":\"1941-05-03\"", "\"birth_date\":\"1941-05-04\"")
        changed("sign-in.jsonl", "\"address\":\"http", "\"address\":\"https")
        changed("sign-in.jsonl", "?code=", "?code=x")
    }
}

package kaigotap

import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

/** An app in the middle of a visit: says so when the PIN is wanted, and waits for ever. */
fun main(arguments: Array<String>) = runBlocking {
    val screen = object : VisitScreen {
        override suspend fun confirmFace() = FaceCheck.MATCH

        override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? {
            println("waiting")
            awaitCancellation()
        }
    }
    val enrolment = Enrolled(Path.of(arguments.single()))
    val result = VirtualCardLink().use { card -> enrolment.visit(card, UrlConnectionHttp(), screen) }
    println(result.code())
}

@Timeout(60)
class KilledTest {
    @Test
    fun `an app that is killed in the middle leaves nothing that a new visit would meet`() = Sandbox().use { sandbox ->
        val properties = listOf("jna.library.path", "kaigotap.top", "kaigotap.command").map { "-D$it=${System.getProperty(it)}" }
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val main = listOf("-classpath", System.getProperty("java.class.path"), "kaigotap.KilledTestKt", sandbox.file.toString())
        val app = ProcessBuilder(listOf(java) + properties + main).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        assertEquals("waiting", app.inputStream.bufferedReader().readLine())
        val card = app.descendants().toList()
        assertEquals(1, card.size)
        app.destroyForcibly().waitFor()
        // The card's reader is gone, so it has no power.
        assertTrue(card.single().onExit().get(20, TimeUnit.SECONDS) != null)
        val result = VirtualCardLink().use { link ->
            runBlocking { sandbox.visit(link, UrlConnectionHttp(), Script(listOf("1234"))) }
        }
        assertEquals("done", result.code())
    }
}

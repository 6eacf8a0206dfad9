package kaigotap

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

@Timeout(60)
class SmallestProgramTest {
    /** What it tells people who type this. */
    private fun Sandbox.told(vararg typed: String): String {
        val answers = ArrayDeque(typed.toList())
        val terminal = Terminal { answers.removeFirstOrNull()?.toCharArray() }
        return runBlocking { VirtualCardLink().use { visit(device, plan, staffToken, it, terminal) } }
    }

    @Test
    fun `it runs whole visits, and is small`() = Sandbox().use { sandbox ->
        assertEquals("カイゴ　ハナコ　要介護3", sandbox.told("y", "9999", "1234"))
        val failures = setOf(sandbox.told("n"), sandbox.told("y", "9999"), sandbox.told())
        assertEquals(3, failures.size)
        val source = top.resolve("bindings-kotlin/kaigotap/src/test/kotlin/kaigotap/SmallestProgram.kt").toFile()
        assertTrue(source.readLines().size < 40)
    }

    @Test
    fun `the next visit is a tap, and asks for the face alone`() = Sandbox().use { sandbox ->
        val (first, asked) = Script(listOf("1234")) to mutableListOf<String>()
        val verified = runBlocking { VirtualCardLink().use { sandbox.visit(it, UrlConnectionHttp(), first) } }.value()
        val terminal = Terminal { question -> charArrayOf('y').also { asked += question } }
        val told = runBlocking {
            VirtualCardLink().use { visit(sandbox.device, byTap(verified), sandbox.staffToken, it, terminal) }
        }
        assertEquals("カイゴ　ハナコ　要介護3", told)
        assertEquals(1, asked.size, "$asked")
    }
}

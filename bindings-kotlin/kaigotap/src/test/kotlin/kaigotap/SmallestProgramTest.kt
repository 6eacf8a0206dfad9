package kaigotap

import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout

@Timeout(60)
class SmallestProgramTest {
    @Test
    fun `it runs a whole visit`() = runBlocking {
        val source = top.resolve("bindings-kotlin/kaigotap/src/test/kotlin/kaigotap/SmallestProgram.kt").toFile()
        assertTrue(source.readLines().size < 40)
        Sandbox().use { sandbox ->
            val told = VirtualCardLink().use { visit(sandbox.device, sandbox.plan, sandbox.staffToken, it, Script(listOf("1234"))) }
            assertEquals("要介護3", told)
            val stopped = VirtualCardLink().use { visit(sandbox.device, sandbox.plan, sandbox.staffToken, it, Script()) }
            assertTrue(stopped.isNotEmpty())
        }
    }
}

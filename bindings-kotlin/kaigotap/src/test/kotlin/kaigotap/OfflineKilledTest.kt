package kaigotap

import java.nio.file.Path
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** What an app did so far, and where it stops. */
private class Points(private val last: Int) {
    private var passed = 0

    /** Before and after every write. At the last one it says so, and waits for ever. */
    suspend fun pass() {
        if (passed++ < last) return
        println("waiting")
        awaitCancellation()
    }

    fun over(store: Store): Store = object : Store by store {
        override suspend fun keep(entry: Entry) = around { store.keep(entry) }
        override suspend fun forget(name: String) = around { store.forget(name) }
    }

    private suspend fun around(write: suspend () -> Unit) {
        pass()
        write()
        pass()
    }
}

/** Tells at once whenever the platform judged what it had not judged before. */
private fun judging(tell: () -> Unit): HttpLink {
    val client = UrlConnectionHttp()
    return HttpLink { request ->
        client.send(request).also { answer ->
            if ("\"again\":false" in answer.body.decodeToString().replace(" ", "")) tell()
        }
    }
}

/** An app that stops at one point of what it does: a visit without coverage, or a sending. */
internal object OfflineApp {
    private val plan = Plan(listOf(Use.VIEW))

    suspend fun visit(offline: Offline, staffId: String) =
        VirtualCardLink().use { offline.visit(plan, staffId, it, Script(listOf("1234")), "") }

    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        val (file, folder, staffId, what, last) = arguments
        val enrolled = Enrolled(Path.of(file))
        val offline = enrolled.offline(Path.of(folder), Points(last.toInt())::over)
        val ending = when (what) {
            "visit" -> visit(offline, staffId)
            else -> offline.sendWaiting(enrolled.staffToken, judging { println("judged") })
        }
        println(ending.code())
    }
}

/** Visits without coverage by an app that is killed before and after everything that it writes. */
@Timeout(300)
class OfflineKilledTest {
    @TempDir
    lateinit var folder: Path

    /** Whether the app came to its end, and how much was judged. */
    private fun app(sandbox: Sandbox, what: String, last: Int): Pair<Boolean, Int> {
        val properties = listOf("jna.library.path", "kaigotap.top", "kaigotap.command").map { "-D$it=${System.getProperty(it)}" }
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val quick = listOf("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-classpath", System.getProperty("java.class.path"))
        val main = listOf("kaigotap.OfflineApp", "${sandbox.file}", "$folder", sandbox.staffId, what, "$last")
        val app = ProcessBuilder(listOf(java) + properties + quick + main).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val said = generateSequence(app.inputStream.bufferedReader()::readLine)
        var judged = 0
        val end = said.onEach { if (it == "judged") judged++ }.first { it != "judged" }
        if (end == "waiting") app.destroyForcibly()
        val code = app.waitFor()
        assertEquals(if (end == "waiting") "waiting" to SIGKILL else "done" to 0, end to code)
        return (end == "done") to judged
    }

    @Test
    fun `wherever an app is killed, a visit is confirmed exactly once`() = Sandbox().use { sandbox ->
        val points = listOf("visit", "send").map { what -> generateSequence(0) { it + 1 }.first { killed(sandbox, what, it) } }
        println("killed at $points points of a visit and of a sending")
        assertTrue(points.all { it >= 4 }, "$points")
    }

    /** One visit, from the ticket to the answer; whether the app came to its end before this point. */
    private fun killed(sandbox: Sandbox, what: String, point: Int): Boolean = runBlocking {
        var again = 0
        val http = judging { again++ }
        val staff = sandbox.staffId
        val at = "$what $point"
        sandbox.offline(folder).fetchTickets(listOf(null, null), sandbox.staffToken, http).value()
        if (what == "send") OfflineApp.visit(sandbox.offline(folder), staff).value()
        val (ended, judged) = app(sandbox, what, point)

        // What a nurse does who finds the app gone.
        val offline = sandbox.offline(folder)
        val found = offline.journal(staff).value()
        assertEquals(emptyList(), found.findings, at)
        if (found.entries.isEmpty()) OfflineApp.visit(offline, staff).value()
        val sent = offline.sendWaiting(sandbox.staffToken, http).value()
        assertEquals(listOf(0u, 0u, 0u), listOf(sent.refused, sent.expired, sent.waiting), at)
        val entry = offline.journal(staff).value().entries.single()
        assertEquals(EntryState.CONFIRMED, entry.state, at)
        assertEquals(1, judged + again, at)

        offline.acknowledge(listOf(entry.number), staff).value()
        offline.returnTickets(sandbox.staffToken, http).value()
        val report = offline.verify().value()
        assertEquals(listOf(0uL, 0uL), listOf(report.waiting, report.ended), at)
        assertEquals(emptyList(), report.findings, at)
        ended
    }

    private companion object {
        /** The status of a process that SIGKILL ended. */
        const val SIGKILL = 137
    }
}

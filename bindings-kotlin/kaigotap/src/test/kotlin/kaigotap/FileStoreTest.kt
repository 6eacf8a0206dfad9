package kaigotap

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.TimeUnit
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/**
 * A process that uses a store: `keep NAME TEXT` or `forget NAME` in a folder. Given a step, it says so there, and waits
 * for its end; else it says what came of it.
 */
fun main(arguments: Array<String>) = runBlocking {
    val (folder, step, act, name) = arguments
    val store = FileStore(Path.of(folder), Halting(step))
    try {
        if (act == "keep") store.keep(Entry(name, arguments[4].toByteArray())) else store.forget(name)
        println("done")
    } catch (failed: StoreException) {
        println(failed.error)
    }
}

/** Stands still in front of one step. */
private class Halting(private val at: String) : Disk() {
    private fun before(step: String) {
        if (step != at) return
        println("there")
        Thread.sleep(Long.MAX_VALUE)
    }

    override fun write(file: Path, content: ByteArray) {
        before("write")
        super.write(file, content)
    }

    override fun move(from: Path, to: Path) {
        before("move")
        super.move(from, to)
    }

    override fun remove(file: Path) {
        before("remove")
        super.remove(file)
    }

    override fun sync(folder: Path) {
        before("sync")
        super.sync(folder)
    }
}

@Timeout(120)
class FileStoreTest {
    @TempDir
    lateinit var place: Path
    private val folder by lazy { place.resolve("kept") }
    private val store by lazy { FileStore(folder) }

    private fun keep(name: String, text: String) = runBlocking { store.keep(Entry(name, text.toByteArray())) }

    private fun kept(): Map<String, String> =
        runBlocking { FileStore(folder).all() }.associate { it.name to it.sealed.decodeToString() }

    private suspend fun FileStore.all(): List<Entry> = recall(list())

    private fun error(act: suspend () -> Unit): StoreError =
        assertFailsWith<StoreException> { runBlocking { act() } }.error

    private fun permissions(path: Path) = PosixFilePermissions.toString(Files.getPosixFilePermissions(path))

    /** The store in a process of its own, as another user if one is given. */
    private fun process(
        vararg arguments: String,
        classes: String = System.getProperty("java.class.path"),
        user: String? = null,
    ): Process {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val main = listOf(java, "-classpath", classes, "kaigotap.FileStoreTestKt")
        val other = user?.let { listOf("setpriv", "--reuid=$it", "--regid=$it", "--clear-groups") }.orEmpty()
        return ProcessBuilder(other + main + arguments).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    }

    private fun Process.said(): String = inputStream.bufferedReader().readLine().orEmpty().also {
        if (it != "there") assertTrue(waitFor(30, TimeUnit.SECONDS))
    }

    private fun run(vararg command: String): Boolean = runCatching {
        ProcessBuilder(*command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0
    }.getOrDefault(false)

    private val root get() = System.getProperty("user.name") == "root"

    @Test
    fun `what is kept is recalled, replaced and forgotten`() {
        assertEquals(emptyMap(), kept())
        keep("a", "first")
        keep("b-0_9", "")
        keep("a", "second")
        assertEquals(mapOf("a" to "second", "b-0_9" to ""), kept())
        Files.write(folder.resolve("Thumbs.db"), ByteArray(1))
        assertEquals(setOf("a", "b-0_9"), runBlocking { store.list() }.toSet())
        Files.delete(folder.resolve("Thumbs.db"))
        val recalled = runBlocking { store.recall(listOf("none", "b-0_9")) }
        assertEquals(listOf("b-0_9"), recalled.map { it.name })
        runBlocking { repeat(2) { store.forget("a") } }
        assertEquals(mapOf("b-0_9" to ""), kept())
        assertEquals(listOf("b-0_9"), Files.list(folder).use { files -> files.map { "${it.fileName}" }.toList() })
    }

    @Test
    fun `the core finds that it is a store`() = runBlocking {
        keep("a", "kept before")
        assertEquals(HostReport(1u, false), hostCheck(store).value())
        assertEquals(mapOf("a" to "kept before"), kept())
        assertEquals("store_missing", hostCheck(NoStore).code())
    }

    @Test
    fun `nobody else can look into it`() {
        keep("a", "x")
        assertEquals("rwx------", permissions(folder))
        assertEquals("rw-------", permissions(folder.resolve("a")))
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"))
        assertEquals(StoreError.DENIED, error { FileStore(folder).list() })
        assertEquals(StoreError.DENIED, error { FileStore(folder).keep(Entry("a", ByteArray(1))) })
    }

    @Test
    fun `names and lengths have bounds`() {
        for (name in listOf("", ".", "..", "a/b", "../a", "A", "a.b", "あ", "\ud83d", "a".repeat(65))) {
            assertEquals(StoreError.FAILED, error { store.keep(Entry(name, ByteArray(1))) }, name)
            assertEquals(StoreError.FAILED, error { store.forget(name) }, name)
            assertEquals(StoreError.FAILED, error { store.recall(listOf("a", name)) }, name)
        }
        assertEquals(StoreError.TOO_LONG, error { store.keep(Entry("a", ByteArray((1 shl 20) + 1))) })
        runBlocking { store.keep(Entry("a".repeat(64), ByteArray(1 shl 20) { 7 })) }
        assertContentEquals(ByteArray(1 shl 20) { 7 }, runBlocking { store.all() }.single().sealed)
        Files.write(folder.resolve("b"), ByteArray((1 shl 20) + 1))
        assertEquals(StoreError.TOO_LONG, error { store.all() })
    }

    @Test
    fun `links are not followed`() {
        keep("a", "mine")
        val other = Files.write(place.resolve("other"), "another's".toByteArray())
        // An entry that is replaced by a link, a link where a write goes aside, and one to a folder.
        Files.delete(folder.resolve("a"))
        Files.createSymbolicLink(folder.resolve("a"), other)
        assertEquals(StoreError.FAILED, error { store.all() })
        Files.createSymbolicLink(folder.resolve("b.part"), other)
        keep("b", "mine")
        keep("a", "mine")
        assertEquals(mapOf("a" to "mine", "b" to "mine"), kept())
        assertEquals("another's", Files.readString(other))
        val link = Files.createSymbolicLink(place.resolve("link"), folder)
        assertEquals(StoreError.MISSING, error { FileStore(link).keep(Entry("a", ByteArray(1))) })
    }

    @Test
    fun `a place that is not there, and one that vanishes, are missing`() {
        assertEquals(StoreError.MISSING, error { FileStore(place.resolve("no/where")).keep(Entry("a", ByteArray(1))) })
        assertEquals(StoreError.MISSING, error { FileStore(Files.createFile(place.resolve("file"))).list() })
        keep("a", "x")
        Files.delete(folder.resolve("a"))
        Files.delete(folder)
        assertEquals(StoreError.MISSING, error { store.list() })
        assertEquals(StoreError.MISSING, error { store.recall(listOf("a")) })
        assertEquals(StoreError.MISSING, error { store.keep(Entry("a", ByteArray(1))) })
    }

    @Test
    fun `killed in front of each step, the old entry is there or the new one, and the store goes on`() {
        val steps = mapOf("write" to "old", "move" to "old", "sync" to "new")
        for ((step, left) in steps) {
            keep("a", "old")
            val process = process("$folder", step, "keep", "a", "new")
            assertEquals("there", process.said(), step)
            process.destroyForcibly().waitFor()
            assertEquals(mapOf("a" to left), kept(), step)
            keep("a", "after")
            assertEquals(mapOf("a" to "after"), kept(), step)
            assertEquals(1, Files.list(folder).use { it.count() }, step)
        }
        for ((step, left) in mapOf("remove" to mapOf("a" to "old"), "sync" to emptyMap())) {
            keep("a", "old")
            val process = process("$folder", step, "forget", "a")
            assertEquals("there", process.said(), step)
            process.destroyForcibly().waitFor()
            assertEquals(left, kept(), step)
        }
    }

    @Test
    fun `a full disk keeps what was there`() {
        assumeTrue(root, "only root may mount")
        val disk = Files.createDirectory(place.resolve("disk"))
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", "$disk"), "no mounts here")
        try {
            val small = FileStore(disk.resolve("kept"))
            runBlocking { small.keep(Entry("a", "old".toByteArray())) }
            assertEquals(StoreError.FULL, error { small.keep(Entry("a", ByteArray(1 shl 17))) })
            assertEquals("old", runBlocking { small.all() }.single().sealed.decodeToString())
            // Nothing of it takes up room.
            runBlocking { small.keep(Entry("b", ByteArray(1 shl 14))) }
            assertTrue(run("mount", "-o", "remount,ro", "$disk"))
            assertEquals(StoreError.DENIED, error { small.keep(Entry("a", ByteArray(1))) })
            assertEquals(StoreError.DENIED, error { small.forget("a") })
            assertEquals(2, runBlocking { small.list() }.size)
        } finally {
            run("umount", "$disk")
        }
    }

    @Test
    fun `another user is denied`() {
        assumeTrue(root && run("setpriv", "--version"), "only root may become another user")
        val open = Files.createDirectory(Path.of("/tmp").resolve("kaigotap-${ProcessHandle.current().pid()}"))
        try {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"))
            val mine = open.resolve("kept")
            runBlocking { FileStore(mine).keep(Entry("a", ByteArray(1))) }
            val classes = classes(Files.createDirectory(open.resolve("classes")))
            // A folder of root's own, and one that may not be made.
            for (folder in listOf(mine, open.resolve("new"))) {
                val said = process("$folder", "none", "keep", "a", "x", classes = classes, user = NOBODY).said()
                assertEquals("DENIED", said, "$folder")
            }
            assertContentEquals(ByteArray(1), runBlocking { FileStore(mine).all() }.single().sealed)
        } finally {
            open.toFile().deleteRecursively()
        }
    }

    /** What the process needs, where another user may read it. */
    private fun classes(at: Path): String = System.getProperty("java.class.path").split(File.pathSeparatorChar)
        .map(::File).filter { it.isDirectory || "kotlin" in it.name }
        .mapIndexed { index, from ->
            at.resolve("$index${if (from.isFile) ".jar" else ""}").toFile().also { from.copyRecursively(it) }
        }
        .joinToString(File.pathSeparator)

    private companion object {
        const val NOBODY = "65534"
    }
}

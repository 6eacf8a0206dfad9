package kaigotap

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** The top of the repository. */
val top: Path = Path.of(System.getProperty("kaigotap.top"))

/** The command `kaigotap`, as a process that ends with what it is used for. */
class Program(vararg arguments: String) : AutoCloseable {
    private val said = Files.createTempFile("kaigotap", ".log")
    private val process: Process = ProcessBuilder(listOf(System.getProperty("kaigotap.command")) + arguments)
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start()

    /** Everything it said, once it has ended, or so far. */
    fun output(): String = Files.readString(said)

    /** Waits until there is something; fails if the program ends before, or it takes too long. */
    fun <T : Any> await(what: String, look: () -> T?): T {
        val until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30)
        while (System.nanoTime() < until) {
            look()?.let { return it }
            check(process.isAlive) { "ended before $what: ${output()}" }
            Thread.sleep(10)
        }
        error("$what: waited in vain; ${output()}")
    }

    /** Waits for its end. */
    fun ended() = check(process.waitFor(30, TimeUnit.SECONDS)) { "still runs: ${output()}" }

    override fun close() {
        process.destroy()
        if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly().waitFor()
        Files.deleteIfExists(said)
    }
}

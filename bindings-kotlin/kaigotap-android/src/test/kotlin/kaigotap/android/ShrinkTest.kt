package kaigotap.android

import com.sun.jna.Native
import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import java.util.zip.ZipFile
import kaigotap.CardLink
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.Job
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import proguard.Configuration
import proguard.ConfigurationParser
import proguard.ProGuard

/** The consumer rules, tried on what they are for: an app that is shrunk, optimised and renamed, and then run. */
class ShrinkTest {
    @TempDir
    lateinit var folder: Path

    private val rules: Path = Path.of("src/main/consumer-rules.pro")
    private val app = folderOf(ShrunkApp::class.java)

    /** Where a class is loaded from. */
    private fun folderOf(type: Class<*>): File = File(type.protectionDomain.codeSource.location.toURI())

    /** Shrinks the app with these rules beside its own. */
    private fun shrunk(rules: String): File {
        val result = folder.resolve("app.jar").toFile()
        val name = ShrunkApp::class.java.name
        val text = """
            -injars '$app'(${name.replace('.', '/')}.class)
            -injars '${folderOf(CardLink::class.java)}'(**.class)
            -injars '${folderOf(Native::class.java)}'(com/sun/jna/*.class,com/sun/jna/ptr/**.class,com/sun/jna/internal/**.class,com/sun/jna/win32/**.class,com/sun/jna/linux-x86-64/**)
            -outjars '$result'
            -libraryjars '${folderOf(Unit::class.java)}'
            -libraryjars '${folderOf(Job::class.java)}'
            -libraryjars '${System.getProperty("java.home")}/jmods/java.base.jmod'(!**.jar;!module-info.class)
            -keep class $name { public static void main(java.lang.String[]); }
            -dontwarn org.jetbrains.annotations.**,java.util.logging.**,kotlin.**,kotlinx.**,javax.**,java.net.http.**
            -dontnote
            $rules
        """.trimIndent()
        val configuration = Configuration()
        ConfigurationParser(text, "app", folder.toFile(), System.getProperties()).use { it.parse(configuration) }
        ProGuard(configuration).execute()
        return result
    }

    /** What the app says, and whether it ended well. */
    private fun run(jar: File): Pair<String, Boolean> {
        val path = listOf(jar, folderOf(Unit::class.java), folderOf(Job::class.java)).joinToString(File.pathSeparator)
        val java = "${System.getProperty("java.home")}/bin/java"
        val library = "-Djna.library.path=${System.getProperty("jna.library.path")}"
        val output = folder.resolve("output").toFile()
        val process = ProcessBuilder(java, library, "-cp", path, ShrunkApp::class.java.name)
            .redirectErrorStream(true).redirectOutput(output).start()
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it hangs")
        return output.readText().trim() to (process.exitValue() == 0)
    }

    @Test
    fun `an app that is shrunk with the rules works`() {
        val jar = shrunk(rules.toFile().readText())
        assertEquals("card_removed flow_finished" to true, run(jar))
        val kept = ZipFile(jar).use { zip -> zip.entries().asSequence().map { it.name }.toList() }
        assertFalse("kaigotap/Printed.class" in kept, "nothing was shrunk or renamed")
    }

    @ParameterizedTest
    @ValueSource(strings = ["com.sun.jna", "kaigotap."])
    fun `and without those about one package it does not`(about: String) {
        val fewer = rules.toFile().readLines().filterNot { it.startsWith("-keep") && about in it }
        val (said, well) = run(shrunk(fewer.joinToString("\n")))
        assertFalse(well, said)
        assertTrue("Error" in said || "Exception" in said, said)
    }
}

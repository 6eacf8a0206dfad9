package kaigotap.android

import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test

class ReadmeTest {
    @Test
    fun `the app in the README is compiled`() {
        val readme = Files.readString(Path.of("README.md"))
        val app = Regex("```kotlin\n(class VisitActivity.*?)```", RegexOption.DOT_MATCHES_ALL).find(readme)
        val source = Files.readString(Path.of("src/test/kotlin/kaigotap/android/ReadmeApp.kt"))
        assertTrue(assertNotNull(app).groupValues[1] in source)
    }
}

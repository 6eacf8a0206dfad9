package kaigotap.sample

import java.nio.file.Path
import kaigotap.CardLink
import kaigotap.Way
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** The screens over the real library, the virtual card and the sandbox: everything but the phone. */
class WholeVisitTest {
    @TempDir
    lateinit var folder: Path
    private val desk by lazy { Desk(folder) }

    @AfterEach
    fun stop() = desk.close()

    private fun cards(person: String, vararg profiles: String) = desk.Cards(person, *profiles)

    /** Does on each screen that asks what is said for it, until one comes for which nothing is said. */
    private fun visit(cards: CardLink, visitor: Visitor, vararg does: Pair<String, List<Action>>): Screen {
        val enrolment = desk.enrolment()
        return runBlocking {
            withTimeout(90.seconds) {
                val presenter = VisitPresenter(this, today, Japanese, enrolment.runner(cards))
                presenter.on(Action.Choose(visitor))
                for ((name, actions) in does) {
                    presenter.screen.first { it.name == name || it.name == "failure" }
                    actions.forEach(presenter::on)
                }
                presenter.screen.first { it.name in setOf("result", "failure", "last", "ways") }.also {
                    coroutineContext[kotlinx.coroutines.Job]?.children?.forEach { child -> child.cancel() }
                }
            }
        }
    }

    private fun pin(digits: String) = digits.map { Action.Digit(it) } + Action.Enter

    private val look = "face" to listOf<Action>(Action.FaceMatches)
    private val Screen.said get() = elements.joinToString("\n") { it.spoken }

    @Test
    fun `hanako's visit ends with her care level in large type`() {
        val screen = visit(cards("hanako", "modern"), today[0], look, "pin" to pin("1234"))
        assertEquals("result", screen.name, screen.said)
        val large = screen.elements.filterIsInstance<Element.Large>().associate { it.label to it.text }
        assertEquals("カイゴ　ハナコ", large["お名前"])
        assertEquals("1941年5月3日", large["生年月日"])
        assertEquals("要介護3", large["要介護度"])
        assertTrue(large.getValue("負担割合").endsWith("割"), "$large")
    }

    @Test
    fun `a card that is pulled once changes nothing`() {
        val cards = cards("hanako", "modern+torn-after:2", "modern")
        val screen = visit(cards, today[0], look, "pin" to pin("1234"))
        assertEquals("result", screen.name, screen.said)
    }

    @Test
    fun `the card of another person is told apart from the one who was chosen`() {
        val screen = visit(cards("taro", "modern"), today[0], look, "pin" to pin("5678"))
        assertTrue("選んだ方のカードではありません" in screen.said, screen.said)
        val right = visit(cards("taro", "modern"), today[1], look, "pin" to pin("5678"))
        assertEquals("result", right.name, right.said)
    }

    @Test
    fun `a wrong face, and a locked PIN, end with what to do`() {
        val wrong = visit(cards("hanako", "modern"), today[0], "face" to listOf(Action.FaceDiffers))
        assertTrue("次にすること" in wrong.said && "face_differs" in wrong.said, wrong.said)
        val locked = visit(cards("hanako", "modern+authentication-tries:0"), today[0], look, "pin" to pin("1234"))
        assertTrue("次にすること" in locked.said && "pin_blocked" in locked.said, locked.said)
        assertEquals("ways", locked.name)
    }

    @Test
    fun `with a locked PIN the paper certificate leads to the care level, and one field is mended`() {
        fun types(vararg texts: Pair<Field, String>) =
            texts.map { (field, text) -> Action.Typed(field, text.toCharArray()) } + Action.Enter
        val screen = visit(
            cards("hanako", "modern+authentication-tries:0"), today[0], look, "pin" to pin("1234"),
            "ways" to listOf(Action.Take(Way.FOUR_ATTRIBUTES)),
            "attributes" to types(
                Field.INSURER_NUMBER to "990010", Field.INSURED_NUMBER to "0001234567", Field.NAME_KANA to "カイゴ ハナコ",
                Field.BIRTH_DATE to "昭和16年5月2日", Field.SEX to "女",
            ),
            "date" to listOf(Action.DateDiffers),
            "attributes" to types(Field.BIRTH_DATE to "昭和16年5月3日"),
            "date" to listOf(Action.DateMatches),
        )
        assertEquals("result", screen.name, screen.said)
        assertTrue("要介護3" in screen.said, screen.said)
    }

    @Test
    fun `before the last try the holder is asked`() {
        val screen = visit(cards("hanako", "modern+authentication-tries:1"), today[0], look, "pin" to pin("1234"))
        assertEquals("last", screen.name, screen.said)
    }
}

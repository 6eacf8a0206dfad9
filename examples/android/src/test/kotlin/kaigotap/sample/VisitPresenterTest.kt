package kaigotap.sample

import kaigotap.Differences
import kaigotap.Ending
import kaigotap.FaceCheck
import kaigotap.Failure
import kaigotap.FailureKind
import kaigotap.Origin
import kaigotap.PinKind
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Stage
import kaigotap.VisitScreen
import kaigotap.WhyPin
import kaigotap.android.NfcState
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Test

@OptIn(ExperimentalCoroutinesApi::class)
class VisitPresenterTest {
    private val first = Prompt.EnterPin(PinKind.AUTHENTICATION, null, WhyPin.FIRST)

    @Test
    fun `a visit goes from the list over face, PIN and card to the result`() = runTest {
        val seen = mutableListOf<String>()
        lateinit var presenter: VisitPresenter
        var entered: CharArray? = null
        presenter = presenter { visitor, screen ->
            assertEquals(hanako, visitor)
            assertEquals(FaceCheck.MATCH, screen.confirmFace())
            screen.show(Progress(Stage.CHALLENGE, 0u, 0u))
            seen += presenter.screen.value.name
            entered = screen.enterPin(first)
            for (stage in listOf(Stage.AWAIT_CARD, Stage.READ_CARD, Stage.SIGN, Stage.EXCHANGE, Stage.ENTITLEMENT)) {
                screen.show(Progress(stage, 0u, 0u))
                seen += presenter.screen.value.name
            }
            Ending.Done(verified())
        }
        assertEquals(listOf("介護 花子", "福祉 太郎"), presenter.choices.map { it.text })
        does(presenter, Action.Choose(hanako))
        assertEquals("face", presenter.screen.value.name)
        assertTrue("介護 花子" in presenter.said)
        does(presenter, Action.FaceMatches)
        assertEquals("pin", presenter.screen.value.name)
        does(presenter, *digits("1234"), Action.Enter)
        assertEquals("1234", entered?.concatToString())
        assertEquals(listOf("wait", "hold", "still", "still", "wait", "wait"), seen)

        val large = presenter.elements.filterIsInstance<Element.Large>().associate { it.label to it.text }
        val expected = mapOf(
            "お名前" to "カイゴ ハナコ", "生年月日" to "1940年5月17日", "要介護度" to "要介護3", "負担割合" to "1割",
        )
        assertEquals(expected, large)
        assertTrue("2027年3月31日" in presenter.said)
        assertFalse("secret-token" in presenter.screen.value.toString())
        does(presenter, Action.Home)
        assertEquals("home", presenter.screen.value.name)
    }

    @Test
    fun `a face that differs is told to the SDK`() = runTest {
        var told: FaceCheck? = null
        val presenter = presenter { _, screen ->
            told = screen.confirmFace()
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako), Action.FaceDiffers)
        assertEquals(FaceCheck.NO_MATCH, told)
    }

    @Test
    fun `a card of somebody else shows nobody's data`() = runTest {
        val differences = Differences(name = true, birthDate = false, sex = false)
        val other = Failure(FailureKind.PERSON, "another_person", null, null, differences, "")
        val presenter = presenter { _, _ -> Ending.Failed(other) }
        does(presenter, Action.Choose(hanako))
        assertTrue("選んだ方のカードではありません" in presenter.said, presenter.said)
        assertEquals(listOf<Action>(Action.Home), presenter.choices.map { it.action })
    }

    @Test
    fun `a test authority shows itself`() = runTest {
        for ((trust, shown) in mapOf(Origin.TEST to true, Origin.PRODUCTION to false)) {
            val presenter = presenter { _, _ -> Ending.Done(verified().copy(trust = trust)) }
            does(presenter, Action.Choose(hanako))
            assertEquals(shown, Japanese.testTrust in presenter.said)
        }
    }

    @Test
    fun `the pad shows how many digits and never which`() = runTest {
        var entered: CharArray? = null
        val presenter = presenter { _, screen ->
            entered = screen.enterPin(first)
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako), *digits("97"))
        val dots = presenter.elements.filterIsInstance<Element.Dots>().single()
        assertEquals(2, dots.entered)
        assertEquals("4桁のうち2桁を入力しました", dots.spoken)
        assertFalse("9" in presenter.screen.value.toString() || "7" in presenter.screen.value.toString())
        assertFalse("9" in Action.Digit('9').toString())

        does(presenter, Action.Enter)
        assertNull(entered, "too short")
        assertFalse(presenter.choices.any { it.action == Action.Enter })
        does(presenter, Action.Erase, *digits("8642"))
        assertTrue(presenter.elements.filterIsInstance<Element.Keypad>().single().full)
        does(presenter, Action.Enter)
        assertContentEquals("9864".toCharArray(), entered)
    }

    @Test
    fun `the pad says how many tries are left, and why it asks again`() = runTest {
        val words = mapOf(
            WhyPin.FIRST to null,
            WhyPin.WRONG to "暗証番号が違います。",
            WhyPin.MALFORMED to "数字4桁で入力してください。回数は減っていません。",
            WhyPin.CARD_REMOVED to "確認の途中でカードが離れました。もう一度入力してください。",
            WhyPin.TRIES_GONE to "以前に暗証番号の間違いがあり、残りの回数が減っています。いまの入力は、まだカードに送っていません。",
        )
        for ((why, said) in words) {
            val presenter = presenter { _, screen ->
                screen.enterPin(Prompt.EnterPin(PinKind.AUTHENTICATION, 2u, why))
                Ending.Failed(lost)
            }
            does(presenter, Action.Choose(hanako))
            assertTrue("あと2回" in presenter.said)
            assertEquals(said, presenter.elements.filterIsInstance<Element.Notice>().singleOrNull()?.text)
            does(presenter, Action.Stop)
        }
    }

    @Test
    fun `before the card was asked, the pad says what three wrong entries do`() = runTest {
        val presenter = presenter { _, screen ->
            screen.enterPin(first)
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako))
        assertTrue("3回続けて間違えると" in presenter.said)
        does(presenter, Action.Stop)
    }

    @Test
    fun `a card that slipped, and one that was let go for a question, are asked for in other words`() = runTest {
        val said = mutableListOf<String>()
        lateinit var presenter: VisitPresenter
        presenter = presenter { _, screen ->
            fun tap() {
                screen.show(Progress(Stage.AWAIT_CARD, 0u, 0u))
                said += presenter.said
                screen.show(Progress(Stage.READ_CARD, 0u, 0u))
            }
            screen.enterPin(first)
            repeat(2) { tap() }
            screen.enterPin(Prompt.EnterPin(PinKind.AUTHENTICATION, 2u, WhyPin.TRIES_GONE))
            tap()
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako), *digits("1234"), Action.Enter, *digits("1234"), Action.Enter)
        assertEquals(listOf(false, true, false), said.map { "カードが離れました" in it })
        assertEquals(listOf(false, true, true), said.map { "同じカード" in it })
    }

    @Test
    fun `another secret than the visit's PIN is not asked for on this pad`() = runTest {
        var asked = false
        val presenter = presenter { _, screen ->
            assertNull(screen.enterPin(first.copy(pin = PinKind.SIGNATURE)))
            asked = true
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako))
        assertTrue(asked)
    }

    @Test
    fun `the last try goes on only for who says so, and stopping stands out`() = runTest {
        var consent: Boolean? = null
        val presenter = presenter { _, screen ->
            consent = screen.lastTry(Prompt.LastTry(PinKind.AUTHENTICATION, WhyPin.FIRST))
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako), Action.FaceMatches, Action.Enter)
        assertEquals("last", presenter.screen.value.name)
        assertNull(consent)
        assertEquals(Action.Stop, presenter.choices.single { it.weight == Weight.FIRST }.action)
        does(presenter, Action.TryLast)
        assertEquals(true, consent)
    }

    @Test
    fun `stopping ends the visit wherever it is, and nothing late is shown`() = runTest {
        val places = listOf<suspend (VisitScreen) -> Unit>(
            { it.confirmFace() },
            { it.enterPin(first) },
            { it.lastTry(Prompt.LastTry(PinKind.AUTHENTICATION, WhyPin.FIRST)) },
            { screen -> screen.show(Progress(Stage.AWAIT_CARD, 0u, 0u)); awaitCancellation() },
        )
        for (place in places) {
            var ended = false
            val presenter = presenter { _, screen ->
                try {
                    place(screen)
                    Ending.Failed(lost)
                } finally {
                    ended = true
                }
            }
            does(presenter, Action.Choose(hanako))
            assertTrue(presenter.busy)
            does(presenter, Action.Stop)
            assertTrue(ended)
            assertFalse(presenter.busy)
            assertEquals("home", presenter.screen.value.name)
        }
    }

    @Test
    fun `a visit that does not hear of its end shows nothing, and the next one waits for it`() = runTest {
        val log = mutableListOf<String>()
        val presenter = presenter { visitor, _ ->
            log += "begins ${visitor.name}"
            withContext(NonCancellable) { delay(1000) }
            log += "ends ${visitor.name}"
            Ending.Done(verified())
        }
        does(presenter, Action.Choose(hanako), Action.Stop, Action.Choose(visitors[1]))
        advanceTimeBy(900)
        assertEquals(listOf("begins 介護 花子"), log)
        advanceTimeBy(200)
        runCurrent()
        assertEquals(listOf("begins 介護 花子", "ends 介護 花子", "begins 福祉 太郎"), log)
        assertFalse("カイゴ ハナコ" in presenter.said && presenter.screen.value.name == "result")
        does(presenter, Action.Stop)
        advanceTimeBy(2000)
        assertEquals("home", presenter.screen.value.name)
    }

    @Test
    fun `leaving the app while a result is shown takes it away`() = runTest {
        val presenter = presenter { _, _ -> Ending.Done(verified()) }
        does(presenter, Action.Choose(hanako))
        assertEquals("result", presenter.screen.value.name)
        presenter.stop()
        assertEquals("home", presenter.screen.value.name)
    }

    @Test
    fun `a card that went away is asked for in other words`() = runTest {
        val presenter = presenter { _, screen ->
            screen.show(Progress(Stage.AWAIT_CARD, 0u, 0u))
            delay(10)
            screen.show(Progress(Stage.READ_CARD, 30u, 120u))
            delay(10)
            screen.show(Progress(Stage.AWAIT_CARD, 0u, 0u))
            delay(10)
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako))
        assertTrue(Japanese.holdHow in presenter.said)
        advanceTimeBy(11)
        assertEquals(25, presenter.elements.filterIsInstance<Element.Bar>().single().percent)
        advanceTimeBy(10)
        assertTrue(Japanese.holdAgain in presenter.said)
    }

    @Test
    fun `a failure offers another try with the same person`() = runTest {
        val visited = mutableListOf<Visitor>()
        val presenter = presenter { visitor, _ ->
            visited += visitor
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(visitors[1]), Action.Again)
        assertEquals(listOf(visitors[1], visitors[1]), visited)
        does(presenter, Action.Home, Action.Again)
        assertEquals(2, visited.size)
    }

    @Test
    fun `what the app itself throws is a failure too`() = runTest {
        val presenter = presenter { _, _ -> throw IllegalStateException("no anchors") }
        does(presenter, Action.Choose(hanako))
        assertEquals("failure", presenter.screen.value.name)
        assertFalse("no anchors" in presenter.said)
        assertIs<Action.Home>(presenter.choices.single().action)
    }

    @Test
    fun `fingers are faster than screens`() = runTest {
        var visits = 0
        val presenter = presenter { _, screen ->
            visits += 1
            screen.confirmFace()
            screen.lastTry(Prompt.LastTry(PinKind.AUTHENTICATION, WhyPin.FIRST))
            Ending.Failed(lost)
        }
        presenter.on(Action.Choose(hanako))
        presenter.on(Action.Choose(visitors[1]))
        runCurrent()
        presenter.on(Action.FaceMatches)
        presenter.on(Action.FaceDiffers)
        presenter.on(Action.Home)
        assertEquals("face", presenter.screen.value.name)
        runCurrent()
        assertEquals(1, visits)
        assertEquals("last", presenter.screen.value.name)
        does(presenter, Action.Stop)
    }

    @Test
    fun `without NFC nobody begins`() = runTest {
        var visits = 0
        val presenter = presenter { _, _ -> visits += 1; Ending.Failed(lost) }
        presenter.nfc(NfcState.OFF)
        does(presenter, Action.Choose(hanako))
        assertEquals(Action.OpenNfcSettings, presenter.choices.single().action)
        presenter.nfc(NfcState.ABSENT)
        assertTrue(presenter.choices.isEmpty() && Japanese.nfcAbsent in presenter.said)
        assertEquals(0, visits)
        presenter.nfc(NfcState.ON)
        does(presenter, Action.Choose(hanako))
        assertEquals(1, visits)
    }
}

package kaigotap.sample

import kaigotap.Attribute
import kaigotap.AttributeFault
import kaigotap.Attributes
import kaigotap.BirthDateRead
import kaigotap.ChipPhoto
import kaigotap.Ending
import kaigotap.FaceCheck
import kaigotap.Failure
import kaigotap.FailureKind
import kaigotap.Faulty
import kaigotap.Photo
import kaigotap.PrintedFault
import kaigotap.PrintedField
import kaigotap.PrintedFields
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Stage
import kaigotap.VisitScreen
import kaigotap.Way
import kaigotap.WhyPin
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Test

/** Where one way of a visit fails: the choice of the next, and the screens of each. */
class OtherWaysTest {
    private val locked = Failure(FailureKind.PIN, "pin_blocked", 0u, null, SAME, "")
    private val lockedOut = Prompt.ChooseWay(locked, listOf(Way.FACE_CHECK, Way.FOUR_ATTRIBUTES))
    private val empty = Attributes("", "", "", "", "")
    private val certificate = Prompt.EnterAttributes(Way.FOUR_ATTRIBUTES, null, empty)

    private fun typed(vararg texts: Pair<Field, String>) =
        texts.map { (field, text) -> Action.Typed(field, text.toCharArray()) }.toTypedArray()

    private val VisitPresenter.inputs get() = elements.filterIsInstance<Element.Input>()
    private val VisitPresenter.texts get() = inputs.map { it.typed.text }

    @Test
    fun `a locked PIN leads to the other ways, the best first, and paper to its fields`() = runTest {
        var entered: Attributes? = null
        val presenter = presenter { _, screen ->
            assertEquals(Way.FOUR_ATTRIBUTES, screen.chooseWay(lockedOut))
            entered = screen.enterAttributes(certificate)
            Ending.Done(verified())
        }
        does(presenter, Action.Choose(hanako))
        assertEquals("ways", presenter.screen.value.name)
        assertTrue(locked.message(Japanese.language) in presenter.said)
        assertTrue(locked.nextAction(Japanese.language) in presenter.said)
        val offered = listOf(Action.Take(Way.FACE_CHECK), Action.Take(Way.FOUR_ATTRIBUTES), Action.Paper)
        assertEquals(offered, presenter.choices.map { it.action })
        assertEquals(listOf(Weight.FIRST, Weight.OTHER, Weight.OTHER), presenter.choices.map { it.weight })
        does(presenter, Action.Take(Way.DISASTER))
        assertEquals("ways", presenter.screen.value.name, "it is not offered")

        does(presenter, Action.Take(Way.FOUR_ATTRIBUTES))
        assertEquals(Field.CERTIFICATE, presenter.inputs.map { it.field })
        does(
            presenter,
            *typed(
                Field.INSURER_NUMBER to "131016", Field.INSURED_NUMBER to "0000000001", Field.NAME_KANA to "カイゴ ハナコ",
                Field.BIRTH_DATE to "S15.5.17", Field.SEX to "女",
            ),
        )
        assertFalse("S15" in presenter.screen.value.toString() || "S15" in typed(Field.BIRTH_DATE to "S15").single().toString())
        does(presenter, Action.Enter)
        val (insurer, insured, name, birth, sex) = entered!!
        assertEquals(listOf("131016", "0000000001", "カイゴ ハナコ", "S15.5.17", "女"), listOf(insurer, insured, name, birth, sex))
        assertEquals("result", presenter.screen.value.name)
    }

    @Test
    fun `who takes none of the ways is told what to note on paper`() = runTest {
        var taken: Way? = Way.CARD_TAP
        val presenter = presenter { _, screen ->
            taken = screen.chooseWay(lockedOut)
            Ending.Failed(locked)
        }
        does(presenter, Action.Choose(hanako), Action.Paper)
        assertNull(taken)
        assertEquals("paper", presenter.screen.value.name)
        val notes = locked.toNote(Japanese.language)
        assertTrue(notes.isNotEmpty())
        for (note in notes) assertTrue(note in presenter.said, note)
        assertEquals(listOf<Action>(Action.Home), presenter.choices.map { it.action })
        does(presenter, Action.Home, Action.Paper)
        assertEquals("home", presenter.screen.value.name)
    }

    @Test
    fun `a fault of the certificate is told at its field, and the rest stays`() = runTest {
        var entered: Attributes? = null
        val known = empty.copy(nameKana = "カイゴ ハナコ", sex = "female")
        val presenter = presenter { _, screen ->
            screen.enterAttributes(certificate.copy(prefilled = known))
            val wrong = AttributeFault(Attribute.BIRTH_DATE, Faulty.AMBIGUOUS)
            entered = screen.enterAttributes(certificate.copy(fault = wrong, prefilled = known))
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako))
        assertEquals(listOf("", "", "カイゴ ハナコ", "", "女"), presenter.texts)
        assertTrue(presenter.inputs.all { it.fault == null })
        does(presenter, *typed(Field.INSURER_NUMBER to "131016", Field.BIRTH_DATE to "15.5.17"), Action.Enter)
        val marked = presenter.inputs.single { it.fault != null }
        assertEquals(Field.BIRTH_DATE, marked.field)
        assertEquals(Japanese.fault(Faulty.AMBIGUOUS), marked.fault)
        assertTrue(marked.fault!! in presenter.elements.filterIsInstance<Element.Notice>().single().text)
        assertEquals(listOf("131016", "", "カイゴ ハナコ", "15.5.17", "女"), presenter.texts)
        does(presenter, *typed(Field.BIRTH_DATE to "S15.5.17"), Action.Enter)
        assertEquals("131016", entered?.insurerNumber)
        assertEquals("S15.5.17", entered?.birthDate)
    }

    @Test
    fun `a date of birth is read back as the certificate has it, with the age`() = runTest {
        for ((action, answer) in listOf(Action.DateMatches to true, Action.DateDiffers to false)) {
            var told: Boolean? = null
            val presenter = presenter { _, screen ->
                told = screen.confirmBirthDate(BirthDateRead("1940-05-17", "昭和15年5月17日", 86u))
                Ending.Failed(lost)
            }
            does(presenter, Action.Choose(hanako))
            assertTrue("昭和15年5月17日（86歳）" in presenter.said, presenter.said)
            does(presenter, action)
            assertEquals(answer, told)
        }
    }

    @Test
    fun `what is printed on the card is typed in three fields, and asked for again with its fault`() = runTest {
        var entered: PrintedFields? = null
        val presenter = presenter { _, screen ->
            screen.enterPrintedFields(Prompt.EnterPrinted(3u, WhyPin.FIRST, null))
            val wrong = PrintedFault(PrintedField.SECURITY_CODE, Faulty.LENGTH)
            entered = screen.enterPrintedFields(Prompt.EnterPrinted(3u, WhyPin.MALFORMED, wrong))
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako))
        assertEquals(Field.CARD, presenter.inputs.map { it.field })
        assertTrue("あと3回" in presenter.said)
        does(
            presenter,
            *typed(Field.BIRTH_DATE to "S15.5.17", Field.EXPIRY_YEAR to "2031", Field.SECURITY_CODE to "123", Field.SEX to "女"),
            Action.Enter,
        )
        assertEquals(Field.SECURITY_CODE, presenter.inputs.single { it.fault != null }.field)
        assertEquals(listOf("S15.5.17", "2031", "123"), presenter.texts)
        does(presenter, *typed(Field.SECURITY_CODE to "1234"), Action.Enter)
        val (birth, expiry, code) = entered!!
        assertEquals(listOf("S15.5.17", "2031", "1234"), listOf(birth, expiry, code))
    }

    @Test
    fun `the photo in the card is shown, and gone when it was looked at`() = runTest {
        val photo = Photo(2u, 1u, byteArrayOf(0, -1))
        for ((action, answer) in listOf(Action.PhotoMatches to FaceCheck.MATCH, Action.PhotoDiffers to FaceCheck.NO_MATCH)) {
            var told: FaceCheck? = null
            val presenter = presenter { _, screen ->
                told = screen.confirmPhoto(ChipPhoto(ByteArray(0), photo))
                awaitCancellation()
            }
            // A finger that is still on the face check's button answers nothing here.
            does(presenter, Action.Choose(hanako), Action.FaceMatches)
            assertNull(told)
            assertEquals(photo, presenter.elements.filterIsInstance<Element.Picture>().single().photo)
            does(presenter, action)
            assertEquals(answer, told)
            assertTrue(presenter.elements.none { it is Element.Picture })
            does(presenter, Action.Stop)
        }
    }

    @Test
    fun `a photo that cannot be shown is not confirmed`() = runTest {
        val presenter = presenter { _, screen ->
            screen.confirmPhoto(ChipPhoto(ByteArray(0), null))
            Ending.Failed(lost)
        }
        does(presenter, Action.Choose(hanako))
        assertEquals(listOf<Action>(Action.Stop), presenter.choices.map { it.action })
        does(presenter, Action.Stop)
    }

    @Test
    fun `what was typed is gone after stopping, at the end, before another way, and once it is sent`() = runTest {
        val ends = listOf<suspend (VisitScreen) -> Unit>(
            { awaitCancellation() },
            { },
            { it.chooseWay(lockedOut) },
            { screen -> screen.show(Progress(Stage.EXCHANGE, 0u, 0u)); awaitCancellation() },
        )
        for (end in ends) {
            val presenter = presenter { _, screen ->
                screen.enterAttributes(certificate)
                end(screen)
                Ending.Failed(lost)
            }
            does(presenter, Action.Choose(hanako), *typed(Field.NAME_KANA to "カイゴ ハナコ"))
            val kept = presenter.inputs.single { it.field == Field.NAME_KANA }.typed
            val characters = TypedText::class.java.getDeclaredField("characters").apply { isAccessible = true }.get(kept) as CharArray
            assertEquals("カイゴ ハナコ", characters.concatToString())
            does(presenter, Action.Enter)
            if (presenter.screen.value.name == "attributes") does(presenter, Action.Stop)
            assertEquals("", kept.text)
            assertTrue(characters.all { it == '\u0000' })
            does(presenter, Action.Stop)
        }
    }
}

package kaigotap.sample

import java.nio.file.Files
import java.nio.file.Path
import java.time.ZoneOffset
import kaigotap.Attribute
import kaigotap.AttributeFault
import kaigotap.Attributes
import kaigotap.BirthDateRead
import kaigotap.ChipPhoto
import kaigotap.Differences
import kaigotap.EntryState
import kaigotap.Failure
import kaigotap.FailureKind
import kaigotap.Faulty
import kaigotap.HeldTicket
import kaigotap.JournalEntry
import kaigotap.Language
import kaigotap.Origin
import kaigotap.Photo
import kaigotap.PinKind
import kaigotap.PrintedFault
import kaigotap.PrintedField
import kaigotap.Progress
import kaigotap.Prompt
import kaigotap.Retry
import kaigotap.SendReport
import kaigotap.Stage
import kaigotap.WaitingVisit
import kaigotap.Way
import kaigotap.WhyPin
import kaigotap.android.NfcState
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test

/** How each moment looks, in both languages: what is said, in which order, in which colour. */
class ScreensTest {
    /** Every failure there is, from the one table of the core. */
    private val failures: List<Failure> = Files
        .list(Path.of(System.getProperty("kaigotap.top"), "core/src/message/table"))
        .use { files -> files.sorted().toList().joinToString("\n") { Files.readString(it) } }
        .let { Regex("""(?m)^    \w+ "(\w+)" (\w+) \w+ \w+$""").findAll(it) }
        .map { Failure(FailureKind.valueOf(it.groupValues[2].uppercase()), it.groupValues[1], 2u, 30u, SAME, "") }
        .toList()

    private fun screens(words: Words) = Screens(words).run {
        val pins = WhyPin.entries.flatMap { why ->
            (0..4).map { digits ->
                val entry = PinEntry(4).apply { repeat(digits) { add('5') } }
                pin(Prompt.EnterPin(PinKind.AUTHENTICATION, if (why == WhyPin.FIRST) null else 3u, why), entry, 4)
            }
        }
        val nothing = Attributes("", "", "", "", "")
        val certificate = Attribute.entries.flatMap { attribute ->
            Faulty.entries.map { faulty ->
                val prompt = Prompt.EnterAttributes(Way.FOUR_ATTRIBUTES, AttributeFault(attribute, faulty), nothing)
                attributes(prompt, TypedFields(Field.CERTIFICATE))
            }
        }
        val card = PrintedField.entries.flatMap { field ->
            WhyPin.entries.map { why ->
                printed(Prompt.EnterPrinted(2u, why, PrintedFault(field, Faulty.LENGTH)), TypedFields(Field.CARD))
            }
        }
        val others = failures.flatMap { listOf(ways(Prompt.ChooseWay(it, Way.entries)), paper(it)) } + listOf(
            attributes(Prompt.EnterAttributes(Way.DISASTER, null, nothing), TypedFields(Field.CERTIFICATE)),
            dateRead(BirthDateRead("1941-05-03", "昭和16年5月3日", 85u)),
            photo(ChipPhoto(ByteArray(0), Photo(1u, 1u, ByteArray(1)))), photo(ChipPhoto(ByteArray(0), null)),
        )
        certificate + card + others + NfcState.entries.map { home(visitors, it) } + pins + failures.map(::failure) +
            Hold.entries.map(::hold) + Stage.entries.map(::wait) + listOf(
                face(hanako), face(hanako, uncovered = true), lastTry(), broken(),
                still(Progress(Stage.READ_CARD, 0u, 0u)), still(Progress(Stage.SIGN, 1u, 2u)),
            ) + offline(words)
    }

    private val evening = 64_800_000uL
    private val tickets = List(6) { HeldTicket(null, evening + it.toULong() * 60_000u) }
    private val entries = EntryState.entries.mapIndexed { number, state ->
        val refusal = failures.single { it.code == "ticket_used" }.takeIf { state == EntryState.REFUSED }
        JournalEntry(number.toULong(), false, state, refusal, "介護 花子", 36_300_000u, evening)
    }

    private fun Screens.offline(words: Words): List<Screen> = OfflineScreens(words, ZoneOffset.UTC).run {
        val views = listOf(
            DayView(),
            DayView(tickets.take(1), entries.take(1), shift = true),
            DayView(tickets, entries, 2, failures.take(1)),
        )
        val reports = listOf(0u, 2u).map { SendReport(it, it, it, 0u, it, listOf(), failures.first(), 1uL, listOf(), 0u) }
        val codes = (0..6).map { digits -> PinEntry(6).apply { repeat(digits) { add('5') } } }
        views.flatMap { listOf(waiting(it), home(visitors, NfcState.ON, state(it), choices(it))) } +
            reports.map { home(visitors, NfcState.OFF, sent(it), choices(views[2])) } +
            codes.flatMap { listOf(newCode(it), locked(null, it), locked(failures.first(), it)) } +
            waits(WaitingVisit(1u, "", "card_pin", 0u, evening, true, Origin.TEST, listOf(), 0u))
    }

    @Test
    fun `tickets are shown with the hour until which all of them are good`() {
        val shown = OfflineScreens(Japanese, ZoneOffset.UTC).state(DayView(tickets))
        assertEquals(listOf("持ち出し 6枚（18:00まで）"), shown.map { it.spoken })
    }

    @Test
    fun `each visit without coverage says what came of it, and only those that are over are acknowledged`() {
        val screens = OfflineScreens(Japanese, ZoneOffset.UTC)
        val said = screens.waiting(DayView(entries = entries)).elements.joinToString("\n") { it.spoken }
        for (state in listOf("送信待ち", "確認済み", "受け付けられませんでした", "期限切れ")) {
            assertTrue("10:05　介護 花子　$state" in said, said)
        }
        val refused = failures.single { it.code == "ticket_used" }
        assertTrue(refused.message(Language.JAPANESE) in said && Japanese.expired in said, said)
        assertEquals(listOf(1uL, 2uL, 3uL), DayView(entries = entries).ended)
        val waiting = screens.waiting(DayView(entries = entries.filter { it.state == EntryState.WAITING }))
        assertTrue(waiting.elements.none { it is Element.Choice && it.action == Action.Acknowledge })
    }

    @Test
    fun `a visit without coverage does not look like a confirmation`() {
        val visit = WaitingVisit(1u, "", "card_pin", 0u, evening, false, null, listOf(), 0u)
        for (words in listOf(Japanese, English)) {
            val screen = OfflineScreens(words, ZoneOffset.UTC).waits(visit)
            val notices = screen.elements.filterIsInstance<Element.Notice>()
            assertEquals(listOf(Tone.CARE), notices.map { it.tone })
            assertFalse(screen.elements.any { words.doneTitle in it.spoken })
            assertTrue("18:00" in notices.single().text)
        }
    }

    @Test
    fun `every failure says what to do now`() {
        assertTrue(failures.size > 30, "the table has another form")
        for (failure in failures) {
            val screen = Screens(Japanese).failure(failure)
            val next = screen.elements.filterIsInstance<Element.Large>().single()
            assertEquals("次にすること", next.label)
            assertEquals(failure.nextAction(Language.JAPANESE), next.text)
            assertTrue(next.text.length > 5 && next.text.last() == '。', "${failure.code}: ${next.text}")
            assertTrue(screen.elements.any { failure.code in it.spoken }, failure.code)
            assertIs<Element.Choice>(screen.elements.first { it is Element.Choice })
        }
    }

    @Test
    fun `again stands out only where the same can succeed`() {
        for (failure in failures) {
            val choices = Screens(Japanese).failure(failure).elements.filterIsInstance<Element.Choice>()
            val first = choices.single { it.weight == Weight.FIRST }
            assertEquals(choices.first(), first, failure.code)
            assertEquals(failure.retry() == Retry.SAME, first.action == Action.Again, failure.code)
            assertEquals(failure.retry() == Retry.NONE, choices.none { it.action == Action.Again }, failure.code)
        }
        val retries = failures.groupBy { it.retry() }
        assertEquals(Retry.entries.toSet(), retries.keys)
        for (code in listOf("pin_blocked", "card_not_genuine", "certificate_revoked")) {
            assertTrue(retries.getValue(Retry.OTHER_WAY).any { it.code == code }, code)
        }
    }

    @Test
    fun `every screen begins with its heading, and everything on it can be said`() {
        for (screen in screens(Japanese) + screens(English)) {
            assertIs<Element.Heading>(screen.elements.first(), screen.name)
            assertEquals(1, screen.elements.count { it is Element.Heading })
            for (element in screen.elements) assertTrue(element.spoken.isNotBlank(), "$screen")
            val buttons = screen.elements.filterIsInstance<Element.Choice>()
            assertTrue(buttons.count { it.weight == Weight.FIRST } <= 1, screen.name)
            assertEquals(buttons.size, buttons.distinctBy { it.spoken }.size, screen.name)
        }
    }

    @Test
    fun `Japanese is Japanese, and English is English`() {
        val japanese = Regex("[\\p{IsHiragana}\\p{IsKatakana}\\p{IsHan}]")
        for (screen in screens(Japanese)) {
            for (element in screen.elements) {
                assertTrue(japanese in element.spoken || element.spoken.endsWith("割"), element.spoken)
            }
        }
        for (screen in screens(English)) {
            // Names stay as they are, and so does a date as the certificate has it.
            val said = screen.elements.joinToString { it.spoken }.replace(Regex("介護 花子|カイゴ ハナコ|福祉 太郎|フクシ タロウ|昭和16年5月3日"), "")
            assertFalse(japanese in said.replace("、", ""), said)
        }
    }

    @Test
    fun `a date of which only a part is known is shown as far as it is`() {
        val dates = mapOf("1941-05-03" to "1941年5月3日", "1941-05" to "1941年5月", "1941" to "1941年", "1941-00-03" to "1941年3日")
        for ((iso, shown) in dates) assertEquals(shown, Japanese.date(iso))
    }

    @Test
    fun `somebody else's card is not tried again for the same person`() {
        for (differences in listOf(Differences(true, false, false), Differences(false, true, false))) {
            val failure = Failure(FailureKind.PERSON, "another_person", null, null, differences, "")
            val choices = Screens(Japanese).failure(failure).elements.filterIsInstance<Element.Choice>()
            assertEquals(listOf<Action>(Action.Home), choices.map { it.action })
            assertEquals(Weight.FIRST, choices.single().weight)
        }
    }

    @Test
    fun `colours can be told apart by tired eyes`() {
        for ((text, paper) in Palette.texts) {
            val contrast = Palette.contrast(text, paper)
            assertTrue(contrast >= 7, "%06X on %06X: %.2f".format(text, paper, contrast))
        }
        for ((shape, around) in Palette.shapes) {
            val contrast = Palette.contrast(shape, around)
            assertTrue(contrast >= 3, "%06X on %06X: %.2f".format(shape, around, contrast))
        }
    }

    @Test
    fun `contrast is that of WCAG`() {
        assertEquals(21.0, Palette.contrast(0x000000, 0xFFFFFF), 1e-9)
        assertEquals(1.0, Palette.contrast(0x123456, 0x123456), 1e-9)
        // The best known of all greys: the lightest that passes for text on white.
        assertEquals(4.54, Palette.contrast(0x767676, 0xFFFFFF), 0.005)
        assertEquals(0xFF1A1A1A.toInt(), Palette.opaque(Palette.INK))
    }

    @Test
    fun `every colour that the views use is among those that are measured`() {
        val drawn = Files.readString(Path.of("src/main/kotlin/kaigotap/sample/ScreenView.kt"))
        val used = Regex("""Palette\.([A-Z_]+)""").findAll(drawn).map { it.groupValues[1] }.toSet()
        val measured = (Palette.texts + Palette.shapes).flatMap { it.toList() }.toSet()
        assertTrue(used.size > 5)
        for (name in used) {
            val value = Palette::class.java.getField(name).getInt(null)
            assertTrue(value in measured, name)
        }
        assertFalse(Regex("0x[0-9A-Fa-f]{6}|Color\\.").containsMatchIn(drawn))
        assertTrue("COMPLEX_UNIT_SP" in drawn && "COMPLEX_UNIT_DP" !in drawn && "COMPLEX_UNIT_PX" !in drawn)
    }

    @Test
    fun `progress is a share, or unknown`() {
        fun percent(done: UInt, total: UInt) =
            Screens(Japanese).still(Progress(Stage.READ_CARD, done, total)).elements
                .filterIsInstance<Element.Bar>().single().percent
        assertEquals(null, percent(5u, 0u))
        assertEquals(50, percent(1_500_000_000u, 3_000_000_000u))
        assertEquals(100, percent(9u, 3u))
    }

    @Test
    fun `an entry is taken once and leaves nothing`() {
        val entry = PinEntry(4)
        "12x345".forEach(entry::add)
        assertTrue(entry.full)
        val taken = entry.take()
        assertEquals("1234", taken.concatToString())
        assertEquals(0, entry.entered)
        assertEquals(0, entry.take().size)
        entry.add('7')
        entry.erase()
        entry.erase()
        assertEquals(0, entry.entered)
        assertNotEquals("1234", entry.toString())
        val kept = PinEntry::class.java.getDeclaredField("digits").apply { isAccessible = true }.get(entry) as CharArray
        assertTrue(kept.all { it == '\u0000' })
    }
}

package kaigotap.sample

import java.io.DataInputStream
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.PKCS8EncodedKeySpec
import java.util.concurrent.TimeUnit
import kaigotap.CardLink
import kaigotap.CardLinkException
import kaigotap.DeviceKeys
import kaigotap.LinkCapacity
import kaigotap.LinkError
import kaigotap.Occasion
import kaigotap.PinTiming
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
    private val programs = mutableListOf<Process>()

    @AfterEach
    fun stop() = programs.forEach {
        it.destroy()
        it.waitFor(10, TimeUnit.SECONDS)
    }

    private fun program(vararg arguments: String): Process =
        ProcessBuilder(listOf(System.getProperty("kaigotap.command")) + arguments)
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start().also(programs::add)

    private fun enrolment(): Enrolment {
        val file = folder.resolve("enrolment.json")
        val sandbox = program("sandbox", "--listen", "127.0.0.1:0", "--enrolment", "$file", "--json")
        repeat(1_000) {
            val text = if (Files.exists(file)) Files.readString(file) else ""
            if (text.trimEnd().endsWith("}")) return Enrolment.of(text, KeyFile(Path.of("$file.keys", Enrolment.DEVICE_KEY)))
            check(sandbox.isAlive) { "the sandbox ended" }
            Thread.sleep(30)
        }
        error("the sandbox wrote no enrolment")
    }

    /** The device's key, where `kaigotap` keeps it on a desk. */
    private class KeyFile(private val file: Path) : DeviceKeys {
        override suspend fun sign(key: String, payload: ByteArray): ByteArray {
            val private = KeyFactory.getInstance("EC").generatePrivate(PKCS8EncodedKeySpec(Files.readAllBytes(file)))
            return Signature.getInstance("SHA256withECDSA").run {
                initSign(private)
                update(payload)
                sign()
            }
        }
    }

    /** The virtual card, which takes this for the virtual reader `vpcd`. A torn card is followed by the next profile. */
    private inner class Cards(private val person: String, vararg profiles: String) : CardLink {
        private val profiles = ArrayDeque(profiles.toList())
        private var card: Socket? = null

        // As the phone's.
        override val pinTiming get() = PinTiming.BEFORE_TAP

        override suspend fun connect(occasion: Occasion): LinkCapacity {
            if (card == null) {
                val profile = profiles.removeFirstOrNull() ?: throw CardLinkException(LinkError.TIMED_OUT)
                ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { reader ->
                    reader.soTimeout = 30_000
                    val address = "127.0.0.1:${reader.localPort}"
                    program("virtual-card", "--vpcd", address, "--person", person, "--profile", profile)
                    card = reader.accept().apply { tcpNoDelay = true }
                }
            }
            send(byteArrayOf(1))
            return LinkCapacity(261u, 258u)
        }

        override suspend fun transmit(command: ByteArray): ByteArray = try {
            send(command)
            val stream = DataInputStream(card!!.getInputStream())
            ByteArray(stream.readUnsignedShort()).also(stream::readFully)
        } catch (torn: IOException) {
            card?.close()
            card = null
            throw CardLinkException(LinkError.LOST, torn)
        }

        override suspend fun disconnect() {
            runCatching { send(byteArrayOf(0)) }
        }

        private fun send(body: ByteArray) =
            card!!.getOutputStream().write(byteArrayOf((body.size shr 8).toByte(), body.size.toByte()) + body)
    }

    /** Does on each screen that asks what is said for it, until one comes for which nothing is said. */
    private fun visit(cards: Cards, visitor: Visitor, vararg does: Pair<String, List<Action>>): Screen {
        val enrolment = enrolment()
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
        val screen = visit(Cards("hanako", "modern"), today[0], look, "pin" to pin("1234"))
        assertEquals("result", screen.name, screen.said)
        val large = screen.elements.filterIsInstance<Element.Large>().associate { it.label to it.text }
        assertEquals("カイゴ　ハナコ", large["お名前"])
        assertEquals("1941年5月3日", large["生年月日"])
        assertEquals("要介護3", large["要介護度"])
        assertTrue(large.getValue("負担割合").endsWith("割"), "$large")
    }

    @Test
    fun `a card that is pulled once changes nothing`() {
        val cards = Cards("hanako", "modern+torn-after:2", "modern")
        val screen = visit(cards, today[0], look, "pin" to pin("1234"))
        assertEquals("result", screen.name, screen.said)
    }

    @Test
    fun `the card of another person is told apart from the one who was chosen`() {
        val screen = visit(Cards("taro", "modern"), today[0], look, "pin" to pin("5678"))
        assertTrue("選んだ方のカードではありません" in screen.said, screen.said)
        val right = visit(Cards("taro", "modern"), today[1], look, "pin" to pin("5678"))
        assertEquals("result", right.name, right.said)
    }

    @Test
    fun `a wrong face, and a locked PIN, end with what to do`() {
        val wrong = visit(Cards("hanako", "modern"), today[0], "face" to listOf(Action.FaceDiffers))
        assertTrue("次にすること" in wrong.said && "face_differs" in wrong.said, wrong.said)
        val locked = visit(Cards("hanako", "modern+authentication-tries:0"), today[0], look, "pin" to pin("1234"))
        assertTrue("次にすること" in locked.said && "pin_blocked" in locked.said, locked.said)
        assertEquals("ways", locked.name)
    }

    @Test
    fun `with a locked PIN the paper certificate leads to the care level, and one field is mended`() {
        fun types(vararg texts: Pair<Field, String>) =
            texts.map { (field, text) -> Action.Typed(field, text.toCharArray()) } + Action.Enter
        val screen = visit(
            Cards("hanako", "modern+authentication-tries:0"), today[0], look, "pin" to pin("1234"),
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
        val screen = visit(Cards("hanako", "modern+authentication-tries:1"), today[0], look, "pin" to pin("1234"))
        assertEquals("last", screen.name, screen.said)
    }
}

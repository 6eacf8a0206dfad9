package kaigotap.sample

import java.nio.file.Path
import kaigotap.AtBrowser
import kaigotap.Browser
import kaigotap.Ending
import kaigotap.Failure
import kaigotap.FailureKind
import kaigotap.FileStore
import kaigotap.HttpError
import kaigotap.HttpLink
import kaigotap.HttpLinkException
import kaigotap.Progress
import kaigotap.Stage
import kaigotap.StoredJournalKeys
import kaigotap.UrlConnectionHttp
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** A day without coverage over the real library, the virtual card and the sandbox: everything but the phone. */
@Timeout(180)
class OfflineDayTest {
    @TempDir
    lateinit var folder: Path
    private val desk by lazy { Desk(folder) }
    private val enrolment by lazy { desk.enrolment() }
    private var network = true
    private var nurse = "nurse-01"
    private val http = UrlConnectionHttp().let { there ->
        HttpLink { if (network) there.send(it) else throw HttpLinkException(HttpError.UNREACHABLE) }
    }

    @AfterEach
    fun stop() = desk.close()

    /** An app that was started anew over what the phone keeps. */
    private inner class App(scope: CoroutineScope, idleAfter: Duration = 5.minutes, runner: VisitRunner? = null) {
        private val cards = desk.Cards("hanako", "modern")
        private val day = OfflineDay(cards, http, idleAfter, { signIn() }) {
            val (keys, entries) = listOf("journal-key", "journal").map { FileStore(folder.resolve(it)) }
            enrolment.offline(StoredJournalKeys(keys), entries)
        }
        val presenter = VisitPresenter(scope, today, Japanese, runner ?: VisitRunner { visitor, screen ->
            when (val staff = day.signedIn()) {
                is Ending.Done -> enrolment.runner(cards, http, staff.value).run(visitor, screen)
                is Ending.Failed -> staff
            }
        }, day)
        val said get() = presenter.screen.value.elements.joinToString("\n") { it.spoken }

        private suspend fun signIn() =
            enrolment.signIn(Browser { address, _ -> AtBrowser(nurse).signIn(address) }, http)

        /** Does it, and waits for a screen of this name that says all this. */
        suspend fun does(vararg actions: Action, until: String, says: List<String> = listOf()) {
            actions.forEach(presenter::on)
            awaits(until, *says.toTypedArray())
        }

        suspend fun awaits(name: String, vararg says: String) = try {
            withTimeout(30.seconds) {
                presenter.screen.first { it.name == name && says.all { words -> words in said } }
            }
        } catch (late: kotlinx.coroutines.TimeoutCancellationException) {
            throw AssertionError("no $name with ${says.toList()}, but ${presenter.screen.value.name}: $said", late)
        }

        suspend fun begins(code: String) {
            does(Action.BeginShift, until = "code")
            does(*code(code), until = "home", says = listOf("ロックする"))
        }

        suspend fun visits() {
            does(Action.Choose(today[0]), until = "face")
            // It found no network, and is compared anew: when that was goes on record.
            does(Action.FaceMatches, until = "face", says = listOf("電波が届きません"))
            does(Action.FaceMatches, until = "pin")
            does(*code("1234"), until = "waits", says = listOf("まだ確認は完了していません"))
        }
    }

    private fun code(digits: String) = (digits.map { Action.Digit(it) } + Action.Enter).toTypedArray()

    private fun plays(play: suspend CoroutineScope.() -> Unit) = runBlocking {
        withTimeout(120.seconds) {
            play()
            coroutineContext.cancelChildren()
        }
    }

    @Test
    fun `a visit without coverage waits, is sent, confirmed and acknowledged`() = plays {
        val app = App(this)
        app.presenter.look()
        app.awaits("home", "持ち出しがありません")
        app.does(Action.FetchTickets, until = "home", says = listOf("持ち出し 6枚（"))

        network = false
        app.visits()
        app.does(Action.Home, until = "home", says = listOf("持ち出し 5枚（", "送信待ち 1件"))
        app.does(Action.ShowWaiting, until = "waiting", says = listOf("介護 花子　送信待ち"))
        assertFalse(Japanese.acknowledge in app.said)
        app.does(Action.Home, until = "home")
        app.does(Action.Send, until = "home", says = listOf("サーバーに接続できません", "送信待ち 1件"))

        network = true
        app.does(Action.Send, until = "home", says = listOf("送信しました：確認済み 1件", "送信待ち 0件・結果 1件"))
        app.does(Action.ShowWaiting, until = "waiting", says = listOf("介護 花子　確認済み"))
        app.does(Action.Acknowledge, until = "home", says = listOf("持ち出し 5枚（"))
        assertFalse("送信待ち" in app.said, app.said)
        app.does(Action.FetchTickets, until = "home", says = listOf("持ち出し 6枚（"))
    }

    @Test
    fun `what waits is sent again by itself when its time has come`() = plays {
        val app = App(this)
        app.does(Action.FetchTickets, until = "home", says = listOf("持ち出し 6枚（"))
        network = false
        app.visits()
        app.does(Action.Home, until = "home")
        app.does(Action.Send, until = "home", says = listOf("サーバーに接続できません"))
        network = true
        app.awaits("home", "送信しました：確認済み 1件")
    }

    @Test
    fun `a visit of which the platform may have heard is not made a second time`() = plays {
        var sent = true
        val app = App(this) { _, screen ->
            screen.show(Progress(if (sent) Stage.EXCHANGE else Stage.CHALLENGE, 0u, 0u))
            Ending.Failed(Failure(FailureKind.SERVER, "server_no_answer", null, null, SAME, ""))
        }
        app.does(Action.FetchTickets, until = "home", says = listOf("持ち出し 6枚（"))
        app.does(Action.Choose(today[0]), until = "failure", says = listOf("server_no_answer"))
        sent = false
        app.does(Action.Again, until = "face", says = listOf("電波が届きません"))
        app.does(Action.Stop, until = "home", says = listOf("持ち出し 6枚（"))
    }

    @Test
    fun `without tickets a visit without coverage ends as any other does`() = plays {
        val app = App(this)
        network = false
        app.does(Action.Choose(today[0]), until = "failure", says = listOf("server_unreachable"))
    }

    @Test
    fun `an idle phone is locked, and the right code opens it`() = plays {
        val app = App(this, idleAfter = 3.seconds)
        app.begins("482915")
        app.does(Action.FetchTickets, until = "home", says = listOf("持ち出し 6枚（"))
        app.awaits("locked")
        assertFalse("介護" in app.said || "持ち出し 6枚" in app.said, app.said)
        app.does(*code("482916"), until = "locked", says = listOf("コードが違います", "あと4回"))
        app.does(*code("482915"), until = "home", says = listOf("持ち出し 6枚（"))
        app.awaits("locked")
    }

    @Test
    fun `an app that is left or killed is locked, and five wrong codes wipe all but what waits`() = plays {
        val first = App(this)
        first.begins("482915")
        first.does(Action.FetchTickets, until = "home", says = listOf("持ち出し 6枚（"))
        network = false
        first.visits()
        first.presenter.lock()
        first.awaits("locked")
        first.does(*code("482915"), until = "home", says = listOf("送信待ち 1件"))

        val app = App(this)
        app.presenter.look()
        app.awaits("locked")
        for (left in 4 downTo 1) app.does(*code("000000"), until = "locked", says = listOf("あと${left}回"))
        app.does(*code("000000"), until = "failure", says = listOf("unlock_wiped"))
        app.does(Action.Home, until = "home", says = listOf("持ち出しがありません", "ほかの職員の送信待ちが1件"))
        network = true
        app.begins("482915")
        app.does(Action.Send, until = "home", says = listOf("確認済み 1件", "結果 1件"))
    }

    @Test
    fun `another nurse sees nothing, and sends what the first one made`() = plays {
        val app = App(this)
        app.begins("482915")
        app.does(Action.FetchTickets, until = "home", says = listOf("持ち出し 6枚（"))
        network = false
        app.visits()
        app.does(Action.Home, until = "home", says = listOf("送信待ち 1件"))
        app.does(Action.Lock, until = "locked")

        network = true
        nurse = "nurse-02"
        app.begins("117733")
        assertTrue("持ち出しがありません" in app.said && "ほかの職員の送信待ちが1件" in app.said, app.said)
        app.does(Action.Send, until = "home", says = listOf("確認済み 1件"))
        assertFalse("結果" in app.said, app.said)
        app.does(Action.Lock, until = "locked")

        nurse = "nurse-01"
        app.begins("482915")
        app.does(Action.ShowWaiting, until = "waiting", says = listOf("介護 花子　確認済み"))
    }
}

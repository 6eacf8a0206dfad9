package kaigotap.sample

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.provider.Settings
import java.util.Locale
import kaigotap.Ending
import kaigotap.FileStore
import kaigotap.Offline
import kaigotap.android.CustomTabBrowser
import kaigotap.android.IsoDepLink
import kaigotap.android.KeystoreJournalKeys
import kaigotap.android.KeystoreKeys
import kaigotap.android.keepPrivate
import kaigotap.android.nfcStates
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** The one screen. Everything it decides is in [VisitPresenter]; everything it needs from outside is in [Enrolment]. */
class MainActivity : Activity() {
    private val scope = MainScope()
    private lateinit var link: IsoDepLink
    private lateinit var browser: CustomTabBrowser
    private lateinit var presenter: VisitPresenter
    private lateinit var day: OfflineDay

    /** What the assets have; without it, every attempt ends with the words for an app that is broken. */
    private val enrolment by lazy {
        val text = assets.open("enrolment.json").use { it.readBytes().decodeToString() }
        Enrolment.of(text, KeystoreKeys(this))
    }

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // A PIN and a person will be on it.
        window.keepPrivate()
        link = IsoDepLink(this)
        browser = CustomTabBrowser(this)
        val words = if (Locale.getDefault().language == "en") English else Japanese
        day = OfflineDay(link, signIn = { enrolment.signIn(browser) }, open = ::offline)
        presenter = VisitPresenter(scope, today, words, runner(), day)
        val view = ScreenView(this) { action ->
            if (action == Action.OpenNfcSettings) {
                startActivity(Intent(Settings.ACTION_NFC_SETTINGS))
            } else {
                presenter.on(action)
            }
        }
        setContentView(view)
        scope.launch { nfcStates(this@MainActivity).collect(presenter::nfc) }
        scope.launch { presenter.screen.collect(view::draw) }
        presenter.look()
    }

    /** Visits by whoever has signed in; whoever has not does it now. */
    private fun runner() = VisitRunner { visitor, screen ->
        when (val staff = day.signedIn()) {
            is Ending.Done -> enrolment.runner(link, staff = staff.value).run(visitor, screen)
            is Ending.Failed -> staff
        }
    }

    private fun offline(): Offline {
        // The journal's key is sealed by the Keystore, beside the journal and not in it. No backup has either of them.
        val journal = KeystoreJournalKeys(this)
        return enrolment.offline(journal, FileStore(noBackupFilesDir.toPath().resolve("kaigotap-journal")))
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        browser.cameBack(intent)
    }

    override fun onStop() {
        super.onStop()
        if (!browser.isShown) presenter.lock()
    }

    override fun onUserInteraction() = presenter.touched()

    override fun onDestroy() {
        link.close()
        browser.close()
        scope.cancel()
        super.onDestroy()
    }
}

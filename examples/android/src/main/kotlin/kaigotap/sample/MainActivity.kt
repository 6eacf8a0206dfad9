package kaigotap.sample

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.provider.Settings
import java.util.Locale
import kaigotap.Ending
import kaigotap.SignedIn
import kaigotap.android.CustomTabBrowser
import kaigotap.android.IsoDepLink
import kaigotap.android.KeystoreKeys
import kaigotap.android.keepPrivate
import kaigotap.android.nfcStates
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** The one screen. Everything it decides is in [VisitPresenter]; everything it needs from outside is in [Enrolment]. */
class MainActivity : Activity() {
    private val scope = MainScope()
    private lateinit var link: IsoDepLink
    private lateinit var browser: CustomTabBrowser
    private lateinit var presenter: VisitPresenter
    private var staff: SignedIn? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // A PIN and a person will be on it.
        window.keepPrivate()
        link = IsoDepLink(this)
        browser = CustomTabBrowser(this)
        val words = if (Locale.getDefault().language == "en") English else Japanese
        presenter = VisitPresenter(scope, today, words, runner())
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
    }

    /** Reads the enrolment for each visit; without one, a visit ends with the words for an app that is broken. */
    private fun runner() = VisitRunner { visitor, screen ->
        val text = withContext(Dispatchers.IO) { assets.open("enrolment.json").use { it.readBytes().decodeToString() } }
        val enrolment = Enrolment.of(text, KeystoreKeys(this))
        // An hour later, and after a start of the app, the nurse signs in anew.
        if (staff.let { it == null || it.untilMs.toLong() <= System.currentTimeMillis() }) {
            when (val ending = enrolment.signIn(browser)) {
                is Ending.Done -> staff = ending.value
                is Ending.Failed -> return@VisitRunner ending
            }
        }
        enrolment.runner(link, staff = staff).run(visitor, screen)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        browser.cameBack(intent)
    }

    override fun onStop() {
        super.onStop()
        if (!browser.isShown) presenter.stop()
    }

    override fun onDestroy() {
        link.close()
        browser.close()
        scope.cancel()
        super.onDestroy()
    }
}

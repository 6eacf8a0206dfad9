package kaigotap.sample

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.provider.Settings
import java.util.Locale
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
    private lateinit var presenter: VisitPresenter

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // A PIN and a person will be on it.
        window.keepPrivate()
        link = IsoDepLink(this)
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
        Enrolment.of(text, KeystoreKeys(this)).runner(link).run(visitor, screen)
    }

    override fun onStop() {
        super.onStop()
        presenter.stop()
    }

    override fun onDestroy() {
        link.close()
        scope.cancel()
        super.onDestroy()
    }
}

package kaigotap.sample

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.provider.Settings
import java.util.Locale
import kaigotap.android.IsoDepLink
import kaigotap.android.keepPrivate
import kaigotap.android.nfcStates
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

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
        presenter = VisitPresenter(scope, Enrolment.visitors, words, Enrolment.runner(link))
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

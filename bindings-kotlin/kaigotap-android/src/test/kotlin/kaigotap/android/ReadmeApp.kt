package kaigotap.android

import android.app.Activity
import android.os.Bundle
import kaigotap.Device
import kaigotap.Ending
import kaigotap.Language
import kaigotap.Plan
import kaigotap.UrlConnectionHttp
import kaigotap.VerifiedVisit
import kaigotap.VisitScreen
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

private fun show(visit: VerifiedVisit) = check(visit.accessToken.isNotEmpty())

private fun show(message: String, next: String) = check((message + next).isNotEmpty())

// What follows is quoted by README.md.

class VisitActivity : Activity() {
    private val scope = MainScope()
    private lateinit var link: IsoDepLink

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.keepPrivate()              // a PIN and a person will be on it
        link = IsoDepLink(this)
    }

    fun begin(device: Device, plan: Plan, staffToken: String, screen: VisitScreen) = scope.launch {
        when (val ending = device.visit(plan, staffToken, link, UrlConnectionHttp(), screen)) {
            is Ending.Done -> show(ending.value)
            is Ending.Failed -> ending.failure.run { show(message(Language.JAPANESE), nextAction(Language.JAPANESE)) }
        }
    }

    override fun onDestroy() {
        link.close()
        scope.cancel()
        super.onDestroy()
    }
}

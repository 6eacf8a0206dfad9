package kaigotap.android

import android.app.Activity
import android.os.Bundle
import kaigotap.Device
import kaigotap.Language
import kaigotap.Plan
import kaigotap.UrlConnectionHttp
import kaigotap.VerifiedVisit
import kaigotap.VisitResult
import kaigotap.VisitScreen
import kaigotap.run
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
        val result = device.visit(plan, staffToken).use { it.run(link, UrlConnectionHttp(), screen) }
        when (result) {
            is VisitResult.Verified -> show(result.visit)
            is VisitResult.Failed -> result.failure.run { show(message(Language.JAPANESE), nextAction(Language.JAPANESE)) }
        }
    }

    override fun onDestroy() {
        link.close()
        scope.cancel()
        super.onDestroy()
    }
}

package kaigotap.android

import android.app.Activity
import android.app.Application
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import kaigotap.BrowseError
import kaigotap.Browser
import kaigotap.BrowserException
import kotlinx.coroutines.CompletableDeferred

/**
 * The phone's own browser, in which staff sign in: as a Custom Tab above the activity where the browser knows such, as a page
 * of its own otherwise.
 *
 * It ends at a scheme of the app's own, for which the activity has an intent filter; the activity is `singleTask`, so that
 * it lies above the page again, and gives what comes in `onNewIntent` to [cameBack]. Who comes back without it has closed
 * the page ([BrowseError.CANCELLED]). One for each activity; [close] it with the activity.
 */
class CustomTabBrowser(private val activity: Activity) : Browser, AutoCloseable {
    private class Tab(val returnsTo: String) {
        val ended = CompletableDeferred<String>()
        var isAbove = false
    }

    private val life = object : Application.ActivityLifecycleCallbacks {
        override fun onActivityPaused(paused: Activity) {
            if (paused === activity) tab?.isAbove = true
        }

        // After `onNewIntent`, where there was one.
        override fun onActivityResumed(resumed: Activity) {
            val closed = tab?.takeIf { resumed === activity && it.isAbove } ?: return
            closed.ended.completeExceptionally(BrowserException(BrowseError.CANCELLED))
        }

        override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit
        override fun onActivityStarted(activity: Activity) = Unit
        override fun onActivityStopped(activity: Activity) = Unit
        override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit
        override fun onActivityDestroyed(activity: Activity) = Unit
    }

    @Volatile
    private var tab: Tab? = null

    init {
        activity.application.registerActivityLifecycleCallbacks(life)
    }

    /** Whether a page is open: the activity is stopped under it, and is to go on. */
    val isShown: Boolean get() = tab != null

    override suspend fun show(address: String, returnsTo: String): String {
        val shown = Tab(returnsTo)
        tab = shown
        try {
            activity.startActivity(page(address))
            return shown.ended.await()
        } catch (none: ActivityNotFoundException) {
            throw BrowserException(BrowseError.NO_BROWSER, none)
        } finally {
            if (tab === shown) tab = null
        }
    }

    /** Whether an intent is the browser that comes back; never log it. */
    fun cameBack(intent: Intent): Boolean {
        val ended = intent.dataString ?: return false
        val waiting = tab?.takeIf { ended.startsWith("${it.returnsTo}?") } ?: return false
        waiting.ended.complete(ended)
        return true
    }

    override fun close() {
        activity.application.unregisterActivityLifecycleCallbacks(life)
        tab?.ended?.completeExceptionally(BrowserException(BrowseError.CANCELLED))
    }

    private fun page(address: String) = Intent(Intent.ACTION_VIEW, Uri.parse(address))
        .addCategory(Intent.CATEGORY_BROWSABLE)
        // What makes a Custom Tab of it; there is no session that was warmed up.
        .putExtras(Bundle().apply { putBinder("android.support.customtabs.extra.SESSION", null) })
}

package kaigotap.android

import android.app.Activity
import android.app.Application
import android.content.ActivityNotFoundException
import android.content.Intent
import kaigotap.BrowseError
import kaigotap.BrowserException
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.mockito.ArgumentMatchers.any
import org.mockito.Mockito.doAnswer
import org.mockito.Mockito.doThrow
import org.mockito.Mockito.mock
import org.mockito.Mockito.`when`

/** An activity above which a page is opened, and what Android calls when somebody comes back. */
class CustomTabBrowserTest {
    private val application = mock(Application::class.java)
    private val activity = mock(Activity::class.java)
    private val lives = mutableListOf<Application.ActivityLifecycleCallbacks>()
    private val life get() = lives.single()

    init {
        `when`(activity.application).thenReturn(application)
        doAnswer { lives += it.getArgument<Application.ActivityLifecycleCallbacks>(0) }
            .`when`(application).registerActivityLifecycleCallbacks(any())
        doAnswer { lives -= it.getArgument<Application.ActivityLifecycleCallbacks>(0) }
            .`when`(application).unregisterActivityLifecycleCallbacks(any())
    }

    private val browser = CustomTabBrowser(activity)

    private fun intent(address: String?) = mock(Intent::class.java).also { `when`(it.dataString).thenReturn(address) }

    /** What comes of a page while somebody does this. */
    private fun shown(act: () -> Unit): Result<String> = runBlocking {
        val page = async(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
            runCatching { browser.show("https://platform.example/staff/authorize", RETURNS_TO) }
        }
        act()
        page.await()
    }

    private fun error(result: Result<String>) = (result.exceptionOrNull() as? BrowserException)?.error

    @Test
    fun `who comes back brings the whole address`() {
        val came = shown {
            assertTrue(browser.isShown)
            life.onActivityPaused(activity)
            assertTrue(browser.cameBack(intent("$RETURNS_TO?code=1&state=2")))
            life.onActivityResumed(activity)
        }
        assertEquals("$RETURNS_TO?code=1&state=2", came.getOrThrow())
        assertFalse(browser.isShown)
    }

    @Test
    fun `who comes back without it has closed the page`() {
        val other = mock(Activity::class.java)
        assertEquals(BrowseError.CANCELLED, error(shown {
            // The activity itself was never away, and another one does not count.
            life.onActivityResumed(activity)
            life.onActivityPaused(other)
            life.onActivityPaused(activity)
            for (strange in listOf(null, "content://contacts/1", RETURNS_TO, "jp.kaigotap.app:/callbackx?code=1")) {
                assertFalse(browser.cameBack(intent(strange)), strange)
            }
            life.onActivityResumed(other)
            life.onActivityResumed(activity)
        }))
        // Nobody waits any more.
        assertFalse(browser.cameBack(intent("$RETURNS_TO?code=1")))
    }

    @Test
    fun `a phone without a browser says so`() {
        doThrow(ActivityNotFoundException()).`when`(activity).startActivity(any())
        assertEquals(BrowseError.NO_BROWSER, error(shown {}))
    }

    @Test
    fun `with the activity it is over`() {
        assertEquals(BrowseError.CANCELLED, error(shown { browser.close() }))
        assertEquals(emptyList(), lives)
    }

    private companion object {
        const val RETURNS_TO = "jp.kaigotap.app:/callback"
    }
}

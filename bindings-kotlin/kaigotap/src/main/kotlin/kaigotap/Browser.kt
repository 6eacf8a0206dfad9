package kaigotap

/**
 * The system's browser, in which staff sign in: a Custom Tab on Android, never a web view of the app, which could read
 * the password along (RFC 8252 §8.12). `docs/sign-in.md` says what it has to do.
 *
 * Called on a background thread, which it may block. Say what went wrong with [BrowserException]; whatever else is
 * thrown counts as [BrowseError.FAILED].
 */
fun interface Browser {
    /**
     * Opens an address, and waits until the browser comes back to another one, which begins with [returnsTo]. Brings
     * the whole of that, with its query. Never log it.
     */
    suspend fun show(address: String, returnsTo: String): String
}

/** Why the browser did not come back. Thrown by a [Browser]. */
class BrowserException(
    /** Why. */
    val error: BrowseError,
    cause: Throwable? = null,
) : Exception(error.name, cause)

/** No browser: for conversations in which nobody signs in. */
internal object NoBrowser : Browser {
    override suspend fun show(address: String, returnsTo: String): String =
        throw BrowserException(BrowseError.NO_BROWSER)
}

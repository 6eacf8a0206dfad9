package kaigotap

/** The end of a conversation. */
sealed interface Ending<out T> {
    /** What came of it. Shows nothing of it when printed. */
    class Done<out T>(
        /** It. */
        val value: T,
    ) : Ending<T> {
        override fun toString(): String = "Done(..)"
    }

    /** Why not. */
    data class Failed(
        /** What to tell people, and a stable code. */
        val failure: Failure,
        /** What the app's own code threw, if that is why. Not for people: it may say anything. */
        val cause: Throwable? = null,
    ) : Ending<Nothing>
}

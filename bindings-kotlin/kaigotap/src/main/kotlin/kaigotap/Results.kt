package kaigotap

/** The end of a visit. */
sealed interface VisitResult {
    /** Who this is, and what they are entitled to. Shows nothing of it when printed. */
    class Verified(
        /** The visit. */
        val visit: VerifiedVisit,
    ) : VisitResult {
        override fun toString(): String = "Verified(..)"
    }

    /** Why not. */
    data class Failed(
        /** What to tell people, and a stable code. */
        val failure: Failure,
        /** What the app's own code threw, if that is why. Not for people: it may say anything. */
        val cause: Throwable? = null,
    ) : VisitResult
}

/** The end of a question to a card. */
sealed interface ReadingResult<out T> {
    /** What the card said. Shows nothing of it when printed. */
    class Done<out T>(
        /** It. */
        val value: T,
    ) : ReadingResult<T> {
        override fun toString(): String = "Done(..)"
    }

    /** Why not. */
    data class Failed(
        /** What to tell people, and a stable code. */
        val failure: Failure,
        /** What the app's own code threw, if that is why. Not for people: it may say anything. */
        val cause: Throwable? = null,
    ) : ReadingResult<Nothing>
}

package kaigotap

/** People who do what they were told; then they stop. */
class Script(
    pins: List<String> = emptyList(),
    private val face: FaceCheck? = FaceCheck.MATCH,
    private val consents: Boolean = false,
    printed: List<Printed> = emptyList(),
    births: List<String> = emptyList(),
    chosen: List<Pair<String, String>> = emptyList(),
) : VisitScreen {
    private val pins = ArrayDeque(pins)
    private val printed = ArrayDeque(printed)
    private val births = ArrayDeque(births)
    private val chosen = ArrayDeque(chosen)

    /** What they were asked. */
    val asked = mutableListOf<Prompt>()

    /** What they were shown. */
    val shown = mutableListOf<Progress>()

    /** Every array that they gave away. */
    val given = mutableListOf<CharArray>()

    override suspend fun confirmFace(): FaceCheck? {
        asked += Prompt.ConfirmFace
        return face
    }

    override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? {
        asked += prompt
        return pins.removeFirstOrNull()?.toCharArray()?.also(given::add)
    }

    override suspend fun enterPrinted(prompt: Prompt.EnterPin): Printed? {
        asked += prompt
        return printed.removeFirstOrNull()
    }

    override suspend fun enterBirthDate(prompt: Prompt.EnterPin): String? {
        asked += prompt
        return births.removeFirstOrNull()
    }

    override suspend fun lastTry(prompt: Prompt.LastTry): Boolean {
        asked += prompt
        return consents
    }

    override suspend fun newPin(prompt: Prompt.NewPin): Pair<CharArray, CharArray>? {
        asked += prompt
        val (first, second) = chosen.removeFirstOrNull() ?: return null
        return Pair(first.toCharArray(), second.toCharArray()).also { given += it.toList() }
    }

    override fun show(progress: Progress) {
        shown += progress
    }
}

fun pin(tries: Int?, why: WhyPin, pin: PinKind = PinKind.AUTHENTICATION) =
    Prompt.EnterPin(pin, tries?.toUByte(), why)

/** The code of a failure, with the tries that are left where they are known. */
fun Failure.told() = listOfNotNull(code, triesLeft).joinToString(" ")

fun Ending<*>.code(): String = when (this) {
    is Ending.Done -> "done"
    is Ending.Failed -> failure.told()
}

/** What came of it; fails with the cause if it failed. */
fun <T> Ending<T>.value(): T = when (this) {
    is Ending.Done -> value
    is Ending.Failed -> throw AssertionError(failure.told(), cause)
}

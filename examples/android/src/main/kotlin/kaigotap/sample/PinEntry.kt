package kaigotap.sample

/** Digits on their way from the pad to the card: in one array that is wiped, never in text. */
class PinEntry(val length: Int) {
    private val digits = CharArray(length)

    /** How many are entered. */
    var entered = 0
        private set

    val full: Boolean get() = entered == length

    fun add(digit: Char) {
        if (!full && digit in '0'..'9') digits[entered++] = digit
    }

    fun erase() {
        if (entered > 0) digits[--entered] = WIPED
    }

    /** What was entered, for whoever wipes it; nothing stays here. */
    fun take(): CharArray = digits.copyOf(entered).also { clear() }

    fun clear() {
        digits.fill(WIPED)
        entered = 0
    }

    override fun toString() = "PinEntry(..)"

    private companion object {
        const val WIPED = '\u0000'
    }
}

package kaigotap.sample

import kaigotap.Photo
import kaigotap.Way

/**
 * What is on the screen, from top to bottom: also the order in which a screen reader goes through it. The views do
 * nothing but draw this.
 */
data class Screen(
    /** Screens of one name are one screen that changes: focus stays where it was. */
    val name: String,
    val elements: List<Element>,
)

/** One thing on a screen. */
sealed interface Element {
    /** What a screen reader says. */
    val spoken: String

    /** What this screen is about; the first element of each. */
    data class Heading(val text: String) : Element {
        override val spoken get() = text
    }

    /** A sentence. */
    data class Text(val text: String, override val spoken: String = text) : Element

    /** What must not be overlooked. Told by a screen reader when it changes. */
    data class Notice(val text: String, val tone: Tone) : Element {
        override val spoken get() = text
    }

    /** A result, to be read at arm's length. */
    data class Large(val label: String, val text: String) : Element {
        override val spoken get() = "$label、$text"
    }

    /** A button. */
    data class Choice(
        val text: String,
        val action: Action,
        val weight: Weight = Weight.OTHER,
        override val spoken: String = text,
    ) : Element

    /** How many digits are entered; never which. */
    data class Dots(val entered: Int, val of: Int, override val spoken: String) : Element

    /** The pad for digits. Each key has its own words. */
    data class Keypad(override val spoken: String, val erase: String, val full: Boolean) : Element

    /** A field to type in, with what it is called above it, and what is wrong with it. */
    data class Input(val field: Field, val label: String, val typed: TypedText, val fault: String?) : Element {
        override val spoken get() = if (fault == null) label else "$label、$fault"
    }

    /** The photo in the chip, as large as the screen is wide. */
    data class Picture(val photo: Photo, override val spoken: String) : Element {
        /** Nobody's face belongs into a log. */
        override fun toString() = "Picture(..)"
    }

    /** How far it is. Nobody knows where `percent` is `null`. */
    data class Bar(val percent: Int?, override val spoken: String) : Element
}

/** How something is meant. */
enum class Tone { GOOD, CARE }

/** How much a button stands out. The way that does no harm stands out most. */
enum class Weight { FIRST, OTHER }

/** What a person does. */
sealed interface Action {
    data class Choose(val visitor: Visitor) : Action

    data object FaceMatches : Action

    data object FaceDiffers : Action

    data class Digit(val digit: Char) : Action {
        /** A digit of a PIN does not belong into a log. */
        override fun toString() = "Digit(..)"
    }

    data object Erase : Action

    data object Enter : Action

    data class Typed(val field: Field, val text: CharArray) : Action {
        /** Nor does what stands on a certificate. */
        override fun toString() = "Typed(..)"
    }

    data class Take(val way: Way) : Action

    data object Paper : Action

    data object DateMatches : Action

    data object DateDiffers : Action

    data object PhotoMatches : Action

    data object PhotoDiffers : Action

    data object TryLast : Action

    data object Stop : Action

    data object Again : Action

    data object Home : Action

    data object OpenNfcSettings : Action

    data object FetchTickets : Action

    data object Send : Action

    data object ShowWaiting : Action

    data object Acknowledge : Action

    data object BeginShift : Action

    data object Lock : Action
}

/** Somebody on today's list. */
data class Visitor(
    /** 介護の記録にある氏名. */
    val name: String,
    /** As the platform writes it. */
    val nameKana: String,
    /** `YYYY-MM-DD`. */
    val birthDate: String,
)

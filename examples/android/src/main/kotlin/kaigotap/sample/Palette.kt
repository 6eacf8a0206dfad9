package kaigotap.sample

import kotlin.math.pow

/** Colours, 0xRRGGBB. Text has a contrast of 7 to 1 at least (WCAG 2.2, 1.4.6), what is no text 3 to 1 (1.4.11). */
object Palette {
    const val PAPER = 0xFFFFFF
    const val INK = 0x1A1A1A
    const val FIRST = 0x003F87
    const val ON_FIRST = 0xFFFFFF
    const val OTHER = 0xEEF2F6
    const val EDGE = 0x5A6672
    const val GOOD = 0x0B5A2A
    const val GOOD_PAPER = 0xEAF6EE
    const val CARE = 0x8A1010
    const val CARE_PAPER = 0xFDEEEE
    const val TRACK = 0xD5DCE3

    /** Text on what it stands on. */
    val texts = listOf(
        INK to PAPER,
        ON_FIRST to FIRST,
        INK to OTHER,
        GOOD to GOOD_PAPER,
        CARE to CARE_PAPER,
    )

    /** Shapes that mean something, on what lies around them. */
    val shapes = listOf(FIRST to PAPER, EDGE to PAPER, EDGE to OTHER, FIRST to TRACK, GOOD to PAPER, CARE to PAPER)

    /** As Android wants it. */
    fun opaque(colour: Int): Int = colour or (0xFF shl 24)

    /** Of a photo: 0 is black, 255 is white. */
    fun grey(level: Int): Int = opaque(level * 0x010101)

    /** Contrast of two colours, 1 to 21 (WCAG 2.2). */
    fun contrast(one: Int, other: Int): Double {
        val (darker, lighter) = listOf(luminance(one), luminance(other)).sorted()
        return (lighter + 0.05) / (darker + 0.05)
    }

    private fun luminance(colour: Int): Double {
        fun linear(shift: Int): Double {
            val part = (colour shr shift and 0xFF) / 255.0
            return if (part <= 0.04045) part / 12.92 else ((part + 0.055) / 1.055).pow(2.4)
        }
        return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }
}

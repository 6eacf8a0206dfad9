package kaigotap.sample

import java.nio.CharBuffer

/** What is copied from paper, or from the face of a card. Named as the SDK names them. */
enum class Field {
    INSURER_NUMBER, INSURED_NUMBER, NAME_KANA, BIRTH_DATE, SEX, EXPIRY_YEAR, SECURITY_CODE;

    /** Whether digits are all that stands in it. */
    val digits: Boolean get() = this in setOf(INSURER_NUMBER, INSURED_NUMBER, EXPIRY_YEAR, SECURITY_CODE)

    companion object {
        /** What stands on the paper certificate. */
        val CERTIFICATE = listOf(INSURER_NUMBER, INSURED_NUMBER, NAME_KANA, BIRTH_DATE, SEX)

        /** What is printed on the card, and opens the photo in its chip. */
        val CARD = listOf(BIRTH_DATE, EXPIRY_YEAR, SECURITY_CODE)
    }
}

/** What stands in one field: in one array that is wiped. Shows nothing of it when printed. */
class TypedText {
    private var characters = CharArray(0)

    /** A copy, for the view that draws it and for the SDK. */
    val text: String get() = characters.concatToString()

    /** Takes the array itself, and wipes what was there. */
    fun put(typed: CharArray) {
        clear()
        characters = typed
    }

    /** Whether it is this, without a copy. */
    fun holds(other: CharSequence): Boolean = CharBuffer.wrap(characters).contentEquals(other)

    fun clear() {
        characters.fill('\u0000')
        characters = CharArray(0)
    }

    override fun toString() = "TypedText(..)"
}

/** The fields of one screen. */
class TypedFields(val fields: List<Field>) {
    private val texts = fields.associateWith { TypedText() }

    operator fun get(field: Field): TypedText = texts.getValue(field)

    fun put(field: Field, typed: CharArray) {
        texts[field]?.put(typed)
    }

    fun clear() = texts.values.forEach(TypedText::clear)

    override fun toString() = "TypedFields(..)"
}

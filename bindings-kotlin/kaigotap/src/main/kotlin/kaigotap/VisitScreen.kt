package kaigotap

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/**
 * The people: the nurse and the holder of the card.
 *
 * Functions are called in the context of the coroutine that runs the conversation, so on Android on the main thread if
 * that is where it was started. A question may take as long as people take; `null` stops the conversation. What a
 * screen throws ends the conversation with the code `app_failed`, and is told to the caller as the cause.
 */
interface VisitScreen {
    /** To the nurse: does the face before you match the photo printed on the card (目視確認)? */
    suspend fun confirmFace(): FaceCheck? = null

    /**
     * To the holder: enter your PIN. Show how many tries are left, where the card was asked already, and why it is
     * asked for. Over a link with [PinTiming.BEFORE_TAP] this comes before the card is held to the reader.
     *
     * The array is filled with zeros when it has been handed over. Take characters from the screen one by one and keep
     * them out of any [String], which nobody can wipe.
     */
    suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? = null

    /** To the nurse: what stands on the card's face (照合番号B)? */
    suspend fun enterPrinted(prompt: Prompt.EnterPin): Printed? = null

    /** The date of birth of the holder, `YYYY-MM-DD`, as the key to the age record. */
    suspend fun enterBirthDate(prompt: Prompt.EnterPin): String? = null

    /**
     * To the holder: one try is left; a wrong entry now locks the PIN until it is reset, at the town hall for example.
     * Go on? The safe default is no. After [WhyPin.WRONG] say first that the PIN was wrong.
     */
    suspend fun lastTry(prompt: Prompt.LastTry): Boolean = false

    /** To the holder: choose a new PIN. What was entered first, and what was entered again; both are wiped. */
    suspend fun newPin(prompt: Prompt.NewPin): Pair<CharArray, CharArray>? = null

    /**
     * To the nurse: one way has failed; which of these is next? Say why it failed, what to do, and make the first of them
     * the large button. `null` ends the visit with that failure: show then what to note on paper ([Failure.toNote]).
     */
    suspend fun chooseWay(prompt: Prompt.ChooseWay): Way? = null

    /**
     * To the nurse: type what stands on the paper certificate (被保険者証). What cannot be read is asked for again, with
     * what is wrong; keep the rest on the screen. What the chip of a card knows is `prefilled`.
     */
    suspend fun enterAttributes(prompt: Prompt.EnterAttributes): Attributes? = null

    /**
     * To the nurse, for a face check: type the three things printed on the card, in fields of their own. What cannot stand
     * on a card is asked for again, with what is wrong; keep the rest on the screen. Show how many tries are left.
     */
    suspend fun enterPrintedFields(prompt: Prompt.EnterPrinted): PrintedFields? = null

    /**
     * To the nurse: this is the photo in the chip; show it large. Is it the photo printed on the card, and the person
     * before you? Draw `photo.pixels`; Android decodes no JPEG 2000. Keep no copy of it.
     */
    suspend fun confirmPhoto(photo: ChipPhoto): FaceCheck? = null

    /** To the nurse: is this the date of birth that stands on the certificate? */
    suspend fun confirmBirthDate(read: BirthDateRead): Boolean? = null

    /** Shows where the conversation stands. Called after every step; do not suspend or block here. */
    fun show(progress: Progress) {}
}

/** What stands on the card's face and makes up verification number B. Shows nothing of it when printed. */
sealed interface Printed {
    /** As a person reads it. */
    class Read(
        /** Date of birth, `YYYY-MM-DD`. */
        val birthDate: String,
        /** Year of expiry, Gregorian. */
        val expiryYear: Int,
        /** The four digits under the photo. */
        val code: String,
    ) : Printed {
        override fun toString(): String = "Read(..)"
    }

    /**
     * The 14 digits themselves, as a camera reads them; the array is filled with zeros when it has been handed over. A
     * card may count the years in them otherwise than [Read] does.
     */
    class Scanned(
        /** They. */
        val digits: CharArray,
    ) : Printed {
        override fun toString(): String = "Scanned(..)"
    }
}

/** Nobody is there: for conversations that ask nothing. */
internal object NoScreen : VisitScreen

/** A screen whose progress is a flow too, for whoever likes to collect it. */
class ObservedScreen(private val screen: VisitScreen) : VisitScreen by screen {
    private val state = MutableStateFlow(Progress(Stage.READY, 0u, 0u))

    /** Where the conversation stands: the last state only, each different one once. */
    val progress: StateFlow<Progress> = state.asStateFlow()

    override fun show(progress: Progress) {
        state.value = progress
        screen.show(progress)
    }
}

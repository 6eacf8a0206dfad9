package kaigotap.android

import android.nfc.TagLostException
import java.io.IOException
import kaigotap.CardLinkException
import kaigotap.LinkError

/**
 * What Android throws, in words of the SDK; what was thrown stays the cause.
 *
 * | thrown | then | means |
 * |---|---|---|
 * | [TagLostException] | [LinkError.LOST] | the card was pulled |
 * | [SecurityException] | [LinkError.LOST] | the tag is stale: a card was held to the phone anew |
 * | [IOException], NFC is off | [LinkError.NO_READER] | somebody switched it off |
 * | [IOException], no card answers | [LinkError.LOST] | the card was pulled, and the phone has no word for it |
 * | [IOException], the card is there | [LinkError.READER_FAILED] | the radio failed |
 */
internal fun toldApart(thrown: Exception, chip: Chip, state: NfcState): CardLinkException {
    val error = when (thrown) {
        is TagLostException, is SecurityException -> LinkError.LOST
        is IOException -> when {
            state != NfcState.ON -> LinkError.NO_READER
            stillThere(chip) -> LinkError.READER_FAILED
            else -> LinkError.LOST
        }
        else -> LinkError.READER_FAILED
    }
    return CardLinkException(error, thrown)
}

private fun stillThere(chip: Chip): Boolean = try {
    chip.present
} catch (_: Exception) {
    false
}

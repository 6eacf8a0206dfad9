package kaigotap

/** A nurse and a holder at a terminal, which asks a question and brings what was typed. */
class Terminal(private val ask: (String) -> CharArray?) : VisitScreen {
    override suspend fun confirmFace(): FaceCheck? =
        when (ask("Does the face match the photo on the card? [y/n] ")?.concatToString()) {
            "y" -> FaceCheck.MATCH
            "n" -> FaceCheck.NO_MATCH
            else -> null
        }

    override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? =
        ask("PIN (${prompt.why}), ${prompt.triesLeft ?: "so many"} tries left: ")
}

/** A whole visit; what to tell the nurse at its end. */
suspend fun visit(device: Device, plan: Plan, staffToken: String, card: CardLink, screen: VisitScreen): String {
    return when (val ending = device.visit(plan, staffToken, card, UrlConnectionHttp(), screen)) {
        is Ending.Done -> ending.value.entitlement.run {
            "${person.nameKana}　${careLevel?.text(Language.JAPANESE) ?: "認定なし"}"
        }
        is Ending.Failed -> ending.failure.run { message(Language.JAPANESE) + nextAction(Language.JAPANESE) }
    }
}

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
        ask("PIN (${prompt.why}), ${prompt.triesLeft} tries left: ")
}

/** A whole visit; what to tell the nurse at its end. */
suspend fun visit(device: Device, plan: Plan, staffToken: String, card: CardLink, screen: VisitScreen): String {
    val result = device.visit(plan, staffToken).use { it.run(card, UrlConnectionHttp(), screen) }
    return when (result) {
        is VisitResult.Verified -> result.visit.entitlement.run {
            "${person.nameKana}　${careLevel?.code?.text(Language.JAPANESE) ?: "認定なし"}"
        }
        is VisitResult.Failed -> result.failure.run { message(Language.JAPANESE) + nextAction(Language.JAPANESE) }
    }
}

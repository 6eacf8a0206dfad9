package kaigotap

import java.io.Console

/** A nurse and a holder at a terminal. */
class Terminal(private val console: Console) : VisitScreen {
    override suspend fun confirmFace(): FaceCheck? =
        when (console.readLine("Does the face match the photo on the card? [y/n] ")) {
            "y" -> FaceCheck.MATCH
            "n" -> FaceCheck.NO_MATCH
            else -> null
        }

    override suspend fun enterPin(prompt: Prompt.EnterPin): CharArray? =
        console.readPassword("PIN (%s), %s tries left: ", prompt.why, prompt.triesLeft)
}

/** A whole visit: what to tell the nurse at its end. */
suspend fun visit(device: Device, plan: Plan, staffToken: String, card: CardLink, screen: VisitScreen): String {
    val result = device.visit(plan, staffToken).use { it.run(card, UrlConnectionHttp(), screen) }
    return when (result) {
        is VisitResult.Verified -> {
            val level = result.visit.entitlement.careLevel
            level?.code?.text(Language.JAPANESE) ?: "認定なし"
        }
        is VisitResult.Failed -> result.failure.run { message(Language.JAPANESE) + nextAction(Language.JAPANESE) }
    }
}

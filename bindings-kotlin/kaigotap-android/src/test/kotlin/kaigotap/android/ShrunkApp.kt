package kaigotap.android

import kaigotap.Language
import kaigotap.LinkError
import kaigotap.Occasion
import kaigotap.Reply
import kaigotap.Request
import kaigotap.Step
import kaigotap.cardStatus

/** An app that [ShrinkTest] shrinks and runs: records, an error and an object go over the boundary. */
object ShrunkApp {
    @JvmStatic
    fun main(arguments: Array<String>) {
        cardStatus().use { reading ->
            val asked = (reading.start() as Step.Need).request as Request.Connect
            check(asked.occasion == Occasion.FIRST)
            val failure = (reading.resume(Reply.NotConnected(LinkError.LOST)) as Step.Failed).failure
            check(failure.nextAction(Language.JAPANESE).isNotBlank())
            val misuse = runCatching { reading.resume(Reply.Disconnected) }.exceptionOrNull()
            println("${failure.code} ${(misuse as? kaigotap.KaigoTapException.Failed)?.failure?.code}")
        }
    }
}

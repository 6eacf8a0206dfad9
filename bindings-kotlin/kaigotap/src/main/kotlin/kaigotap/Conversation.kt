package kaigotap

import java.nio.ByteBuffer

/** What [Visit] and [CardReading] have in common. Throws nothing but [KaigoTapException]. */
internal interface Conversation {
    fun start(): Step
    fun resume(reply: Reply): Step
    fun enterPin(pin: ByteBuffer): Step
    fun enterPrinted(printed: Printed): Step
    fun enterBirthDate(date: String): Step
    fun enterNewPin(first: ByteBuffer, second: ByteBuffer): Step
    fun progress(): Progress

    /** Drops the flow, which wipes it, and frees the object. As often as one likes. */
    fun end()
}

internal class VisitConversation(private val visit: Visit) : Conversation {
    override fun start() = typed { visit.start() }
    override fun resume(reply: Reply) = typed { visit.resume(reply) }
    override fun enterPin(pin: ByteBuffer) = typed { visit.enterPin(pin) }
    override fun progress() = typed { visit.progress() }

    // No visit asks for these.
    override fun enterPrinted(printed: Printed) = resume(Reply.Cancelled)
    override fun enterBirthDate(date: String) = resume(Reply.Cancelled)
    override fun enterNewPin(first: ByteBuffer, second: ByteBuffer) = resume(Reply.Cancelled)

    override fun end() {
        runCatching { visit.cancel() }
        visit.close()
    }
}

internal class ReadingConversation(private val reading: CardReading) : Conversation {
    override fun start() = typed { reading.start() }
    override fun resume(reply: Reply) = typed { reading.resume(reply) }
    override fun enterPin(pin: ByteBuffer) = typed { reading.enterPin(pin) }
    override fun enterBirthDate(date: String) = typed { reading.enterBirthDate(ascii(date)) }
    override fun enterNewPin(first: ByteBuffer, second: ByteBuffer) = typed { reading.enterNewPin(first, second) }
    override fun progress() = typed { reading.progress() }

    override fun enterPrinted(printed: Printed) = typed {
        val year = printed.expiryYear.coerceIn(0, UShort.MAX_VALUE.toInt()).toUShort()
        reading.enterPrinted(ascii(printed.birthDate), year, ascii(printed.code))
    }

    override fun end() {
        runCatching { reading.cancel() }
        reading.close()
    }
}

/** What the generated code throws of its own becomes a failure of this library's. */
private inline fun <T> typed(call: () -> T): T = try {
    call()
} catch (closed: IllegalStateException) {
    throw KaigoTapException.Failed(software("flow_finished", "the object was closed"))
} catch (fault: InternalException) {
    throw KaigoTapException.Failed(software("internal_error", "a fault behind the boundary"))
}

/** A failure of the app, or of this library. */
internal fun software(code: String, debug: String) = Failure(FailureKind.SOFTWARE, code, null, debug)

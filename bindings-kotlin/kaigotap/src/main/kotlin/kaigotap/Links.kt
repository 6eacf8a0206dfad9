package kaigotap

/**
 * A way to a card.
 *
 * Every function is called on a background thread and may block it. A function that suspends should be cancellable;
 * one that blocks and never comes back is left behind when its time is over (see [Limits]). Calls come one at a time,
 * but for [disconnect] after a call that was left behind.
 *
 * Say what went wrong with [CardLinkException]. Whatever else a link throws counts as a reader that failed, and is
 * told to the caller as the cause.
 */
interface CardLink {
    /**
     * When the holder is asked for a PIN: [PinTiming.BEFORE_TAP] where a person holds the card, as to a phone;
     * [PinTiming.DURING_TAP] where it lies on a reader. Always the same.
     */
    val pinTiming: PinTiming get() = PinTiming.DURING_TAP

    /** Waits for a card and powers it. Says what the link to it carries. */
    suspend fun connect(occasion: Occasion): LinkCapacity

    /**
     * Sends a command and brings the whole answer, data and status word.
     *
     * Never log either: commands hold PINs. The array is filled with zeros when this function is done; keep no copy.
     */
    suspend fun transmit(command: ByteArray): ByteArray

    /**
     * Powers the card down, if there is one. Called at every end, also after a cancelled coroutine. A link that cannot
     * cut the card's power sends [cardDeselection] first, whatever is answered: an open PIN stays open otherwise.
     */
    suspend fun disconnect()
}

/** Why there is no (more) link to a card. Thrown by a [CardLink]. */
class CardLinkException(
    /** Why. */
    val error: LinkError,
    cause: Throwable? = null,
) : Exception(error.name, cause)

/**
 * A way to the care platform.
 *
 * Called on a background thread, which it may block.
 */
fun interface HttpLink {
    /**
     * Sends a request and brings the answer, whatever its status, with all its headers. Follows no redirect, sends
     * nothing twice, and stops with [HttpError.TOO_LONG] after 1 MiB. Never log headers or bodies: they hold tokens.
     *
     * Say what went wrong with [HttpLinkException]; whatever else is thrown counts as [HttpError.FAILED].
     *
     * A client of another make, such as OkHttp, goes here: switch off its redirects and its retries
     * (`followRedirects(false).followSslRedirects(false).retryOnConnectionFailure(false)`).
     */
    suspend fun send(request: HttpRequest): HttpResponse
}

/** Why there is no answer from the server. Thrown by an [HttpLink]. */
class HttpLinkException(
    /** Why. */
    val error: HttpError,
    cause: Throwable? = null,
) : Exception(error.name, cause)

/** No reader: for conversations without a card. */
internal object NoCard : CardLink {
    override suspend fun connect(occasion: Occasion): LinkCapacity = throw CardLinkException(LinkError.NO_READER)
    override suspend fun transmit(command: ByteArray): ByteArray = throw CardLinkException(LinkError.LOST)
    override suspend fun disconnect() = Unit
}

/** No server: for conversations that need only a card. */
internal object NoHttp : HttpLink {
    override suspend fun send(request: HttpRequest): HttpResponse = throw HttpLinkException(HttpError.UNREACHABLE)
}

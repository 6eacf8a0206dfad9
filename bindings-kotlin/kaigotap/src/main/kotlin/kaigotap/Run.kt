package kaigotap

/**
 * Runs a conversation to its end, and spends it: run it once. The functions of this package that take a [CardLink], and
 * [Device.visit], begin one, run it by this and say what came of it by its own type.
 *
 * Everything that can go wrong is an [Ending.Failed]; nothing is thrown but the cancellation of the calling coroutine.
 * Cancelling drops the conversation, wipes what it holds and powers the card down. Links, keys and store are called on
 * a background thread, the screen in the context of the caller.
 */
suspend fun Conversation.run(
    card: CardLink = NoCard,
    http: HttpLink = NoHttp,
    screen: VisitScreen = NoScreen,
    keys: DeviceKeys = NoKeys,
    store: Store = NoStore,
    limits: Limits = Limits(),
    browser: Browser = NoBrowser,
): Ending<Outcome> = Loop(this, card, http, screen, keys, store, browser, limits).run()

/** Begins a conversation, runs it, and says what came of it by its own type. What cannot be begun is a failure, too. */
internal suspend fun <T : Any> ended(
    begin: () -> Conversation,
    value: (Outcome) -> T?,
    run: suspend (Conversation) -> Ending<Outcome>,
): Ending<T> {
    val conversation = try {
        crossed(begin)
    } catch (unusable: KaigoTapException) {
        return Ending.Failed(failureOf(unusable), unusable)
    }
    return when (val ending = run(conversation)) {
        is Ending.Failed -> ending
        is Ending.Done -> value(ending.value)?.let { Ending.Done(it) }
            ?: Ending.Failed(software("internal_error", "another outcome"))
    }
}

/**
 * Whether the app's own part answers as conversations need it: its [store], its [keys] where a [key] is given, and the
 * clocks. Try it once, when a device is enrolled; the first fault is the failure.
 */
suspend fun hostCheck(
    store: Store,
    keys: DeviceKeys = NoKeys,
    key: DeviceKey? = null,
    limits: Limits = Limits(),
): Ending<HostReport> = ended({ hostCheck(key) }, { (it as? Outcome.HostChecked)?.report }) {
    it.run(keys = keys, store = store, limits = limits)
}

package kaigotap

/**
 * Runs a visit to its end, and spends it: run it once, and close it by `use`.
 *
 * Everything that can go wrong is a [VisitResult.Failed]; nothing is thrown but the cancellation of the calling
 * coroutine. Cancelling drops the visit, wipes what it holds and powers the card down. Links are called on a
 * background thread, the screen in the context of the caller.
 *
 * ```kotlin
 * val result = device.visit(plan, staffToken).use { it.run(card, http, screen) }
 * ```
 */
suspend fun Visit.run(
    card: CardLink,
    http: HttpLink,
    screen: VisitScreen,
    limits: Limits = Limits(),
): VisitResult = when (val ending = Loop(VisitConversation(this), card, http, screen, limits).run()) {
    is Ending.Failed -> VisitResult.Failed(ending.failure, ending.cause)
    is Ending.Done -> when (val outcome = ending.outcome) {
        is Outcome.Visit -> VisitResult.Verified(outcome.verified)
        else -> VisitResult.Failed(software("internal_error", "another outcome"))
    }
}

/** Runs a question to a card to its end, as [Visit.run] does a visit. The functions of `Readings.kt` do this for each. */
suspend fun CardReading.run(
    card: CardLink,
    screen: VisitScreen,
    limits: Limits = Limits(),
): ReadingResult<Outcome> = when (val ending = Loop(ReadingConversation(this), card, NoHttp, screen, limits).run()) {
    is Ending.Failed -> ReadingResult.Failed(ending.failure, ending.cause)
    is Ending.Done -> ReadingResult.Done(ending.outcome)
}

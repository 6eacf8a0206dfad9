package kaigotap

/** What a device has learnt when it was enrolled: where the platform is, and whom to trust. */
class Device(
    /** Base address of the platform, without a slash at its end: `https://…`; plain HTTP on this machine only. */
    val server: String,
    /** The token service's name for itself, as its challenges give it. */
    val issuer: String,
    /** Keys with which it may sign challenges. */
    val challengeKeys: List<ChallengeKey>,
    /** Authorities that issue cards. */
    val anchors: TrustAnchors,
) {
    /**
     * A visit, with randomness of its own: the nurse confirms the face, the holder's card signs, the platform tells the
     * entitlement. Ends, and is cancelled, as [run] says.
     *
     * ```kotlin
     * val ending = device.visit(plan, staffToken, card, UrlConnectionHttp(), screen)
     * ```
     */
    suspend fun visit(
        plan: Plan,
        staffToken: String,
        card: CardLink,
        http: HttpLink,
        screen: VisitScreen,
        keys: DeviceKeys = NoKeys,
        store: Store = NoStore,
        limits: Limits = Limits(),
    ): Ending<VerifiedVisit> = ended({ begin(plan, staffToken) }, { (it as? Outcome.Visit)?.verified }) {
        it.run(card, http, screen, keys, store, limits)
    }

    /** A visit that is not started. */
    internal fun begin(plan: Plan, staffToken: String): Conversation {
        val entropy = randomness()
        try {
            return crossed { visit(plan, Environment(server, issuer, challengeKeys, staffToken, anchors, entropy)) }
        } finally {
            entropy.fill(0)
        }
    }
}

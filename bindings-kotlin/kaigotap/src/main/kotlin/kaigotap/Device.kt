package kaigotap

/** What a device has learnt when it was enrolled: where the platform is, as whom it is known there, and whom to trust. */
class Device(
    /** Base address of the platform, without a slash at its end: `https://…`; plain HTTP on this machine only. */
    val server: String,
    /** The token service's name for itself, as its challenges give it. */
    val issuer: String,
    /** Keys with which it may sign challenges. */
    val challengeKeys: List<ChallengeKey>,
    /** As whom the platform knows this device. */
    val enrolled: EnrolledDevice,
    /** Where its key is, to which everything is bound that it says to the platform. */
    val keys: DeviceKeys,
    /** Authorities that issue cards. */
    val anchors: TrustAnchors,
    /** Authorities under which cards certify their records, for a tap without PIN; those of real cards if `null`. */
    val cardAuthorities: CardAuthorities? = null,
) {
    /** The device of this enrolment; cards are issued under these authorities. */
    constructor(enrolment: Enrolment, keys: DeviceKeys, anchors: TrustAnchors = TrustAnchors.Production) : this(
        enrolment.server, enrolment.issuer, enrolment.challengeKeys, enrolment.device, keys, anchors,
    )

    /**
     * A visit by the staff member whose token this is, of a sign-in on this device: the nurse confirms the face, the holder's card signs, the platform tells the
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
        store: Store = NoStore,
        limits: Limits = Limits(),
    ): Ending<VerifiedVisit> = ended({ begin(plan, staffToken) }, { (it as? Outcome.Visit)?.verified }) {
        it.run(card, http, screen, keys, store, limits)
    }

    /**
     * The same without asking who this is: for somebody whose consent is to be taken first ([Care.takeConsent]). Ends, and
     * is cancelled, as [run] says.
     */
    suspend fun confirm(
        plan: Plan,
        staffToken: String,
        card: CardLink,
        http: HttpLink,
        screen: VisitScreen,
        store: Store = NoStore,
        limits: Limits = Limits(),
    ): Ending<Outcome.Confirmed> = ended({ with(staffToken) { confirm(plan, it) } }, { it as? Outcome.Confirmed }) {
        it.run(card, http, screen, keys, store, limits)
    }

    /** A visit that is not started. */
    internal fun begin(plan: Plan, staffToken: String): Conversation = with(staffToken) { visit(plan, it) }

    /** A conversation of this device that is not started, with fresh randomness. */
    internal fun with(staffToken: String, begin: (Environment) -> Conversation): Conversation {
        val entropy = randomness()
        try {
            return crossed {
                begin(Environment(server, issuer, challengeKeys, enrolled, staffToken, anchors, entropy, cardAuthorities))
            }
        } finally {
            entropy.fill(0)
        }
    }
}

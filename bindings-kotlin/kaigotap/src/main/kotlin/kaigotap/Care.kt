package kaigotap

/**
 * What a facility does with a person beside the visit: conversations of no card and no screen, by the staff member whose
 * [staffToken] this is, of a sign-in on this [device]. Each ends, and is cancelled, as [run] says.
 *
 * What the facility asks by itself needs nothing more. What is about a person takes the access token of a visit that was
 * for it, or of [reopen].
 */
class Care(
    private val device: Device,
    private val staffToken: String,
    private val http: HttpLink,
    private val limits: Limits = Limits(),
) {
    /** The users of the facility (利用者一覧), page by page. */
    suspend fun users(search: UserSearch = UserSearch()): Ending<UserPage> =
        asked({ listUsers(it, search) }) { (it as? Outcome.Users)?.page }

    /** Opens the registration of somebody who is on the list: for [Plan.registration]. */
    suspend fun open(subject: String): Ending<OpenRegistration> =
        asked({ openUser(it, subject) }) { (it as? Outcome.Opened)?.registration }

    /** Ends the contract (契約終了): from now on nothing of the person opens for this facility, on any device. */
    suspend fun end(subject: String): Ending<Unit> =
        asked({ endContract(it, subject) }) { if (it is Outcome.ContractEnded) Unit else null }

    /** What the facility has filed, page by page. */
    suspend fun filings(after: String? = null, limit: UShort? = null): Ending<FilingPage> =
        asked({ listFilings(it, after, limit) }) { (it as? Outcome.Filings)?.page }

    /** Another token for what a visit with a card left, within 24 hours; for care insurance, where nothing is said. */
    suspend fun reopen(
        evidenceToken: String,
        uses: List<Use>,
        reading: List<InformationKind> = listOf(),
        insuranceDomain: InsuranceDomain? = null,
    ): Ending<Confirmation> =
        asked({ reopen(it, evidenceToken, uses, reading, insuranceDomain) }) { (it as? Outcome.Reopened)?.confirmation }

    /** What the platform tells of the person now. */
    suspend fun entitlement(accessToken: String): Ending<Entitlement> =
        asked({ entitlement(it, accessToken) }) { (it as? Outcome.Entitled)?.entitlement }

    /** What the platform has of one kind: the latest, or what is behind an earlier part's `next`. */
    suspend fun information(
        accessToken: String,
        kind: InformationKind,
        after: String? = null,
    ): Ending<Information> =
        asked({ information(it, accessToken, kind, after) }) { (it as? Outcome.InformationTold)?.information }

    /** The person's consent (包括同意) as it is on record. */
    suspend fun consent(accessToken: String): Ending<Consent> =
        asked({ consentOnRecord(it, accessToken) }) { (it as? Outcome.ConsentTold)?.consent }

    /** Takes it in the municipality's stead; without agreement nothing is sent (`assent_missing`). */
    suspend fun takeConsent(accessToken: String, explained: Boolean, agreed: Boolean): Ending<Consent> =
        asked({ takeConsent(it, accessToken, explained, agreed) }) { (it as? Outcome.ConsentTold)?.consent }

    /** Files a notice to the insurer: once under its name, however often it is sent. */
    suspend fun file(accessToken: String, notice: Notice): Ending<Filing> =
        asked({ fileNotice(it, accessToken, notice) }) { (it as? Outcome.Filed)?.filing }

    private suspend fun <T : Any> asked(begin: (Environment) -> Conversation, value: (Outcome) -> T?): Ending<T> =
        ended({ device.with(staffToken, begin) }, value) { it.run(http = http, keys = device.keys, limits = limits) }
}

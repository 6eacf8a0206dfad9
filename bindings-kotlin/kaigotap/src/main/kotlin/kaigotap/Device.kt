package kaigotap

import java.nio.charset.CharacterCodingException

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
     * A visit, with randomness of its own. Close it by `use`.
     *
     * @throws KaigoTapException if something given cannot be used.
     */
    @Throws(KaigoTapException::class)
    fun visit(plan: Plan, staffToken: String): Visit {
        val entropy = randomness()
        try {
            return Visit(plan, Environment(server, issuer, challengeKeys, staffToken, anchors, entropy))
        } catch (malformed: CharacterCodingException) {
            throw KaigoTapException.Failed(software("setup_invalid", "half a surrogate pair in a text"))
        } finally {
            entropy.fill(0)
        }
    }
}

package kaigotap

import java.nio.charset.CharacterCodingException

/**
 * What a device has learnt when it was enrolled: where the platform is, and whom to trust.
 *
 * Make visits here, and not by [Environment]: there, anchors that were closed are not noticed.
 *
 * @throws KaigoTapException if the anchors were closed. They may be closed afterwards.
 */
class Device @Throws(KaigoTapException::class) constructor(
    /** Base address of the platform, without a slash at its end: `https://…`; plain HTTP on this machine only. */
    val server: String,
    /** The token service's name for itself, as its challenges give it. */
    val issuer: String,
    /** Keys with which it may sign challenges. */
    val challengeKeys: List<ChallengeKey>,
    /** Authorities that issue cards. */
    anchors: TrustAnchors,
) {
    /** A handle of our own: the generated code does not look whether one that stands in a record was freed. */
    private val anchors: TrustAnchors = try {
        anchors.callWithHandle(FfiConverterTypeTrustAnchors::lift)
    } catch (closed: IllegalStateException) {
        throw KaigoTapException.Failed(software("setup_invalid", "the anchors were closed"))
    }

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

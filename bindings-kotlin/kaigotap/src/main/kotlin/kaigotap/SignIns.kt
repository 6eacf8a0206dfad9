package kaigotap

/**
 * Signs a staff member in on this device, in the system's [browser]. Ends, and is cancelled, as [run] says.
 *
 * The [SignedIn.staffToken] is for visits on this device, and good until [SignedIn.untilMs].
 */
suspend fun Device.signIn(
    /** Whose page it is (`staff_issuer` of the enrolment), without a slash at its end. */
    staffIssuer: String,
    /** Where the browser ends: an address of the app's own scheme. */
    returnsTo: String,
    browser: Browser,
    http: HttpLink,
    /** The password is typed now, even if somebody is still signed in with the browser: what a shared device wants. */
    anew: Boolean = false,
    /** The language of the page; the browser's, if none is named. */
    language: Language? = null,
    limits: Limits = Limits(),
): Ending<SignedIn> {
    val entropy = randomness()
    try {
        val plan = SignInPlan(staffIssuer, enrolled, returnsTo, entropy, anew, language, null)
        return ended({ signIn(plan) }, { (it as? Outcome.SignedIn)?.staff }) {
            it.run(http = http, keys = keys, limits = limits, browser = browser)
        }
    } finally {
        entropy.fill(0)
    }
}

/** Signs the staff member of a token out, on every device. Ends, and is cancelled, as [run] says. */
suspend fun Device.signOut(
    staffIssuer: String,
    staffToken: String,
    http: HttpLink,
    limits: Limits = Limits(),
): Ending<Unit> {
    val entropy = randomness()
    try {
        return ended({ signOut(staffIssuer, enrolled, staffToken, entropy) }, { if (it is Outcome.SignedOut) Unit else null }) {
            it.run(http = http, keys = keys, limits = limits)
        }
    } finally {
        entropy.fill(0)
    }
}

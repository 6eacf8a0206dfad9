package kaigotap

/**
 * Enrols this device: with a code that somebody of the facility was given for it, and a key of its own. Keep the
 * [Enrolment] where only the app writes, for instance as [enrolmentToJson] gives it. Ends, and is cancelled, as [run] says.
 *
 * ```kotlin
 * val key = DeviceKey("device", keys.publicKey("device"))
 * val ending = enrol("https://platform.example", typed, key, keys, UrlConnectionHttp())
 * ```
 */
suspend fun enrol(
    /** Base address of the platform, without a slash at its end. */
    server: String,
    /** As it was typed or scanned. Good once, for 15 minutes. */
    activationCode: String,
    key: DeviceKey,
    keys: DeviceKeys,
    http: HttpLink,
    /** What the platform calls itself, if that is not its address. */
    issuer: String? = null,
    limits: Limits = Limits(),
): Ending<Enrolment> = enrolled(keys, http, limits) { entropy ->
    enrol(EnrolPlan(server, activationCode, key, entropy, issuer))
}

/**
 * Asks what has changed of an enrolment: the challenge keys above all. Keep what comes of it in its place; every few days
 * is often enough. Ends, and is cancelled, as [run] says.
 */
suspend fun Enrolment.refreshed(
    staffToken: String,
    keys: DeviceKeys,
    http: HttpLink,
    limits: Limits = Limits(),
): Ending<Enrolment> = enrolled(keys, http, limits) { entropy -> refreshDevice(this, staffToken, entropy) }

/**
 * Gives this device another key, of another name. From then on the old one is dead, and staff sign in again. Ends, and is
 * cancelled, as [run] says; where no answer comes (`server_no_answer`), either of the two may be the device's.
 */
suspend fun Enrolment.rolledOver(
    key: DeviceKey,
    staffToken: String,
    keys: DeviceKeys,
    http: HttpLink,
    limits: Limits = Limits(),
): Ending<Enrolment> = enrolled(keys, http, limits) { entropy -> rollOverKey(this, staffToken, key, entropy) }

private suspend fun enrolled(
    keys: DeviceKeys,
    http: HttpLink,
    limits: Limits,
    begin: (ByteArray) -> Conversation,
): Ending<Enrolment> {
    val entropy = randomness()
    try {
        return ended({ begin(entropy) }, { (it as? Outcome.Enrolled)?.enrolment }) {
            it.run(http = http, keys = keys, limits = limits)
        }
    } finally {
        entropy.fill(0)
    }
}

package kaigotap

import java.security.SecureRandom

/** What a card tells without any PIN. Costs no try, and asks nobody. */
suspend fun cardStatus(card: CardLink, limits: Limits = Limits()): Ending<CardStatus> =
    read(::cardStatus, card, NoScreen, limits) { (it as? Outcome.Status)?.status }

/** A certificate, DER. The one for signatures asks for the signature password and names its holder. */
suspend fun cardCertificate(
    card: CardLink,
    credential: Credential,
    screen: VisitScreen,
    limits: Limits = Limits(),
): Ending<ByteArray> =
    read({ cardCertificate(credential) }, card, screen, limits) { (it as? Outcome.Certificate)?.der }

/**
 * Name, address, birth date and sex (基本4情報), with their proof. The card is asked to prove that it is here, unless
 * `present` is `false`.
 */
suspend fun holder(
    card: CardLink,
    key: HolderKey,
    authorities: CardAuthorities,
    screen: VisitScreen,
    present: Boolean = true,
    limits: Limits = Limits(),
): Ending<Holder> =
    read({ holder(key, authorities, challenge(present)) }, card, screen, limits) { (it as? Outcome.Holder)?.holder }

/** The card's face (券面), with its proof. Asks for what stands on it; no PIN of the holder is needed. */
suspend fun face(
    card: CardLink,
    authorities: CardAuthorities,
    screen: VisitScreen,
    present: Boolean = true,
    limits: Limits = Limits(),
): Ending<Face> =
    read({ face(authorities, challenge(present)) }, card, screen, limits) { (it as? Outcome.Face)?.face }

/** The age record, with its proof. Asks for the date of birth. */
suspend fun age(
    card: CardLink,
    authorities: CardAuthorities,
    screen: VisitScreen,
    present: Boolean = true,
    limits: Limits = Limits(),
): Ending<Age> =
    read({ age(authorities, challenge(present)) }, card, screen, limits) { (it as? Outcome.Age)?.age }

/** Basic information of the face AP. Free, and not signed. */
suspend fun cardInformation(card: CardLink, limits: Limits = Limits()): Ending<CardInformation> =
    read(::cardInformation, card, NoScreen, limits) { (it as? Outcome.Information)?.information }

/** Changes a PIN: asks for the old one, and for the new one twice. */
suspend fun changePin(
    card: CardLink,
    pin: PinKind,
    screen: VisitScreen,
    limits: Limits = Limits(),
): Ending<Unit> =
    read({ changePin(pin) }, card, screen, limits) { if (it is Outcome.PinChanged) Unit else null }

private suspend fun <T : Any> read(
    begin: () -> Conversation,
    card: CardLink,
    screen: VisitScreen,
    limits: Limits,
    value: (Outcome) -> T?,
): Ending<T> = ended(begin, value) { it.run(card, screen = screen, limits = limits) }

private fun challenge(present: Boolean): ByteArray? = if (present) randomness() else null

/** 32 bytes of the system's secure randomness. */
internal fun randomness(): ByteArray = ByteArray(32).also(SecureRandom()::nextBytes)

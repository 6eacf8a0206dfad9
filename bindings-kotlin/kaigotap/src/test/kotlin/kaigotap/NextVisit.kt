package kaigotap

/** The next visit to somebody whom a visit with card and PIN has verified: a tap is enough, and nobody enters anything. */
fun byTap(verified: VerifiedVisit): Plan {
    val person = verified.entitlement.person
    return Plan(listOf(Use.VIEW), ChosenPerson(person.nameKana, person.birthDate, person.sex), verified.subject)
}

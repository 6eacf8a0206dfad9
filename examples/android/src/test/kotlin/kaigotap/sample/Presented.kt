package kaigotap.sample

import kaigotap.BurdenRatio
import kaigotap.CareLevel
import kaigotap.CareLevelCode
import kaigotap.Differences
import kaigotap.Entitlement
import kaigotap.Failure
import kaigotap.FailureKind
import kaigotap.Insurer
import kaigotap.Origin
import kaigotap.Person
import kaigotap.RegisteredSex
import kaigotap.VerifiedVisit
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent

/** Nobody else. */
internal val SAME = Differences(name = false, birthDate = false, sex = false)

internal val hanako = Visitor("介護 花子", "カイゴ ハナコ", "1940-05-17")
internal val visitors = listOf(hanako, Visitor("福祉 太郎", "フクシ タロウ", "1938-11-02"))
internal val lost = Failure(FailureKind.READER, "card_removed", null, null, SAME, "")

internal fun verified() = VerifiedVisit(
    Entitlement(
        Person("カイゴ ハナコ", "1940-05-17", RegisteredSex.FEMALE),
        Insurer("131016", "千代田区"),
        "0000000001",
        0u,
        CareLevel(CareLevelCode.CARE3, "care3", "2026-04-01", "2027-03-31"),
        BurdenRatio(10u, "2026-08-01", "2027-07-31"),
        null,
    ),
    "secret-token", null, null, "of-this-facility", 900_000u, "card_pin", 0u, 0u, 0u, Origin.PRODUCTION, null,
)

internal fun TestScope.presenter(words: Words = Japanese, runner: VisitRunner) =
    VisitPresenter(this, visitors, words, runner)

/** Does it, each when the screen before has settled. */
@OptIn(ExperimentalCoroutinesApi::class)
internal fun TestScope.does(presenter: VisitPresenter, vararg actions: Action) {
    for (action in actions) {
        presenter.on(action)
        runCurrent()
    }
}

internal val VisitPresenter.elements get() = screen.value.elements
internal val VisitPresenter.said get() = elements.joinToString("\n") { it.spoken }
internal val VisitPresenter.choices get() = elements.filterIsInstance<Element.Choice>()

internal fun digits(pin: String) = pin.map { Action.Digit(it) }.toTypedArray()

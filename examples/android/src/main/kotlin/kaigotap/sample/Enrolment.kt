package kaigotap.sample

import kaigotap.CardLink
import kaigotap.Device
import kaigotap.HttpLink
import kaigotap.Plan
import kaigotap.TrustAnchors
import kaigotap.UrlConnectionHttp
import kaigotap.Use
import kaigotap.run

/**
 * What a real app learns when the device is enrolled and the nurse signs in; here it is invented. Put in what
 * `kaigotap sandbox --enrolment` writes to try it against the sandbox.
 */
object Enrolment {
    private const val SERVER = "https://kaigo.example.jp"
    private const val ISSUER = "https://kaigo.example.jp"
    private const val FACILITY = "1370000001"
    private const val STAFF = "nurse-01"
    private const val STAFF_TOKEN = "put the staff token here"

    /** 今日の訪問先. */
    val visitors = listOf(
        Visitor("介護 花子", "カイゴ ハナコ", "1940-05-17"),
        Visitor("福祉 太郎", "フクシ タロウ", "1938-11-02"),
    )

    /** Runs visits through the SDK. */
    fun runner(card: CardLink, http: HttpLink = UrlConnectionHttp()): VisitRunner = VisitRunner { _, screen ->
        val plan = Plan(FACILITY, STAFF, listOf(Use.VIEW))
        TrustAnchors.production().use { anchors ->
            val device = Device(SERVER, ISSUER, challengeKeys = emptyList(), anchors)
            device.visit(plan, STAFF_TOKEN).use { it.run(card, http, screen) }
        }
    }
}

package kaigotap.sample

import java.util.Base64
import kaigotap.Browser
import kaigotap.CardLink
import kaigotap.ChallengeKey
import kaigotap.ChosenPerson
import kaigotap.Device
import kaigotap.DeviceKey
import kaigotap.DeviceKeys
import kaigotap.Ending
import kaigotap.EnrolledDevice
import kaigotap.HttpLink
import kaigotap.JournalKeys
import kaigotap.Language
import kaigotap.Offline
import kaigotap.Plan
import kaigotap.SignedIn
import kaigotap.Store
import kaigotap.TrustAnchors
import kaigotap.UrlConnectionHttp
import kaigotap.Use
import kaigotap.Way
import kaigotap.enrolmentFromJson
import kaigotap.signIn
import org.json.JSONArray
import org.json.JSONObject

/** 今日の訪問先. Invented; they are the people of the sandbox. */
val today = listOf(
    Visitor("介護 花子", "カイゴ ハナコ", "1941-05-03"),
    Visitor("介護 太郎", "カイゴ タロウ", "1938-11-23"),
)

/**
 * What a device learns when it is enrolled and its user signs in, in the form that `kaigotap sandbox --enrolment`
 * writes. Everything is bound to the device's key, which never leaves its store. A real app keeps the staff token in the Keystore and never reads trust anchors from a file.
 */
class Enrolment private constructor(private val text: JSONObject, private val keys: DeviceKeys) {
    /** Runs visits through the SDK, by who has signed in; without anybody, by whom the enrolment names. */
    fun runner(card: CardLink, http: HttpLink = UrlConnectionHttp(), staff: SignedIn? = null) = VisitRunner { visitor, screen ->
        // Somebody else's card ends the visit, and nothing of that person is shown.
        val chosen = ChosenPerson(visitor.nameKana, visitor.birthDate)
        // Every way has its screens here. Which of them are lawful, and can help, the SDK knows.
        val plan = Plan(listOf(Use.VIEW), chosen, offers = Way.entries)
        device().visit(plan, staff?.staffToken ?: text.getString("staff_token"), card, http, screen)
    }

    /** Signs a nurse in, in the browser. The phone is shared: the password is typed, whoever signed in before. */
    suspend fun signIn(browser: Browser, http: HttpLink = UrlConnectionHttp()): Ending<SignedIn> =
        device().signIn(text.getString("staff_issuer"), RETURNS_TO, browser, http, anew = true, language = Language.JAPANESE)

    /** What this device does without coverage: sealed by `journal`, in `store`. One object for one store. */
    fun offline(journal: JournalKeys, store: Store) =
        Offline(enrolmentFromJson(text.toString()), keys, journal, store, anchors())

    private fun device(): Device {
        val signers = text.getJSONArray("challenge_keys").objects().map { ChallengeKey(it.getString("x"), it.getString("y")) }
        val enrolled = EnrolledDevice(text.getString("device_id"), text.getString("facility_id"), key())
        return Device(text.getString("server"), text.getString("issuer"), signers, enrolled, keys, anchors())
    }

    private fun key(): DeviceKey {
        val coordinate = { name: String -> Base64.getUrlDecoder().decode(text.getJSONObject("device_key").getString(name)) }
        return DeviceKey(DEVICE_KEY, byteArrayOf(4) + coordinate("x") + coordinate("y"))
    }

    private fun anchors(): TrustAnchors {
        val test = text.optJSONArray("test_anchors") ?: return TrustAnchors.Production
        return TrustAnchors.Test((0 until test.length()).map { Base64.getDecoder().decode(test.getString(it)) }, emptyList())
    }

    private fun JSONArray.objects() = (0 until length()).map(::getJSONObject)

    companion object {
        /** Reads the form; throws what the parser throws if something is missing. */
        fun of(json: String, keys: DeviceKeys) = Enrolment(JSONObject(json), keys)

        /** Where the browser ends; the manifest has its scheme. */
        const val RETURNS_TO = "jp.kaigotap.app:/callback"

        /** The name of the device's key. */
        const val DEVICE_KEY = "device"
    }
}

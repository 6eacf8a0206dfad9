package kaigotap.sample

import kaigotap.BirthDateRead
import kaigotap.CareLevel
import kaigotap.EntryState
import kaigotap.Faulty
import kaigotap.Language
import kaigotap.Stage
import kaigotap.Way
import kaigotap.WhyPin

/** Every word of the app. Failures have theirs from the SDK. */
interface Words {
    val language: Language
    val choosePerson: String
    val nfcOff: String
    val nfcAbsent: String
    val openSettings: String
    val faceTitle: String
    val noNetwork: String
    val faceMatches: String
    val faceDiffers: String
    val stop: String
    val holdTitle: String
    val holdHow: String
    val holdAgain: String
    val holdOnceMore: String
    val stillTitle: String
    val still: String
    val waitTitle: String
    val pinTitle: String
    val pinHow: String
    val triesUnknown: String
    val erase: String
    val enter: String
    val keypad: String
    val lastTitle: String
    val lastWarning: String
    val lastGo: String
    val lastStop: String
    val waysTitle: String
    val paper: String
    val paperTitle: String
    val attributesTitle: String
    val attributesHow: String
    val disasterHow: String
    val printedTitle: String
    val printedHow: String
    val dateTitle: String
    val dateHow: String
    val dateMatches: String
    val dateDiffers: String
    val photoTitle: String
    val photoHow: String
    val photoMatches: String
    val photoUnreadable: String
    val doneTitle: String
    val person: String
    val birthDate: String
    val careLevel: String
    val burden: String
    val until: String
    val noCareLevel: String
    val testTrust: String
    val failedTitle: String
    val next: String
    val again: String
    val home: String
    val unknownFailure: String
    val fetchTickets: String
    val send: String
    val waitingTitle: String
    val waitsTitle: String
    val clockSet: String
    val expired: String
    val acknowledge: String
    val beginShift: String
    val beginOtherShift: String
    val lock: String
    val lockedTitle: String
    val lockedHow: String
    val newCodeTitle: String
    val newCodeHow: String

    /** Between two sentences. */
    val between: String

    fun faceHow(visitor: Visitor): String
    fun tries(left: Int): String
    fun why(why: WhyPin): String?
    fun whyPrinted(why: WhyPin): String?
    fun way(way: Way): String
    fun field(field: Field): String
    fun fault(faulty: Faulty): String
    fun sex(given: String): String
    fun read(read: BirthDateRead): String
    fun dots(entered: Int, of: Int): String
    fun progress(percent: Int?): String
    fun waiting(stage: Stage): String
    fun date(iso: String): String
    fun percent(number: Int): String
    fun code(code: String): String
    fun level(level: CareLevel): String
    fun tickets(count: Int, until: String?): String
    fun entries(waiting: Int, ended: Int): String
    fun othersWaiting(count: Int): String
    fun waitsHow(until: String): String
    fun sendUntil(time: String): String
    fun state(state: EntryState): String
    fun note(label: String): String

    /** `null` where nothing was sent. */
    fun sent(confirmed: Int, refused: Int, expired: Int): String?
}

/** 日本語. */
object Japanese : Words {
    override val language = Language.JAPANESE
    override val choosePerson = "訪問する方を選んでください"
    override val nfcOff = "NFCがオフです。カードを読み取るには、設定でNFCをオンにしてください。"
    override val nfcAbsent = "このスマートフォンにはNFCがありません。NFC付きのスマートフォンをお使いください。"
    override val openSettings = "NFCの設定を開く"
    override val faceTitle = "お顔の確認"
    override val noNetwork = "電波が届きません。持ち出しを使って確認し、あとで送信します。お顔の確認から進めます。"
    override val faceMatches = "写真と同じ方です"
    override val faceDiffers = "写真と違う方です"
    override val stop = "やめる"
    override val holdTitle = "カードをかざす"
    override val holdHow = "マイナンバーカードを、スマートフォンの裏側に当ててください。"
    override val holdAgain = "カードが離れました。同じカードを、もう一度当ててください。"
    override val holdOnceMore = "同じカードを、もう一度スマートフォンの裏側に当ててください。"
    override val stillTitle = "動かさないでください"
    override val still = "カードを読み取っています。終わるまで、そのままお待ちください。"
    override val waitTitle = "お待ちください"
    override val pinTitle = "暗証番号（4桁）"
    override val pinHow = "ご本人が入力してください。カードは、入力のあとで当てます。"
    override val triesUnknown = "3回続けて間違えると、暗証番号がロックされます。"
    override val erase = "1文字消す"
    override val enter = "決定"
    override val keypad = "数字のボタン"
    override val lastTitle = "残り1回です"
    override val lastWarning = "次に間違えると、暗証番号がロックされます。市区町村の窓口などで、再設定の手続きが必要になります。"
    override val lastGo = "承知して入力する"
    override val lastStop = "入力しないで終わる"
    override val waysTitle = "次の方法を選んでください"
    override val paper = "どれも使わず、紙に控えて終わる"
    override val paperTitle = "紙に控えてください"
    override val attributesTitle = "紙の介護保険証"
    override val attributesHow = "介護保険証に書いてあるとおりに入力してください。"
    override val disasterHow = "災害のときは、2つの番号は空けておくことができます。"
    override val printedTitle = "カードの表に書いてあること"
    override val printedHow = "カードの表を見て、3つとも入力してください。暗証番号は使いません。"
    override val dateTitle = "生年月日の確認"
    override val dateHow = "介護保険証に書いてある生年月日と同じですか。"
    override val dateMatches = "同じです"
    override val dateDiffers = "違うので、入力し直す"
    override val photoTitle = "カードの中の写真"
    override val photoHow = "カードに印刷された写真、目の前の方のお顔と見比べてください。"
    override val photoMatches = "3つとも同じ方です"
    override val photoUnreadable = "写真を表示できません。この方法では確認できません。"
    override val doneTitle = "確認できました"
    override val person = "お名前"
    override val birthDate = "生年月日"
    override val careLevel = "要介護度"
    override val burden = "負担割合"
    override val until = "有効期限"
    override val noCareLevel = "認定の記録がありません"
    override val testTrust = "テスト用の認証局による確認です。実在の方の確認ではありません。"
    override val failedTitle = "確認できませんでした"
    override val next = "次にすること"
    override val again = "もう一度"
    override val home = "はじめに戻る"
    override val unknownFailure = "アプリで問題が起きました。はじめからやり直してください。"
    override val fetchTickets = "持ち出しを取得する"
    override val send = "送信待ちを送信する"
    override val waitingTitle = "送信待ちと結果"
    override val waitsTitle = "送信待ち"
    override val clockSet = "このスマートフォンの日時が変えられています。設定で正しい日時に直してください。"
    override val expired = "期限までに送信できませんでした。もう一度、本人確認をしてください。"
    override val acknowledge = "結果を確認しました"
    override val beginShift = "勤務を始める"
    override val beginOtherShift = "ログインして勤務を始める"
    override val lock = "ロックする"
    override val lockedTitle = "ロックされています"
    override val lockedHow = "勤務の始めに決めたコード（6桁）を入力してください。5回続けて間違えると、ログインと持ち出しが消えます。"
    override val newCodeTitle = "コードを決める（6桁）"
    override val newCodeHow = "このスマートフォンのロックを解除するコードです。ほかの人に知られない数字にしてください。"
    override val between = ""

    override fun faceHow(visitor: Visitor) =
        "${visitor.name}さんのカードの写真と、目の前の方のお顔を見比べてください。"

    override fun tries(left: Int) = "あと${left}回まちがえると、使えなくなります。"

    override fun why(why: WhyPin) = when (why) {
        WhyPin.FIRST -> null
        WhyPin.MALFORMED -> "数字4桁で入力してください。回数は減っていません。"
        WhyPin.WRONG -> "暗証番号が違います。"
        WhyPin.CARD_REMOVED -> "確認の途中でカードが離れました。もう一度入力してください。"
        WhyPin.TRIES_GONE -> "以前に暗証番号の間違いがあり、残りの回数が減っています。いまの入力は、まだカードに送っていません。"
    }

    override fun whyPrinted(why: WhyPin) = when (why) {
        WhyPin.FIRST -> null
        WhyPin.MALFORMED -> "読み取れない入力があります。回数は減っていません。"
        WhyPin.WRONG -> "カードに書いてあることと違います。"
        WhyPin.CARD_REMOVED -> "確認の途中でカードが離れました。もう一度入力してください。"
        WhyPin.TRIES_GONE -> "以前に間違いがあり、残りの回数が減っています。いまの入力は、まだカードに送っていません。"
    }

    override fun way(way: Way) = when (way) {
        Way.CARD_TAP -> "カードをかざして確認する（暗証番号なし）"
        Way.CARD_PIN -> "カードと暗証番号で確認する"
        Way.REGISTERED -> "カードなしで、登録した方として確認する"
        Way.FACE_CHECK -> "カードの中の写真で確認する（暗証番号なし）"
        Way.FOUR_ATTRIBUTES -> "紙の介護保険証で確認する"
        Way.DISASTER -> "災害のときの方法で確認する（名前・生年月日・性別）"
    }

    override fun field(field: Field) = when (field) {
        Field.INSURER_NUMBER -> "保険者番号（数字6桁）"
        Field.INSURED_NUMBER -> "被保険者番号（数字10桁）"
        Field.NAME_KANA -> "お名前（カタカナ）"
        Field.BIRTH_DATE -> "生年月日（例：昭和16年5月3日）"
        Field.SEX -> "性別（男・女）"
        Field.EXPIRY_YEAR -> "有効期限の年（西暦4桁）"
        Field.SECURITY_CODE -> "セキュリティコード（写真の下の数字4桁）"
    }

    override fun fault(faulty: Faulty) = when (faulty) {
        Faulty.EMPTY -> "入力されていません。"
        Faulty.LENGTH -> "桁の数が違います。"
        Faulty.CHARACTERS -> "使えない文字が入っています。"
        Faulty.NO_SUCH_DATE -> "その日付はありません。"
        Faulty.AMBIGUOUS -> "どの年か決められません。元号を付けるか、西暦4桁で入力してください。"
        Faulty.FUTURE -> "まだ来ていない日付です。"
        Faulty.NOT_RIGHT -> "確認で「違う」とされました。もう一度入力してください。"
    }

    override fun sex(given: String) = mapOf("male" to "男", "female" to "女")[given] ?: given

    override fun read(read: BirthDateRead) = read.japanese + (read.age?.let { "（${it}歳）" } ?: "")

    override fun dots(entered: Int, of: Int) = "${of}桁のうち${entered}桁を入力しました"

    override fun progress(percent: Int?) = if (percent == null) "読み取り中" else "${percent}パーセント"

    override fun waiting(stage: Stage) = when (stage) {
        Stage.CHALLENGE -> "サーバーに接続しています。"
        Stage.EXCHANGE -> "カードの証明を確かめています。カードを離してもかまいません。"
        Stage.ENTITLEMENT -> "介護保険の資格を調べています。"
        Stage.KEEP -> "端末に保存しています。"
        Stage.SEND_WAITING -> "送信待ちの訪問を送信しています。"
        else -> "準備しています。"
    }

    override fun date(iso: String): String {
        // Of some people nobody knows the month or the day.
        val parts = iso.split('-').map { it.toIntOrNull() ?: return iso }.zip(listOf("年", "月", "日"))
        return parts.filter { (number, _) -> number > 0 }.joinToString("") { (number, unit) -> "$number$unit" }
    }

    override fun percent(number: Int) = if (number % 10 == 0) "${number / 10}割" else "${number}パーセント"

    override fun code(code: String) = "お問い合わせ番号：$code"

    override fun level(level: CareLevel) = level.text(language)

    override fun tickets(count: Int, until: String?) =
        if (until == null) "持ち出しがありません。圏外では確認できません。" else "持ち出し ${count}枚（${until}まで）"

    override fun entries(waiting: Int, ended: Int) = "送信待ち ${waiting}件・結果 ${ended}件"

    override fun othersWaiting(count: Int) = "ほかの職員の送信待ちが${count}件あります。"

    override fun waitsHow(until: String) = "まだ確認は完了していません。電波の届くところで、${until}までに送信してください。"

    override fun sendUntil(time: String) = "${time}までに送信してください。"

    override fun state(state: EntryState) = when (state) {
        EntryState.WAITING -> "送信待ち"
        EntryState.CONFIRMED -> "確認済み"
        EntryState.REFUSED -> "受け付けられませんでした"
        EntryState.EXPIRED -> "期限切れ"
    }

    override fun note(label: String) = "${label}（同意・届出）"

    override fun sent(confirmed: Int, refused: Int, expired: Int) =
        listOf("確認済み" to confirmed, "受け付けられなかったもの" to refused, "期限切れ" to expired)
            .filter { (_, count) -> count > 0 }.map { (what, count) -> "$what ${count}件" }
            .ifEmpty { null }?.joinToString("、", "送信しました：")
}

/** English. */
object English : Words {
    override val language = Language.ENGLISH
    override val choosePerson = "Choose whom you are visiting"
    override val nfcOff = "NFC is off. Switch it on in the settings to read cards."
    override val nfcAbsent = "This phone has no NFC. Use a phone that has."
    override val openSettings = "Open NFC settings"
    override val faceTitle = "Look at the face"
    override val noNetwork =
        "There is no coverage. This visit uses a ticket and is sent later; it begins with the face."
    override val faceMatches = "It is the person on the photo"
    override val faceDiffers = "It is somebody else"
    override val stop = "Stop"
    override val holdTitle = "Hold the card"
    override val holdHow = "Hold the My Number Card to the back of the phone."
    override val holdAgain = "The card moved away. Hold the same card to the phone again."
    override val holdOnceMore = "Hold the same card to the back of the phone once more."
    override val stillTitle = "Hold still"
    override val still = "The card is being read. Leave it where it is until this is done."
    override val waitTitle = "One moment"
    override val pinTitle = "PIN (4 digits)"
    override val pinHow = "The holder of the card enters it. The card is held to the phone after that."
    override val triesUnknown = "Three wrong entries in a row lock the PIN."
    override val erase = "Erase one digit"
    override val enter = "Enter"
    override val keypad = "Digits"
    override val lastTitle = "One try is left"
    override val lastWarning = "Another wrong entry locks the PIN. It then has to be reset, at the town hall for example."
    override val lastGo = "I know; enter it"
    override val lastStop = "Do not enter it"
    override val waysTitle = "Choose another way"
    override val paper = "Use none of these; note it on paper and end"
    override val paperTitle = "Note this on paper"
    override val attributesTitle = "Paper insurance card"
    override val attributesHow = "Type what stands on the care insurance card."
    override val disasterHow = "In a disaster the two numbers may be left empty."
    override val printedTitle = "What is printed on the card"
    override val printedHow = "Look at the front of the card and type all three. No PIN is needed."
    override val dateTitle = "Check the date of birth"
    override val dateHow = "Is this the date of birth on the care insurance card?"
    override val dateMatches = "It is the same"
    override val dateDiffers = "It differs; type it again"
    override val photoTitle = "Photo in the card"
    override val photoHow = "Compare it with the photo printed on the card and with the face of the person before you."
    override val photoMatches = "All three are the same person"
    override val photoUnreadable = "The photo cannot be shown. This way does not work with it."
    override val doneTitle = "Confirmed"
    override val person = "Name"
    override val birthDate = "Date of birth"
    override val careLevel = "Care level"
    override val burden = "Own share"
    override val until = "Valid until"
    override val noCareLevel = "None on record"
    override val testTrust = "Confirmed under a test authority. It says nothing about a real person."
    override val failedTitle = "Not confirmed"
    override val next = "What to do now"
    override val again = "Try again"
    override val home = "Back to the start"
    override val unknownFailure = "Something went wrong in the app. Start again."
    override val fetchTickets = "Fetch tickets"
    override val send = "Send what waits"
    override val waitingTitle = "Waiting, and what came of it"
    override val waitsTitle = "Waiting to be sent"
    override val clockSet = "The date of this phone was set. Put it right in the settings."
    override val expired = "It was not sent in time. Confirm the person anew."
    override val acknowledge = "I have read the results"
    override val beginShift = "Begin a shift"
    override val beginOtherShift = "Sign in and begin a shift"
    override val lock = "Lock"
    override val lockedTitle = "Locked"
    override val lockedHow = "Enter the code (6 digits) of this shift. Five wrong ones in a row erase the sign-in and the tickets."
    override val newCodeTitle = "Choose a code (6 digits)"
    override val newCodeHow = "It unlocks this phone during your shift. Take digits that nobody else knows."
    override val between = " "

    override fun faceHow(visitor: Visitor) =
        "Compare the face of the person before you with the photo on the card of ${visitor.name}."

    override fun tries(left: Int) = if (left == 1) "1 try is left." else "$left tries are left."

    override fun why(why: WhyPin) = when (why) {
        WhyPin.FIRST -> null
        WhyPin.MALFORMED -> "Enter 4 digits. This cost no try."
        WhyPin.WRONG -> "That PIN is wrong."
        WhyPin.CARD_REMOVED -> "The card moved away while it was checking. Enter the PIN again."
        WhyPin.TRIES_GONE -> "A wrong PIN was entered before, so fewer tries are left. The card has not seen this entry yet."
    }

    override fun whyPrinted(why: WhyPin) = when (why) {
        WhyPin.FIRST -> null
        WhyPin.MALFORMED -> "Something in it cannot be read. This cost no try."
        WhyPin.WRONG -> "It is not what stands on the card."
        WhyPin.CARD_REMOVED -> "The card moved away while it was checking. Type it again."
        WhyPin.TRIES_GONE -> "Something wrong was entered before, so fewer tries are left. The card has not seen this entry yet."
    }

    override fun way(way: Way) = when (way) {
        Way.CARD_TAP -> "Hold the card to the phone (no PIN)"
        Way.CARD_PIN -> "Card and PIN"
        Way.REGISTERED -> "Registered here before (no card)"
        Way.FACE_CHECK -> "Photo in the card (no PIN)"
        Way.FOUR_ATTRIBUTES -> "Paper insurance card"
        Way.DISASTER -> "In a disaster: name, date of birth and sex"
    }

    override fun field(field: Field) = when (field) {
        Field.INSURER_NUMBER -> "Insurer number (6 digits)"
        Field.INSURED_NUMBER -> "Insured number (10 digits)"
        Field.NAME_KANA -> "Name (katakana)"
        Field.BIRTH_DATE -> "Date of birth (like S16.5.3 or 1941-05-03)"
        Field.SEX -> "Sex (male or female)"
        Field.EXPIRY_YEAR -> "Year of expiry (4 digits)"
        Field.SECURITY_CODE -> "Security code (4 digits under the photo)"
    }

    override fun fault(faulty: Faulty) = when (faulty) {
        Faulty.EMPTY -> "Nothing was typed."
        Faulty.LENGTH -> "It has not the right number of digits."
        Faulty.CHARACTERS -> "Something in it cannot stand there."
        Faulty.NO_SUCH_DATE -> "There is no such date."
        Faulty.AMBIGUOUS -> "The year can be read in two ways. Type the era, or four digits."
        Faulty.FUTURE -> "This date has not come yet."
        Faulty.NOT_RIGHT -> "You said that it differs. Type it again."
    }

    override fun sex(given: String) = given

    // As the certificate has it, too.
    override fun read(read: BirthDateRead) = "${read.japanese} = ${read.date}" + (read.age?.let { " (age $it)" } ?: "")

    override fun dots(entered: Int, of: Int) = "$entered of $of digits entered"

    override fun progress(percent: Int?) = if (percent == null) "Reading" else "$percent per cent"

    override fun waiting(stage: Stage) = when (stage) {
        Stage.CHALLENGE -> "Connecting to the server."
        Stage.EXCHANGE -> "Checking the card's proof. The card is no longer needed."
        Stage.ENTITLEMENT -> "Looking up the entitlement."
        Stage.KEEP -> "Saving on this device."
        Stage.SEND_WAITING -> "Sending the visits that wait."
        else -> "Getting ready."
    }

    override fun date(iso: String) = iso

    override fun percent(number: Int) = "$number %"

    override fun code(code: String) = "Code for support: $code"

    override fun level(level: CareLevel) = level.text(language)

    override fun tickets(count: Int, until: String?) = when {
        until == null -> "No tickets. Nobody can be confirmed without coverage."
        count == 1 -> "1 ticket (until $until)"
        else -> "$count tickets (until $until)"
    }

    override fun entries(waiting: Int, ended: Int) = "$waiting waiting, $ended with a result"

    override fun othersWaiting(count: Int) = "Of other staff, $count waiting to be sent."

    override fun waitsHow(until: String) = "Nobody is confirmed yet. Send it by $until, where there is coverage."

    override fun sendUntil(time: String) = "Send it by $time."

    override fun state(state: EntryState) = when (state) {
        EntryState.WAITING -> "waiting to be sent"
        EntryState.CONFIRMED -> "confirmed"
        EntryState.REFUSED -> "refused"
        EntryState.EXPIRED -> "too late"
    }

    override fun note(label: String) = "$label (consent or notice)"

    override fun sent(confirmed: Int, refused: Int, expired: Int) =
        listOf("confirmed" to confirmed, "refused" to refused, "too late" to expired)
            .filter { (_, count) -> count > 0 }.map { (what, count) -> "$count $what" }
            .ifEmpty { null }?.joinToString(", ", "Sent: ")
}

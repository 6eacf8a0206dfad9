//! What is said in Japanese of input that cannot be used: the one table, by code. What it is about stands behind it.

/// What is wrong, and what to do.
pub(crate) fn japanese(code: &str) -> Option<(&'static str, &'static str)> {
    TABLE.iter().find(|(known, ..)| *known == code).map(|&(_, what, next)| (what, next))
}

const OTHER_FILE: &str = "ファイルを確かめて、指定し直してください。";
const OTHER_MACHINE: &str = "パソコンを再起動しても変わらなければ、別のパソコンでお試しください。";
const ITS_DATABASE: &str = "--directory か --database で、模擬基盤のデータを指定してください。";

const TABLE: &[(&str, &str, &str)] = &[
    (
        "enrolment_missing",
        "端末の登録ファイル（--enrolment）が指定されていません。",
        "`kaigotap enrol` が書き出したファイルを指定してください。まず練習するなら、kaigotap visit --reader simulator です。",
    ),
    (
        "no_place",
        "練習の記録を置く場所がありません。",
        "環境変数 XDG_STATE_HOME に、ご自分のフォルダーを設定してください。",
    ),
    (
        "enrolment_unusable",
        "端末の登録ファイルを使えません。",
        "`kaigotap enrol` か `kaigotap sandbox --enrolment FILE` が書き出すファイルを指定してください。",
    ),
    (
        "enrolment_exists",
        "登録ファイルがすでにあります。",
        "別のファイルを指定するか、--force を付けて登録し直してください。",
    ),
    (
        "not_signed_in",
        "この端末には、まだ誰もログインしていません。",
        "先に kaigotap sign-in --enrolment FILE でログインしてください。",
    ),
    (
        "no_activation_code",
        "登録コードを尋ねる画面がありません。",
        "ファイル記述子で渡してください。例：echo コード | kaigotap enrol … --code-fd 0（標準入力から1行）。",
    ),
    (
        "journal_key_unusable",
        "送信待ちの記録の鍵のファイルを使えません。",
        "このパソコンが書いたままのファイルに戻してください。鍵がなければ、送信待ちの記録は読めません。",
    ),
    (
        "enrolment_not_private",
        "端末の登録ファイルを、ほかの人が書き換えられる状態です。",
        "内容に変わりがないことを確かめて `chmod 600` を実行するか、端末を登録し直してください。",
    ),
    (
        "device_key_unusable",
        "端末の鍵を使えません。",
        "鍵のフォルダーが本人だけのもの（0700）であることを確かめるか、別の登録ファイルを使ってください。",
    ),
    (
        "registration_unusable",
        "利用者のファイルを使えません。",
        "先に、カードと暗証番号で訪問してください。そのときにファイルができます。",
    ),
    (
        "evidence_missing",
        "この手続きのための訪問が、この端末ではまだありません。",
        "先に kaigotap visit --for consent（届出なら notice）で訪問してください。",
    ),
    ("kana_unreadable", "かなの氏名として読めません。", "ひらがなかカタカナで指定してください。"),
    (
        "date_unreadable",
        "生年月日として読めないか、2通りに読めます。",
        "1941-05-03 や S16.5.3 のように指定してください。",
    ),
    ("file_not_read", "ファイルを読めません。", OTHER_FILE),
    (
        "file_changed",
        "読み込んでいる間に、ファイルが書き換えられました。",
        "書き換えが終わってから、もう一度実行してください。",
    ),
    (
        "declaration_invalid",
        "災害時の取り扱いは、別々の職員2名の名前と、事業所番号で登録します。",
        "--by admin-01 --by nurse-02 のように、2名を指定してください。",
    ),
    (
        "import_elsewhere",
        "別の画面で、同じファイルを登録しています。",
        "終わるまで待ってください。",
    ),
    (
        "not_set_up",
        "この保険者の全件がまだ登録されていません。",
        "先に、--changes を付けずに全件のファイルを登録してください。",
    ),
    (
        "import_unfinished",
        "前のファイルの登録が途中で止まっています。",
        "前のファイルをもう一度登録するか、--changes を付けずに全件を登録してください。",
    ),
    ("file_not_written", "ファイルに書けません。", "別の場所を指定してください。"),
    ("file_unwritable", "ファイルに書けません。", "--svg に別の場所を指定してください。"),
    ("file_too_long", "ファイルが大きすぎます。", OTHER_FILE),
    ("file_empty", "ファイルが空です。", OTHER_FILE),
    ("pem_malformed", "ファイルの形式が壊れています。", "PEMかDERのファイルを指定してください。"),
    ("pem_of_another_kind", "ファイルに、求める種類のものが入っていません。", OTHER_FILE),
    (
        "certificate_malformed",
        "電子証明書を読み取れません。",
        "PEMかDERのファイルを指定してください。",
    ),
    ("crl_malformed", "失効リストを読み取れません。", "PEMかDERのファイルを指定してください。"),
    ("ocsp_malformed", "失効確認の応答を読み取れません。", "DERのファイルを指定してください。"),
    (
        "several_in_one_file",
        "ファイルに2つ以上入っています。",
        "本人の電子証明書だけのファイルを指定し、ほかは --intermediate で指定してください。",
    ),
    (
        "policy_malformed",
        "発行規則の番号の形が正しくありません。",
        "1.2.392.200149.8.5.1.3.30 のように、数字を点でつないでください。",
    ),
    (
        "pin_unreadable",
        "暗証番号を読み込めません。",
        "読み取り用に開いた番号を指定してください。例：kaigotap … --pin-fd 3 3<ファイル",
    ),
    (
        "no_terminal",
        "暗証番号やお顔の確認を尋ねる画面がありません。",
        "画面のある場所で実行するか、--pin-stdin または --pin-fd と --face-confirmed を付けてください。",
    ),
    (
        "pcsc_not_built_in",
        "この kaigotap は、実物のカードリーダーに対応していません。",
        "--reader simulator を付けるか、kaigotap readers で対応方法を確かめてください。",
    ),
    (
        "reader_unknown",
        "この名前のカードリーダーはありません。",
        "仮想カードなら --reader simulator です。kaigotap readers で一覧を表示します。",
    ),
    ("virtual_card_unusable", "仮想カードを作れません。", "別の人か動き方を選んでください。"),
    (
        "recording_refused",
        "記録できるのは仮想カードだけです。",
        "--reader simulator か、カードの内容を除いて記録する --record-real-card を付けてください。",
    ),
    (
        "server_unusable",
        "サーバーのアドレスとして使えません。",
        "https:// で始まるアドレスを指定してください（http:// はこの端末の中だけで使えます）。",
    ),
    ("authority_unusable", "認証局の証明書を使えません。", "認証局の証明書を指定してください。"),
    (
        "http_unavailable",
        "パソコンの認証局の一覧を読めません。",
        "証明書をインストールしてください（Debianでは ca-certificates）。",
    ),
    ("no_randomness", "このパソコンでは安全な乱数を得られません。", OTHER_MACHINE),
    ("no_runtime", "処理を始められません。", OTHER_MACHINE),
    ("no_loopback", "ブラウザーからの戻り先を用意できません。", OTHER_MACHINE),
    ("internal", "このソフトの内部でエラーが起きました。", "ソフトのサポートに連絡してください。"),
    ("sandbox_failed", "模擬基盤を始められません。", "もう一度お試しください。"),
    (
        "sandbox_unusable",
        "模擬基盤のフォルダーを使えません。",
        "`kaigotap sandbox init FOLDER` で作るか、中の sandbox.toml を直してください。",
    ),
    (
        "folder_in_use",
        "フォルダーが空ではありません（中のものは上書きしません）。",
        "新しいフォルダーを指定するか、kaigotap sandbox --directory FOLDER で今あるものを始めてください。",
    ),
    (
        "key_exposed",
        "鍵のファイルを、ほかの人が読める状態です。",
        "だれも読んでいないことを確かめてから、`chmod 600` を実行してください。",
    ),
    (
        "address_in_use",
        "このアドレスは、ほかのプログラムが使っています。",
        "それを終えるか、--listen 127.0.0.1:0 のように別の番号を指定してください。",
    ),
    (
        "address_unavailable",
        "このアドレスは、この端末のものではありません。",
        "--listen に、この端末のアドレスを指定してください。",
    ),
    (
        "not_loopback",
        "暗号化なしでは、この端末の中でしか待ち受けられません。",
        "127.0.0.1 を指定するか、kaigotap sandbox init FOLDER で暗号化の用意をしてください。",
    ),
    (
        "no_virtual_reader",
        "仮想リーダーが動いていません。",
        "仮想リーダー付きのpcscdを始めてください（Debianでは vsmartcard-vpcd、pcscd）。",
    ),
    ("virtual_reader_lost", "仮想リーダーとの接続が切れました。", "もう一度始めてください。"),
    (
        "issuer_unusable",
        "模擬基盤の名前を使えません。",
        "sandbox.toml の issuer を直してください。",
    ),
    (
        "tls_unusable",
        "暗号化の証明書か鍵を使えません。",
        "--name を確かめるか、kaigotap sandbox init FOLDER で作り直してください。",
    ),
    (
        "database_unknown",
        "データの保存先を解釈できません。",
        "memory、sqlite:FILE、または postgres://…（--database-key FILE とともに）を指定してください。",
    ),
    ("database_unavailable", "データの保存先を使えません。", ITS_DATABASE),
    (
        "database_exposed",
        "データの保存先を、ほかの人が読める状態です。",
        "本人だけが読める場所を指定してください。",
    ),
    (
        "device_unknown",
        "この名前の端末はありません。",
        "`kaigotap sandbox devices list` で一覧を表示します。",
    ),
    (
        "not_registered",
        "この番号の方は、今この事業所の利用者として登録されていません。",
        "番号を確かめてください。登録は訪問で始まり、期限が切れた登録は訪問でやり直します。",
    ),
    (
        "filing_unknown",
        "この名前の届出がないか、後から出された届出に置き換えられています。",
        "`kaigotap sandbox municipality inbox` で一覧を表示します。",
    ),
    (
        "opinion_not_asked",
        "この番号の方がいないか、主治医意見書を書く医師のいない事業所です。",
        "番号を確かめてください。依頼先は介護老人保健施設か介護医療院です。",
    ),
    (
        "no_code_sent",
        "この職員に送られた、まだ使えるワンタイムコードはありません。",
        "職員IDとパスワードでログインを始めてから、もう一度実行してください。",
    ),
    (
        "key_unknown",
        "この保険者の鍵はありません。",
        "鍵を作ったときと同じ番号を、同じ順で指定してください。",
    ),
    (
        "meeting_unknown",
        "この保険者に、この番号の審査会は登録されていません。",
        "`kaigotap sandbox municipality meeting list` で一覧を表示します。",
    ),
    (
        "meeting_invalid",
        "審査会として登録できません。開催日が過ぎているか、審査員のメールアドレス、資料の名前や大きさに誤りがあります。",
        "開催日は今日以降、審査員は1名以上、資料は1件10MBまでにしてください。",
    ),
    (
        "insured_unknown",
        "この番号の方がいないか、変えるものがありません。",
        "保険者番号と被保険者番号を確かめてください。",
    ),
    ("code_undrawable", "QRコードを描けません。", "文字のコードを使ってください。"),
    ("anchor_unusable", "信頼する認証局の証明書を使えません。", OTHER_FILE),
    (
        "client_unusable",
        "接続するプログラムの設定を使えません。",
        "sandbox.toml を直してください。",
    ),
    (
        "issued_unusable",
        "発行ずみの電子証明書の設定を使えません。",
        "人物のファイルを直してください。",
    ),
    ("person_malformed", "人物の内容に誤りがあります。", "人物のファイルを直してください。"),
    (
        "staff_issuer_unusable",
        "職員のログイン先の設定を使えません。",
        "sandbox.toml を直してください。",
    ),
    ("keys_unavailable", "鍵を作れません。", OTHER_MACHINE),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The codes that stand in this program's own text.
    fn codes(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for part in
                ["Stop::input(", "Self::input("].iter().flat_map(|call| text.split(call).skip(1))
            {
                let code =
                    part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                let is_code = |code: &&str| {
                    !code.is_empty() && code.bytes().all(|c| c.is_ascii_lowercase() || c == b'_')
                };
                found.extend(code.filter(is_code).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_code_is_told_in_japanese() {
        let mut found = Vec::new();
        codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        assert!(found.len() > 30);
        for code in found {
            let Some((what, next)) = japanese(&code) else { panic!("{code} has no Japanese") };
            assert!(what.ends_with('。') && next.ends_with(['。', 'ル']), "{code}");
        }
    }
}

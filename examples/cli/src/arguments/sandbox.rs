//! What can be typed by whoever looks after a sandbox.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kaigotap_sandbox::Anchor;
use kaigotap_virtual_card::Person;

use super::card::person;
use super::{SandboxInsurerKey, SandboxMeeting, SandboxOpinion};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sandbox {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,

    /// Serve TLS as this folder says, which `kaigotap sandbox init FOLDER` made
    /// ｜このフォルダーの設定で、暗号化して待ち受けます（`kaigotap sandbox init FOLDER` で作成）
    #[arg(long, value_name = "FOLDER")]
    pub(crate) directory: Option<PathBuf>,

    /// Address to listen on; without --directory this machine only, because it is plain HTTP. Port 0 takes a free one
    /// [default: 127.0.0.1:8443, or as the folder says]
    /// ｜待ち受けるアドレス。--directory がなければこの端末の中だけ（暗号化しないため）。ポート0は空いているポート［
    /// 省略時：127.0.0.1:8443、またはフォルダーの設定］
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,

    /// Where to keep the data: memory, sqlite:FILE, or postgres://… (with --database-key) [default: memory, or as the
    /// folder says]
    /// ｜データの保存先：memory、sqlite:FILE、postgres://…（--database-key とともに）［省略時：memory、またはフォル
    /// ダーの設定］
    #[arg(long, value_name = "DATABASE")]
    pub(crate) database: Option<String>,

    /// The file with the key that opens the keys in a PostgreSQL database; made, readable by you only, if it is not there
    /// ｜PostgreSQLに保存した鍵を開く鍵のファイル。なければ作ります（本人だけが読めます）
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_key: Option<PathBuf>,

    /// Tell whether it lives (/health/live), whether it can serve (/health/ready) and what it counts (/metrics, for
    /// Prometheus) on this address of this machine
    /// ｜この端末のこのアドレスで、稼働状況（/health/live、/health/ready）と計数（/metrics）を知らせます
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin: Option<SocketAddr>,

    /// How the log is written, to standard error: text, or one JSON object a line, at level info and above unless
    /// KAIGOTAP_LOG says otherwise. Nobody is named in it
    /// ｜ログの形式（標準エラー出力）。text は文章、json は1行に1つのJSON。個人名は出ません
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,

    /// Know this person of your own, too (a file that ends in .toml); may be given several times
    /// ｜自分で用意した人物（.toml のファイル）も登録します。何度でも指定できます
    #[arg(long = "person", value_name = "FILE", value_parser = person)]
    pub(crate) guests: Vec<Person>,

    /// Write a device's enrolment for `kaigotap visit` to this file (it holds a staff token; readable by you only)
    /// ｜`kaigotap visit` に使う端末の登録ファイルを書きます（ログイン情報を含み、本人だけが読めます）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    /// ｜人が読む形
    Text,
    /// For programs
    /// ｜プログラムが読む形
    Json,
}

#[derive(Subcommand)]
pub(crate) enum SandboxCommand {
    /// Make a folder with all that a sandbox with TLS needs: certificates, keys, configuration
    /// ｜暗号化して動かすためのフォルダーを作ります（証明書、鍵、設定）
    Init(SandboxInit),
    /// Get a code with which one device of a facility can enrol, as text and as a QR code
    /// ｜事業所の端末1台を登録するためのコードを、文字とQRコードで出します
    Activate(SandboxActivate),
    /// The devices that are enrolled, and the end of one
    /// ｜登録された端末の一覧と、登録の取り消し
    #[command(subcommand)]
    Devices(SandboxDevices),
    /// A facility's claim for somebody has come in: their registration there lasts longer
    /// ｜事業所のレセプトを受け付けたことにします（その方の利用者登録の期限が延びます）
    Receipt(SandboxReceipt),
    /// Bring a municipality's insured persons in, from a file of its own: everybody, or what has changed (docs/import.md)
    /// ｜市町村の被保険者を、ファイルからまとめて登録します（全件または差分。docs/import.md）
    Import(SandboxImport),
    /// Have the next keys sign challenges and tokens; what the present ones signed is good until it ends. Every process on
    /// the database follows within half a minute
    /// ｜確認要求とトークンの署名鍵を次の鍵に切り替えます。それまでの署名は期限まで有効で、動作中の模擬基盤には30秒以内に反映されます
    RollKeys(SandboxRollKeys),
    /// The one-time code that would have been mailed to a staff member who signs in by docs/standard-api.md
    /// ｜職員にメールで届くはずのワンタイムコードを表示します（docs/standard-api.md のログイン）
    Code(SandboxCode),
    /// What happens at a municipality's counter: consent, applications, and the inbox for care plan notices
    /// ｜市区町村の窓口での手続き（包括同意、認定の申請、計画作成依頼届出の受付）
    #[command(subcommand)]
    Municipality(SandboxMunicipality),
    /// What the documents plan, discuss or leave open, and what holds here
    /// ｜国の資料で予定・検討中・未定のきまりと、この模擬基盤での扱い
    Policy(SandboxPolicy),
    /// What happened in a sandbox, and whether the record of it was tampered with
    /// ｜模擬基盤の監査記録と、その改ざんの有無
    Audit(SandboxAudit),
}

#[derive(Subcommand)]
pub(crate) enum SandboxMunicipality {
    /// The municipality has taken somebody's comprehensive consent on its form
    /// ｜市区町村が申請書で包括同意を受け取ったことにします
    Consent(SandboxInsured),
    /// Somebody has withdrawn their consent: nothing of them is served from now on
    /// ｜包括同意が撤回されたことにします（以後、その方の情報は閲覧できません）
    Withdraw(SandboxInsured),
    /// Somebody has applied for certification: from now on the municipality takes the consent
    /// ｜要介護認定の申請があったことにします（以後、同意は市区町村が受け取ります）
    Apply(SandboxInsured),
    /// Ask a facility for a physician's opinion on somebody, for their certification
    /// ｜事業所の医師に主治医意見書を依頼します
    Opinion(SandboxOpinion),
    /// Make the key with which a municipality's system brings its insured in over HTTP, in place of the one before
    /// ｜市区町村のシステムがHTTPで被保険者を登録するための鍵を作ります（前の鍵は使えなくなります）
    Key(SandboxInsurerKey),
    /// The papers of a certification board, for its reviewers
    /// ｜認定審査会の資料を審査員に渡します
    #[command(subcommand)]
    Meeting(SandboxMeeting),
    /// Put the rules for disasters in force, for facilities that are named one by one and for a time; two of the staff say so
    /// ｜災害時の取り扱いを始めます。事業所を1つずつ指定し、期間を決め、職員2名の名前で登録します
    Disaster(SandboxDisaster),
    /// What an insurer has got, the oldest first: notices, and physicians' opinions that it has asked for
    /// ｜保険者に届いた計画作成依頼届出と、依頼した主治医意見書を、古い順に表示します
    Inbox {
        /// Insurer (保険者番号), six digits
        /// ｜保険者番号（6桁）
        #[arg(long, value_name = "NUMBER")]
        insurer: String,

        #[command(flatten)]
        store: Kept,
    },
    /// What the insurer says to a notice
    /// ｜届出に対する保険者の判断を登録します
    Judge {
        /// Its name, as the inbox shows it
        /// ｜受付の一覧に出る届出の名前
        id: String,

        /// What is said
        /// ｜判断
        #[arg(value_enum)]
        judgement: SandboxJudgement,

        /// Why, for one that is returned
        /// ｜返戻の理由
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,

        #[command(flatten)]
        store: Kept,
    },
}

#[derive(Args)]
pub(crate) struct SandboxDisaster {
    /// A facility for which they count; those who help from outside the stricken area, too. May be given several times
    /// ｜対象の事業所番号。被災地の外から支援する事業所も指定します（何回でも）
    #[arg(long = "facility", required = true, value_name = "NUMBER")]
    pub(crate) facilities: Vec<String>,

    /// For how many hours from now; at most 31 days
    /// ｜今から何時間（31日まで）
    #[arg(long, default_value_t = 48, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=744))]
    pub(crate) hours: u32,

    /// Who says so: two staff members, one after the other
    /// ｜登録する職員。2名を続けて指定します
    #[arg(long = "by", required = true, value_name = "STAFF")]
    pub(crate) by: Vec<String>,

    #[command(flatten)]
    pub(crate) store: Kept,
}

/// What an insurer says to a notice.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SandboxJudgement {
    /// Somebody looks at it
    /// ｜審査中
    InReview,
    /// The facility plans the person's care
    /// ｜受理
    Accepted,
    /// Sent back
    /// ｜返戻
    Returned,
}

#[derive(Args)]
pub(crate) struct SandboxCode {
    /// The staff member
    /// ｜職員ID
    #[arg(default_value = kaigotap_sandbox::STAFF_ID)]
    pub(crate) staff: String,

    #[command(flatten)]
    pub(crate) store: Kept,
}

#[derive(Args)]
pub(crate) struct SandboxInsured {
    /// Insurer (保険者番号), six digits
    /// ｜保険者番号（6桁）
    #[arg(long, value_name = "NUMBER")]
    pub(crate) insurer: String,

    /// Insured number (被保険者番号), ten digits
    /// ｜被保険者番号（10桁）
    #[arg(long, value_name = "NUMBER")]
    pub(crate) insured: String,

    #[command(flatten)]
    pub(crate) store: Kept,
}

#[derive(Args)]
pub(crate) struct SandboxPolicy {
    /// The folder of the sandbox whose values are meant, if they are not those that every one begins with
    /// ｜値を確かめる模擬基盤のフォルダー（省略時は初期値）
    #[arg(long, value_name = "FOLDER")]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SandboxReceipt {
    /// The facility that claims
    /// ｜請求した事業所の番号
    #[arg(long, default_value = kaigotap_sandbox::FACILITY_ID, value_name = "NUMBER")]
    pub(crate) facility: String,

    #[command(flatten)]
    pub(crate) person: SandboxInsured,
}

#[derive(Args)]
pub(crate) struct SandboxInit {
    /// The folder; new, or empty. Readable by you only
    /// ｜新しい、または空のフォルダー（本人だけが読めます）
    pub(crate) folder: PathBuf,

    /// A name by which other machines call it; the first is its own. May be given several times [default: localhost]
    /// ｜ほかの端末から呼ぶ名前。最初のものが自分の名前です。何度でも指定できます［省略時：localhost］
    #[arg(long = "name", value_name = "HOST", value_parser = host)]
    pub(crate) names: Vec<String>,

    /// Address to listen on
    /// ｜待ち受けるアドレス
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
}

/// A name in small letters that needs no quoting anywhere.
fn host(text: &str) -> Result<String, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if !text.is_empty() && text.bytes().all(is_plain) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a name of letters, digits, hyphens and dots, or an IPv4 address")
    }
}

#[derive(Args)]
pub(crate) struct SandboxAudit {
    #[command(subcommand)]
    pub(crate) question: SandboxAuditQuestion,
}

#[derive(Subcommand)]
pub(crate) enum SandboxAuditQuestion {
    /// Go through the whole chain: what was changed, removed, moved or cut off is found, and where
    /// ｜記録の連鎖をすべて調べ、書き換え・削除・移動・切り取りの場所を見つけます
    #[command(
        after_help = "Exit codes: 0 the chain holds; 1 it does not; 2 the input cannot be used.\n｜\
            終了コード：0は正常、1は改ざんあり、2は入力の誤り。"
    )]
    Verify {
        #[command(flatten)]
        store: Kept,
        /// The end of an earlier time, as it was printed then: what was there must still be there
        /// ｜以前に控えた末尾。そのときの記録が残っていることを確かめます
        #[arg(long, value_name = "ANCHOR")]
        anchor: Option<Anchor>,
    },
    /// Show the records, the oldest first. Nobody is named: digests are the same for the same
    /// ｜記録を古い順に表示します（個人名は出ません。同じ人は同じ符号です）
    List {
        #[command(flatten)]
        store: Kept,
        /// Only those after this one
        /// ｜この番号より後だけ
        #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
        after: u64,
    },
}

#[derive(Args)]
pub(crate) struct SandboxActivate {
    /// The facility whose device it will be
    /// ｜端末を使う事業所の番号
    #[arg(long, default_value = kaigotap_sandbox::FACILITY_ID, value_name = "NUMBER")]
    pub(crate) facility: String,

    /// What people call the device
    /// ｜端末の呼び名
    #[arg(long, default_value = "sandbox", value_name = "TEXT")]
    pub(crate) label: String,

    /// Draw the QR code into this file, too
    /// ｜QRコードをこのファイルにも描きます
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) store: Kept,
}

#[derive(Args)]
pub(crate) struct SandboxImport {
    /// The file: CSV in UTF-8, rows in the order of their numbers
    /// ｜CSVファイル（UTF-8。番号の順に並べたもの）
    pub(crate) file: PathBuf,

    /// Whose insured they are: an insurer's number, six digits. A union gives those of its members, one after the other
    /// ｜保険者番号（6桁）。広域連合は、構成市町村の番号を続けて指定できます
    #[arg(long = "insurer", required = true, value_name = "NUMBER", value_parser = six_digits)]
    pub(crate) insurers: Vec<String>,

    /// It holds what has changed since the last file, and not everybody
    /// ｜全件ではなく、前回からの差分のファイルです
    #[arg(long)]
    pub(crate) changes: bool,

    #[command(flatten)]
    pub(crate) store: Kept,
}

pub(super) fn six_digits(text: &str) -> Result<String, &'static str> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("six digits")
    }
}

#[derive(Args)]
pub(crate) struct SandboxRollKeys {
    #[command(flatten)]
    pub(crate) store: Kept,
}

#[derive(Subcommand)]
pub(crate) enum SandboxDevices {
    /// Show them all, the oldest first
    /// ｜すべてを古い順に表示します
    List {
        #[command(flatten)]
        store: Kept,
    },
    /// End one, which is lost or stolen: whatever it has is refused from now on
    /// ｜紛失・盗難にあった端末の登録を取り消します。以後、何も受け付けません
    Kill {
        /// Its name, as the list shows it
        /// ｜一覧に出る端末の名前
        device: String,

        #[command(flatten)]
        store: Kept,
    },
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Kept {
    /// The folder of the sandbox
    /// ｜模擬基盤のフォルダー
    #[arg(long, value_name = "FOLDER", conflicts_with = "database")]
    pub(crate) directory: Option<PathBuf>,

    /// Its database: sqlite:FILE, or postgres://… (with --database-key)
    /// ｜模擬基盤のデータ：sqlite:FILE、postgres://…（--database-key とともに）
    #[arg(long, value_name = "DATABASE")]
    pub(crate) database: Option<String>,

    /// The file with the key that opens the keys in a PostgreSQL database
    /// ｜PostgreSQLに保存した鍵を開く鍵のファイル
    #[arg(long, value_name = "FILE", requires = "database")]
    pub(crate) database_key: Option<PathBuf>,
}

//! What can be typed by somebody whose device is enrolled at a platform.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{PinOptions, ReaderOptions, VisitFor};

#[derive(Args)]
#[command(after_help = concat!(
    "Whoever manages the facility's devices has a code made, which is good for one device, once, for 15 minutes:\n",
    "    kaigotap sandbox activate --directory demo --label \"ward 3\"\n",
    "Enter it as it is shown; case, blanks and hyphens make no difference, O is 0, and I and L are 1.\n\n",
    "The device's key is made on this computer and never leaves it: it lies in FILE.keys, readable by you only. FILE holds\n",
    "for whom this device works and whom it trusts. Then: kaigotap sign-in --enrolment FILE\n｜",
    "登録コードは端末の管理者が発行します（1台につき1回、15分以内）。模擬基盤では：\n",
    "    kaigotap sandbox activate --directory demo --label \"ward 3\"\n",
    "表示のとおりに入力してください。大文字・小文字、空白、ハイフンは問いません。Oは0、IとLは1と読みます。\n\n",
    "端末の鍵はこのパソコンの FILE.keys に作られ、外に出ません。FILE には、事業所と、信頼する相手が入ります。\n",
    "次に：kaigotap sign-in --enrolment FILE",
))]
pub(crate) struct Enrol {
    /// Base address of the platform
    /// ｜介護情報基盤のアドレス
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,

    /// Where to keep the enrolment; a file that is there stays as it is
    /// ｜登録ファイルを書く場所。すでにあるファイルは変えません
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// What the platform calls itself, if that is not its address
    /// ｜基盤が名乗る名前（アドレスと違う場合）
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,

    /// Trust only servers under this authority's certificate (PEM or DER)
    /// ｜この認証局の証明書（PEMまたはDER）だけを信頼します
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,

    /// Read the activation code from this open file descriptor instead of asking for it
    /// ｜登録コードを尋ねずに、この番号のファイル記述子から読みます
    #[arg(long, value_name = "N")]
    pub(crate) code_fd: Option<u32>,

    /// Enrol anew, with a new key, in the place of what is there
    /// ｜今のファイルの代わりに、新しい鍵で登録し直します
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args)]
pub(crate) struct Device {
    #[command(subcommand)]
    pub(crate) question: DeviceQuestion,
}

#[derive(Subcommand)]
pub(crate) enum DeviceQuestion {
    /// Show the enrolment, and what the token of who has signed in is bound to; asks nobody
    /// ｜登録の内容と、ログイン中の職員のトークンがどの鍵に結び付いているかを表示します（通信はしません）
    Show {
        /// What `kaigotap enrol` wrote
        /// ｜端末の登録ファイル（`kaigotap enrol` が書いたもの）
        #[arg(long, value_name = "FILE")]
        enrolment: PathBuf,
    },
    /// Ask the platform what has changed, such as the keys by which it is known; do it every few days
    /// ｜基盤の鍵などの変更を確かめます（数日に1回）
    Refresh(DeviceServer),
    /// Give this device a new key; the old one is dead from then on, and staff sign in again
    /// ｜端末の鍵を新しくします。古い鍵は使えなくなり、職員はログインし直します
    RollOver(DeviceServer),
}

#[derive(Args)]
pub(crate) struct DeviceServer {
    /// What `kaigotap enrol` wrote; somebody has signed in on this device
    /// ｜端末の登録ファイル（`kaigotap enrol` が書いたもの。職員がログイン済みのこと）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Trust only servers under this authority's certificate (PEM or DER)
    /// ｜この認証局の証明書（PEMまたはDER）だけを信頼します
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SignIn {
    /// What `kaigotap enrol` or `kaigotap sandbox --enrolment` wrote
    /// ｜端末の登録ファイル（`kaigotap enrol` や `kaigotap sandbox --enrolment` が書いたもの）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Type the password anew, even if somebody is still signed in with the browser: for a shared device
    /// ｜ブラウザーでログイン中でも、パスワードを入力し直します（共用の端末向け）
    #[arg(long)]
    pub(crate) again: bool,

    /// Only say the address; open no browser
    /// ｜アドレスを表示するだけで、ブラウザーは開きません
    #[arg(long)]
    pub(crate) no_browser: bool,

    /// Seconds to wait for the browser to come back
    /// ｜ブラウザーの操作を待つ秒数
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) wait: u64,

    /// What the token is to be for (RFC 8707), for an issuer that has tokens for others, too
    /// ｜ログインの使い先（RFC 8707。ほかの用途にも使われるログイン先の場合）
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) resource: Option<String>,

    /// Trust only servers under this authority's certificate (PEM or DER)
    /// ｜この認証局の証明書を持つサーバーだけを信頼します（PEMまたはDER）
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct SignOut {
    /// What `kaigotap enrol` or `kaigotap sandbox --enrolment` wrote
    /// ｜端末の登録ファイル（`kaigotap enrol` や `kaigotap sandbox --enrolment` が書いたもの）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Trust only servers under this authority's certificate (PEM or DER)
    /// ｜この認証局の証明書を持つサーバーだけを信頼します（PEMまたはDER）
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Visit {
    /// What `kaigotap enrol` or `kaigotap sandbox --enrolment` wrote; without it and with --reader simulator this is an
    /// exercise: card and platform are fictional, and nothing leaves this computer
    /// ｜端末の登録ファイル（`kaigotap enrol` や `kaigotap sandbox --enrolment` が書いたもの）。省略して --reader simulator
    /// を付けると練習です（カードも相手の基盤も架空で、このパソコンの中だけで動きます）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: Option<PathBuf>,

    /// Base address of the server, if it is not the enrolment's
    /// ｜サーバーのアドレス（登録ファイルと違う場合）
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,

    /// Trust this authority for the server, and no other (PEM or DER) [default: those of the system]
    /// ｜サーバーについて、この認証局だけを信頼します（PEMまたはDER）［省略時：パソコンの設定］
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,

    /// There is no network here: use a ticket that was fetched before, and keep what is proved until it can be sent
    /// ｜圏外の訪問：取得しておいた持ち出しを使い、確認の記録を送信できるまで保存します
    #[arg(long, conflicts_with_all = ["server", "authority", "record"], requires = "enrolment")]
    pub(crate) offline: bool,

    /// With --offline: what you will know this visit by in `kaigotap journal list`; nobody else is shown it
    /// ｜--offline の訪問の見出し（`kaigotap journal list` に出ます。ほかの職員には見えません）
    #[arg(long, value_name = "TEXT", requires = "offline", default_value = "")]
    pub(crate) label: String,

    /// What the visit is to be good for beside a view; may be given several times. Then: kaigotap care
    /// ｜受給内容の確認のほかに、この訪問で行うこと（何回でも指定できます）。続きは kaigotap care で行います
    #[arg(long = "for", value_enum, value_name = "WHAT", conflicts_with = "record")]
    pub(crate) also_for: Vec<VisitFor>,

    /// How the person is verified
    /// ｜ご本人を確認する方法
    #[arg(long, visible_alias = "way", value_enum, default_value = "pin")]
    pub(crate) method: FirstWay,

    /// Which insurance the visit is for; medical insurance is for home nursing only [default: care]. If it is given, what
    /// the card proved is kept for the other one, too (kaigotap care show --insurance)
    /// ｜どの保険の訪問か。医療保険は訪問看護だけが選べます［省略時：介護保険］。指定すると、カードでの確認がもう一方の保険にも
    /// 使えるように残ります（kaigotap care show --insurance）
    #[arg(long, value_enum, value_name = "INSURANCE")]
    pub(crate) insurance: Option<Insurance>,

    /// Who the person is: a visit with PIN writes this file, and one by tap needs it [default: the enrolment's file
    /// with .registration behind its name]
    /// ｜利用者のファイル。暗証番号での訪問で書かれ、かざすだけの訪問で使います［省略時：登録ファイルの名前に
    /// .registration を付けたもの］
    #[arg(long, value_name = "FILE")]
    pub(crate) registration: Option<PathBuf>,

    /// The card on the reader is a virtual one of this project: take what its test authorities issued, too
    /// ｜カードリーダーにあるのはこのソフトの仮想カード：その試験用の証明書を認めます
    #[arg(long)]
    pub(crate) virtual_card: bool,

    /// The nurse has compared the face with the photo on the card and says that they match
    /// ｜看護師がお顔とカードの写真を見比べ、一致を確認ずみ
    #[arg(long)]
    pub(crate) face_confirmed: bool,

    #[command(flatten)]
    pub(crate) reader: ReaderOptions,

    #[command(flatten)]
    pub(crate) pin: PinOptions,
}

/// Which insurance a visit is for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Insurance {
    /// Care insurance
    /// ｜介護保険
    Care,
    /// Medical insurance
    /// ｜医療保険
    Medical,
}

/// The way with which a visit begins. At a terminal, one that fails leads to the next.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FirstWay {
    /// Face by eye, then card with PIN
    /// ｜お顔の目視、カードと暗証番号
    Pin,
    /// Face by eye, then a tap without PIN: from the second visit on
    /// ｜お顔の目視、カードをかざすだけ（2回目の訪問から）
    Tap,
    /// Face by eye, beside the photo in the card's chip, then what stands on the paper certificate: no PIN
    /// ｜お顔の目視、カードの中の写真、被保険者証（暗証番号なし）
    Face,
    /// What stands on the paper certificate, typed at the terminal
    /// ｜被保険者証を見て入力
    Paper,
    /// In a disaster, where its rules are in force: name, date of birth and sex; the numbers as far as they are known
    /// ｜災害時の取り扱い（開始されている事業所だけ）：氏名、生年月日、性別。番号は分かる場合だけ
    Disaster,
}

#[derive(Args)]
#[command(after_help = concat!(
    "An entry is kept, replaced and forgotten again; a key is made if there is none, and signs; nothing else in the\n",
    "folder is changed. Folder, entries and key are readable by you only; a folder that others can look into is refused.\n\n",
    "Exit codes: 0 all is well; 10 to 18 something is not, with a stable code; 2 the input cannot be used.\n｜",
    "記録を1件保存し、置き換え、消します。鍵はなければ作り、署名を試します。フォルダーのほかの内容は変えません。\n",
    "フォルダー・記録・鍵は本人だけが読めます。ほかの人が見られるフォルダーは使いません。\n\n",
    "終了コード：0は正常、10〜18は異常（お問い合わせ番号を表示）、2は入力の誤り。",
))]
pub(crate) struct Check {
    /// Where this device keeps its entries and its key; made if it is not there [default: a folder for this trial only]
    /// ｜記録と鍵を置くフォルダー。なければ作ります［省略時：この点検だけのフォルダー］
    #[arg(long, value_name = "FOLDER")]
    pub(crate) store: Option<PathBuf>,
}

//! What can be typed by somebody whose device is enrolled at a platform.

use std::path::PathBuf;

use clap::Args;

use super::{Method, PinOptions, ReaderOptions};

#[derive(Args)]
pub(crate) struct SignIn {
    /// What `kaigotap sandbox --enrolment` or an enrolment wrote
    /// ｜端末の登録ファイル（`kaigotap sandbox --enrolment` などが書いたもの）
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
    /// What `kaigotap sandbox --enrolment` or an enrolment wrote
    /// ｜端末の登録ファイル（`kaigotap sandbox --enrolment` などが書いたもの）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Trust only servers under this authority's certificate (PEM or DER)
    /// ｜この認証局の証明書を持つサーバーだけを信頼します（PEMまたはDER）
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Visit {
    /// What this device learnt when it was enrolled; `kaigotap sandbox --enrolment FILE` writes one
    /// ｜端末の登録ファイル（`kaigotap sandbox --enrolment FILE` で作れます）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Base address of the server, if it is not the enrolment's
    /// ｜サーバーのアドレス（登録ファイルと違う場合）
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,

    /// Trust this authority for the server, and no other (PEM or DER) [default: those of the system]
    /// ｜サーバーについて、この認証局だけを信頼します（PEMまたはDER）［省略時：パソコンの設定］
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,

    /// How the person is verified
    /// ｜ご本人を確認する方法
    #[arg(long, value_enum, default_value = "pin")]
    pub(crate) method: Method,

    /// Who the person is: a visit with PIN writes this file, and one by tap needs it [default: the enrolment's file
    /// with .registration behind its name]
    /// ｜利用者のファイル。暗証番号での訪問で書かれ、かざすだけの訪問で使います［省略時：登録ファイルの名前に
    /// .registration を付けたもの］
    #[arg(long, value_name = "FILE")]
    pub(crate) registration: Option<PathBuf>,

    /// The nurse has compared the face with the photo on the card and says that they match
    /// ｜看護師がお顔とカードの写真を見比べ、一致を確認ずみ
    #[arg(long)]
    pub(crate) face_confirmed: bool,

    #[command(flatten)]
    pub(crate) reader: ReaderOptions,

    #[command(flatten)]
    pub(crate) pin: PinOptions,
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

//! What can be typed about readers, cards and PINs.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kaigotap_virtual_card::{Behaviour, Person};

#[derive(Args)]
pub(crate) struct CardOptions {
    /// How the virtual card behaves; parts joined by + (see `kaigotap virtual-card --help`)
    /// ｜仮想カードの動き方。+ でつなげます（`kaigotap virtual-card --help` を参照）
    #[arg(long, default_value = "modern", value_name = "PROFILE")]
    pub(crate) profile: Behaviour,

    /// Whose virtual card (`kaigotap people` lists them), or a person of your own in a file that ends in .toml
    /// ｜どの人の仮想カードか（`kaigotap people` で一覧）。自分で用意した .toml のファイルも使えます
    #[arg(long, default_value = "hanako", value_name = "PERSON", value_parser = person)]
    pub(crate) person: Person,
}

/// Someone of the cast, or described in a file.
pub(super) fn person(text: &str) -> Result<Person, String> {
    let is_file =
        std::path::Path::new(text).extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"));
    if !is_file {
        return text.parse().map_err(|error: kaigotap_virtual_card::Error| error.to_string());
    }
    let description = std::fs::read_to_string(text).map_err(|error| error.to_string())?;
    Person::from_toml(&description).map_err(|error| error.to_string())
}

#[derive(Args)]
pub(crate) struct ReaderOptions {
    /// Reader by its name, or `simulator` for a virtual card in this process [default: the reader that holds a card]
    /// ｜リーダーの名前。`simulator` は仮想カード［省略時：カードのあるリーダー］
    #[arg(long, value_name = "NAME")]
    pub(crate) reader: Option<String>,

    /// Seconds to wait for a card, also for one that slipped [default: 15 at a terminal, else 0]
    /// ｜カードを待つ秒数［省略時：画面で使うときは15、ほかは0］
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=600))]
    pub(crate) wait: Option<u64>,

    #[command(flatten)]
    pub(crate) recording: Recording,

    #[command(flatten)]
    pub(crate) card: CardOptions,
}

#[derive(Args)]
pub(crate) struct Recording {
    /// Write the conversation to this file, so that tests can replay it. Never a PIN; of a real card nothing personal
    /// ｜やりとりをこのファイルに記録します（テストで再生できます。暗証番号は記録せず、実物のカードの個人情報も記録し
    /// ません）
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// Record a real card, too: of what it answers only lengths and status words are written down
    /// ｜実物のカードも記録します（応答の長さと状態だけを残します）
    #[arg(long, requires = "record")]
    pub(crate) record_real_card: bool,
}

#[derive(Args)]
pub(crate) struct PinOptions {
    /// Read the PIN from this open file descriptor instead of asking for it: a line for each time it is
    /// asked, a new PIN after the old one. Never give a PIN as an argument or in the environment: both can be seen by
    /// others
    /// ｜暗証番号を画面で尋ねず、開いているファイル記述子から読みます。尋ねるたびに1行、新しい暗証番号は古いものの後
    /// です。暗証番号を引数や環境変数で渡さないでください（他人に見えます）
    #[arg(long, value_name = "N")]
    pub(crate) pin_fd: Option<u32>,

    /// Read the PIN from standard input instead of asking for it at the terminal: a line each time it is asked
    /// ｜暗証番号を画面で尋ねず、標準入力から尋ねるたびに1行ずつ読みます
    #[arg(long, conflicts_with = "pin_fd")]
    pub(crate) pin_stdin: bool,

    /// Go on even with one PIN try left: the holder is sure and agrees. A wrong PIN then locks it
    /// ｜入力があと1回でも続けます（ご本人が確実に覚えていて同意している場合だけ。間違えるとロックされます）
    #[arg(long)]
    pub(crate) last_try: bool,
}

#[derive(Args)]
pub(crate) struct Card {
    #[command(subcommand)]
    pub(crate) question: CardQuestion,
}

#[derive(Subcommand)]
pub(crate) enum CardQuestion {
    /// What kind of card it is, PIN tries left, certificates. Needs no PIN and costs no try
    /// ｜カードの種類、暗証番号の残り回数、電子証明書。暗証番号はいらず、回数も減りません
    Status {
        #[command(flatten)]
        reader: ReaderOptions,
    },
    /// A certificate of the card. The one for signatures holds name and address, and needs its password
    /// ｜カードの電子証明書。署名用には氏名と住所があり、パスワードが必要です
    Certificate {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// Which certificate
        /// ｜どの電子証明書か
        #[arg(long, value_enum, default_value = "authentication")]
        purpose: Purpose,
        /// Write DER to this file instead of PEM to standard output
        /// ｜PEMを画面に出す代わりに、DERをこのファイルに書きます
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The holder's name, address, birth date and sex, with their proof. Never the My Number
    /// ｜氏名・住所・生年月日・性別と、それが本物である証明。個人番号は読みません
    Holder {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// What opens them
        /// ｜何を使って開くか
        #[arg(long, value_enum, default_value = "pin")]
        with: OpenWith,
        /// Whose signatures count [default: production, or virtual with the simulator]
        /// ｜どの発行機関の署名を認めるか［省略時：production、仮想カードでは virtual］
        #[arg(long, value_enum)]
        trust: Option<Trust>,
    },
    /// The face of the card as its chip has it: photo and texts as pictures, with their proof. Opens with verification
    /// number B, the 14 digits made of what is printed: birth date (Japanese era, YYMMDD), year of expiry, 4-digit code
    /// ｜カードの券面（顔写真と、画像になった文字）と、それが本物である証明。カードの表に印刷された生年月日・有効期限
    /// の年・セキュリティコード4桁で開きます
    Face {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// Write photo and pictures into this folder
        /// ｜写真と画像をこのフォルダーに書きます
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Whose signatures count [default: production, or virtual with the simulator]
        /// ｜どの発行機関の署名を認めるか［省略時：production、仮想カードでは virtual］
        #[arg(long, value_enum)]
        trust: Option<Trust>,
    },
    /// Change a PIN: the old one once, the new one twice. A locked PIN is not unlocked here, but at the town hall for
    /// example
    /// ｜暗証番号を変更します（古いものを1回、新しいものを2回）。ロックの解除はできません（市区町村の窓口などで行います）
    ChangePin {
        #[command(flatten)]
        reader: ReaderOptions,
        #[command(flatten)]
        pin: PinOptions,
        /// Which PIN
        /// ｜どの暗証番号か
        #[arg(value_enum)]
        which: ChangePin,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum OpenWith {
    /// The 4-digit input-support PIN
    /// ｜券面事項入力補助用の暗証番号（4桁）
    Pin,
    /// Verification number B, the 14 digits from the card's face
    /// ｜カードの表に印刷された3項目（照合番号、14桁）
    NumberB,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Trust {
    /// Real cards
    /// ｜実物のカード
    Production,
    /// Test cards that J-LIS lends to developers
    /// ｜J-LISが開発者に貸し出すテストカード
    JpkiTest,
    /// The virtual cards of this project
    /// ｜このソフトの仮想カード
    Virtual,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ChangePin {
    /// 利用者証明用, 4 digits
    /// ｜利用者証明用、数字4桁
    Authentication,
    /// 署名用, 6 to 16 capital letters and digits
    /// ｜署名用、英大文字と数字の6〜16文字
    Signature,
    /// 券面事項入力補助用, 4 digits
    /// ｜券面事項入力補助用、数字4桁
    InputSupport,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Purpose {
    /// 利用者証明用: free to read
    /// ｜利用者証明用：暗証番号なしで読めます
    Authentication,
    /// 署名用: needs the signature password
    /// ｜署名用：パスワードが必要です
    Signature,
}

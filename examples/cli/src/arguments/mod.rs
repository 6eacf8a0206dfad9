//! What can be typed.

mod card;
mod care;
mod certificate;
mod municipality;
mod offline;
mod own;
mod platform;
mod sandbox;
pub(crate) mod spoken;

use std::net::SocketAddr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kaigotap::message::Language;

pub(crate) use card::{
    Card, CardOptions, CardQuestion, ChangePin, OpenWith, PinOptions, Purpose, ReaderOptions, Trust,
};
pub(crate) use care::{
    Care, CareConsent, CareEnd, CareFile, CareList, CareQuestion, CareShow, Kind, NoticeKind,
    VisitFor, Whom,
};
pub(crate) use certificate::{Certificate, CertificateQuestion, PurposeOrAny, Verify};
pub(crate) use municipality::{
    SandboxInsurer, SandboxInsurerKey, SandboxMeeting, SandboxMeetingChange, SandboxNewMeeting,
    SandboxOpinion,
};
pub(crate) use offline::{
    Away, Journal, JournalList, JournalNote, JournalQuestion, Tickets, TicketsFetch,
    TicketsQuestion,
};
pub(crate) use own::Own;
pub(crate) use platform::{
    Check, Device, DeviceQuestion, DeviceServer, Enrol, FirstWay, Insurance, SignIn, SignOut, Visit,
};
pub(crate) use sandbox::{
    Kept, LogFormat, Sandbox, SandboxActivate, SandboxAudit, SandboxAuditQuestion, SandboxCode,
    SandboxCommand, SandboxDevices, SandboxDisaster, SandboxImport, SandboxInit, SandboxInsured,
    SandboxJudgement, SandboxMunicipality, SandboxPolicy, SandboxReceipt, SandboxRollKeys,
};

/// Tap a My Number Card (マイナンバーカード), know who this is and which nursing care they are entitled to.
/// ｜マイナンバーカードをかざして、ご本人と介護保険の受給内容を確認します
#[derive(Parser)]
#[command(
    name = "kaigotap",
    version,
    after_help = "Try first:  kaigotap demo\n\n\
        Exit codes: 0 done; 1 the answer is no; 2 the input cannot be used; 10 to 18 the conversation failed (docs/cli.md).\n\
        Logs: KAIGOTAP_LOG=debug (never a PIN, certificate, serial number or name).\n｜\
        まず試す：  kaigotap demo\n\n\
        終了コード：0は完了、1は「いいえ」の答え、2は入力の誤り、10〜18は失敗（種類ごと。docs/cli.md）。\n\
        ログ：KAIGOTAP_LOG=debug（暗証番号・電子証明書・番号・氏名は出ません）。"
)]
pub(crate) struct Arguments {
    /// Language of what people read [default: that of the system]
    /// ｜画面の言語［省略時：パソコンの設定に従う］
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,

    /// One JSON object on standard output instead of text
    /// ｜文章の代わりに、JSONを1つ標準出力に出します
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// An object a line on standard output while it runs: questions, progress, the end. Answers are lines on standard
    /// input (docs/cli.md)
    /// ｜実行中の質問・進み具合・結果を、1行に1つのJSONで標準出力に出します。答えは標準入力に1行ずつ（docs/cli.md）
    #[arg(long, global = true)]
    pub(crate) events: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    /// English
    /// ｜英語
    En,
    /// Japanese
    /// ｜日本語
    Ja,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Ja => Self::Japanese,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// A whole home visit on this machine: virtual card, sandbox platform, no hardware, no set-up
    /// ｜この端末の中で訪問の全体を実演します（仮想カードと模擬基盤。機器も設定も不要）
    Demo(Demo),
    /// The card readers and what is on them
    /// ｜カードリーダーと、載っているカードの一覧
    Readers,
    /// The people who can be visited in trials: their PINs, and what happens
    /// ｜練習用の人物の一覧（暗証番号と、確認の結果）
    People,
    /// Ask a card
    /// ｜カードの内容を読み取ります
    Card(Card),
    /// Judge a certificate, or show what it says; on this machine, asking nobody
    /// ｜電子証明書を判定・表示します（この端末の中だけで行います）
    Certificate(Certificate),
    /// Enrol this device at a platform, with an activation code
    /// ｜登録コードで、この端末を介護情報基盤に登録します
    Enrol(Enrol),
    /// What this device was told when it was enrolled, who has signed in, and what their token is bound to
    /// ｜端末の登録内容と、ログイン中の職員
    Device(Device),
    /// Sign in as a staff member, in the system's browser; the enrolment keeps the token
    /// ｜職員としてブラウザーでログインします（結果は登録ファイルに保存）
    SignIn(SignIn),
    /// Sign out, on every device
    /// ｜すべての端末からログアウトします
    SignOut(SignOut),
    /// A visit against a server: face, card with PIN, token, entitlement
    /// ｜訪問：お顔の確認、カードと暗証番号、受給内容の表示
    Visit(Visit),
    /// Tickets for visits where there is no network: fetch them before leaving
    /// ｜圏外の訪問のための「持ち出し」：出かける前に取得します
    Tickets(Tickets),
    /// What was done where there is no network, and waits to be sent
    /// ｜圏外で確認した記録（送信待ち）の表示と送信
    Journal(Journal),
    /// What needs no card: the facility's users, what the platform tells of them, consent and notices
    /// ｜カードの要らない手続き：利用者一覧、情報の表示、同意、届出
    Care(Care),
    /// What the platform knows of the holder of a card, where their consent stands, and who has looked: for the person
    /// themselves
    /// ｜ご本人の画面：自分の情報、認定の進み具合、同意、だれがいつ見たか
    Own(Own),
    /// Try this machine: its store, its key and its clocks, as conversations use them
    /// ｜この端末の保存場所・鍵・時計を点検します
    Check(Check),
    /// Run the sandbox platform, to develop against
    /// ｜開発・練習用の模擬基盤を動かします
    Sandbox(Sandbox),
    /// Put a virtual My Number Card into the virtual reader (vpcd) of a real pcscd
    /// ｜仮想のマイナンバーカードを、仮想リーダー（vpcd）に入れます
    VirtualCard(VirtualCard),
}

#[derive(Args)]
pub(crate) struct Demo {
    /// How the person is verified
    /// ｜ご本人を確認する方法
    #[arg(long, value_enum, default_value = "pin")]
    pub(crate) method: Method,

    #[command(flatten)]
    pub(crate) card: CardOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// Face by eye, then card with PIN
    /// ｜お顔の目視、カードと暗証番号
    Pin,
    /// Face by eye, then a tap without PIN: from the second visit on
    /// ｜お顔の目視、カードをかざすだけ（2回目の訪問から）
    Tap,
    /// Face by eye, then card with PIN, where there is no network; sent on the way back
    /// ｜圏外での、お顔の目視とカード・暗証番号。電波の届く所で送信
    Offline,
}

#[derive(Args)]
#[command(after_help = format!(
    "Profiles: {0}, such as plain+torn-after:3.\n\nTest PINs: hanako 1234 / ABC123, taro 5678 / TARO56.\n｜\
     動き方：{0}。例：plain+torn-after:3\n\n暗証番号：hanako 1234 / ABC123、taro 5678 / TARO56（ほかは kaigotap people）",
    kaigotap_virtual_card::Behaviour::GRAMMAR
))]
pub(crate) struct VirtualCard {
    /// Where the virtual reader listens; this machine only
    /// ｜仮想リーダーの待ち受けアドレス（この端末の中だけ）
    #[arg(long, default_value = "127.0.0.1:35963", value_name = "ADDRESS")]
    pub(crate) vpcd: SocketAddr,

    #[command(flatten)]
    pub(crate) card: CardOptions,
}

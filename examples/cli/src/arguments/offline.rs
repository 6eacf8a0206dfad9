//! What can be typed for visits where there is no network.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{DeviceServer, NoticeKind};

#[derive(Args)]
#[command(after_help = concat!(
    "Before leaving:  kaigotap tickets fetch --enrolment FILE --count 6\n",
    "At the home:     kaigotap visit --enrolment FILE --offline\n",
    "Back:            kaigotap journal send --enrolment FILE\n\n",
    "A ticket is good once, for who fetched it, on this computer, for at most 12 hours. What is kept is sealed and lies in\n",
    "FILE.journal; its key lies in FILE.journal-key.\n｜",
    "出かける前：  kaigotap tickets fetch --enrolment FILE --count 6\n",
    "ご自宅で：    kaigotap visit --enrolment FILE --offline\n",
    "戻ったら：    kaigotap journal send --enrolment FILE\n\n",
    "持ち出しは、取得した職員がこのパソコンで1枚につき1回、長くて12時間使えます。中身は暗号化して FILE.journal に、\n",
    "その鍵は FILE.journal-key に置きます。",
))]
pub(crate) struct Tickets {
    #[command(subcommand)]
    pub(crate) question: TicketsQuestion,
}

#[derive(Subcommand)]
pub(crate) enum TicketsQuestion {
    /// Fetch tickets, while there is a network
    /// ｜持ち出しを取得します（通信できるところで）
    Fetch(TicketsFetch),
    /// The tickets that are held, and until when; asks nobody
    /// ｜手元の持ち出しの枚数と期限を表示します（通信はしません）
    List(Away),
    /// Give back what was not used
    /// ｜使わなかった持ち出しを返却します
    Return(DeviceServer),
}

#[derive(Args)]
pub(crate) struct TicketsFetch {
    #[command(flatten)]
    pub(crate) device: DeviceServer,

    /// How many for whoever it may be
    /// ｜相手を決めない持ち出しの枚数
    #[arg(long, value_name = "COUNT", default_value_t = 6, value_parser = clap::value_parser!(u8).range(0..=20))]
    pub(crate) count: u8,

    /// And one for this person, by the name that `kaigotap care list` gives them; may be given several times. A tap without
    /// PIN needs one
    /// ｜この方のための持ち出し（`kaigotap care list` に出る番号。何回でも指定できます）。かざすだけの確認に必要です
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Vec<String>,

    /// And one for whom the last visit with PIN was to
    /// ｜最後に暗証番号で訪問した方のための持ち出しも取得します
    #[arg(long)]
    pub(crate) last: bool,

    /// For how many hours
    /// ｜使える時間
    #[arg(long, value_name = "HOURS", default_value_t = 12, value_parser = clap::value_parser!(u8).range(1..=12))]
    pub(crate) hours: u8,
}

/// A device without a network.
#[derive(Args)]
pub(crate) struct Away {
    /// What `kaigotap enrol` or `kaigotap sandbox --enrolment` wrote
    /// ｜端末の登録ファイル（`kaigotap enrol` や `kaigotap sandbox --enrolment` が書いたもの）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,
}

#[derive(Args)]
pub(crate) struct Journal {
    #[command(subcommand)]
    pub(crate) question: JournalQuestion,
}

#[derive(Subcommand)]
pub(crate) enum JournalQuestion {
    /// Your own visits that wait to be sent, and what came of those that were; asks nobody
    /// ｜自分の送信待ちの記録と、送信した結果を表示します（通信はしません）
    List(JournalList),
    /// Note consent or a notice behind one of your visits that waits: it is sent after it
    /// ｜送信待ちの自分の確認に、同意または届出を付けます（確認のあとに送信されます）
    Note(JournalNote),
    /// Send what waits, whoever made it, in order
    /// ｜送信待ちの記録を、順に送信します（ほかの職員の分も含みます）
    Send(DeviceServer),
    /// Open everything that is kept, and say whether all of it is as this computer left it
    /// ｜保存されている記録をすべて開き、書き換えや欠けがないか点検します
    Verify(Away),
}

#[derive(Args)]
#[command(after_help = concat!(
    "The visit was made with `--offline --for consent` or `--for notice`. What is noted is done only if it is confirmed.\n｜",
    "もとの訪問は `--offline --for consent` または `--for notice` を付けて行います。確認が受け付けられたときだけ、処理されます。",
))]
pub(crate) struct JournalNote {
    #[command(flatten)]
    pub(crate) away: Away,

    /// The visit, by its number in `kaigotap journal list`
    /// ｜確認の番号（`kaigotap journal list` の左端）
    #[arg(long, value_name = "NUMBER")]
    pub(crate) visit: u64,

    /// It was explained to the person, and the person agrees: consent
    /// ｜ご本人に説明し、同意をいただきました（同意）
    #[arg(long, conflicts_with = "kind", required_unless_present = "kind")]
    pub(crate) explained_and_agreed: bool,

    /// A notice of this kind
    /// ｜届出の種類
    #[arg(long, value_enum, requires = "start_on")]
    pub(crate) kind: Option<NoticeKind>,

    /// From which day
    /// ｜いつからの届出か
    #[arg(long, value_name = "YYYY-MM-DD", requires = "kind")]
    pub(crate) start_on: Option<Date>,

    /// The person agrees that it is filed
    /// ｜ご本人の承諾があります
    #[arg(long, requires = "kind")]
    pub(crate) assent: bool,
}

#[derive(Args)]
pub(crate) struct JournalList {
    #[command(flatten)]
    pub(crate) away: Away,

    /// What came of them was read: forget those that are over
    /// ｜結果を確認しました（済んだ記録を消します）
    #[arg(long)]
    pub(crate) seen: bool,
}

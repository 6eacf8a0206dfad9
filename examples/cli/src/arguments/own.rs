//! What can be typed of a person's own view.

use std::path::PathBuf;

use clap::Args;

use super::card::Recording;
use super::{CardOptions, PinOptions, ReaderOptions};

#[derive(Args)]
#[command(after_help = concat!(
    "For the person themselves, with their own card and PIN. Of the enrolment only the address and the keys of the platform\n",
    "are used, and nobody has to be signed in.\n｜",
    "ご本人が、ご本人のカードと暗証番号で使います。登録ファイルからは、介護情報基盤のアドレスと鍵だけを使います（職員の\n",
    "ログインは不要です）。",
))]
pub(crate) struct Own {
    /// What `kaigotap enrol` or `kaigotap sandbox --enrolment` wrote
    /// ｜端末の登録ファイル（`kaigotap enrol` や `kaigotap sandbox --enrolment` が書いたもの）
    #[arg(long, value_name = "FILE")]
    pub(crate) enrolment: PathBuf,

    /// Trust only servers under this authority's certificate (PEM or DER)
    /// ｜この認証局の証明書（PEMまたはDER）だけを信頼します
    #[arg(long, value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,

    /// Withdraw the consent to sharing: from then on no facility is shown anything
    /// ｜情報を共有する同意（包括同意）を取り消します。以後、どの事業所にも情報は表示されません
    #[arg(long)]
    pub(crate) withdraw_consent: bool,

    /// The card on the reader is a virtual one of this project: take what its test authorities issued, too
    /// ｜カードリーダーにあるのはこのソフトの仮想カード：その試験用の証明書を認めます
    #[arg(long)]
    pub(crate) virtual_card: bool,

    /// Reader by its name, or `simulator` for a virtual card in this process [default: the reader that holds a card]
    /// ｜リーダーの名前。`simulator` は仮想カード［省略時：カードのあるリーダー］
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,

    /// Seconds to wait for a card, also for one that slipped [default: 15 at a terminal, else 0]
    /// ｜カードを待つ秒数［省略時：画面で使うときは15、ほかは0］
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=600))]
    wait: Option<u64>,

    #[command(flatten)]
    card: CardOptions,

    #[command(flatten)]
    pub(crate) pin: PinOptions,
}

impl Own {
    /// Where the card is. What a person sees of themselves is not recorded.
    pub(crate) fn reader(&self) -> ReaderOptions {
        ReaderOptions {
            reader: self.reader.clone(),
            wait: self.wait,
            recording: Recording { record: None, record_real_card: false },
            card: CardOptions {
                profile: self.card.profile.clone(),
                person: self.card.person.clone(),
            },
        }
    }
}

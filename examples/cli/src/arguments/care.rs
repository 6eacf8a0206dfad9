//! What can be typed of what a facility does beside the visit.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::{DeviceServer, Insurance};

#[derive(Args)]
pub(crate) struct Care {
    #[command(subcommand)]
    pub(crate) question: CareQuestion,
}

#[derive(Subcommand)]
pub(crate) enum CareQuestion {
    /// The facility's list of users
    /// ｜事業所の利用者一覧
    List(CareList),
    /// What the platform tells of somebody on the list, as it is now; no card is needed
    /// ｜利用者一覧にいる方の、今の情報（カードは不要です）
    Show(CareShow),
    /// The person's consent to sharing: what is on record, or take it
    /// ｜情報を共有する同意（包括同意）の確認と、同意の受け取り
    Consent(CareConsent),
    /// File a notice to the insurer; without --kind, list those that were filed
    /// ｜保険者への届出。--kind がなければ、提出した届出の一覧
    File(CareFile),
    /// End the contract with somebody on the list: from then on nothing of them opens here
    /// ｜契約の終了。以後、この事業所ではその方の情報を開けません
    End(CareEnd),
}

#[derive(Args)]
pub(crate) struct CareList {
    #[command(flatten)]
    pub(crate) device: DeviceServer,

    /// How the name begins, in kana
    /// ｜氏名のはじめ（かな）
    #[arg(long, value_name = "KANA")]
    pub(crate) kana: Option<String>,

    /// Date of birth, in any era or with the Gregorian year
    /// ｜生年月日（和暦・西暦のどちらでも）
    #[arg(long, value_name = "DATE")]
    pub(crate) birth_date: Option<String>,

    /// Only those of whom something runs out within 60 days, or has run out
    /// ｜60日以内に期限が来るもの、または切れたものがある方だけ
    #[arg(long)]
    pub(crate) due: bool,

    /// Go on behind an earlier page
    /// ｜前のページの続き
    #[arg(long, value_name = "NEXT")]
    pub(crate) after: Option<String>,

    /// How many at once
    /// ｜一度に表示する人数
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) limit: u16,
}

#[derive(Args)]
pub(crate) struct Whom {
    /// The person, by the name that the list gives them [default: whom the last visit with PIN was to]
    /// ｜利用者一覧に出る、その方の番号［省略時：最後に暗証番号で訪問した方］
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,
}

#[derive(Args)]
pub(crate) struct CareShow {
    #[command(flatten)]
    pub(crate) device: DeviceServer,
    #[command(flatten)]
    pub(crate) whom: Whom,

    /// For the other insurance, within 24 hours of a visit with `--insurance`, without the card
    /// ｜もう一方の保険で表示します（`--insurance` を付けた訪問から24時間以内。カードは不要です）
    #[arg(long, value_enum, value_name = "INSURANCE", conflicts_with_all = ["subject", "information"])]
    pub(crate) insurance: Option<Insurance>,

    /// A kind of information beside the entitlement; may be given several times
    /// ｜受給内容のほかに見る情報（何回でも指定できます）
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) information: Vec<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Certification and the progress of an application
    /// ｜要介護認定情報（申請の進み具合を含む）
    Certification,
    /// Survey for certification
    /// ｜認定調査票
    Survey,
    /// Physician's opinion
    /// ｜主治医意見書
    DoctorOpinion,
    /// Home modification and equipment
    /// ｜住宅改修費・福祉用具購入費
    Housing,
    /// Care plan
    /// ｜ケアプラン
    CarePlan,
    /// What was recorded for LIFE
    /// ｜科学的介護情報
    Life,
}

#[derive(Args)]
#[command(after_help = concat!(
    "Consent is taken from somebody who was visited with `--for consent` in the last 24 hours.\n｜",
    "同意を受け取れるのは、24時間以内に `--for consent` を付けて訪問した方からだけです。",
))]
pub(crate) struct CareConsent {
    #[command(flatten)]
    pub(crate) device: DeviceServer,

    /// It was explained to the person, and the person agrees: take it
    /// ｜ご本人に説明し、同意をいただきました（同意を登録します）
    #[arg(long)]
    pub(crate) explained_and_agreed: bool,
}

#[derive(Args)]
#[command(after_help = concat!(
    "A notice is filed for somebody who was visited with `--for notice` in the last 24 hours. It has a name (UUID): sent\n",
    "again with --id, it is filed once.\n｜",
    "届出は、24時間以内に `--for notice` を付けて訪問した方について出せます。届出には番号が付きます。同じ番号を --id で\n",
    "指定すれば、何回送っても1件です。",
))]
pub(crate) struct CareFile {
    #[command(flatten)]
    pub(crate) device: DeviceServer,

    /// What is filed
    /// ｜届出の種類
    #[arg(long, value_enum, requires = "start_on")]
    pub(crate) kind: Option<NoticeKind>,

    /// From which day
    /// ｜いつからの届出か
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) start_on: Option<Date>,

    /// The person agrees that it is filed
    /// ｜ご本人の承諾があります
    #[arg(long)]
    pub(crate) assent: bool,

    /// The notice that this one corrects
    /// ｜訂正する届出の番号
    #[arg(long, value_name = "UUID", requires = "kind")]
    pub(crate) replaces: Option<String>,

    /// The name of this one [default: a new one]
    /// ｜この届出の番号［省略時：新しい番号］
    #[arg(long, value_name = "UUID", requires = "kind")]
    pub(crate) id: Option<String>,

    /// Go on behind an earlier page of the list
    /// ｜一覧の、前のページの続き
    #[arg(long, value_name = "NEXT", conflicts_with = "kind")]
    pub(crate) after: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NoticeKind {
    /// 居宅サービス計画作成依頼届出
    /// ｜居宅サービス計画作成依頼届出
    CarePlan,
    /// 介護予防サービス計画作成依頼届出
    /// ｜介護予防サービス計画作成依頼届出
    Preventive,
}

#[derive(Args)]
pub(crate) struct CareEnd {
    #[command(flatten)]
    pub(crate) device: DeviceServer,
    #[command(flatten)]
    pub(crate) whom: Whom,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VisitFor {
    /// Taking the person's consent, within 24 hours
    /// ｜同意の受け取り（24時間以内）
    Consent,
    /// A notice to the insurer, within 24 hours
    /// ｜保険者への届出（24時間以内）
    Notice,
}

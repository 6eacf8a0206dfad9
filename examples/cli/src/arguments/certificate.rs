//! What can be typed about certificates.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use kaigotap::pki::revocation::crl::Number;
use kaigotap_recorder::unhex;

#[derive(Args)]
pub(crate) struct Certificate {
    #[command(subcommand)]
    pub(crate) question: CertificateQuestion,
}

#[derive(Subcommand)]
pub(crate) enum CertificateQuestion {
    /// Judge a certificate: path, purpose, policy, validity, and revocation if there is evidence
    /// ｜電子証明書を判定します：発行者までのつながり、用途、規則、有効期間、失効（資料があれば）
    #[command(after_help = concat!(
        "Files are PEM or DER. Without --anchor the roots of J-LIS count, all generations; with one that J-LIS does not\n",
        "publish the verdict is under TEST anchors, and says so.\n\n",
        "With --crl or --ocsp it judges as a server must: rejected unless that evidence is authentic and fresh and says\n",
        "that nothing in the path is revoked. Without, it judges as a phone can: revocation is not checked.\n\n",
        "Exit codes: 0 accepted; 1 rejected, with the reason; 2 the input cannot be used.\n",
        "The verdict as JSON (--json) is described in docs/certificate.md.\n｜",
        "ファイルはPEMまたはDERです。--anchor がなければJ-LISの認証局（全世代）で判定します。J-LISが公表していない認証局での\n",
        "判定は試験用で、その旨を表示します。\n\n",
        "--crl か --ocsp があれば、サーバーと同じ判定です：資料が正しく新しく、途中のどれも失効していないときだけ受理します。\n",
        "なければ端末での判定で、失効は調べません。\n\n",
        "終了コード：0は受理、1は拒否（理由を表示）、2は入力の誤り。\n",
        "JSON（--json）の形は docs/certificate.md にあります。",
    ))]
    Verify(Verify),
    /// Show what a certificate says, without judging it. Nothing personal unless asked
    /// ｜電子証明書の内容を表示します（判定はしません。個人情報は求められたときだけ）
    Show {
        /// The certificate, PEM or DER
        /// ｜電子証明書（PEMまたはDER）
        leaf: PathBuf,
        /// Also what points to a person: subject, serial number, municipality, birthday, name and address
        /// ｜個人につながる項目も表示します：主体者名、シリアル番号、市区町村、誕生日、氏名と住所
        #[arg(long)]
        show_personal: bool,
    },
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The certificate
    /// ｜電子証明書
    pub(crate) leaf: PathBuf,

    /// Whom to trust; may be given several times [default: the roots of J-LIS]
    /// ｜信頼する認証局。何度でも指定できます［省略時：J-LISの認証局］
    #[arg(long = "anchor", value_name = "FILE")]
    pub(crate) anchors: Vec<PathBuf>,

    /// A certificate between leaf and anchor, the leaf's issuer first; at most two
    /// ｜途中の認証局の証明書。発行者に近い順に2つまで
    #[arg(long = "intermediate", value_name = "FILE")]
    pub(crate) intermediates: Vec<PathBuf>,

    /// A revocation list; may be given several times
    /// ｜失効リスト。何度でも指定できます
    #[arg(long = "crl", value_name = "FILE")]
    pub(crate) lists: Vec<PathBuf>,

    /// A responder's answer (DER)
    /// ｜失効確認の応答（DER）
    #[arg(long, value_name = "FILE")]
    pub(crate) ocsp: Option<PathBuf>,

    /// How old lists and answers may be at most, such as 24h, whatever they say themselves [default: as they say; 1h
    /// for an answer that does not say until when it holds]
    /// ｜失効リストと応答の古さの上限。例：24h［省略時：それぞれの記載に従い、記載のない応答は1時間］
    #[arg(long, value_name = "DURATION")]
    pub(crate) greatest_age: Option<jiff::SignedDuration>,

    /// The least number of a revocation list that counts, as `--json` shows it: the greatest that was seen of this
    /// issuer and distribution point
    /// ｜認める失効リスト番号の下限（`--json` の表示と同じ形。これまでに見た最大の番号）
    #[arg(long, value_name = "HEX", value_parser = list_number)]
    pub(crate) least_list_number: Option<Number>,

    /// What it has to be for
    /// ｜求める用途
    #[arg(long, value_enum, default_value = "authentication")]
    pub(crate) purpose: PurposeOrAny,

    /// The policy it has to have been issued under; may be given several times [default: that of the purpose]
    /// ｜求める発行規則。何度でも指定できます［省略時：用途に応じたもの］
    #[arg(long = "policy", value_name = "OID")]
    pub(crate) policies: Vec<String>,

    /// The time to judge at, such as 2026-11-20T00:00:00Z [default: now]
    /// ｜判定する時刻。例：2026-11-20T00:00:00Z［省略時：いま］
    #[arg(long, value_name = "RFC3339")]
    pub(crate) at: Option<jiff::Timestamp>,
}

/// The number of a list, as it is shown.
fn list_number(shown: &str) -> Result<Number, &'static str> {
    let bytes = unhex(shown).filter(|bytes| !bytes.is_empty());
    bytes.and_then(|bytes| Number::from_bytes(&bytes)).ok_or("not 1 to 20 bytes in hexadecimal")
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PurposeOrAny {
    /// 利用者証明用
    /// ｜利用者証明用
    Authentication,
    /// 署名用
    /// ｜署名用
    Signature,
    /// Whatever it is for, under whatever policy
    /// ｜用途も規則も問わない
    Any,
}

//! What can be typed of a municipality that works with others: physicians.

use clap::Args;

use super::SandboxInsured;

#[derive(Args)]
pub(crate) struct SandboxOpinion {
    /// The facility: one of those where physicians write opinions (老健, 介護医療院)
    /// ｜依頼先の事業所番号（介護老人保健施設・介護医療院）
    #[arg(long, default_value = "1370000004", value_name = "NUMBER")]
    pub(crate) facility: String,

    #[command(flatten)]
    pub(crate) person: SandboxInsured,
}

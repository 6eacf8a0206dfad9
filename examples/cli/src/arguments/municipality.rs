//! What can be typed of a municipality that works with others: physicians, and whoever reviews for its certification board.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

use super::{Kept, SandboxInsured};

#[derive(Args)]
pub(crate) struct SandboxOpinion {
    /// The facility: one of those where physicians write opinions (老健, 介護医療院)
    /// ｜依頼先の事業所番号（介護老人保健施設・介護医療院）
    #[arg(long, default_value = "1370000004", value_name = "NUMBER")]
    pub(crate) facility: String,

    #[command(flatten)]
    pub(crate) person: SandboxInsured,
}

/// Meetings of a certification board (認定審査会), and their papers.
#[derive(Subcommand)]
pub(crate) enum SandboxMeeting {
    /// Register a meeting with its reviewers and papers: each reviewer gets a link by mail, and the passwords are shown this once
    /// ｜審査会の開催日・審査員・資料を登録します。審査員にリンクがメールで届き、パスワードはこの一度だけ表示されます
    Register(SandboxNewMeeting),
    /// Change a meeting: its day, who reviews, the papers
    /// ｜登録した審査会の開催日・審査員・資料を変えます
    Change(SandboxMeetingChange),
    /// Delete a meeting: its links open nothing any more
    /// ｜登録した審査会を削除します（リンクはすぐに開けなくなります）
    Delete {
        /// Its name, as the list shows it
        /// ｜一覧に出る番号
        id: String,

        #[command(flatten)]
        whose: SandboxInsurer,
    },
    /// An insurer's meetings, and which reviewer has looked at what
    /// ｜審査会の一覧と、審査員の閲覧状況を表示します
    List(SandboxInsurer),
    /// The mail that would have gone out
    /// ｜送られたはずのメールを表示します
    Mail(SandboxInsurer),
}

#[derive(Args)]
pub(crate) struct SandboxInsurer {
    /// Insurer (保険者番号), six digits
    /// ｜保険者番号（6桁）
    #[arg(long, value_name = "NUMBER")]
    pub(crate) insurer: String,

    #[command(flatten)]
    pub(crate) store: Kept,
}

#[derive(Args)]
pub(crate) struct SandboxNewMeeting {
    /// The day; links open until its end
    /// ｜開催日（リンクはこの日の終わりまで開けます）
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) held_on: Date,

    /// Who reviews, and their address. May be given several times
    /// ｜審査員の氏名とメールアドレス（何回でも指定できます）
    #[arg(long = "reviewer", required = true, value_name = "NAME=ADDRESS", value_parser = reviewer)]
    pub(crate) reviewers: Vec<(String, String)>,

    /// A paper. May be given several times
    /// ｜資料のファイル（何回でも指定できます）
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) whose: SandboxInsurer,
}

#[derive(Args)]
pub(crate) struct SandboxMeetingChange {
    /// Its name, as the list shows it
    /// ｜一覧に出る番号
    pub(crate) id: String,

    /// Another day
    /// ｜新しい開催日
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) held_on: Option<Date>,

    /// Who reviews, too; whoever is named again gets a new link. May be given several times
    /// ｜加える審査員の氏名とメールアドレス。もう一度指定した人には新しいリンクが届きます（何回でも）
    #[arg(long = "reviewer", value_name = "NAME=ADDRESS", value_parser = reviewer)]
    pub(crate) reviewers: Vec<(String, String)>,

    /// Address of whoever does not review any more. May be given several times
    /// ｜外れる審査員のメールアドレス（何回でも指定できます）
    #[arg(long = "dismiss", value_name = "ADDRESS")]
    pub(crate) dismissed: Vec<String>,

    /// A paper that is added, or takes the place of the one of the same name. May be given several times
    /// ｜加える資料。同じ名前のものは置き換えます（何回でも指定できます）
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Name of a paper that is taken away. May be given several times
    /// ｜取り下げる資料の名前（何回でも指定できます）
    #[arg(long = "remove", value_name = "NAME")]
    pub(crate) removed: Vec<String>,

    #[command(flatten)]
    pub(crate) whose: SandboxInsurer,
}

fn reviewer(text: &str) -> Result<(String, String), &'static str> {
    let (name, mail) = text.split_once('=').ok_or("a name, an equals sign, and a mail address")?;
    Ok((name.to_owned(), mail.to_owned()))
}

#[derive(Args)]
pub(crate) struct SandboxInsurerKey {
    /// Insurer (保険者番号), six digits. A union gives those of its members, one after the other
    /// ｜保険者番号（6桁）。広域連合は、構成市町村の番号を続けて指定できます
    #[arg(long = "insurer", required = true, value_name = "NUMBER", value_parser = super::sandbox::six_digits)]
    pub(crate) insurers: Vec<String>,

    /// End it, and make no other
    /// ｜鍵を取り消します（新しい鍵は作りません）
    #[arg(long)]
    pub(crate) end: bool,

    #[command(flatten)]
    pub(crate) store: Kept,
}

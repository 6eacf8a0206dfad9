//! Help, and what is wrong with what was typed, in the language of whoever reads it.
//!
//! Every text in this room is `English｜日本語`, side by side, so that neither is forgotten.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};
use kaigotap::message::Language;

use super::{Arguments, Lang};

/// Between the two languages of a text.
const BETWEEN: char = '｜';

/// What was typed, and the language to answer in.
pub(crate) struct Spoken {
    pub(crate) arguments: Arguments,
    pub(crate) language: Language,
    /// What the next commands need so that they speak the same: empty where the system does already.
    pub(crate) flag: &'static str,
}

/// What is said instead of running anything.
pub(crate) struct Said {
    pub(crate) text: String,
    /// It was asked for, as help is.
    pub(crate) asked_for: bool,
}

/// The language of this system, as POSIX has it: the first of these that says something.
pub(crate) fn of_system(variable: impl Fn(&str) -> Option<String>) -> Language {
    let named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable);
    let is_japanese = |name: String| {
        name.split(['_', '.', '@', '-']).next().is_some_and(|code| code.eq_ignore_ascii_case("ja"))
    };
    match named.filter(|name| !name.is_empty()).map(is_japanese).next() {
        Some(true) => Language::Japanese,
        _ => Language::English,
    }
}

/// Reads what was typed. `--lang` counts for what is said about the rest of it, too.
pub(crate) fn read(mut typed: Vec<OsString>, system: Language) -> Result<Spoken, Said> {
    let asked = asked(&typed);
    let language = asked.unwrap_or(system);
    if language == Language::Japanese {
        typed = without_help_command(typed);
    }
    let read = command(language)
        .try_get_matches_from(typed)
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .map_err(|error| said(&error, language))?;
    let flag = match (asked, system) {
        (Some(asked), system) if asked == system => "",
        (Some(Language::Japanese), _) => " --lang ja",
        (Some(Language::English), _) => " --lang en",
        (None, _) => "",
    };
    Ok(Spoken { arguments: read, language, flag })
}

/// The language that is asked for, whatever else is typed.
fn asked(typed: &[OsString]) -> Option<Language> {
    let mut words = typed.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    let mut named = None;
    while let Some(word) = words.next() {
        named = match word.strip_prefix("--lang=") {
            Some(value) => Some(value),
            None if word == "--lang" => words.next(),
            None => named,
        };
    }
    match named? {
        "ja" => Some(Lang::Ja.into()),
        "en" => Some(Lang::En.into()),
        _ => None,
    }
}

/// `kaigotap help card` is `kaigotap card --help`: clap's own command for it speaks English only.
fn without_help_command(typed: Vec<OsString>) -> Vec<OsString> {
    let is_option = |word: &OsString| word.to_str().is_some_and(|word| word.starts_with('-'));
    let is_value = |at: usize| at > 0 && typed.get(at - 1).is_some_and(|before| before == "--lang");
    let first = (1..typed.len()).find(|&at| !is_option(&typed[at]) && !is_value(at));
    match first.filter(|&at| typed[at] == "help") {
        None => typed,
        Some(at) => {
            let mut rest = typed;
            rest.remove(at);
            rest.push("--help".into());
            rest
        }
    }
}

/// All commands in this language.
pub(crate) fn command(language: Language) -> Command {
    told(Arguments::command(), language)
}

fn told(mut command: Command, language: Language) -> Command {
    let half = |text: &StyledStr| half(&text.to_string(), language);
    if let Some(about) = command.get_about().map(half) {
        command = command.about(about);
    }
    if let Some(about) = command.get_long_about().map(half) {
        command = command.long_about(about);
    }
    if let Some(after) = command.get_after_help().map(half) {
        command = command.after_help(after);
    }
    let arguments: Vec<_> = command.get_arguments().map(|arg| arg.get_id().clone()).collect();
    for id in arguments {
        command = command.mut_arg(id, |arg| told_argument(arg, language));
    }
    let below: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in below {
        command = command.mut_subcommand(name, |below| told(below, language));
    }
    if language == Language::English {
        return command;
    }
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(help.help("この説明を表示します").help_heading("オプション"))
        .subcommand_help_heading("コマンド")
        .help_template("{about-with-newline}\n使い方： {usage}\n\n{all-args}{after-help}");
    if command.get_version().is_some() {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
        command = command
            .disable_version_flag(true)
            .arg(version.help("版を表示します").help_heading("オプション"));
    }
    command
}

fn told_argument(arg: Arg, language: Language) -> Arg {
    let mut help = arg.get_help().map(|text| half(&text.to_string(), language)).unwrap_or_default();
    let default: Vec<_> =
        arg.get_default_values().iter().filter_map(|value| value.to_str()).collect();
    let hidden = arg.is_hide_default_value_set() || !arg.get_action().takes_values();
    if language == Language::Japanese && !default.is_empty() && !hidden {
        help.extend(["［省略時：", &default.join("、"), "］"]);
    }
    // The words for a choice come from the same place as the choice, in both languages.
    let choices = if arg.get_action().takes_values() { arg.get_possible_values() } else { vec![] };
    for choice in &choices {
        let said = choice.get_help().map(|text| half(&text.to_string(), language));
        let colon = if language == Language::English { ": " } else { "：" };
        help.extend(["\n  ", choice.get_name(), colon, &said.unwrap_or_default()]);
    }
    let is_flag = !arg.get_action().takes_values();
    let named = arg.get_value_names().and_then(<[_]>::first).map(ToString::to_string);
    let named = named.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    let is_positional = arg.is_positional();
    let mut arg = arg.help(help);
    if !choices.is_empty() {
        arg = arg.hide_possible_values(true);
    }
    if language == Language::English {
        return arg;
    }
    arg = arg.help_heading(if is_positional { "引数" } else { "オプション" });
    if is_flag { arg } else { arg.hide_default_value(true).value_name(value_name(&named)) }
}

/// What stands for a value.
fn value_name(named: &str) -> &'static str {
    match named {
        "FILE" | "LEAF" => "ファイル",
        "FOLDER" => "フォルダー",
        "PERSON" => "人",
        "PROFILE" => "動き方",
        "NAME" => "名前",
        "HOST" => "ホスト名",
        "SECONDS" => "秒",
        "ADDRESS" | "URL" => "アドレス",
        "DATABASE" => "保存先",
        "DURATION" => "期間",
        "RFC3339" => "時刻",
        "NUMBER" | "N" | "HEX" | "OID" | "SUBJECT" | "UUID" => "番号",
        "DATE" | "YYYY-MM-DD" => "年月日",
        "KANA" => "かな",
        "KIND" | "WHAT" => "種類",
        "COUNT" => "人数",
        "TEXT" => "文字",
        "DEVICE" => "端末",
        "ANCHOR" => "末尾",
        _ => "値",
    }
}

/// The half of a text that is of this language. What was broken into lines is put together again: between characters of
/// full width there is no space.
fn half(text: &str, language: Language) -> String {
    let Some((english, japanese)) = text.split_once(BETWEEN) else { return text.to_owned() };
    if language == Language::English {
        return english.trim_end().to_owned();
    }
    let mut joined = String::new();
    let letters: Vec<char> = japanese.trim().chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let wide = |other: Option<&char>| other.is_some_and(|other| !other.is_ascii());
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        if *letter != ' ' || !(wide(before) && wide(letters.get(at + 1))) {
            joined.push(*letter);
        }
    }
    joined
}

/// What clap would say, or the same in Japanese.
fn said(error: &clap::Error, language: Language) -> Said {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let is_help = asked_for || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let text = match language {
        Language::English => error.render().to_string(),
        Language::Japanese if is_help => {
            let text = error.render().to_string();
            [
                ("[OPTIONS]", "[オプション]"),
                ("<COMMAND>", "<コマンド>"),
                ("[COMMAND]", "[コマンド]"),
            ]
            .into_iter()
            .fold(text, |text, (english, japanese)| text.replace(english, japanese))
        }
        Language::Japanese => japanese(error),
    };
    Said { text, asked_for }
}

fn japanese(error: &clap::Error) -> String {
    let told = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => one.clone(),
        Some(ContextValue::Strings(all)) => all.join("、"),
        _ => String::new(),
    };
    let (argument, value) = (told(ContextKind::InvalidArg), told(ContextKind::InvalidValue));
    let what = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => {
            format!("{argument} の値を指定してください。")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{argument} に「{value}」は使えません。")
        }
        ErrorKind::UnknownArgument => format!("「{argument}」は使えません。"),
        ErrorKind::InvalidSubcommand => {
            format!("「{}」というコマンドはありません。", told(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("{argument} を指定してください。"),
        ErrorKind::ArgumentConflict => {
            format!("{argument} と {} は同時に使えません。", told(ContextKind::PriorArg))
        }
        ErrorKind::MissingSubcommand => "コマンドを指定してください。".to_owned(),
        _ => "入力を解釈できません。".to_owned(),
    };
    let suggested = [
        ContextKind::SuggestedValue,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::ValidValue,
    ];
    let suggested = suggested.into_iter().map(told).find(|text| !text.is_empty());
    let next = match suggested {
        Some(words) => format!("使えるもの：{words}"),
        None if argument.starts_with("--person") => {
            "kaigotap people で、使える人の一覧を表示します。".to_owned()
        }
        None => "--help を付けると、使い方を表示します。".to_owned(),
    };
    format!("{}\n→ {}\nお問い合わせ番号：input_invalid\n", crate::printable::text(&what), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_which_language() {
        let of = |pairs: &'static [(&'static str, &'static str)]| {
            of_system(|name| {
                pairs.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8")]), Language::Japanese);
        assert_eq!(of(&[("LC_ALL", ""), ("LC_MESSAGES", "ja"), ("LANG", "C")]), Language::Japanese);
        assert_eq!(of(&[("LC_ALL", "C.UTF-8"), ("LANG", "ja_JP.UTF-8")]), Language::English);
        assert_eq!(of(&[("LANG", "jam_JM")]), Language::English);
        assert_eq!(of(&[]), Language::English);
    }

    /// A command that somebody adds in one language only is found here.
    #[test]
    fn every_text_is_there_in_both_languages() {
        fn both(text: Option<&StyledStr>, of: &str) {
            let text = text.map(ToString::to_string).unwrap_or_default();
            let (english, japanese) =
                text.split_once(BETWEEN).unwrap_or_else(|| panic!("{of}: {text:?}"));
            assert!(!english.trim().is_empty() && !japanese.is_ascii(), "{of}: {text}");
        }
        fn walk(command: &Command) {
            let name = command.get_name();
            both(command.get_about(), name);
            if command.get_after_help().is_some() {
                both(command.get_after_help(), name);
            }
            for arg in command.get_arguments() {
                both(arg.get_help(), &format!("{name} {}", arg.get_id()));
                if arg.get_action().takes_values() {
                    for choice in arg.get_possible_values() {
                        both(choice.get_help(), &format!("{name} {}", choice.get_name()));
                    }
                }
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Arguments::command());
    }

    #[test]
    fn halves_are_put_together_again() {
        assert_eq!(half("One two ｜いち に --three", Language::Japanese), "いちに --three");
        assert_eq!(half("One two ｜いち", Language::English), "One two");
        assert_eq!(half("One", Language::Japanese), "One");
    }

    #[test]
    fn what_is_typed_wrong_is_told_in_japanese() {
        let told = |typed: &[&str]| {
            let typed = [&["kaigotap"], typed].concat().into_iter().map(OsString::from).collect();
            read(typed, Language::Japanese).err().expect("nothing to run").text
        };
        assert!(told(&["demo", "--method", "guess"]).contains("「guess」は使えません"));
        assert!(told(&["nonsense"]).contains("「nonsense」というコマンドはありません"));
        assert!(told(&["sign-out"]).contains("を指定してください"));
        assert!(told(&["help", "card"]).contains("使い方： kaigotap card"));
        assert!(told(&["demo", "--person", "nobody"]).contains("kaigotap people"));
    }

    #[test]
    fn the_flag_is_kept_where_the_system_speaks_otherwise() {
        let flag = |typed: &[&str], system| {
            let typed = [&["kaigotap"], typed].concat().into_iter().map(OsString::from).collect();
            read(typed, system).map(|read| read.flag).ok().unwrap()
        };
        assert_eq!(flag(&["--lang", "ja", "readers"], Language::English), " --lang ja");
        assert_eq!(flag(&["--lang=ja", "readers"], Language::Japanese), "");
        assert_eq!(flag(&["readers", "--lang", "en"], Language::Japanese), " --lang en");
        assert_eq!(flag(&["readers"], Language::Japanese), "");
    }
}

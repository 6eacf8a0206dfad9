//! `kaigotap card …`

use std::path::Path;

use base64ct::{Base64, Encoding};
use jiff::Timestamp;
use kaigotap::card::{Application, Credential, PinKind, Token};
use kaigotap::flow::Flow;
use kaigotap::link::{Drivers, NoHttp};
use kaigotap::message::{Code, Failure, Language};
use kaigotap::pki::Origin;
use kaigotap::pki::card_certificate::{CardAuthorities, Genuineness, Part, Presence};
use kaigotap::reading::{self, CardStatus, CertificateState, HolderKey, PinState};
use kaigotap_recorder::{
    About, Parameters, Recorded, certificate_state, pin_name as recorded_name, proof, token_name,
};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Map, json};

use super::{SIMULATOR, card_link, converse, recorder, whose};
use crate::arguments::{
    Card, CardQuestion, ChangePin, OpenWith, PinOptions, Purpose, ReaderOptions, Trust,
};
use crate::dates;
use crate::enrolment::virtual_authorities;
use crate::private_file;
use crate::report::{Report, Stop, say};
use crate::terminal::Terminal;

pub(crate) fn run(command: &Card, report: Report) -> Result<(), Stop> {
    match &command.question {
        CardQuestion::Status { reader } => status(reader, report),
        CardQuestion::Certificate { reader, pin, purpose, out } => {
            certificate(reader, pin, *purpose, out.as_deref(), report)
        }
        CardQuestion::Holder { reader, pin, with, trust } => {
            holder(reader, pin, *with, *trust, report)
        }
        CardQuestion::Face { reader, pin, out, trust } => {
            face(reader, pin, out.as_deref(), *trust, report)
        }
        CardQuestion::ChangePin { reader, pin, which } => change_pin(reader, pin, *which, report),
    }
}

/// A flow that needs only a card, and what a transcript says of it.
struct Question<T> {
    flow: Flow<Result<T, Failure>>,
    name: &'static str,
    parameters: Parameters,
    challenge: Option<reading::Challenge>,
}

impl<T: Recorded> Question<T> {
    fn new(name: &'static str, flow: Flow<Result<T, Failure>>, parameters: Parameters) -> Self {
        Self { flow, name, parameters, challenge: None }
    }

    fn ask(self, reader: &ReaderOptions, pin: &PinOptions, report: Report) -> Result<T, Stop> {
        let Self { flow, name, parameters, challenge } = self;
        let about =
            About { flow: name, parameters, challenge, entropy: None, card: Some(whose(reader)) };
        let recorder = recorder(reader, about)?;
        let mut link = card_link(reader, report)?;
        let mut screen = Terminal::new(report, pin, false)?;
        let mut http = NoHttp;
        let mut drivers = Drivers::new(&mut link, &mut http, &mut screen);
        let outcome = converse(flow, &mut drivers, (recorder, reader));
        screen.explain(outcome)
    }
}

fn status(reader: &ReaderOptions, report: Report) -> Result<(), Stop> {
    let no_pin = PinOptions { pin_fd: None, pin_stdin: false, last_try: false };
    let status = Question::new("status", reading::status(), Parameters::default())
        .ask(reader, &no_pin, report)?;
    let token = token_name(status.token);
    let usable = Usable::of(&status);
    report.line(usable.told(&status, report));
    report.line("");
    report.line(token_text(status.token, report));
    let mut pins = Map::new();
    for pin in &status.pins {
        let (key, name) = pin_name(pin.pin, report);
        // Verification number B has a counter of its own in each of two applications.
        let (key, place) = match (pin.pin, pin.application) {
            (PinKind::VerificationNumberB, Application::Face) => {
                ("face_verification_number_b", report.text(" (face)", "（券面）"))
            }
            (PinKind::VerificationNumberB, _) => (key, report.text(" (text)", "（入力補助）")),
            _ => (key, ""),
        };
        let (state, left, told) = match pin.state {
            PinState::TriesLeft(left) => {
                let of = pin.pin.max_tries().map_or(String::new(), |most| format!("/{most}"));
                let told = match report.language {
                    Language::English => format!("{left}{of} tries left"),
                    Language::Japanese => format!("あと{left}回まちがえると使えなくなります"),
                };
                ("usable", Some(left), told)
            }
            PinState::Locked => (
                "locked",
                Some(0),
                report
                    .text(
                        "locked, or never there (a card for face authentication has none)",
                        "使えません（ロック中か、暗証番号のない「顔認証」のカード）",
                    )
                    .to_owned(),
            ),
            PinState::Unusable => (
                "unusable",
                None,
                report.text("cannot be used on this card", "このカードでは使えません").to_owned(),
            ),
        };
        report.line(format!("  {name}{place}: {told}"));
        pins.insert(
            key.to_owned(),
            json!({ "state": state, "tries_left": left, "locked": state == "locked" }),
        );
    }
    for (name, state) in [
        (
            report.text("Authentication certificate", "利用者証明用の電子証明書"),
            &status.authentication,
        ),
        (report.text("Signature certificate", "署名用の電子証明書"), &status.signature),
    ] {
        let told = match state {
            CertificateState::Present { not_after, .. } => {
                let day = dates::day_of(*not_after, report.language);
                let is_over = *not_after < Timestamp::now();
                match (report.language, is_over) {
                    (Language::English, false) => format!("valid until {day}"),
                    (Language::English, true) => format!("EXPIRED on {day}"),
                    (Language::Japanese, false) => format!("有効期限 {day}"),
                    (Language::Japanese, true) => format!("期限切れ（{day}まで）"),
                }
            }
            CertificateState::Protected => {
                report.text("opens with its PIN only", "暗証番号がないと読めません").to_owned()
            }
            CertificateState::Missing => {
                report.text("none on this card", "入っていません").to_owned()
            }
            CertificateState::Malformed => {
                report.text("cannot be read", "解釈できません").to_owned()
            }
        };
        report.line(format!("  {name}: {told}"));
    }
    report.object(&json!({
        "card": token,
        "pins": pins,
        "certificates": { "authentication": certificate_state(&status.authentication), "signature": certificate_state(&status.signature) },
        "can_authenticate": usable == Usable::Yes,
    }));
    Ok(())
}

/// Whether a card does for a visit today: what whoever holds it wants to know first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usable {
    Yes,
    Phone,
    OldCard,
    NoCertificate,
    Expired,
    NotYet,
    NoPin,
}

impl Usable {
    fn of(status: &CardStatus) -> Self {
        let now = Timestamp::now();
        match (status.token, &status.authentication) {
            (Token::AndroidPhone | Token::Iphone, _) => Self::Phone,
            (Token::ResidentRegisterCard, _) => Self::OldCard,
            (_, CertificateState::Present { not_after, .. }) if *not_after < now => Self::Expired,
            (_, CertificateState::Present { not_before, .. }) if *not_before > now => Self::NotYet,
            (_, CertificateState::Missing | CertificateState::Malformed) => Self::NoCertificate,
            _ if status.can_authenticate() => Self::Yes,
            _ => Self::NoPin,
        }
    }

    /// In the words that a visit with this card would end with.
    fn told(self, status: &CardStatus, r: Report) -> String {
        let code = match self {
            Self::Yes => {
                let tries = status.tries_left(PinKind::Authentication);
                return match r.language {
                    Language::English => {
                        format!("This card can be used today, with its PIN ({tries} tries left).")
                    }
                    Language::Japanese => format!(
                        "このカードは、今日の確認に使えます（暗証番号は、あと{tries}回まちがえると使えなくなります）。"
                    ),
                };
            }
            Self::Phone => Code::PhoneNotTaken,
            Self::OldCard => Code::OldResidentCard,
            Self::NoCertificate => Code::CertificateMissing,
            Self::Expired => Code::CertificateExpired,
            Self::NotYet => Code::CertificateNotYetValid,
            Self::NoPin => Code::PinBlocked,
        };
        let failure = Failure::from(code);
        let no =
            r.text("This card cannot be used today.", "このカードは、今日の確認に使えません。");
        let space = r.text(" ", "");
        format!(
            "{no}{space}{}{space}{}",
            failure.message(r.language),
            failure.next_action(r.language)
        )
    }
}

fn token_text(token: Token, r: Report) -> &'static str {
    match token {
        Token::MyNumberCard => r.text("My Number Card", "マイナンバーカード"),
        Token::AndroidPhone => {
            r.text("Android phone (smartphone certificate)", "Android（スマホ用電子証明書）")
        }
        Token::Iphone => r.text("iPhone (smartphone certificate)", "iPhone（スマホ用電子証明書）"),
        Token::ResidentRegisterCard => {
            r.text("Old resident register card", "住民基本台帳カード（旧カード）")
        }
        _ => r.text(
            "A card with the JPKI application, of an unknown kind",
            "公的個人認証に対応した不明なカード",
        ),
    }
}

fn pin_name(pin: PinKind, r: Report) -> (&'static str, &'static str) {
    match pin {
        PinKind::Authentication => {
            ("authentication", r.text("Authentication PIN", "利用者証明用の暗証番号"))
        }
        PinKind::Signature => ("signature", r.text("Signature password", "署名用パスワード")),
        PinKind::InputSupport => {
            ("input_support", r.text("Input-support PIN", "券面事項入力補助用の暗証番号"))
        }
        PinKind::VerificationNumberB => (
            "verification_number_b",
            r.text("Number printed on the card", "カードに印刷された番号"),
        ),
        PinKind::BirthDate => ("birth_date", r.text("Birth-date key", "生年月日の照合")),
        _ => ("unknown", "?"),
    }
}

fn certificate(
    reader: &ReaderOptions,
    pin: &PinOptions,
    purpose: Purpose,
    out: Option<&Path>,
    report: Report,
) -> Result<(), Stop> {
    let (credential, name) = match purpose {
        Purpose::Authentication => (Credential::Authentication, "authentication"),
        Purpose::Signature => (Credential::Signature, "signature"),
    };
    let parameters = Parameters { credential: Some(name.to_owned()), ..Parameters::default() };
    // Progress would mix with the certificate on standard output.
    let quiet = Report { json: true, ..report };
    let der = Question::new("certificate", reading::certificate(credential), parameters)
        .ask(reader, pin, quiet)?;
    if let Some(file) = out {
        private_file::write(file, &der)?;
        report.line(format!(
            "{} {}",
            der.len(),
            report.text("bytes written", "バイトを書き込みました")
        ));
        report.object(&json!({ "bytes": der.len(), "file": file }));
        return Ok(());
    }
    let base64 = Base64::encode_string(&der);
    if report.json {
        report.object(&json!({ "bytes": der.len(), "der": base64 }));
        return Ok(());
    }
    say("-----BEGIN CERTIFICATE-----");
    for line in base64.as_bytes().chunks(64) {
        say(&String::from_utf8_lossy(line));
    }
    say("-----END CERTIFICATE-----");
    Ok(())
}

fn holder(
    reader: &ReaderOptions,
    pin: &PinOptions,
    with: OpenWith,
    trust: Option<Trust>,
    report: Report,
) -> Result<(), Stop> {
    let (key, name) = match with {
        OpenWith::Pin => (HolderKey::Pin, "pin"),
        OpenWith::NumberB => (HolderKey::VerificationNumberB, "verification_number_b"),
    };
    let (authorities, whose) = authorities(reader, trust);
    let challenge = Some(challenge()?);
    let flow = reading::holder(key, authorities, challenge);
    let parameters = Parameters { key: Some(name.to_owned()), ..signed_by(whose) };
    let question = Question { challenge, ..Question::new("holder", flow, parameters) };
    let holder = question.ask(reader, pin, report)?;
    let record = &holder.record;
    report.line("");
    let born = record.birth.date().map_or_else(
        || record.birth.as_written().to_owned(),
        |date| dates::birth(date, dates::today(), report.language),
    );
    report.line(format!("  {}    {born}", record.name));
    report.line(format!("  {}", record.address));
    report.line("");
    tell(&holder.genuineness, report);
    report.object(&json!({
        "name": record.name,
        "address": record.address,
        "birth": record.birth.as_written(),
        "sex": record.sex.as_written().to_string(),
        "genuineness": proof(&holder.genuineness),
    }));
    Ok(())
}

fn face(
    reader: &ReaderOptions,
    pin: &PinOptions,
    out: Option<&Path>,
    trust: Option<Trust>,
    report: Report,
) -> Result<(), Stop> {
    let (authorities, whose) = authorities(reader, trust);
    let challenge = Some(challenge()?);
    let flow = reading::face(authorities, challenge);
    let question = Question { challenge, ..Question::new("face", flow, signed_by(whose)) };
    let face = question.ask(reader, pin, report)?;
    let record = &face.record;
    report.line("");
    report.line(format!(
        "  {}",
        record.birth.date().map_or_else(
            || record.birth.as_written().to_owned(),
            |date| dates::birth(date, dates::today(), report.language),
        )
    ));
    let mut files = Vec::new();
    if let Some(folder) = out {
        private_file::folder(folder)?;
        for (name, bytes) in [
            ("photo.jp2", &record.photo),
            ("name.png", &record.name_image),
            ("address.png", &record.address_image),
            ("security-code.png", &record.security_code_image),
        ] {
            let file = folder.join(name);
            private_file::write(&file, bytes)?;
            report.line(format!("  {}", file.display()));
            files.push(file);
        }
        if let Ok(photo) = record.decode_photo() {
            // PGM: the plainest form in which pixels can be looked at.
            let file = folder.join("photo.pgm");
            let header = format!("P5 {} {} 255\n", photo.width, photo.height).into_bytes();
            private_file::write(&file, &[header.as_slice(), &photo.grey].concat())?;
            report.line(format!("  {}", file.display()));
            files.push(file);
        }
    }
    report.line("");
    tell(&face.genuineness, report);
    report.object(&json!({
        "birth": record.birth.as_written(),
        "sex": record.sex.as_written().to_string(),
        "expiry": record.expiry.as_written(),
        "photo_bytes": record.photo.len(),
        "files": files,
        "genuineness": proof(&face.genuineness),
    }));
    Ok(())
}

fn change_pin(
    reader: &ReaderOptions,
    pin: &PinOptions,
    which: ChangePin,
    report: Report,
) -> Result<(), Stop> {
    let kind = match which {
        ChangePin::Authentication => PinKind::Authentication,
        ChangePin::Signature => PinKind::Signature,
        ChangePin::InputSupport => PinKind::InputSupport,
    };
    let parameters =
        Parameters { pin: Some(recorded_name(kind).to_owned()), ..Parameters::default() };
    Question::new("change_pin", reading::change_pin(kind), parameters).ask(reader, pin, report)?;
    report.line(report.text("The PIN is changed.", "暗証番号を変更しました。"));
    report.object(&json!({ "outcome": "changed", "pin": pin_name(kind, report).0 }));
    Ok(())
}

/// Whose signatures count: real cards on a reader, the virtual cards in the simulator; or as told.
fn authorities(reader: &ReaderOptions, trust: Option<Trust>) -> (CardAuthorities, &'static str) {
    let simulated = reader.reader.as_deref() == Some(SIMULATOR);
    match trust.unwrap_or(if simulated { Trust::Virtual } else { Trust::Production }) {
        Trust::Production => (CardAuthorities::production(), "production"),
        Trust::JpkiTest => (CardAuthorities::jpki_test(), "jpki_test"),
        Trust::Virtual => (virtual_authorities(), "virtual"),
    }
}

fn signed_by(whose: &str) -> Parameters {
    Parameters { authorities: Some(whose.to_owned()), ..Parameters::default() }
}

fn challenge() -> Result<reading::Challenge, Stop> {
    let mut challenge = [0; 32];
    SystemRandom::new().fill(&mut challenge).map_err(|_| {
        Stop::input("no_randomness", "This machine gives no randomness.", "Try on another machine.")
    })?;
    Ok(challenge)
}

/// What was shown of a record, part by part.
fn tell(genuineness: &Genuineness, r: Report) {
    let part = |part| match part {
        Part::Signed => r.text("signed", "署名を確認"),
        Part::NotSigned => r.text("not signed", "署名の対象外"),
        _ => r.text("not in this record", "この記録には無し"),
    };
    let by = match genuineness.signed_by {
        Origin::Production => r.text("the authority of real cards", "実カードの発行機関"),
        _ => r.text("a TEST authority: nothing here is real", "テスト用の発行機関（実在しません）"),
    };
    r.line(format!("  {} {by}", r.text("Signed by:", "署名者：")));
    r.line(format!("  {} {}", r.text("Attributes:", "記載事項："), part(genuineness.attributes)));
    r.line(format!("  {} {}", r.text("Photo:", "写真："), part(genuineness.photo)));
    r.line(format!("  {} {}", r.text("Expiry:", "有効期限："), part(genuineness.expiry)));
    let present = match genuineness.present {
        Presence::Live { .. } => r.text("the card was here", "手元にあることを確認"),
        _ => r.text("not checked", "未確認"),
    };
    r.line(format!("  {} {present}", r.text("Presence:", "カードの実物：")));
}

//! What a card tells without any PIN. Costs no try.

use jiff::Timestamp;

use super::{Question, free};
use crate::card::{Application, Credential, Holding, PinKind, Selected, TapError, Token, jpki};
use crate::flow::{Flow, Stage};
use crate::message::Failure;
use crate::pki;

/// What a card tells without any PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardStatus {
    /// What kind of card or phone it is.
    pub token: Token,
    /// Its PINs, in the order of its applications.
    pub pins: Vec<PinReport>,
    /// The certificate for authentication.
    pub authentication: CertificateState,
    /// The certificate for signatures. It opens with its password only, so nothing is known of its validity.
    pub signature: CertificateState,
}

/// What is known of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinReport {
    /// Which one.
    pub pin: PinKind,
    /// Where it lies: verification number B has a counter of its own in each of two applications.
    pub application: Application,
    /// Its state.
    pub state: PinState,
}

/// The state of a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinState {
    /// It can be used; so many wrong entries in a row lock it.
    TriesLeft(u8),
    /// Locked until it is reset, at the town hall for example. A 顔認証マイナンバーカード, which has no PINs, may look like
    /// this, too.
    Locked,
    /// The card has no such PIN, or gives no counter for it: use a way that needs none.
    Unusable,
}

/// What is known of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateState {
    /// It is there, and valid in this time; nothing was checked beyond that.
    Present {
        /// First moment of its validity.
        not_before: Timestamp,
        /// Last moment of its validity.
        not_after: Timestamp,
    },
    /// It is there, and opens with a PIN only.
    Protected,
    /// It is not there.
    Missing,
    /// What is there is not a certificate.
    Malformed,
}

impl CardStatus {
    /// The tries left for a PIN: the fewest, where it lies in several applications; 0 when locked or unusable.
    pub fn tries_left(&self, pin: PinKind) -> u8 {
        let tries = |report: &PinReport| match report.state {
            PinState::TriesLeft(left) => left,
            PinState::Locked | PinState::Unusable => 0,
        };
        self.pins.iter().filter(|report| report.pin == pin).map(tries).min().unwrap_or(0)
    }

    /// Whether the holder can authenticate with PIN and certificate; if not, take a way that needs no PIN.
    pub fn can_authenticate(&self) -> bool {
        let there =
            !matches!(self.authentication, CertificateState::Missing | CertificateState::Malformed);
        there && self.tries_left(PinKind::Authentication) > 0
    }
}

/// Reads what a card tells without any PIN.
pub fn status() -> Flow<Result<CardStatus, Failure>> {
    Flow::new(|talk| async move { free(&talk, Status).await })
}

struct Status;

impl Question for Status {
    type Answer = CardStatus;

    async fn ask(&mut self, holding: &mut Holding) -> Result<CardStatus, TapError> {
        holding.talk().stage(Stage::ReadCard);
        let mut pins = Vec::new();
        let mut card = Selected::jpki(holding).await?;
        let token =
            card.read(jpki::TOKEN).await?.map_or(Token::Unknown, |token| Token::of_label(&token));
        let available = card.read(jpki::AVAILABILITY).await?;
        report(&mut card, &[PinKind::Authentication, PinKind::Signature], &mut pins).await?;
        let authentication = authentication(&mut card).await?;
        let signature = match available.as_ref().map(|file| file.as_slice()) {
            // Single source; what contradicts it is not known, so its silence is not taken for an answer.
            Some([_, 0x00, _]) => CertificateState::Missing,
            _ => CertificateState::Protected,
        };
        for (application, kinds) in [
            (Application::InputSupport, &[PinKind::InputSupport, PinKind::VerificationNumberB]),
            (Application::Face, &[PinKind::VerificationNumberB, PinKind::BirthDate]),
        ] {
            if let Some(mut card) = Selected::select(holding, application).await? {
                report(&mut card, kinds, &mut pins).await?;
            }
        }
        Ok(CardStatus { token, pins, authentication, signature })
    }
}

async fn report(
    card: &mut Selected<'_>,
    kinds: &[PinKind],
    pins: &mut Vec<PinReport>,
) -> Result<(), TapError> {
    for &pin in kinds {
        let state = match card.query(pin).await? {
            Some(0) => PinState::Locked,
            Some(left) => PinState::TriesLeft(left),
            None => PinState::Unusable,
        };
        pins.push(PinReport { pin, application: card.application(), state });
    }
    Ok(())
}

async fn authentication(card: &mut Selected<'_>) -> Result<CertificateState, TapError> {
    let Some(read) = card.read_if_free(Credential::Authentication.certificate()).await? else {
        return Ok(CertificateState::Protected);
    };
    let Some(der) = read else { return Ok(CertificateState::Missing) };
    Ok(match pki::Certificate::parse(&der) {
        Ok(certificate) => CertificateState::Present {
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
        },
        Err(_) => CertificateState::Malformed,
    })
}

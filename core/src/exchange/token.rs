//! The exchange of the card's assertion for an access token (RFC 8693).

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::assertion::Assertion;
use super::statement::Statement;
use super::tap::TapEvidence;
use super::{InsuranceDomain, StaffToken, Use, Way, uses};
use crate::flow;
use crate::message::{Code, Failure};
use crate::platform::{Call, Content, Credential, Platform, Repeat, is_token, jws};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// An access token. Never shown; who must hand it on asks for it.
#[derive(Clone)]
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    /// Takes the token that a visit gave, from where it waited; `setup_invalid` for what can be none.
    pub fn parse(token: impl Into<String>) -> Result<Self, Failure> {
        token_of(token.into(), "access token").map(Self)
    }

    /// The token itself, for the `Authorization` header of a request to the platform and for nothing else.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

/// What the platform keeps of this confirmation, as a token (24 hours): opens what the confirmation opens without the card.
/// Bound to this device's key. Never shown.
#[derive(Clone)]
pub struct EvidenceToken(Zeroizing<String>);

impl EvidenceToken {
    /// Takes the token that a visit gave, from where the care software keeps it for the day; `setup_invalid` for what can be
    /// none.
    pub fn parse(token: impl Into<String>) -> Result<Self, Failure> {
        token_of(token.into(), "evidence token").map(Self)
    }

    /// The token itself, for an exchange and for nothing else.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

/// The handle of the person's registration with this facility (利用者登録): opens a re-visit. Bound to this device's key.
/// Never shown.
#[derive(Clone)]
pub struct RegistrationHandle(Zeroizing<String>);

impl RegistrationHandle {
    /// Takes the handle that an earlier visit gave, from where the care software keeps it; `setup_invalid` for what can be
    /// none.
    pub fn parse(handle: impl Into<String>) -> Result<Self, Failure> {
        token_of(handle.into(), "registration handle").map(Self)
    }

    /// The handle itself, for an exchange and for nothing else.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

/// What can be a token, and is wiped.
fn token_of(text: String, what: &'static str) -> Result<Zeroizing<String>, Failure> {
    let text = Zeroizing::new(text);
    let invalid = || Failure::new(Code::SetupInvalid).with_detail(what);
    if is_token(&text) { Ok(text) } else { Err(invalid()) }
}

/// Who the person is to this platform and this facility's software: a name without a meaning elsewhere (pairwise, OpenID
/// Connect Core 1.0 §8.1), 1 to 255 visible characters of ASCII. Not shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// Takes the name that an earlier visit gave; `setup_invalid` for what can be none.
    pub fn parse(name: impl Into<String>) -> Result<Self, Failure> {
        let invalid = || Failure::new(Code::SetupInvalid).with_detail("subject");
        Self::read(name.into()).ok_or_else(invalid)
    }

    fn read(name: String) -> Option<Self> {
        let fits = (1..=LONGEST_SUBJECT).contains(&name.len());
        (fits && name.bytes().all(|c| c.is_ascii_graphic())).then_some(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! not_shown {
    ($($name:ident)*) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )* };
}
not_shown!(AccessToken EvidenceToken RegistrationHandle Subject);

/// What the token service confirmed (本人確認). Three lifetimes, never merged: the token's, the evidence's, and the
/// registration's, which only the platform knows. All of it is bound to this device's key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Confirmation {
    /// Opens the platform for this person.
    pub token: AccessToken,
    /// Life of the token from its issue.
    pub token_lifetime: SignedDuration,
    /// Opens another token as long as the confirmation is fresh, where the way left evidence.
    pub evidence: Option<EvidenceToken>,
    /// Opens a re-visit, where the confirmation was to register the person.
    pub registration: Option<RegistrationHandle>,
    /// What the token opens of what it was asked for: a way may open less than the plan is for.
    pub opens: Vec<Use>,
    /// The insurance that it is for.
    pub insurance_domain: InsuranceDomain,
    /// Who the person is to this platform.
    pub subject: Subject,
    /// How the person was verified.
    pub way: Way,
    /// When.
    pub verified_at: Timestamp,
    /// Until when the confirmation counts as fresh: 24 hours.
    pub fresh_until: Timestamp,
}

/// What is exchanged for a token.
#[derive(Clone, Copy)]
pub(crate) enum Proof<'a> {
    /// What the card signed with its holder's PIN.
    Card(&'a Assertion),
    /// What a tap without PIN showed.
    Tap(&'a TapEvidence),
    /// What the nurse stated from the paper certificate.
    Statement(&'a Statement),
    /// The handle of a registration.
    Registration(&'a RegistrationHandle),
    /// What an earlier verification left, for the day.
    Evidence(&'a EvidenceToken),
}

/// What a token is wanted for.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) staff: &'a StaffToken,
    pub(crate) uses: &'a [Use],
    /// Scopes of what is to be read beside the entitlement.
    pub(crate) reads: &'a [&'static str],
    /// The insurance that it is for.
    pub(crate) domain: InsuranceDomain,
    /// How the person is verified; `None` where that was before, and the answer tells.
    pub(crate) way: Option<Way>,
}

impl Wanted<'_> {
    fn scopes(&self) -> String {
        uses::scopes(self.uses, self.reads, self.way)
    }
}

impl Proof<'_> {
    fn token(&self) -> &str {
        match self {
            Self::Card(assertion) => assertion.as_str(),
            Self::Tap(evidence) => evidence.as_str(),
            Self::Statement(statement) => statement.as_str(),
            Self::Registration(handle) => handle.secret(),
            Self::Evidence(token) => token.secret(),
        }
    }

    /// Its token type (RFC 8693 §3).
    fn kind(&self) -> &'static str {
        match self {
            Self::Card(_) => "urn:x-kaigo:token-type:card-assertion",
            Self::Tap(_) => "urn:x-kaigo:token-type:tap-evidence",
            Self::Statement(statement) => statement.kind(),
            Self::Registration(_) => "urn:x-kaigo:token-type:registration",
            Self::Evidence(_) => "urn:x-kaigo:token-type:evidence",
        }
    }
}

/// Exchanges a proof for a token. It may be sent again when no answer comes: the platform answers the same proof from the
/// same device as it did the first time.
pub(crate) async fn exchange(
    platform: &Platform<'_>,
    proof: Proof<'_>,
    wanted: &Wanted<'_>,
) -> Result<Confirmation, Failure> {
    let resource = format!("{}/", wanted.issuer);
    let scopes = wanted.scopes();
    let said = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", proof.token()),
        ("subject_token_type", proof.kind()),
        ("actor_token", wanted.staff.as_str()),
        ("actor_token_type", ACCESS_TOKEN),
        ("requested_token_type", ACCESS_TOKEN),
        ("resource", &resource),
        ("scope", &scopes),
    ];
    // Care insurance is what a platform means that has never heard of the other.
    let domain = (wanted.domain != InsuranceDomain::Care)
        .then(|| ("insurance_domain", wanted.domain.code()));
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(said.into_iter().chain(domain))
        .finish();
    let call = Call {
        method: flow::Method::Post,
        path: "/v1/token",
        content: Content::Form(body.into()),
        credential: Credential::Client { audience: wanted.issuer },
        repeat: Repeat::Unanswered,
        success: 200,
    };
    let confirmation = platform.call(&call, |body| read_token(body, wanted.way, &scopes)).await?;
    // A platform that does not know the difference has not heard what was asked.
    if confirmation.insurance_domain != wanted.domain {
        return Err(Failure::new(Code::ServerAnswerInvalid).with_detail("insurance domain"));
    }
    Ok(confirmation)
}

#[derive(Deserialize)]
struct Granted {
    access_token: Zeroizing<String>,
    issued_token_type: String,
    token_type: String,
    expires_in: i64,
    scope: Option<String>,
    evidence_token: Option<Zeroizing<String>>,
    registration: Option<Zeroizing<String>>,
    honnin: Honnin,
}

#[derive(Deserialize)]
struct Honnin {
    method: Way,
    verified_at: Timestamp,
    fresh_until: Timestamp,
    sub: String,
    #[serde(default)]
    insurance_domain: InsuranceDomain,
}

/// Longest life of a token that is believed, in seconds.
const LONGEST_LIFE: i64 = 15 * 60;
/// Longest name of a person, characters (OpenID Connect Core 1.0 §2).
const LONGEST_SUBJECT: usize = 255;
/// How long a confirmation counts as fresh.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Reads what the token service granted. What it says beyond its own rules is cut down to them: a server whose clock was
/// set back between two answers still means the token that it gives.
pub(crate) fn read_token(
    body: &[u8],
    way: Option<Way>,
    asked: &str,
) -> Result<Confirmation, Failure> {
    let granted: Granted = jws::object(body).ok_or(Code::ServerAnswerInvalid)?;
    // A scope that is not there is the one that was asked for (RFC 6749 §5.1).
    let scope = granted.scope.as_deref().unwrap_or(asked);
    // What was asked for first is what the rest is good for.
    let first = asked.split(' ').next();
    let opens = scope.split(' ').any(|opened| Some(opened) == first);
    let usable = granted.issued_token_type == ACCESS_TOKEN
        // One that anybody could use would be no token of ours (RFC 9449 §5).
        && granted.token_type.eq_ignore_ascii_case("DPoP")
        && way.is_none_or(|way| granted.honnin.method == way)
        && granted.expires_in > 0
        && opens
        && is_token(&granted.access_token)
        && [&granted.evidence_token, &granted.registration].into_iter().flatten().all(|one| is_token(one));
    let opens = uses::opened(scope);
    let Honnin { method: way, verified_at, fresh_until, sub, insurance_domain } = granted.honnin;
    let subject = Subject::read(sub).ok_or(Code::ServerAnswerInvalid)?;
    if !usable || fresh_until < verified_at {
        return Err(Code::ServerAnswerInvalid.into());
    }
    Ok(Confirmation {
        token: AccessToken(granted.access_token),
        evidence: granted.evidence_token.map(EvidenceToken),
        registration: granted.registration.map(RegistrationHandle),
        opens,
        insurance_domain,
        subject,
        token_lifetime: SignedDuration::from_secs(granted.expires_in.min(LONGEST_LIFE)),
        way,
        verified_at,
        fresh_until: match way {
            // The verification that it speaks of may be months old; what is opened by it lasts as long as the token.
            Way::Registered => fresh_until,
            _ => {
                verified_at.saturating_add(FRESH).map_or(fresh_until, |most| fresh_until.min(most))
            }
        },
    })
}

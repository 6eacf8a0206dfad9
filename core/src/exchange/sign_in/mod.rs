//! A staff member signs in, in the system's browser, at the issuer that the device's enrolment names (OpenID Connect, with
//! what FAPI 2.0 demands: pushed requests, PKCE, `iss` in the response, and tokens that are bound to the device's key).

mod issuer;
mod judged;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use ring::digest;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Device, Enrolment, Entropy, StaffToken};
use crate::flow::{Flow, Method, Page, Talk};
use crate::message::{Code, Failure, Language};
use crate::platform::{Call, Content, Credential, Platform, Repeat, ServerAddress, jws};
use issuer::Issuer;
use judged::{Expected, Identity};

/// Longest time for which a token is taken, whatever the server says.
const LONGEST: i64 = 12 * 60 * 60;
/// What is asked for: who it is, and the platform.
const SCOPE: &str = "openid kaigo";
/// Longest address at which a browser may end, in bytes.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// How a staff member is to sign in.
#[derive(Debug)]
pub struct SignIn {
    issuer: ServerAddress,
    device: Device,
    returns_to: String,
    entropy: Entropy,
    is_anew: bool,
    language: Option<Language>,
    resource: Option<String>,
}

impl SignIn {
    /// At this issuer (`staff_issuer` of the device's enrolment), on this device; the browser ends at `returns_to`: an address
    /// of the app's own scheme, or of a port of this machine on which somebody listens. `setup_invalid` where one of them
    /// cannot be.
    pub fn new(
        issuer: &str,
        device: Device,
        returns_to: impl Into<String>,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let invalid = |what| Failure::new(Code::SetupInvalid).with_detail(what);
        let issuer = ServerAddress::parse(issuer).map_err(|_| invalid("staff issuer"))?;
        let returns_to = returns_to.into();
        let plain = |c: u8| c.is_ascii_graphic() && !matches!(c, b'?' | b'#' | b'"' | b'\\');
        if returns_to.len() > 256 || !returns_to.contains(":/") || !returns_to.bytes().all(plain) {
            return Err(invalid("redirect"));
        }
        let (is_anew, language, resource) = (false, None, None);
        Ok(Self { issuer, device, returns_to, entropy, is_anew, language, resource })
    }

    /// On an enrolled device, at the issuer that its enrolment names.
    pub fn on(
        enrolment: &Enrolment,
        returns_to: impl Into<String>,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let issuer = enrolment.staff_issuer().as_str();
        Self::new(issuer, enrolment.device().clone(), returns_to, entropy)
    }

    /// The password is typed now, even if somebody is still signed in with the browser: what a shared device wants
    /// (`prompt=login`).
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.is_anew = true;
        self
    }

    /// The page is in this language (`ui_locales`), whatever the browser likes.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// The token is for this resource (RFC 8707): what an issuer has to be told that has tokens for others, too. The
    /// platform's issuer, mostly.
    #[must_use]
    pub fn for_resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }
}

/// Who has signed in.
#[derive(Debug)]
#[non_exhaustive]
pub struct SignedIn {
    /// What the platform knows them by. A secret.
    pub token: StaffToken,
    /// Their name, where the issuer gives it. Text of the issuer: nothing that a terminal may be shown as it is.
    pub name: Option<String>,
    /// How long the token is good, by the clock of this device.
    pub until: Timestamp,
}

/// Signs a staff member in. The flow shows a page in the system's browser, once.
pub fn sign_in(plan: SignIn) -> Flow<Result<SignedIn, Failure>> {
    Flow::new(|talk| async move { signed_in(&talk, plan).await })
}

/// Signs a staff member out, everywhere: what they were known by is worth nothing from now on, on no device. At an issuer
/// that has no such thing, this token is revoked (RFC 7009).
pub fn sign_out(
    issuer: ServerAddress,
    device: Device,
    token: StaffToken,
    entropy: Entropy,
) -> Flow<Result<(), Failure>> {
    Flow::new(|talk| async move {
        let known = Issuer::discover(&talk, &issuer).await?;
        let (address, content, credential) = match (&known.sign_out, &known.revocation) {
            (Some(address), _) => {
                let credential = Credential::Dpop { token: Some(token.as_str()) };
                (address, Content::None, credential)
            }
            (None, Some(address)) => {
                let form = encoded(&[("token", token.as_str())]);
                (address, Content::Form(form), Credential::Client { audience: issuer.as_str() })
            }
            (None, None) => return Err(not_offered("sign-out")),
        };
        let platform = Platform::new(&talk, address, address.as_str(), &device, entropy);
        let call = Call {
            method: Method::Post,
            path: "",
            content,
            credential,
            // Out is out.
            repeat: Repeat::Unanswered,
            success: 200,
        };
        match platform.call(&call, |_| Ok(())).await {
            // A token that its issuer keeps no book about cannot be revoked (RFC 7009 §2.2.1): it ends by itself.
            Err(failure) if failure.code() == Code::ServerAnswerInvalid => {
                Err(not_offered("sign-out"))
            }
            done => done,
        }
    })
}

async fn signed_in(talk: &Talk, plan: SignIn) -> Result<SignedIn, Failure> {
    let SignIn { issuer, device, returns_to, mut entropy, is_anew, language, resource } = plan;
    let known = Issuer::discover(talk, &issuer).await?;
    let (state, nonce) = (entropy.word(), entropy.word());
    let verifier = Zeroizing::new(entropy.word());
    let challenge = jws::base64url(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());

    let mut wish = vec![
        ("response_type", "code"),
        ("redirect_uri", &returns_to),
        ("scope", SCOPE),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("dpop_jkt", device.thumbprint()),
    ];
    wish.extend(is_anew.then_some(("prompt", "login")));
    wish.extend(resource.as_deref().map(|resource| ("resource", resource)));
    wish.extend(language.map(|language| match language {
        Language::Japanese => ("ui_locales", "ja"),
        Language::English => ("ui_locales", "en"),
    }));
    let pushed: Pushed = {
        let call = call(encoded(&wish), issuer.as_str(), Repeat::Unanswered, 201);
        let at = &known.push;
        let platform = Platform::new(talk, at, at.as_str(), &device, entropy.part());
        platform.call(&call, read).await?
    };
    let asked = [("client_id", device.client_id()), ("request_uri", pushed.request_uri.as_str())];
    let address = [known.authorization.as_str(), "?", &encoded(&asked)].concat();

    let began = talk.clock().await;
    let ended = talk.browse(Page::new(address, returns_to.clone())).await?;
    let code = came_back(&ended, &returns_to, &state, issuer.as_str())?;

    let claim = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &returns_to),
        ("code_verifier", &verifier),
    ];
    let granted: Granted = {
        // A code that is shown twice takes its token with it.
        let call = call(encoded(&claim), issuer.as_str(), Repeat::Never, 200);
        let at = &known.token;
        let platform = Platform::new(talk, at, at.as_str(), &device, entropy.part());
        platform.call(&call, read).await?
    };
    if !granted.token_type.eq_ignore_ascii_case("DPoP") {
        return Err(untrusted("a token that is bound to nothing"));
    }
    let keys = known.keys(talk).await?;
    let now = talk.clock().await;
    let expected = Expected {
        issuer: issuer.as_str(),
        client: device.client_id(),
        nonce: &nonce,
        // A person who typed the password did so after the page was opened.
        since: is_anew.then_some(began.wall),
        now: now.wall,
    };
    let identity = Identity::judge(&granted.id_token, &keys, &expected)?;
    let token = StaffToken::parse(granted.access_token.as_str(), &device)
        .map_err(|_| untrusted("access token"))?;
    if token.member().as_str() != identity.subject {
        return Err(untrusted("two people in one sign-in"));
    }
    let life = SignedDuration::from_secs(granted.expires_in.clamp(0, LONGEST));
    let until = now.wall.saturating_add(life).unwrap_or(now.wall);
    Ok(SignedIn { token, name: identity.name, until })
}

#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Zeroizing<String>,
    token_type: String,
    #[serde(default)]
    expires_in: i64,
    id_token: String,
}

fn call(form: Zeroizing<String>, audience: &str, repeat: Repeat, success: u16) -> Call<'_> {
    Call {
        method: Method::Post,
        path: "",
        content: Content::Form(form),
        credential: Credential::Client { audience },
        repeat,
        success,
    }
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    jws::object(body).ok_or_else(|| Code::ServerAnswerInvalid.into())
}

fn encoded(pairs: &[(&str, &str)]) -> Zeroizing<String> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    Zeroizing::new(form.finish())
}

/// The code that a browser has brought back, if it is the answer to what was asked (RFC 6749 §4.1.2, RFC 9207 §2.4).
fn came_back(
    ended: &str,
    returns_to: &str,
    state: &str,
    issuer: &str,
) -> Result<Zeroizing<String>, Failure> {
    let query = ended.strip_prefix(returns_to).and_then(|rest| rest.strip_prefix('?'));
    let query = query.filter(|_| ended.len() <= LONGEST_ADDRESS);
    let query = query.ok_or_else(|| untrusted("another address"))?;
    // A fragment is none of the query; a browser keeps it to itself, and some programs do not.
    let query = query.split('#').next().unwrap_or_default();
    let mut said: [Option<Zeroizing<String>>; 4] = [const { None }; 4];
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = ["state", "iss", "code", "error"].iter().position(|known| *known == name);
        let Some(place) = place.and_then(|place| said.get_mut(place)) else { continue };
        if place.replace(Zeroizing::new(value.into_owned())).is_some() {
            return Err(untrusted("said twice"));
        }
    }
    let [said_state, said_issuer, code, error] = said;
    if said_issuer.is_none_or(|said| *said != issuer) {
        return Err(untrusted("issuer"));
    }
    if said_state.is_none_or(|said| *said != state) {
        return Err(untrusted("state"));
    }
    match (code, error) {
        (Some(code), None) => Ok(code),
        (None, Some(error)) => Err(match error.as_str() {
            "access_denied" => Code::SignInRefused.into(),
            "temporarily_unavailable" => Code::ServerBusy.into(),
            "server_error" => Code::ServerFailed.into(),
            _ => Code::SignInExpired.into(),
        }),
        _ => Err(untrusted("neither code nor error")),
    }
}

/// What came back is not the answer to what was asked.
fn untrusted(why: &'static str) -> Failure {
    Failure::new(Code::SignInUntrusted).with_detail(why)
}

/// The issuer does not offer what has to be there.
fn not_offered(what: &'static str) -> Failure {
    Failure::new(Code::SignInUnsupported).with_detail(what)
}

//! `POST /staff/par` (RFC 9126): a client says what it wants before any browser is opened. There is no other way in.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;

use super::form::Fields;
use super::store::Push;
use super::{Staff, redirect};
use crate::base::form::Form;
use crate::base::jws::{base64url, sha256};
use crate::base::keys::random;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::device::Client;

/// How long a person may take to sign in, in seconds (FAPI 2.0 §5.3.2.2: less than ten minutes).
const LIFETIME: i64 = 5 * 60;
/// What an address of something pushed begins with (RFC 9126 §2.2).
const ADDRESS: &str = "urn:ietf:params:oauth:request_uri:";
/// What a token may open. It says who somebody is, and that is all.
pub(crate) const SCOPES: [&str; 2] = ["openid", "kaigo"];
/// Longest re-authentication that can be asked for, in seconds.
const LONGEST_AGE: i64 = 7 * 24 * 60 * 60;

/// Takes in what an authenticated client wants, which holds the key of this thumbprint.
pub(crate) async fn push(
    staff: &Staff,
    client: Client,
    form: &Form,
    jkt: String,
) -> Result<Reply, Refusal> {
    let push = read(staff, client, form, jkt)?;
    let reference = format!("{ADDRESS}{}", base64url(&random::<32>()?));
    let expires_at = staff.base.now() + LIFETIME;
    staff.sign_ins().push(&sha256(reference.as_bytes()), &push, expires_at).await?;
    Ok(Reply::created(json!({ "request_uri": reference, "expires_in": LIFETIME })))
}

fn read(staff: &Staff, client: Client, form: &Form, jkt: String) -> Result<Push, Refusal> {
    let malformed = Err(Refusal::RequestMalformed);
    // A request in a request (RFC 9101), or a pushed one pushed again (RFC 9126 §2.1).
    if form.said("request").is_some() || form.said("request_uri").is_some() {
        return malformed;
    }
    let fixed = [("response_type", "code"), ("code_challenge_method", "S256")];
    if fixed.iter().any(|(name, value)| form.said(name) != Some(*value)) {
        return malformed;
    }
    if !matches!(form.said("response_mode"), None | Some("query")) {
        return malformed;
    }
    // The key is the proof's. Said twice, it is the same (RFC 9449 §10.1).
    if form.said("dpop_jkt").is_some_and(|said| said != jkt) {
        return Err(Refusal::DpopProofInvalid);
    }
    if form.said("resource").is_some_and(|target| !staff.is_audience(target)) {
        return Err(Refusal::TargetUnknown);
    }
    let scope = form.need("scope")?;
    let mut words: Vec<&str> = scope.split(' ').collect();
    words.sort_unstable();
    let asked = words.len();
    words.dedup();
    let known = words.len() == asked && words.iter().all(|word| SCOPES.contains(word));
    if !known || !words.contains(&"openid") {
        return Err(Refusal::ScopeUnknown);
    }
    let redirect_uri = form.need("redirect_uri")?;
    let code_challenge = form.need("code_challenge")?;
    if !redirect::is_ours(redirect_uri, &staff.redirects) || !is_digest(code_challenge) {
        return malformed;
    }
    let prompt = match form.said("prompt") {
        None | Some("consent") => "",
        Some("none") => "none",
        // Whoever may choose an account has to sign in to it.
        Some("login" | "select_account" | "login consent" | "consent login") => "login",
        Some(_) => return malformed,
    };
    let max_age = match form.said("max_age").map(str::parse) {
        None => None,
        Some(Ok(seconds)) if (0..=LONGEST_AGE).contains(&seconds) => Some(seconds),
        Some(_) => return malformed,
    };
    // What is sent back, is sent back as it came: as long as it can be written down.
    let said_back = |name| match form.need(name) {
        Ok(value) if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
            Ok(value.to_owned())
        }
        _ => malformed_text(),
    };
    let language = form.may("ui_locales")?.into_iter().flat_map(|locales| locales.split(' '));
    let language = language.filter_map(|tag| tag.split('-').next());
    Ok(Push {
        client_id: client.id,
        facility_id: client.facility_id,
        redirect_uri: redirect_uri.to_owned(),
        scope: scope.to_owned(),
        state: said_back("state")?,
        nonce: said_back("nonce")?,
        code_challenge: code_challenge.to_owned(),
        dpop_jkt: jkt,
        prompt: prompt.to_owned(),
        max_age,
        language: language
            .into_iter()
            .find(|tag| matches!(*tag, "ja" | "en"))
            .unwrap_or_default()
            .to_owned(),
        login_hint: form.may("login_hint")?.unwrap_or_default().to_owned(),
    })
}

fn malformed_text() -> Result<String, Refusal> {
    Err(Refusal::RequestMalformed)
}

/// SHA-256 in base64url: the only form of a code challenge (RFC 7636 §4.2).
fn is_digest(text: &str) -> bool {
    Base64UrlUnpadded::decode_vec(text).is_ok_and(|bytes| bytes.len() == 32)
}

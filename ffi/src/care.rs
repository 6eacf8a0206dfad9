//! What a facility does with a person beside the visit: each function makes one conversation, of no card and no screen.
//!
//! What the facility asks by itself shows the staff member's token; what is about a person shows the access token of a visit,
//! 15 minutes long, or of what `reopen` gives.

use std::sync::Arc;

use kaigotap::{exchange, kaigo};

use crate::conversation::Conversation;
use crate::failure::{KaigoTapError, unusable};
use crate::filing::Notice;
use crate::information::InformationKind;
use crate::outcome::Outcome;
use crate::users::UserSearch;
use crate::visit::Environment;
use crate::way::{InsuranceDomain, Use};

/// Another token for what a visit with a card left (`evidence_token`), within 24 hours, for its staff member on its device;
/// after that, `reverify_required`. For the insurance that is named, whichever the visit was for; care insurance, where none is.
#[uniffi::export(default(reading = [], insurance_domain = None))]
pub fn reopen(
    environment: Environment,
    evidence_token: String,
    uses: Vec<Use>,
    reading: Vec<InformationKind>,
    insurance_domain: Option<InsuranceDomain>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    if uses.is_empty() {
        return Err(unusable("no use"));
    }
    let evidence = exchange::EvidenceToken::parse(evidence_token)?;
    let uses: Vec<_> = uses.into_iter().map(Into::into).collect();
    let kinds = reading.into_iter().map(Into::into);
    let domain = insurance_domain.map(Into::into).unwrap_or_default();
    let flow = kaigo::reopen_for(environment.into_caller()?, evidence, uses, kinds, domain);
    Ok(Conversation::of(flow, |it| Outcome::Reopened { confirmation: it.into() }))
}

/// What the platform tells of the person whom an access token is about, as it is now.
#[uniffi::export]
pub fn entitlement(
    environment: Environment,
    access_token: String,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let token = exchange::AccessToken::parse(access_token)?;
    let flow = kaigo::entitlement(environment.into_caller()?, token);
    Ok(Conversation::of(flow, |it| Outcome::Entitled { entitlement: it.into() }))
}

/// What the platform has of one kind, for a token of a visit that was to read it: the latest, or what is behind an earlier
/// part's `next`. `not_shared` where it is not for a facility of this kind.
#[uniffi::export(default(after = None))]
pub fn information(
    environment: Environment,
    access_token: String,
    kind: InformationKind,
    after: Option<String>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let token = exchange::AccessToken::parse(access_token)?;
    let after = after.map(kaigo::Cursor::parse).transpose()?;
    let caller = environment.into_caller()?;
    let flow = kaigo::information(caller, token, kind.into(), after.as_ref());
    Ok(Conversation::of(flow, |it| Outcome::InformationTold { information: it.into() }))
}

/// The users of the facility (利用者一覧), page by page.
#[uniffi::export]
pub fn list_users(
    environment: Environment,
    search: UserSearch,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = kaigo::list_users(environment.into_caller()?, &search.into_core()?);
    Ok(Conversation::of(flow, |it| Outcome::Users { page: it.into() }))
}

/// Opens the registration of somebody who is on the list, on this device; `registration_expired` for who is not.
#[uniffi::export]
pub fn open_user(
    environment: Environment,
    subject: String,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let subject = exchange::Subject::parse(subject)?;
    let flow = kaigo::open_user(environment.into_caller()?, &subject);
    Ok(Conversation::of(flow, |it| Outcome::Opened { registration: it.into() }))
}

/// Ends the contract (契約終了): from now on nothing of the person opens for this facility, on any device.
#[uniffi::export]
pub fn end_contract(
    environment: Environment,
    subject: String,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let subject = exchange::Subject::parse(subject)?;
    let flow = kaigo::end_contract(environment.into_caller()?, &subject);
    Ok(Conversation::of(flow, |()| Outcome::ContractEnded))
}

/// The person's consent (包括同意) as it is on record, for a token of a visit that was for consent.
#[uniffi::export]
pub fn consent_on_record(
    environment: Environment,
    access_token: String,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let token = exchange::AccessToken::parse(access_token)?;
    let flow = kaigo::consent(environment.into_caller()?, token);
    Ok(Conversation::of(flow, |it| Outcome::ConsentTold { consent: it.into() }))
}

/// Takes the person's consent in the municipality's stead. Where it was not explained, or the person does not agree, nothing
/// is sent (`assent_missing`); where it is given already, it stays as it is.
#[uniffi::export]
pub fn take_consent(
    environment: Environment,
    access_token: String,
    explained: bool,
    agreed: bool,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let token = exchange::AccessToken::parse(access_token)?;
    let assent = kaigo::Assent { explained, agreed };
    let flow = kaigo::take_consent(environment.into_caller()?, token, assent);
    Ok(Conversation::of(flow, |it| Outcome::ConsentTold { consent: it.into() }))
}

/// Files a notice (居宅サービス計画作成依頼届出), for a token of a visit that was for it. Without the person's assent nothing is sent
/// (`assent_missing`).
#[uniffi::export]
pub fn file_notice(
    environment: Environment,
    access_token: String,
    notice: Notice,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let token = exchange::AccessToken::parse(access_token)?;
    let flow = kaigo::file_notice(environment.into_caller()?, token, notice.into_core()?);
    Ok(Conversation::of(flow, |it| Outcome::Filed { filing: it.into() }))
}

/// What the facility has filed, page by page: behind an earlier page's `next`, so many at once, 1 to 500.
#[uniffi::export(default(after = None, limit = None))]
pub fn list_filings(
    environment: Environment,
    after: Option<String>,
    limit: Option<u16>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let cursor = after.map(kaigo::Cursor::parse).transpose()?;
    let flow = kaigo::list_filings(environment.into_caller()?, cursor.as_ref(), limit);
    Ok(Conversation::of(flow, |it| Outcome::Filings { page: it.into() }))
}

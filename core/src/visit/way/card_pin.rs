//! Face by eye, then card with PIN (公的個人認証法 Art. 38).

use crate::exchange::{Expected, Proof, Way, exchange};
use crate::flow::{Stage, Talk};
use crate::kaigo::entitlement;
use crate::message::Failure;
use crate::platform::Platform;
use crate::visit::outcome::Outcome;
use crate::visit::plan::{Environment, Plan, Whom};
use crate::visit::{face, proof};

pub(in crate::visit) async fn card_pin(
    talk: &Talk,
    plan: &Plan,
    mut environment: Environment,
) -> Result<Outcome, Failure> {
    let face = face::confirm(talk).await?;

    let visit = environment.entropy.uuid();
    let assertion_id = environment.entropy.uuid();
    let requests = environment.entropy.part();
    let environment = environment;
    let expected = Expected {
        issuer: &environment.issuer,
        device: &environment.device,
        staff: &environment.staff_token,
        visit: &visit,
        uses: &plan.uses,
        way: Way::CardPin,
        subject: None,
    };
    let Environment { server, issuer, device, .. } = &environment;
    let platform = Platform::new(talk, server, issuer, device, requests);
    let proven =
        proof::signed_by_card(&platform, &environment, &expected, &assertion_id, face).await?;

    talk.stage(Stage::Exchange);
    let confirmation = exchange(&platform, Proof::Card(&proven.assertion), &expected).await?;

    talk.stage(Stage::Entitlement);
    let entitlement = entitlement(&platform, &confirmation.token).await?;
    if let Whom::Chosen(chosen) = &plan.whom {
        chosen.compare(&entitlement.person)?;
    }
    let birth = entitlement.person.birth_date;
    Ok(Outcome {
        confirmation,
        face: proven.face.check,
        certificate: proven.verdict,
        genuineness: None,
        birthday_fits: birth.and_then(|birth| proven.certificate.ends_on_birthday(birth)),
        entitlement,
    })
}

//! Face by eye, then a tap without PIN (かざし利用, 公的個人認証法 Art. 38-4).

use crate::exchange::{Expected, Proof, Way, exchange};
use crate::flow::{Stage, Talk};
use crate::kaigo::entitlement;
use crate::message::{Code, Failure};
use crate::platform::Platform;
use crate::visit::outcome::Outcome;
use crate::visit::plan::{Environment, Plan, Registered};
use crate::visit::{face, tap};

pub(in crate::visit) async fn card_tap(
    talk: &Talk,
    plan: &Plan,
    person: &Registered,
    mut environment: Environment,
) -> Result<Outcome, Failure> {
    let face = face::confirm(talk).await?;

    let visit = environment.entropy.uuid();
    let evidence_id = environment.entropy.uuid();
    let requests = environment.entropy.part();
    let environment = environment;
    let expected = Expected {
        issuer: &environment.issuer,
        device: &environment.device,
        staff: &environment.staff_token,
        visit: &visit,
        uses: &plan.uses,
        way: Way::CardTap,
        subject: Some(&person.subject),
    };
    let Environment { server, issuer, device, .. } = &environment;
    let platform = Platform::new(talk, server, issuer, device, requests);
    let tapped =
        tap::shown_by_card(&platform, &environment, &expected, &evidence_id, face, person).await?;

    talk.stage(Stage::Exchange);
    let confirmation = exchange(&platform, Proof::Tap(&tapped.evidence), &expected).await?;
    if confirmation.subject != person.subject {
        return Err(Failure::new(Code::ServerAnswerInvalid).with_detail("subject"));
    }

    talk.stage(Stage::Entitlement);
    let entitlement = entitlement(&platform, &confirmation.token).await?;
    person.person.compare(&entitlement.person)?;
    Ok(Outcome {
        confirmation,
        face: tapped.face.check,
        certificate: tapped.verdict,
        genuineness: Some(tapped.genuineness),
        birthday_fits: tapped.certificate.ends_on_birthday(person.birth),
        entitlement,
    })
}

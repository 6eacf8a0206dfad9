//! `/v1/information/…`: what is known of the person beside the entitlement, as far as it is shared with the facility.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::{USUAL, WebService};
use crate::audit::{Event, What};
use crate::base::clock::rfc3339;
use crate::base::refusal::Refusal;
use crate::base::reply::Reply;
use crate::base::sender::Sender;
use crate::kiban::{Kind, Viewer, Wanted};
use crate::staff::FacilityKind;

/// What stands behind the path.
#[derive(Deserialize)]
pub(super) struct Asked {
    after: Option<String>,
}

/// `GET /v1/information/{kind}`
pub(super) async fn read(
    State(service): State<Arc<WebService>>,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
    sender: Sender,
) -> Response {
    Reply::from(service.information(&sender, &kind, asked.after.as_deref()).await)
        .at(service.base.now())
}

impl WebService {
    async fn information(
        &self,
        sender: &Sender,
        kind: &str,
        after: Option<&str>,
    ) -> Result<Reply, Refusal> {
        let kind = named(kind).ok_or(Refusal::RequestMalformed)?;
        let opened = self.sts.opened(sender, scope(kind)).await?;
        let viewer = viewer(opened.member.facility_kind);
        let here = (opened.member.facility_id.as_str(), viewer);
        // Nobody goes on with a place in what is known of somebody else, or at another facility.
        let about = format!("{}.cursor/{}/{}", kind.name(), here.0, opened.pmh_id);
        let before = after.map(|after| self.place(&about, after)).transpose()?;
        let wanted = Wanted { kind, before, most: USUAL };
        let records = self.kiban.information(&opened.pmh_id, &wanted, here).await;
        let outcome = records.as_ref().err().map_or("ok", |why| why.code());
        let who = super::who(&opened);
        self.audit.add(&Event { what: What::View, outcome, note: kind.name(), who }).await?;
        let as_of = rfc3339(self.base.now());
        let records = records?;
        self.looked(&opened, kind.name()).await?;
        let next = records
            .next
            .map(|(day, number)| self.base.store.seal_text(&about, &format!("{day} {number}")));
        let (records, next) = (records.seen, next.transpose()?);
        Ok(Reply::ok(json!({
            "kind": kind.name(), "as_of": as_of, "records": records, "next": next,
        })))
    }

    /// Where a part begins, as an earlier one has said.
    fn place(&self, about: &str, after: &str) -> Result<(String, i64), Refusal> {
        let place = self.base.store.open_text(about, after);
        let place = place.as_deref().and_then(|place| place.split_once(' '));
        let place = place.and_then(|(day, number)| Some((day.to_owned(), number.parse().ok()?)));
        place.ok_or(Refusal::RequestMalformed)
    }
}

/// The kind of a path, in which words are parted by hyphens.
fn named(path: &str) -> Option<Kind> {
    let name = path.replace('-', "_");
    Kind::named(&name).filter(|_| !path.contains('_'))
}

/// The scope that opens a kind.
fn scope(kind: Kind) -> &'static str {
    match kind {
        Kind::Certification => "certification:read",
        Kind::Survey => "survey:read",
        Kind::DoctorOpinion => "doctor_opinion:read",
        Kind::Housing => "housing:read",
        Kind::CarePlan => "care_plan:read",
        Kind::Life => "life:read",
    }
}

/// As what a facility looks.
pub(crate) fn viewer(facility: FacilityKind) -> Viewer {
    match facility {
        FacilityKind::CareManagement | FacilityKind::PreventiveSupport => Viewer::Planner,
        FacilityKind::HealthFacility | FacilityKind::MedicalFacility => Viewer::CareWithPhysician,
        FacilityKind::Medical => Viewer::Medical,
        _ => Viewer::Care,
    }
}

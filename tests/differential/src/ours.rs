//! What the SDK says.

use jiff::Timestamp;
use kaigotap::pki::revocation::Revocation;
use kaigotap::pki::revocation::crl::Crl;
use kaigotap::pki::revocation::ocsp::{self, Hash};
use kaigotap::pki::{
    Certificate, Demand, Evidence, Malformed, Purpose, Reason, TrustAnchors, decide, verify,
};

use crate::oracle::Encoded;

/// Why it does not accept a case: a code of its own, or what could not be read.
pub(crate) fn judge(case: &Encoded) -> Result<(), String> {
    let unreadable = |what: &'static str| move |why: Malformed| format!("{what} {why}");
    let leaf = Certificate::parse(&case.leaf).map_err(unreadable("leaf"))?;
    let intermediates = case.intermediates.iter().map(|der| Certificate::parse(der));
    let intermediates: Vec<_> =
        intermediates.collect::<Result<_, _>>().map_err(unreadable("intermediate"))?;
    let anchors = case.anchors.iter().map(Vec::as_slice);
    let anchors = TrustAnchors::test(anchors, []).map_err(unreadable("anchor"))?;
    let at = Timestamp::from_second(case.at).map_err(|error| error.to_string())?;
    let demand = match case.purpose {
        "authentication" => Demand::new(Purpose::Authentication, at),
        _ => Demand::any_purpose(at),
    };
    let demand = match case.policies.as_slice() {
        [] => demand.under_any_policy(),
        policies => {
            let policies = policies.iter().map(String::as_str);
            demand.with_policies(policies).map_err(unreadable("policy"))?
        }
    };
    let lists = case.lists.iter().map(|der| Crl::parse(der.clone()));
    let lists: Vec<_> = lists.collect::<Result<_, _>>().map_err(unreadable("list"))?;
    let answer = case.answer.as_deref().map(ocsp::Response::parse).transpose();
    let answer = answer.map_err(unreadable("answer"))?;
    let mut evidence = Evidence::none().with_crls(&lists);
    let asked = intermediates.first().or(anchors.certificates().next()).zip(case.nonce);
    let asked =
        asked.map(|(issuer, nonce)| ocsp::Request::new(&leaf, issuer, Hash::Sha1, Some(nonce)));
    if let Some(answer) = &answer {
        evidence = evidence.with_ocsp(answer, asked.as_ref());
    }
    if lists.is_empty() && answer.is_none() {
        verify(&leaf, &intermediates, &anchors, &demand, &evidence).map(drop)
    } else {
        decide(&leaf, &intermediates, &anchors, &demand, &evidence).map(drop)
    }
    .map_err(|rejected| match rejected.report().revocation() {
        Revocation::NotChecked { why } if rejected.reason() == Reason::RevocationUnknown => {
            why.code().to_owned()
        }
        _ => rejected.reason().code().to_owned(),
    })
}

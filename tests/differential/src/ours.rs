//! What the SDK says.

use jiff::Timestamp;
use kaigotap::pki::revocation::Revocation;
use kaigotap::pki::revocation::crl::Crl;
use kaigotap::pki::revocation::ocsp::{Hash, Request, Response};
use kaigotap::pki::{
    Certificate, Demand, Evidence, Malformed, Purpose, Reason, Rejected, TrustAnchors, decide,
    verify,
};

use crate::chain::POLICY;
use crate::oracle::Encoded;

/// Why it does not accept a case: a code of its own, or what could not be read.
pub(crate) fn judge(case: &Encoded) -> Result<(), String> {
    let unreadable = |what: &'static str| move |why: Malformed| format!("{what} {why}");
    let leaf = Certificate::parse(&case.leaf).map_err(unreadable("leaf"))?;
    let intermediates = case.intermediates.iter().map(|der| Certificate::parse(der));
    let intermediates: Vec<_> =
        intermediates.collect::<Result<_, _>>().map_err(unreadable("intermediate"))?;
    let ders = case.anchors.iter().map(Vec::as_slice);
    let anchors = TrustAnchors::test(ders, []).map_err(unreadable("anchor"))?;
    let at = Timestamp::from_second(case.at).map_err(|error| error.to_string())?;
    let demand = match case.purpose {
        "authentication" => Demand::new(Purpose::Authentication, at),
        _ => Demand::any_purpose(at),
    };
    let demand = match case.policies.as_slice() {
        [] => demand.under_any_policy(),
        // That of test cards, which a purpose has of itself.
        [policy] if policy == POLICY && case.purpose == "authentication" => demand,
        policies => {
            let policies = policies.iter().map(String::as_str);
            demand.with_policies(policies).map_err(unreadable("policy"))?
        }
    };
    if let Some(answer) = &case.answer {
        verify(&leaf, &intermediates, &anchors, &demand, &Evidence::none())
            .map_err(|rejected| code(&rejected))?;
        return answered(case, &leaf, &intermediates, at, &Response::parse(answer));
    }
    let lists = case.lists.iter().map(|der| Crl::parse(der.clone()));
    let lists: Vec<_> = lists.collect::<Result<_, _>>().map_err(unreadable("list"))?;
    let evidence = Evidence::none().with_crls(&lists);
    if lists.is_empty() {
        verify(&leaf, &intermediates, &anchors, &demand, &evidence).map(drop)
    } else {
        decide(&leaf, &intermediates, &anchors, &demand, &evidence).map(drop)
    }
    .map_err(|rejected| code(&rejected))
}

/// An answer is on the leaf alone. So the path was judged as a whole, and now the leaf is under its issuer.
fn answered(
    case: &Encoded,
    leaf: &Certificate,
    intermediates: &[Certificate],
    at: Timestamp,
    answer: &Result<Response, Malformed>,
) -> Result<(), String> {
    let answer = answer.as_ref().map_err(|why| format!("answer {why}"))?;
    let demand = Demand::any_purpose(at);
    // With several anchors: the one under which an answer on the leaf is found.
    let mut said = Err("no issuer".to_owned());
    let anchors = case.anchors.iter().map(Vec::as_slice);
    let issuers: Vec<&[u8]> = match intermediates.first() {
        Some(issuer) => vec![issuer.der()],
        None => anchors.collect(),
    };
    for der in issuers {
        let issuer = Certificate::parse(der).map_err(|why| why.to_string())?;
        let anchors = TrustAnchors::test([der], []).map_err(|why| why.to_string())?;
        let asked = Request::new(leaf, &issuer, Hash::Sha256, case.nonce);
        let evidence = Evidence::none().with_ocsp(answer, Some(&asked));
        match decide(leaf, &[], &anchors, &demand, &evidence) {
            Ok(_) => return Ok(()),
            Err(rejected) if rejected.report().anchor().is_some() => said = Err(code(&rejected)),
            Err(_) => {}
        }
    }
    said
}

/// The reason, and if that is that nothing is known of a revocation, why.
fn code(rejected: &Rejected) -> String {
    match (rejected.reason(), rejected.report().revocation()) {
        (Reason::RevocationUnknown, Revocation::NotChecked { why }) => why.code().to_owned(),
        (reason, _) => reason.code().to_owned(),
    }
}

//! Where the SDK and OpenSSL may disagree. Each has a section of its name in `docs/divergences.md`.

use crate::chain::{Case, Draft, Extension, POLICY, ext};
use crate::der::{generalized_time, oid, time};
use crate::evidence::{List, SCOPE, Single};
use crate::keys::{Hash, STRONG};
use crate::oracle::Encoded;

/// One case in which they disagree.
pub(crate) struct Disagreement<'a> {
    pub(crate) case: &'a Case,
    pub(crate) encoded: &'a Encoded,
    /// What the SDK says against it.
    pub(crate) ours: Option<&'a str>,
    /// What OpenSSL says against it.
    pub(crate) theirs: Option<&'a str>,
}

type Divergence = (&'static str, fn(&Disagreement<'_>) -> bool);

impl Disagreement<'_> {
    /// Only the SDK rejects, and for this.
    fn ours(&self, reason: &str) -> bool {
        self.ours.is_some_and(|ours| ours == reason)
    }

    /// Only the SDK rejects, because of the form of something.
    fn malformed(&self, what: &[&str]) -> bool {
        self.ours.is_some_and(|ours| {
            what.iter().any(|what| ours.ends_with(&format!("malformed: {what}")))
        })
    }

    /// What OpenSSL says begins like this, and only OpenSSL rejects.
    fn theirs(&self, beginning: &str) -> bool {
        self.ours.is_none() && self.theirs.is_some_and(|theirs| theirs.starts_with(beginning))
    }

    /// Only the SDK rejects, and for this; or, where there are several lists, for what is wrong with another of them.
    fn ours_of_lists(&self, reason: &str) -> bool {
        let others = ["crl_stale", "crl_other_issuer", "crl_other_partition", "crl_not_yet"];
        let more = self.case.lists.len() > 1;
        self.ours(reason) || more && others.iter().any(|other| self.ours(other))
    }

    fn did(&self, mutation: &str) -> bool {
        self.case.mutations.contains(&mutation)
    }
}

/// Mutations that give a delta.
const DELTAS: [&str; 2] = ["list: continued by a delta", "list: two deltas"];

/// All of them: name, and whether this is one.
pub(crate) const DIVERGENCES: &[Divergence] = &[
    ("strict-der", |d| {
        d.malformed(&["a boolean", "bytes left over", "a bit string", "an integer", "cut short"])
    }),
    ("forms-of-time", |d| d.malformed(&["a time", "a GeneralizedTime before 2050"])),
    ("version-3", |d| d.malformed(&["not version 3"])),
    ("unique-identifiers", |d| d.malformed(&["unique identifiers"])),
    ("serial-numbers", |d| {
        d.malformed(&["a number that is not positive", "a serial number too long"])
    }),
    ("authority-key-identifier", |d| d.malformed(&["authority key identifier"])),
    ("empty-names", |d| d.malformed(&["an empty relative name", "no name"])),
    ("empty-constraints", |d| {
        d.malformed(&["name constraints that say nothing", "policy constraints that say nothing"])
    }),
    ("criticality", |d| d.ours("criticality")),
    ("given-order", |d| {
        d.ours("issuer_mismatch") && (d.did("order of the path") || d.did("one too many"))
    }),
    ("small-exponent", |d| {
        d.ours("key_refused") && (d.did("weak leaf") || d.did("weak authority") || d.did("signer"))
    }),
    ("leaf-key", |d| d.ours("key_refused") && d.did("key info")),
    ("algorithm-parameters", |d| {
        d.ours("algorithm_refused") && (d.did("both algorithms") || d.did("inner algorithm"))
    }),
    ("leaf-is-authority", |d| d.ours("leaf_is_authority")),
    ("key-usage", |d| d.ours("wrong_usage")),
    ("policy-of-the-leaf", |d| {
        // Only that of test cards is asked for as the purpose's own.
        let is_named = |one: &Extension| {
            one.oid == ext::POLICIES
                && one.value.windows(oid(POLICY).len()).any(|window| window == oid(POLICY))
        };
        d.ours("wrong_policy") && !d.case.path[0].extensions.iter().any(is_named)
    }),
    ("forms-of-names", |d| d.ours("name_constraint_unsupported")),
    ("last-second", |d| {
        // The same case a second earlier is accepted by both; that something ends now is seen in the bytes.
        let (at, general) = (time(d.encoded.at), generalized_time(d.encoded.at));
        let ends_now = |draft: &Draft| draft.not_after == at;
        let single_ends = |single: &Single| single.next_update.as_ref() == Some(&general);
        let answer = d.case.answer.as_ref();
        let delegates = || answer.into_iter().flat_map(|answer| &answer.certificates);
        let all = || d.case.path.iter().chain(&d.case.anchors);
        d.theirs("10 ") && all().any(ends_now)
            || d.theirs("12 ") && d.case.lists.iter().any(|list| list.next_update == at)
            || d.theirs("ocsp: not at this time")
                && answer.is_some_and(|answer| answer.singles.iter().any(single_ends))
            || d.theirs("ocsp: ")
                && d.theirs.is_some_and(|theirs| theirs.ends_with("has expired"))
                && all().chain(delegates()).any(ends_now)
    }),
    ("forms-of-lists", |d| {
        d.ours.is_some_and(|ours| ours.starts_with("list "))
            && d.malformed(&[
                "not version 2",
                "another element expected",
                "an extension twice",
                "two signature algorithms",
                "a reason",
                "a list of several kinds only",
                "a distribution point that says nothing",
            ])
            || d.ours_of_lists("crl_partial") && d.did("list: entry's extensions")
    }),
    ("partial-lists", |d| {
        // Lists of some reasons OpenSSL uses where it uses deltas.
        let of_some = d.did("list: some reasons") && DELTAS.iter().any(|delta| d.did(delta));
        d.ours_of_lists("crl_partial") && (d.did("list: indirect") || of_some)
    }),
    ("digest-of-lists", |d| {
        d.ours_of_lists("crl_signature_invalid")
            && d.case.lists.iter().any(|list| list.hash == Hash::Sha1 || list.signer >= STRONG)
    }),
    ("several-lists", |d| {
        let beside = ["list: an old one beside", "list: another generation's beside"];
        let unusable =
            ["crl_signature_invalid", "crl_stale", "crl_not_yet", "crl_critical_extension"];
        d.case.lists.len() > d.case.path.len()
            && beside.iter().chain(&DELTAS).any(|mutation| d.did(mutation))
            && unusable.iter().any(|reason| d.ours(reason))
    }),
    ("deltas-alone", |d| {
        d.ours("crl_delta_alone") && DELTAS.iter().any(|mutation| d.did(mutation))
    }),
    ("points-of-others", |d| {
        d.ours_of_lists("crl_other_partition")
            && (d.did("list: leaf's point") || d.did("list: point names its issuer"))
    }),
    ("lists-of-old-keys", |d| {
        // By name alone OpenSSL takes the first.
        let of_name = |list: &List| list.extensions.iter().all(|one| one.oid != ext::AUTHORITY_KEY);
        d.theirs("8 ")
            && (d.did("self-issued") || d.did("list: of the old key"))
            && d.case.lists.iter().any(of_name)
    }),
    ("complete-lists", |d| {
        // A list that is not of a part, and a leaf that is on another one for some reasons.
        d.theirs("3 ")
            && (d.did("list: leaf's point") || d.did("list: of everything"))
            && d.case.lists.iter().any(|list| list.extensions.iter().all(|one| one.oid != SCOPE))
    }),
    ("forms-of-answers", |d| {
        d.ours.is_some_and(|ours| ours.starts_with("answer "))
            && d.malformed(&["an extension twice", "another element expected", "a reason"])
    }),
    ("digest-of-answers", |d| {
        d.ours("ocsp_signature_invalid")
            && d.case
                .answer
                .as_ref()
                .is_some_and(|answer| answer.hash == Hash::Sha1 || answer.signer >= STRONG)
    }),
    ("critical-in-answers", |d| d.ours("ocsp_critical_extension")),
    ("time-of-answers", |d| {
        let no_next = |single: &Single| single.next_update.is_none();
        d.ours("ocsp_not_yet") && d.did("answer: produced")
            || d.ours("ocsp_stale")
                && d.case.answer.as_ref().is_some_and(|answer| answer.singles.iter().any(no_next))
    }),
    ("several-answers", |d| {
        let answer = d.case.answer.as_ref();
        answer.is_some_and(|answer| answer.singles.len() > 1)
            && (d.ours("revoked")
                || d.ours("ocsp_unknown")
                || d.ours("ocsp_stale")
                || d.theirs("ocsp: revoked")
                || d.theirs("ocsp: root ca not trusted") && d.did("answer: other issuer"))
    }),
    ("names-of-responders", |d| {
        d.theirs("ocsp: certificate verify error")
            && d.theirs.is_some_and(|theirs| theirs.ends_with("subtree violation"))
            && (d.did("name constraints") || d.did("answer: delegate's name"))
    }),
    ("unfit-responders", |d| {
        d.ours("ocsp_responder_unfit")
            && [
                "answer: delegate to be checked",
                "answer: delegate is an authority",
                "answer: delegate's key usage",
            ]
            .iter()
            .any(|mutation| d.did(mutation))
    }),
];

/// The name of this disagreement.
pub(crate) fn name(disagreement: &Disagreement<'_>) -> Option<&'static str> {
    DIVERGENCES.iter().find(|(_, is)| is(disagreement)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::DIVERGENCES;

    #[test]
    fn each_has_its_section_and_each_section_its_divergence() {
        let document = include_str!("../../../docs/divergences.md");
        let mut sections: Vec<_> =
            document.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let mut names: Vec<_> = DIVERGENCES.iter().map(|(name, _)| *name).collect();
        sections.sort_unstable();
        names.sort_unstable();
        assert_eq!(sections, names);
    }
}

//! Where the SDK and OpenSSL may disagree. Each has a section of its name in `docs/divergences.md`.

use crate::chain::Case;
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

    fn did(&self, mutation: &str) -> bool {
        self.case.mutations.contains(&mutation)
    }
}

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
    ("forms-of-names", |d| d.ours("name_constraint_unsupported")),
    ("last-second", |d| {
        // The same case a second earlier is accepted by both; that it is the end of a validity is seen in the bytes.
        let at = crate::der::time(d.encoded.at);
        let ends_now = |draft: &crate::chain::Draft| draft.not_after == at;
        d.theirs.is_some_and(|theirs| theirs.starts_with("10 "))
            && d.case.path.iter().chain(&d.case.anchors).any(ends_now)
            || d.theirs.is_some_and(|theirs| theirs.starts_with("12 "))
                && d.did("list: next update now")
            || d.theirs == Some("ocsp: not verified") && d.case.path.iter().any(ends_now)
    }),
    ("forms-of-lists", |d| {
        d.ours("crl_partial") && d.did("list: removed")
            || d.malformed(&[
                "an entry removed from a complete list",
                "not a list of version 2",
                "not version 2",
                "another element expected",
            ]) && d.ours.is_some_and(|ours| ours.starts_with("list "))
            || d.malformed(&["an extension twice"]) && d.did("list: extension twice")
    }),
    ("indirect-lists", |d| d.ours("crl_partial") && d.did("list: indirect")),
    ("digest-of-lists", |d| d.ours("crl_signature_invalid") && d.did("list: SHA-1")),
    ("critical-in-answers", |d| d.ours("ocsp_critical_extension")),
    ("unfit-responders", |d| {
        d.ours("ocsp_responder_unfit")
            && (d.did("answer: no nocheck") || d.did("answer: delegate may not sign"))
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

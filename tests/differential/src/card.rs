//! The certificates of JPKI test cards, judged by both; see tests/vectors/jpki-test-card/README.md.

use kaigotap::pki::Certificate;

use crate::oracle::{Encoded, Oracle};
use crate::ours;

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("../../vectors/jpki-test-card/", $name)).as_slice()
    };
}

/// A leaf, its root, the root of the other generation, for what it is, and its policy: on test cards and on real ones.
type Card = (&'static [u8], &'static [u8], &'static [u8], &'static str, [&'static str; 2]);

const CARDS: [Card; 2] = [
    (
        vector!("jpki-auth-cert.der"),
        vector!("jpki-auth-ca-cert.der"),
        vector!("jpki-auth-ca-cert-2019.der"),
        "authentication",
        ["1.2.392.200149.8.5.1.0.30", "1.2.392.200149.8.5.1.3.30"],
    ),
    // OpenSSL has no purpose for it.
    (
        vector!("jpki-sign-cert.der"),
        vector!("jpki-sign-ca-cert.der"),
        vector!("jpki-sign-ca-cert-2019.der"),
        "any",
        ["1.2.392.200149.8.5.1.0.20", "1.2.392.200149.8.5.1.1.20"],
    ),
];

/// Both must say the same, and what is right; says how often they were asked.
pub(crate) fn check(oracle: &mut Oracle) -> Result<usize, String> {
    let mut count = 0;
    for (leaf, root, other_root, purpose, [policy, real_policy]) in CARDS {
        let read = Certificate::parse(leaf).map_err(|why| why.to_string())?;
        let (from, to) = (read.not_before().as_second(), read.not_after().as_second());
        let cases = [
            ("its root", root, policy, from + 86_400, true),
            ("the first second", root, policy, from, true),
            ("the last second but one", root, policy, to - 1, true),
            ("a second too early", root, policy, from - 1, false),
            ("a second too late", root, policy, to + 1, false),
            ("the other generation's root", other_root, policy, from + 86_400, false),
            ("the policy of real cards", root, real_policy, from + 86_400, false),
        ];
        for (what, anchor, policy, at, accepted) in cases {
            let case = Encoded {
                leaf: leaf.to_vec(),
                intermediates: Vec::new(),
                anchors: vec![anchor.to_vec()],
                lists: Vec::new(),
                answer: None,
                nonce: None,
                purpose,
                policies: vec![policy.to_owned()],
                at,
            };
            let (ours, theirs) = (ours::judge(&case).err(), oracle.judge(&case)?);
            if (ours.is_none(), theirs.is_none()) != (accepted, accepted) {
                return Err(format!(
                    "test card, {purpose}, {what}: SDK {ours:?}, OpenSSL {theirs:?}"
                ));
            }
            count += 1;
        }
    }
    Ok(count)
}

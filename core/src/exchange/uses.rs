//! What a token shall open, and the scopes that stand for it.

use crate::flow::Way;

/// What a token shall open (利用の目的).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Use {
    /// View qualification and entitlement, and such kinds of information as were asked for.
    View,
    /// Register the person with this facility.
    Register,
    /// Take the person's consent to sharing (包括同意) in the municipality's stead.
    Consent,
    /// File a care plan notice (居宅サービス計画作成依頼届出). Only a card opens it.
    CarePlanNotice,
}

/// The scope of the entitlement.
const ENTITLEMENT: &str = "qualification:read";

impl Use {
    const ALL: [Self; 4] = [Self::View, Self::Register, Self::Consent, Self::CarePlanNotice];

    /// The scope that stands for it.
    fn scope(self) -> &'static str {
        match self {
            Self::View => ENTITLEMENT,
            Self::Register => "registration:write",
            Self::Consent => "consent:write",
            Self::CarePlanNotice => "care_plan_notice:submit",
        }
    }

    /// Whether a verification in this way ever opens it: asked for all the same, it would close everything else.
    fn is_open_to(self, way: Way) -> bool {
        match (self, way) {
            (Self::View, _) => true,
            (_, Way::Registered | Way::Disaster)
            | (Self::CarePlanNotice, Way::FourAttributes | Way::FaceCheck) => false,
            _ => true,
        }
    }
}

/// The scopes that are asked for: those of the uses, as far as the way opens them, and of what is to be read beside the
/// entitlement. A registration comes of the purpose; its scope is asked for only where there is no other.
pub(crate) fn scopes(uses: &[Use], reads: &[&'static str], way: Option<Way>) -> String {
    let open = |one: &Use| uses.contains(one) && way.is_none_or(|way| one.is_open_to(way));
    let needed = |one: &Use| *one != Use::Register || uses.len() == 1;
    // The entitlement first: without it a token is none.
    let mut scopes: Vec<&str> =
        Use::ALL.into_iter().filter(open).filter(needed).map(Use::scope).collect();
    if uses.contains(&Use::View) && way != Some(Way::Disaster) {
        scopes.extend(reads);
    }
    scopes.join(" ")
}

/// Which uses these scopes open. A registration opens nothing by itself.
pub(crate) fn opened(scopes: &str) -> Vec<Use> {
    let is_there = |one: &Use| scopes.split(' ').any(|scope| scope == one.scope());
    Use::ALL.into_iter().filter(is_there).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Use::{CarePlanNotice, Consent, Register, View};
    use super::*;

    const READS: &[&str] = &["certification:read", "consent:read"];
    const FOUR: &[Use] = &[View, Register, Consent, CarePlanNotice];

    #[rstest]
    #[case(&[View, Register], &[], Way::CardPin, "qualification:read")]
    #[case(&[View], &[], Way::Registered, "qualification:read")]
    #[case(&[Register], &[], Way::CardPin, "registration:write")]
    #[case(
        FOUR,
        READS,
        Way::CardPin,
        "qualification:read consent:write care_plan_notice:submit certification:read consent:read"
    )]
    #[case(
        FOUR,
        READS,
        Way::CardTap,
        "qualification:read consent:write care_plan_notice:submit certification:read consent:read"
    )]
    #[case(
        FOUR,
        READS,
        Way::FourAttributes,
        "qualification:read consent:write certification:read consent:read"
    )]
    #[case(FOUR, READS, Way::Registered, "qualification:read certification:read consent:read")]
    #[case(FOUR, READS, Way::Disaster, "qualification:read")]
    #[case(&[Consent], READS, Way::CardPin, "consent:write")]
    fn a_token_is_asked_for_what_the_plan_is_for_and_the_way_opens(
        #[case] uses: &[Use],
        #[case] reads: &[&'static str],
        #[case] way: Way,
        #[case] asked: &str,
    ) {
        assert_eq!(scopes(uses, reads, Some(way)), asked);
    }

    #[test]
    fn what_is_open_is_told_by_what_was_granted() {
        assert_eq!(opened("qualification:read consent:write other"), [View, Consent]);
        assert_eq!(opened(""), []);
        assert_eq!(opened("consent:writer"), []);
    }
}

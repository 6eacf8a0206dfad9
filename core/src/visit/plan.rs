//! What a visit is for, and whom this device knows and trusts. A plan that cannot be carried out is refused here.

use crate::exchange::{ChallengeKey, Device, Entropy, StaffToken, Use, Way};
use crate::kaigo::ChosenPerson;
use crate::message::{Code, Failure};
use crate::pki::TrustAnchors;
use crate::platform::ServerAddress;

/// What this visit is for.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) uses: Vec<Use>,
    pub(super) way: Way,
    pub(super) person: Option<ChosenPerson>,
}

impl Plan {
    /// A visit with card and PIN, by the staff member whose token it is, for their facility. The confirmation shall open
    /// these uses; none, or one twice, is `setup_invalid`.
    pub fn new(uses: impl Into<Vec<Use>>) -> Result<Self, Failure> {
        let uses = uses.into();
        let twice = uses
            .iter()
            .enumerate()
            .any(|(at, one)| uses.iter().skip(at.saturating_add(1)).any(|other| other == one));
        if uses.is_empty() || twice {
            return Err(invalid("uses"));
        }
        Ok(Self { uses, way: Way::CardPin, person: None })
    }

    /// Whom the nurse means to visit. Somebody else's card ends the visit with `another_person`, and nothing of that person
    /// is shown.
    #[must_use]
    pub fn with_person(mut self, person: ChosenPerson) -> Self {
        self.person = Some(person);
        self
    }
}

/// Whom this device knows and trusts: the fruit of its enrolment, and fresh randomness.
#[derive(Debug)]
pub struct Environment {
    pub(super) server: ServerAddress,
    pub(super) issuer: String,
    pub(super) challenge_keys: Vec<ChallengeKey>,
    pub(super) device: Device,
    pub(super) staff_token: StaffToken,
    pub(super) anchors: TrustAnchors,
    pub(super) entropy: Entropy,
}

impl Environment {
    /// The platform is at this address; its token service calls itself `issuer`, as its challenges say, and signs them with
    /// one of these keys; it knows this device, on which this staff member has signed in; cards are issued under these
    /// anchors. Without a key, or with an issuer that is no address, `setup_invalid`.
    pub fn new(
        server: ServerAddress,
        issuer: impl Into<String>,
        challenge_keys: impl Into<Vec<ChallengeKey>>,
        device: Device,
        staff_token: StaffToken,
        anchors: TrustAnchors,
        entropy: Entropy,
    ) -> Result<Self, Failure> {
        let (issuer, challenge_keys) = (issuer.into(), challenge_keys.into());
        ServerAddress::parse(issuer.as_str()).map_err(|_| invalid("issuer"))?;
        if challenge_keys.is_empty() {
            return Err(invalid("no challenge key"));
        }
        Ok(Self { server, issuer, challenge_keys, device, staff_token, anchors, entropy })
    }
}

fn invalid(what: &'static str) -> Failure {
    Failure::new(Code::SetupInvalid).with_detail(what)
}

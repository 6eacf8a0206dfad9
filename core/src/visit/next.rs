//! What may come after a way that failed: one table. Never a way that is not lawful here, never one that was finally
//! refused, and never one that cannot help. What is left at the worst is paper.

use crate::flow::{Way, Ways};
use crate::message::{Code, Failure, FailureKind};

/// How often a conversation goes on with a way at most.
const MOST: usize = 12;

/// What was tried in one conversation, and what of it is finally refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried {
    refused: Ways,
    /// Nothing that comes after it can be lawful.
    over: bool,
    times: usize,
}

/// What a failure leaves.
struct Left {
    /// The ways that can help, the best first.
    ways: &'static [Way],
    /// Those that are finally refused with it.
    refused: &'static [Way],
}

impl Tried {
    pub(super) const NOTHING: Self = Self { refused: Ways::NONE, over: false, times: 0 };

    /// Takes note that a way failed like this; the ways that are left of those that are lawful, the best first.
    pub(super) fn after(&mut self, failed: Way, code: Code, lawful: Ways) -> Ways {
        self.times = self.times.saturating_add(1);
        let left = left(failed, code);
        self.refused = self.refused.iter().chain(left.refused.iter().copied()).collect();
        self.over = self.over || left.ways.is_empty() || self.times >= MOST;
        if self.over {
            return Ways::NONE;
        }
        let mut ways: Vec<Way> = left.ways.to_vec();
        // The same way is offered for who wants to try it again, behind those that are better now.
        ways.retain(|&way| lawful.contains(way) && !self.refused.contains(way));
        ways.into_iter().collect()
    }
}

use Way::{CardPin, CardTap, Disaster, FaceCheck, FourAttributes, Registered};

const NONE: &[Way] = &[];
/// The same card with nothing of it that has failed, then what needs no card.
const AFTER_PIN: &[Way] = &[CardTap, Registered, FaceCheck, FourAttributes, Disaster];
const WITHOUT_CARD: &[Way] = &[Registered, FourAttributes, Disaster];
const CARD: &[Way] = &[CardPin, CardTap];
/// The same card, of which the photo counts and no certificate.
const WITHOUT_CERTIFICATE: &[Way] = &[Registered, FaceCheck, FourAttributes, Disaster];
/// All that a card that is not to be believed was asked for.
const WHOLE_CARD: &[Way] = &[CardPin, CardTap, FaceCheck];

/// The table: what can help after this way failed like this.
fn left(failed: Way, code: Code) -> Left {
    let left = |ways, refused| Left { ways, refused };
    match code {
        Code::Cancelled => left(stopped(failed), NONE),
        // Somebody else stands here, or somebody else's card lies here: no way makes that right.
        Code::FaceDiffers | Code::AnotherPerson => left(NONE, &Way::ALL),
        // The face is looked at anew, or the right card found, and then the same again.
        Code::FaceNotConfirmed | Code::AnotherCard if failed.uses_card() => left(
            match failed {
                FaceCheck => &[FaceCheck, CardPin, CardTap, Registered, FourAttributes, Disaster],
                CardTap => &[CardTap, CardPin, Registered, FourAttributes, Disaster],
                _ => &[CardPin, CardTap, Registered, FourAttributes, Disaster],
            },
            NONE,
        ),
        // Not the card itself: it may be found yet.
        Code::NotMyNumberCard
        | Code::PhoneNotTaken
        | Code::OldResidentCard
        | Code::CardNotSupported => {
            left(&[Registered, FourAttributes, CardPin, CardTap, Disaster], NONE)
        }
        // No PIN was wrong as far as is known: it is entered once more, and the tries that are left are asked for first.
        Code::PinMalformed | Code::CardRemovedDuringPin if failed == CardPin => {
            left(&[CardPin, CardTap, Registered, FaceCheck, FourAttributes, Disaster], NONE)
        }
        Code::PinMalformed | Code::CardRemovedDuringPin if failed == FaceCheck => reader(failed),
        // A PIN that is locked, not known or not there; not tried again without its holder beginning anew.
        Code::PinWrong
        | Code::PinLastTry
        | Code::PinBlocked
        | Code::PinUnusable
        | Code::PinMalformed
        | Code::PinNotChanged
        | Code::PinChangeUnknown
        | Code::CardRemovedDuringPin => match failed {
            // The key that opens the age record has failed, and the PIN is another.
            CardTap => {
                left(&[CardPin, Registered, FaceCheck, FourAttributes, Disaster], &[CardTap])
            }
            // So is what is printed on the card.
            FaceCheck => {
                left(&[CardTap, CardPin, Registered, FourAttributes, Disaster], &[FaceCheck])
            }
            _ => left(AFTER_PIN, &[CardPin]),
        },
        // What a tap reads is not there or not readable, or no ticket is for this person; card and PIN need none of it.
        Code::TicketMissing
        | Code::CardRecordInvalid
        | Code::CardDataMissing
        | Code::CardDataProtected
        | Code::CardApplicationMissing
        | Code::DobMismatch
        | Code::FirstPinRequired
            if failed == CardTap =>
        {
            left(&[CardPin, Registered, FaceCheck, FourAttributes, Disaster], &[CardTap])
        }
        // Nor what a face check reads.
        Code::CardRecordInvalid
        | Code::CardDataMissing
        | Code::CardDataProtected
        | Code::CardApplicationMissing
            if failed == FaceCheck =>
        {
            left(&[CardTap, CardPin, Registered, FourAttributes, Disaster], &[FaceCheck])
        }
        // No card to be believed, in whatever it says.
        Code::CertificateMalformed
        | Code::CertificateNotIssued
        | Code::CertificateUntrusted
        | Code::CertificateWrongPurpose
        | Code::CardNotGenuine => left(WITHOUT_CARD, WHOLE_CARD),
        // The certificate. The photo is none of it, and the platform knows the person by paper, too.
        Code::CertificateMissing
        | Code::CertificateExpired
        | Code::CertificateNotYetValid
        | Code::CertificateRenewed
        | Code::CertificateRevoked
        | Code::CertificateStatusUnknown
        | Code::CardRecordInvalid
        | Code::CardDataMissing
        | Code::CardDataProtected
        | Code::CardApplicationMissing
        | Code::DobMismatch
        | Code::FirstPinRequired
        | Code::HealthInsuranceUseNotRegistered => left(WITHOUT_CERTIFICATE, CARD),
        // Typed wrongly, perhaps; or by a card whose person was never brought in under it.
        Code::PersonNotFound => match failed {
            FourAttributes => left(&[FourAttributes, CardTap, CardPin, Registered], NONE),
            FaceCheck => left(&[FourAttributes, FaceCheck, CardTap, CardPin, Registered], NONE),
            Disaster => left(&[Disaster, FourAttributes, CardTap, CardPin, Registered], NONE),
            _ => left(WITHOUT_CARD, CARD),
        },
        // The way is not enough for what is asked, or over.
        Code::EvidenceTooWeak
        | Code::EvidenceNotSupported
        | Code::ReverifyRequired
        | Code::RegistrationExpired
        | Code::DisasterNotActive => match failed {
            CardTap => left(&[CardPin, FourAttributes], &[CardTap, Registered]),
            CardPin => left(&[CardTap, FourAttributes], &[CardPin]),
            Registered => left(&[CardTap, CardPin, FourAttributes, Disaster], &[Registered]),
            Disaster => left(&[CardTap, CardPin, Registered, FourAttributes], &[Disaster]),
            _ => left(&[CardTap, CardPin], &[FaceCheck, FourAttributes]),
        },
        // Asked too late or twice, or of a platform with newer rules: the same again, or another way.
        Code::ChallengeUsed | Code::ChallengeUnknown | Code::ChallengeExpired | Code::Refused => {
            left(anew(failed), NONE)
        }
        Code::CardAnswerInvalid => reader(failed),
        _ if Failure::from(code).kind() == FailureKind::Reader => reader(failed),
        // The platform, the network, the device, the staff member's sign-in, the insurer or a consent that is missing: they
        // are the same for every way.
        _ => left(NONE, NONE),
    }
}

/// The holder may think again; whoever stops a way chooses another first.
fn stopped(failed: Way) -> &'static [Way] {
    match failed {
        CardPin => &[CardTap, Registered, FaceCheck, FourAttributes, CardPin, Disaster],
        Registered => &[CardTap, CardPin, FaceCheck, FourAttributes, Registered, Disaster],
        FaceCheck => &[CardTap, CardPin, Registered, FourAttributes, FaceCheck, Disaster],
        _ => &[CardTap, CardPin, Registered, FaceCheck, FourAttributes, Disaster],
    }
}

/// The same from its beginning, or another.
fn anew(failed: Way) -> &'static [Way] {
    match failed {
        CardTap => &[CardTap, CardPin, Registered, FourAttributes, Disaster],
        CardPin => &[CardPin, CardTap, Registered, FourAttributes, Disaster],
        FaceCheck => &[FaceCheck, CardTap, CardPin, FourAttributes, Registered, Disaster],
        _ => &[CardTap, CardPin, FourAttributes, Registered, Disaster],
    }
}

/// The card slipped, or the reader did not do its part: the same again, or what needs neither.
fn reader(failed: Way) -> Left {
    let ways: &[Way] = match failed {
        CardTap => &[CardTap, CardPin, Registered, FourAttributes, Disaster],
        FaceCheck => &[FaceCheck, CardPin, CardTap, Registered, FourAttributes, Disaster],
        _ => &[CardPin, CardTap, Registered, FourAttributes, Disaster],
    };
    Left { ways, refused: NONE }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::{Language, Retry};

    /// Every list of ways that a plan can allow.
    fn plans() -> impl Iterator<Item = Ways> {
        (0_u8..64).map(|bits| {
            let allowed = |at: usize| bits >> at & 1 == 1;
            let ways = Way::ALL.into_iter().enumerate();
            ways.filter(|(at, _)| allowed(*at)).map(|(_, way)| way).collect()
        })
    }

    fn after(failed: Way, code: Code, lawful: Ways) -> Ways {
        { Tried::NOTHING }.after(failed, code, lawful)
    }

    #[test]
    fn every_failure_of_every_way_leaves_a_lawful_way_or_paper() {
        for lawful in plans() {
            for failed in Way::ALL {
                for &code in Code::ALL {
                    let ways = after(failed, code, lawful);
                    assert!(
                        ways.iter().all(|way| lawful.contains(way)),
                        "{failed:?} {code}: {ways:?}"
                    );
                    let noted = Failure::from(code).to_note();
                    assert!(!noted.is_empty(), "{failed:?} {code}: a dead end");
                    for note in noted {
                        assert!(!note.text(Language::English).is_empty());
                        assert!(!note.text(Language::Japanese).is_ascii());
                    }
                }
            }
        }
    }

    /// What the table says of a code and what its words say are one: who is sent to paper is offered its entry.
    #[test]
    fn who_is_sent_to_the_paper_certificate_can_type_it() {
        let all: Ways = Way::ALL.into_iter().collect();
        for &code in Code::ALL {
            let failure = Failure::from(code);
            let says = failure.next_action(Language::English).contains("paper certificate");
            // What an insurer has not connected, or a person not agreed to, no entry opens.
            let closed = matches!(code, Code::InsurerNotConnected | Code::ConsentRequired);
            if says && !closed {
                let ways = after(Way::CardPin, code, all);
                assert!(ways.contains(Way::FourAttributes), "{code}: {ways:?}");
            }
        }
    }

    /// Whoever is told to tap again can do so where they are.
    #[test]
    fn what_may_be_done_again_is_offered_again() {
        let all: Ways = Way::ALL.into_iter().collect();
        // Neither a change of PIN nor what a tap reads is of this way.
        let elsewhere = [Code::PinNotChanged, Code::CardRecordInvalid];
        for &code in Code::ALL.iter().filter(|code| !elsewhere.contains(code)) {
            let failure = Failure::from(code);
            let kinds = [FailureKind::Reader, FailureKind::Card, FailureKind::Pin];
            if failure.retry() == Retry::Same && kinds.contains(&failure.kind()) {
                let ways = after(CardPin, code, all);
                assert!(ways.contains(CardPin), "{code}: {ways:?}");
            }
        }
    }

    #[test]
    fn a_stranger_is_offered_nothing() {
        let all: Ways = Way::ALL.into_iter().collect();
        for failed in Way::ALL {
            for code in [Code::FaceDiffers, Code::AnotherPerson] {
                let mut tried = Tried::NOTHING;
                assert!(tried.after(failed, code, all).is_empty(), "{failed:?}");
                assert!(tried.after(failed, Code::Cancelled, all).is_empty(), "{failed:?}");
            }
        }
    }

    #[test]
    fn the_best_comes_first() {
        let all: Ways = Way::ALL.into_iter().collect();
        let paper: Ways = [CardPin, FourAttributes].into_iter().collect();
        let photo: Ways = [CardPin, FaceCheck, FourAttributes].into_iter().collect();
        for (failed, code, lawful, first) in [
            (CardPin, Code::PinBlocked, paper, Some(FourAttributes)),
            (CardPin, Code::PinUnusable, all, Some(CardTap)),
            (CardPin, Code::HealthInsuranceUseNotRegistered, paper, Some(FourAttributes)),
            (CardPin, Code::CertificateExpired, paper, Some(FourAttributes)),
            (CardPin, Code::PinBlocked, photo, Some(FaceCheck)),
            (CardPin, Code::PinUnusable, photo, Some(FaceCheck)),
            (CardPin, Code::CertificateExpired, photo, Some(FaceCheck)),
            (CardPin, Code::CardNotGenuine, photo, Some(FourAttributes)),
            (FaceCheck, Code::CardNotGenuine, photo, Some(FourAttributes)),
            (FaceCheck, Code::PinBlocked, photo, Some(CardPin)),
            (FaceCheck, Code::CardRemoved, photo, Some(FaceCheck)),
            (FaceCheck, Code::FaceDiffers, photo, None),
            (CardPin, Code::PhoneNotTaken, paper, Some(FourAttributes)),
            (CardPin, Code::OldResidentCard, paper, Some(FourAttributes)),
            (CardPin, Code::CardRemoved, paper, Some(CardPin)),
            (CardTap, Code::FirstPinRequired, all, Some(CardPin)),
            (CardTap, Code::DobMismatch, all, Some(CardPin)),
            (Registered, Code::RegistrationExpired, all, Some(CardTap)),
            (FourAttributes, Code::PersonNotFound, paper, Some(FourAttributes)),
            (Disaster, Code::DisasterNotActive, paper, Some(CardPin)),
            (CardPin, Code::ServerUnreachable, all, None),
            (CardPin, Code::InsurerNotConnected, all, None),
            (CardPin, Code::DeviceRevoked, all, None),
        ] {
            assert_eq!(after(failed, code, lawful).first(), first, "{failed:?} {code}");
        }
    }

    /// Who has a card with its photo and no PIN or certificate that helps is offered a look at it, before paper alone; where
    /// the card is not to be believed, somebody else stands here, or no reader reads, it is not.
    #[test]
    fn the_photo_is_offered_where_it_can_help_and_nowhere_else() {
        let all: Ways = Way::ALL.into_iter().collect();
        let without = |failed| Way::ALL.into_iter().filter(move |&way| way != failed);
        for &code in Code::ALL {
            let name = code.as_str();
            let untrue = matches!(
                code,
                Code::CertificateMalformed
                    | Code::CertificateNotIssued
                    | Code::CertificateUntrusted
                    | Code::CertificateWrongPurpose
                    | Code::CardNotGenuine
            );
            let of_the_pin = name.starts_with("pin_") || name == "card_removed_during_pin";
            let of_the_certificate = name.starts_with("certificate_") && !untrue;
            for failed in without(FaceCheck) {
                let ways = after(failed, code, all);
                let place = |way| ways.iter().position(|one| one == way);
                if (of_the_pin || of_the_certificate) && !ways.is_empty() {
                    assert!(place(FaceCheck) < place(FourAttributes), "{failed:?} {name}");
                    assert!(ways.contains(FaceCheck), "{failed:?} {name}: {ways:?}");
                }
                let of_the_reader =
                    !of_the_pin && Failure::from(code).kind() == FailureKind::Reader;
                if untrue || of_the_reader || matches!(code, Code::FaceDiffers) {
                    assert!(!ways.contains(FaceCheck), "{failed:?} {name}: {ways:?}");
                }
            }
        }
    }

    proptest! {
        /// Whatever happens one after the other: what was finally refused does not come again, nothing follows once it is
        /// over, and it comes to an end.
        #[test]
        fn nothing_that_was_refused_is_offered_again(
            bits in 0_u8..64,
            begin in 0_usize..6,
            codes in prop::collection::vec(0..Code::ALL.len(), 1..40),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 40),
        ) {
            let lawful = plans().nth(bits.into()).unwrap();
            let mut tried = Tried::NOTHING;
            let mut way = Way::ALL[begin];
            let mut refused = Vec::new();
            let mut turns = 0;
            for (code, pick) in codes.into_iter().zip(picks) {
                let code = Code::ALL[code];
                let ways = tried.after(way, code, lawful);
                refused.extend(left(way, code).refused.iter().copied());
                prop_assert!(ways.iter().all(|way| !refused.contains(&way)), "{code}: {ways:?}");
                turns += 1;
                let ways: Vec<Way> = ways.iter().collect();
                if ways.is_empty() {
                    break;
                }
                prop_assert!(turns < MOST);
                way = *pick.get(&ways);
            }
        }
    }
}

//! Visits with certificates that their issuer has something to say about, each told apart.

use jiff::{SignedDuration, Timestamp};
use kaigotap::message::Code;
use kaigotap_e2e::{Books, Scene, Told};
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{Application, CertificatePurpose, Revocation, RevocationReason};
use kaigotap_virtual_card::{Authority, Behaviour, Person, Purpose, VirtualCard, usual_issue_date};
use rstest::rstest;

const PURPOSE: CertificatePurpose = CertificatePurpose::Authentication;

/// Hanako's certificate as her card has it.
fn hanakos() -> Vec<u8> {
    let hanako = Person::hanako();
    Authority::of(&hanako).issue_authentication(&hanako, usual_issue_date()).unwrap()
}

/// Hanako's card with another certificate on it.
fn visit(world: &World, certificate: &[u8]) -> Told {
    let card = VirtualCard::certified(Person::hanako(), Behaviour::modern(), certificate).unwrap();
    Scene::with(world, card).play(|_, _| kaigotap_kit::hand::Hand::Off)
}

fn revoke(world: &World, reason: RevocationReason) {
    let serial = Person::hanako().serial(Purpose::Authentication).to_be_bytes();
    let revocation = Revocation { reason, invalid_since: None };
    world.wait(world.sandbox().revoke_as(PURPOSE, &serial, revocation)).unwrap();
}

/// Whose entitlement the visit ended with.
fn name(told: &Told) -> String {
    match told {
        Told::Verified(outcome) => outcome.entitlement.person.name_kana.clone(),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::lost(RevocationReason::KeyCompromise)]
#[case::suspended(RevocationReason::CertificateHold)]
#[case::no_reason(RevocationReason::Unspecified)]
#[case::superseded_by_nothing(RevocationReason::Superseded)]
fn a_revoked_certificate(#[case] reason: RevocationReason) {
    let world = World::start().unwrap();
    revoke(&world, reason);
    let before = Books::of(&world);
    assert_eq!(visit(&world, &hanakos()).code(), Some(Code::CertificateRevoked));
    assert_eq!(Books::of(&world).since(before).tokens, 0);
    world.stop();
}

#[test]
fn an_expired_certificate() {
    let world = World::start().unwrap();
    let (from, until) = (Timestamp::now() - SignedDuration::from_hours(48), Timestamp::now());
    let until = until - SignedDuration::from_hours(1);
    let wanted = Application::like(&hanakos()).unwrap().valid(from, until);
    let expired = world.wait(world.sandbox().issue(&wanted)).unwrap();
    assert_eq!(visit(&world, &expired).code(), Some(Code::CertificateExpired));
    world.stop();
}

#[test]
fn a_certificate_that_expires_on_its_way_to_the_server() {
    let world = World::start().unwrap();
    let now = Timestamp::now();
    let (from, until) = (now - SignedDuration::from_hours(48), now + SignedDuration::from_secs(30));
    let wanted = Application::like(&hanakos()).unwrap().valid(from, until);
    let expiring = world.wait(world.sandbox().issue(&wanted)).unwrap();
    // By the server's clock it is over, by the device's it is not.
    world.sandbox().shift_clock(SignedDuration::from_secs(50));
    assert_eq!(visit(&world, &expiring).code(), Some(Code::CertificateExpired));
    world.stop();
}

#[test]
fn a_renewed_card_and_the_one_before() {
    let world = World::start().unwrap();
    let old = hanakos();
    let before = name(&visit(&world, &old));
    let wanted = Application::like(&old).unwrap();
    let new = world.wait(world.sandbox().renew(&old, &wanted)).unwrap();
    assert_eq!(visit(&world, &old).code(), Some(Code::CertificateRenewed));
    assert_eq!(name(&visit(&world, &new)), before);
    // And once more: the link goes over several cards.
    let newest = world.wait(world.sandbox().renew(&new, &wanted)).unwrap();
    assert_eq!(visit(&world, &old).code(), Some(Code::CertificateRenewed));
    assert_eq!(visit(&world, &new).code(), Some(Code::CertificateRenewed));
    assert_eq!(name(&visit(&world, &newest)), before);
    world.stop();
}

#[test]
fn a_card_that_was_lost_before_it_was_renewed_stays_revoked() {
    let world = World::start().unwrap();
    let old = hanakos();
    revoke(&world, RevocationReason::KeyCompromise);
    let new = world.wait(world.sandbox().renew(&old, &Application::like(&old).unwrap())).unwrap();
    assert_eq!(visit(&world, &old).code(), Some(Code::CertificateRevoked));
    name(&visit(&world, &new));
    world.stop();
}

#[test]
fn the_next_generation_of_the_authority() {
    let world = World::start().unwrap();
    let old = hanakos();
    let before = name(&visit(&world, &old));
    // Any RSA key will do for a new generation.
    let key = Authority::foreign().key_der(Purpose::Signature);
    world.sandbox().roll(PURPOSE, key).unwrap();
    assert_eq!(name(&visit(&world, &old)), before, "the generation before is still good");
    let new = world.wait(world.sandbox().renew(&old, &Application::like(&old).unwrap())).unwrap();
    assert_eq!(name(&visit(&world, &new)), before);
    assert_eq!(visit(&world, &old).code(), Some(Code::CertificateRenewed));
    world.stop();
}

#[test]
fn a_card_that_the_authority_never_issued() {
    let world = World::start().unwrap();
    let stranger = Person::hanako().with_serial(Purpose::Authentication, 0x0012_3456);
    let card = VirtualCard::new(stranger, Behaviour::modern()).unwrap();
    let told = Scene::with(&world, card).play(|_, _| kaigotap_kit::hand::Hand::Off);
    assert_eq!(told.code(), Some(Code::CertificateNotIssued));
    world.stop();
}

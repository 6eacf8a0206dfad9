//! Lists signed with another key of the same authority, after it got a new one: RFC 5280 §6.3.3 (f).

use super::made::*;
use super::verdicts::{both, list_by, world};
use super::world::{KEYS, STRANGER, World};
use crate::pki::Reason;
use crate::pki::revocation::{NotChecked, Revocation};

/// An authority that certified another key of its own, once; the holder is below. Serials are 2 for that one, 3 for the
/// holder. Which of the keys is the old one makes no difference: new with old and old with new look the same.
fn rolled() -> World {
    let mut world = World::new(1);
    let own_name = world.all[1].draft.issuer.clone();
    world.rename(1, own_name);
    for authority in &mut world.all[..2] {
        authority.may(&[1, 0x06]);
    }
    world
}

/// What both say of the holder when these lists are given.
fn says(world: &World, lists: &[(usize, &[u8])]) -> (Option<Reason>, Revocation) {
    let lists: Vec<_> =
        lists.iter().map(|(key, serials)| list_by(0, &KEYS[*key], 9, serials)).collect();
    let (device, server, known) = both(world, &lists);
    if let Some(device) = device {
        assert_eq!(Some(device), server);
    }
    (server, known)
}

const OF_ANOTHER: Revocation = Revocation::NotChecked { why: NotChecked::ListFromAnother };

#[test]
fn either_key_lists_for_the_other() {
    let world = rolled();
    // By the key above alone: it speaks for the certificate between and for the holder.
    let (reason, known) = says(&world, &[(0, &[])]);
    assert!(reason.is_none() && matches!(known, Revocation::Good { .. }), "{known:?}");
    assert_eq!(says(&world, &[(0, &[3])]).0, Some(Reason::Revoked));
    assert_eq!(says(&world, &[(0, &[2])]).0, Some(Reason::AuthorityRevoked));
    // By both: whichever revokes.
    assert_eq!(says(&world, &[(0, &[]), (1, &[])]).0, None);
    assert_eq!(says(&world, &[(0, &[]), (1, &[3])]).0, Some(Reason::Revoked));
    assert_eq!(says(&world, &[(0, &[3]), (1, &[])]).0, Some(Reason::Revoked));
    // A key does not speak for its own certificate.
    assert_eq!(says(&world, &[(1, &[])]), (Some(Reason::RevocationUnknown), OF_ANOTHER));
}

/// Two steps away, with the authority's other certificate above.
#[test]
fn every_key_above_lists() {
    let mut world = world();
    let own_name = world.all[1].draft.issuer.clone();
    world.rename(1, own_name.clone());
    world.rename(2, own_name);
    assert_eq!(says(&world, &[(0, &[])]).0, None);
    assert_eq!(says(&world, &[(0, &[4])]).0, Some(Reason::Revoked));
    assert_eq!(says(&world, &[(0, &[]), (1, &[4])]).0, Some(Reason::Revoked));
}

/// One of the same name above that may not sign lists does not.
#[test]
fn a_key_that_may_not_list_does_not() {
    let mut world = rolled();
    world.all[0].may(CERTIFIES);
    let unfit = Revocation::NotChecked { why: NotChecked::ListIssuerUnfit };
    assert_eq!(says(&world, &[(0, &[])]), (Some(Reason::RevocationUnknown), unfit));
}

/// The same name with a key that the anchor of this path did not certify, be it an anchor's: all generations of an
/// authority have one name.
#[test]
fn a_key_under_another_anchor_is_a_strangers() {
    let mut world = World::new(0);
    world.all[0].may(&[1, 0x06]);
    let mut other = world.all[0].clone();
    other.info = KEYS[STRANGER].info();
    other.signer = STRANGER;
    other.set(SUBJECT_KEY, false, &write(0x04, &KEYS[STRANGER].id()));
    world.others[1].push(other);
    assert_eq!(says(&world, &[(0, &[])]).0, None);
    for serials in [&[][..], &[2]] {
        let said = says(&world, &[(STRANGER, serials)]);
        assert_eq!(said, (Some(Reason::RevocationUnknown), OF_ANOTHER));
    }
}

/// Another name above is another authority, whose list this is not.
#[test]
fn an_authority_above_of_another_name_does_not_list() {
    let world = world();
    let lists = [list_by(1, &KEYS[0], 9, &[]), list_by(2, &KEYS[0], 9, &[])];
    let (_, server, known) = both(&world, &lists);
    assert_eq!((server, known), (Some(Reason::RevocationUnknown), OF_ANOTHER));
}

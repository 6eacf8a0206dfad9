//! What is done to the device and to cards while nobody looks.

use kaigotap_sandbox::{CertificatePurpose, Revocation, RevocationReason};

use super::*;

impl Model<'_, '_> {
    pub(super) fn revoke(&mut self, card: usize) {
        let left = u64::from(CARDS - self.supply.next) > self.supply.revoked.len() as u64;
        if !left || !self.supply.revoked.insert(card) {
            return;
        }
        let world = self.supply.world;
        let serial = self.supply.cards[card].person().serial(Purpose::Authentication);
        let lost = Revocation { reason: RevocationReason::KeyCompromise, invalid_since: None };
        let purpose = CertificatePurpose::Authentication;
        world.wait(world.sandbox().revoke_as(purpose, &serial.to_be_bytes(), lost)).unwrap();
    }

    /// How often the journal was written, and whether it is told to be an older copy.
    fn verified(&mut self) -> (u64, bool) {
        let room = self.field.room.take();
        let (device, _) = self.field.signed_in(NURSES[0]);
        let flow = visit::verify_journal(self.field.key(), device, entropy());
        let report = self.field.converse(flow).unwrap().unwrap();
        self.field.room = room;
        self.found(&report.findings);
        (report.mark, report.findings.contains(&Finding::RolledBack))
    }

    pub(super) fn copy(&mut self) {
        let (written, told) = self.verified();
        self.copies.push(Copy {
            store: self.field.store.clone(),
            mark: self.field.mark,
            written,
            told,
            entries: self.entries.clone(),
            shift: self.shift.clone(),
            last: self.last,
        });
    }

    /// An older copy is put back, and the app is started anew. One that is older than the mark is told.
    pub(super) fn put_back(&mut self, which: usize, with_mark: bool) {
        let Some(at) = which.checked_rem(self.copies.len()) else { return };
        let copy = &self.copies[at];
        self.meddled = true;
        self.field.store.clone_from(&copy.store);
        self.entries.clone_from(&copy.entries);
        self.shift.clone_from(&copy.shift);
        if with_mark {
            self.field.mark = copy.mark;
            self.last = copy.last;
        }
        let told = copy.told || copy.written < self.field.mark;
        self.held.clear();
        assert_eq!(self.verified().1, told);
        self.probe();
    }
}

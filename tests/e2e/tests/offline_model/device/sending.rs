//! What waits is sent, shown and acknowledged.

use std::collections::BTreeSet;

use kaigotap_sandbox::AuditRecord;

use super::*;

impl Model<'_, '_> {
    pub(super) fn send(&mut self, nurse: usize, killed: Killed) -> bool {
        let flow = visit::send_waiting(self.field.environment(NURSES[nurse]), self.field.key());
        self.records();
        self.field.kill(killed);
        let told = self.field.converse(flow);
        let told = self.field.marked(told, |sent| sent.mark);
        let confirmed = self.judged();
        if let Some(Ok(report)) = &told {
            self.sent(nurse, report, &confirmed);
            return true;
        }
        for (_, place) in self.entries.values_mut() {
            if *place == Where::Waiting {
                *place = Where::Unsure;
            }
        }
        if let Some(Err(failure)) = &told {
            assert!(failure.code() == Code::StoreFull && self.field.room.is_some(), "{failure:?}");
        }
        told.is_some()
    }

    /// A sending came to its end.
    pub(super) fn sent(&mut self, nurse: usize, report: &SendReport, confirmed: &BTreeSet<u64>) {
        self.found(&report.findings);
        let own = |number: &u64| {
            let made = &self.made[self.entries[number].0];
            made.nurse == nurse && !made.is_note
        };
        let opens: BTreeSet<u64> = report.opens.iter().map(|(number, _)| *number).collect();
        assert_eq!(opens, confirmed.iter().copied().filter(own).collect());
        let why = report.held_up.as_ref().map(Failure::code);
        if !self.field.covered || why == Some(Code::ClockOff) {
            assert_eq!((report.confirmed, report.refused, report.expired), (0, 0, 0));
            match why {
                None => assert_eq!(report.waiting, 0),
                Some(Code::ServerUnreachable) => assert!(!self.field.covered),
                Some(code) => assert!(code == Code::ClockOff && !self.field.set.is_zero()),
            }
            return;
        }
        assert!(report.held_up.is_none() && report.waiting == 0, "{report:?}");
        for (made, place) in self.entries.values_mut() {
            if *place == Where::Waiting && !self.meddled {
                assert!(self.made[*made].taken.is_some(), "{} is over", self.made[*made].label);
            }
            *place = Where::Over;
        }
        if !report.findings.is_empty() {
            self.probe();
        }
    }

    /// The platform's records since they were read last.
    pub(super) fn records(&mut self) -> Vec<AuditRecord> {
        let mut all = Vec::new();
        let world = self.supply.world;
        loop {
            let page = world.wait(world.sandbox().audit().after(self.supply.read)).unwrap();
            let Some(last) = page.last() else { return all };
            self.supply.read = last.sequence;
            all.extend(page);
        }
    }

    /// What the platform has judged in this sending, in the order of the numbers and nothing twice; what it confirmed.
    pub(super) fn judged(&mut self) -> BTreeSet<u64> {
        let mut confirmed = BTreeSet::new();
        let mut maker = None;
        let mut pending = self.entries.clone().into_iter();
        for record in self.records() {
            let mut is_note = false;
            if record.what == "exchange" && record.note.contains("offline") {
                maker = Some((record.staff, record.person));
                // A ticket of an older copy was used or given back: nothing is known of the visit.
                if !["ticket_used", "ticket_unknown"].contains(&&*record.outcome) {
                    continue;
                }
                assert!(self.meddled, "{}", record.outcome);
            } else if record.what == "offline_sent" && record.note != "offline" {
                is_note = !record.note.starts_with("visit");
            } else {
                continue;
            }
            let (number, made) = loop {
                let next = pending.next();
                let Some((number, (at, place))) = next else {
                    panic!("one too many or out of order: {}", record.note);
                };
                let made = &mut self.made[at];
                if made.taken.is_none() && place != Where::Over {
                    if made.is_note == is_note {
                        break (number, made);
                    }
                    assert!(self.meddled, "{} was passed over", made.label);
                }
            };
            let taken = record.outcome == "ok";
            if !is_note {
                let (staff, person) = maker.take().unwrap();
                let known = self.makers.entry(made.nurse).or_insert_with(|| staff.clone());
                assert_eq!(*known, staff, "{}", made.label);
                if taken {
                    let known = self.people.entry(made.card).or_insert_with(|| person.clone());
                    assert_eq!(*known, person, "{}", made.label);
                    assert!(!self.supply.revoked.contains(&made.card));
                } else {
                    let reason =
                        self.passed || self.meddled || self.supply.revoked.contains(&made.card);
                    assert!(reason, "{} {}", made.label, record.outcome);
                }
            }
            made.taken = Some(taken);
            if taken {
                confirmed.insert(number);
            }
        }
        confirmed
    }

    pub(super) fn list(&mut self, nurse: usize) -> bool {
        let flow = visit::journal(self.environment(nurse));
        let view = match self.field.converse(flow).unwrap() {
            Ok(view) => view,
            Err(failure) => {
                self.stopped(nurse, &failure);
                return true;
            }
        };
        assert!(self.admitted(nurse));
        self.found(&view.findings);
        let of = |made: usize| self.made[made].nurse == nurse;
        let own: Vec<u64> =
            self.entries.iter().filter(|(_, (made, _))| of(*made)).map(|(at, _)| *at).collect();
        let shown: Vec<u64> = view.entries.iter().map(|entry| entry.number).collect();
        assert_eq!(shown, own);
        for entry in &view.entries {
            let (made, place) = self.entries[&entry.number];
            let made = &self.made[made];
            assert_eq!(entry.label, made.label);
            match entry.state {
                EntryState::Waiting => assert_ne!(place, Where::Over, "{}", made.label),
                state => {
                    assert_ne!(place, Where::Waiting, "{}", made.label);
                    let taken = state == EntryState::Confirmed;
                    assert_eq!(taken, made.taken == Some(true), "{} {state:?}", made.label);
                }
            }
        }
        let others = |least: &[Where]| {
            let others = self.entries.values().filter(|(made, _)| !of(*made));
            others.filter(|(_, place)| least.contains(place)).count()
        };
        let range = others(&[Where::Waiting])..=others(&[Where::Waiting, Where::Unsure]);
        assert!(range.contains(&view.others_waiting), "{range:?} {}", view.others_waiting);
        true
    }

    /// A nurse acknowledges whatever there is: of what is another's, and of what waits, nothing goes.
    pub(super) fn acknowledge(&mut self, nurse: usize, killed: Killed) -> bool {
        let numbers: Vec<u64> = self.entries.keys().copied().collect();
        let flow = visit::acknowledge(self.environment(nurse), numbers);
        self.field.kill(killed);
        let told = self.field.converse(flow);
        let told = self.field.marked(told, |mark| *mark);
        if let Some(Err(failure)) = &told {
            self.stopped(nurse, failure);
        }
        let (made, store) = (&self.made, &self.field.store);
        self.entries.retain(|number, (at, place)| {
            let own = made[*at].nurse == nurse && *place != Where::Waiting;
            let there = store.contains_key(&name(*number));
            let stays = own && there && *place == Where::Over && matches!(told, Some(Ok(_)));
            assert!(!stays, "{number} is not forgotten");
            !own || there
        });
        told.is_some()
    }

    /// Everything is sent at last, and everybody is told.
    pub(crate) fn last_sending(&mut self) {
        (self.field.covered, self.field.room) = (true, None);
        self.field.set = SignedDuration::ZERO;
        assert!(self.send(0, Killed::Never));
        self.step(&Step { act: Act::End, cut: None });
        self.held.clear();
        for nurse in [0, 1] {
            self.list(nurse);
            self.acknowledge(nurse, Killed::Never);
        }
        assert!(self.entries.is_empty());
        for made in &self.made {
            assert!(!made.told || made.taken.is_some() || self.meddled, "{} is lost", made.label);
        }
    }
}

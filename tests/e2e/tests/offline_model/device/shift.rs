//! Who holds the device.

use kaigotap::flow::{Flow, Secret};
use kaigotap::visit::ShiftChange;

use super::*;

impl Model<'_, '_> {
    pub(super) fn lock(&mut self, killed: Killed) -> bool {
        let (device, _) = self.field.signed_in(NURSES[0]);
        let told = self.change(visit::lock_shift(self.field.key(), device, entropy()), killed);
        self.settled(told, |model, shift| {
            assert_eq!(shift.unwrap(), None);
            if let Some(on) = &mut model.shift {
                on.open = None;
            }
        })
    }

    pub(super) fn end(&mut self, killed: Killed) -> bool {
        let (device, _) = self.field.signed_in(NURSES[0]);
        let told = self.change(visit::end_shift(self.field.key(), device, entropy()), killed);
        self.settled(told, |model, shift| {
            assert_eq!(shift.unwrap(), None);
            model.shift = None;
        })
    }

    pub(super) fn change(
        &mut self,
        flow: Flow<Result<ShiftChange, Failure>>,
        killed: Killed,
    ) -> Option<Result<ShiftChange, Failure>> {
        self.field.kill(killed);
        let told = self.field.converse(flow);
        self.field.marked(told, |change| change.mark)
    }

    pub(super) fn settled(
        &mut self,
        told: Option<Result<ShiftChange, Failure>>,
        then: impl FnOnce(&mut Self, Result<Option<Shift>, Failure>),
    ) -> bool {
        match told {
            None => return false,
            Some(Err(failure)) => {
                assert!(failure.code() == Code::StoreFull && self.field.room.is_some());
                return false;
            }
            Some(Ok(change)) => {
                self.found(&change.findings);
                then(self, change.shift);
            }
        }
        true
    }

    pub(super) fn begin(&mut self, nurse: usize, killed: Killed) -> bool {
        let (device, token) = self.field.signed_in(NURSES[nurse]);
        let code = Secret::new(CODES[nurse]);
        let idle = Duration::from_mins(1);
        let flow = visit::begin_shift(self.field.key(), device, entropy(), &token, code, idle);
        let told = self.change(flow, killed);
        // Where there was no room for all of it, it may be found all the same, as where the app was killed.
        self.unsure(!matches!(told, Some(Ok(_))), nurse);
        self.settled(told, |model, shift| model.opened(nurse, shift.unwrap().unwrap()))
    }

    pub(super) fn unlock(&mut self, nurse: usize, right: bool, killed: Killed) -> bool {
        let (device, _) = self.field.signed_in(NURSES[nurse]);
        let code = Secret::new(if right { CODES[nurse] } else { "000000" });
        let flow = visit::unlock_shift(self.field.key(), device, entropy(), code);
        let told = self.change(flow, killed);
        if let Some(on) = &mut self.shift {
            on.wrong = on.wrong.saturating_add(1);
            on.open = None;
        }
        self.settled(told, |model, shift| {
            let on = model.shift.clone();
            let whose = on.as_ref().and_then(|on| on.nurse);
            match shift.map_err(|failure| failure.code()) {
                Ok(shift) => {
                    assert!(right && on.is_some() && whose.is_none_or(|whose| whose == nurse));
                    model.opened(nurse, shift.unwrap());
                }
                Err(Code::StaffSignedOut) => assert!(on.is_none()),
                Err(Code::UnlockWrong) => assert!(!right || whose != Some(nurse)),
                Err(Code::UnlockWiped) => {
                    assert!(on.is_some_and(|on| on.wrong >= 5));
                    model.shift = None;
                }
                Err(code) => panic!("{code:?}"),
            }
        })
    }

    /// After a change that was not heard of the shift is whoever's.
    pub(super) fn unsure(&mut self, unheard: bool, nurse: usize) {
        if let (true, Some(on)) = (unheard, &mut self.shift) {
            on.nurse = on.nurse.filter(|whose| *whose == nurse);
            on.open = None;
        }
    }

    pub(super) fn opened(&mut self, nurse: usize, shift: Shift) {
        assert_eq!(shift.staff().as_str(), NURSES[nurse]);
        self.shift = Some(On { nurse: Some(nurse), open: Some(self.held.len()), wrong: 0 });
        self.held.push((nurse, shift));
    }
}

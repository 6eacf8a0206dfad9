//! Visits without coverage, and the shift of a shared device: each function makes one conversation, over the app's store.

use std::sync::Arc;
use std::time::Duration;

use kaigotap::{exchange, flow, kaigo, visit as core};
use zeroize::Zeroizing;

use crate::certificate::TrustAnchors;
use crate::conversation::Conversation;
use crate::enrolment::{EnrolledDevice, Enrolment, fresh};
use crate::failure::KaigoTapError;
use crate::filing::Notice;
use crate::hidden;
use crate::journal::{JournalKey, Shift};
use crate::outcome::Outcome;
use crate::person::CardAuthorities;
use crate::visit::{Environment, Plan};

/// Whom this device knows and trusts, and who holds it, where nobody can be asked. Shows nothing when printed.
#[derive(Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct OfflineEnvironment {
    /// The device's enrolment.
    pub enrolment: Enrolment,
    /// Who holds the device now (`staff_id` of who has signed in); only their own tickets are used.
    pub staff_id: String,
    /// Authorities that issue cards.
    pub anchors: TrustAnchors,
    /// The key of the journal.
    pub journal: JournalKey,
    /// 32 bytes of the system's secure randomness, fresh for each conversation.
    pub entropy: Vec<u8>,
    /// The shift in which they hold it, on a device that has shifts: `shift_locked` without it.
    #[uniffi(default = None)]
    pub shift: Option<Arc<Shift>>,
    /// As in `Environment`.
    #[uniffi(default = None)]
    pub card_authorities: Option<CardAuthorities>,
}
hidden!(OfflineEnvironment);

/// Fetches a ticket (持ち出し) for each of these people (`subject`), or for whoever it may be, in one call: at most 20, good for
/// up to 12 hours.
#[uniffi::export]
pub fn fetch_tickets(
    environment: Environment,
    journal: JournalKey,
    people: Vec<Option<String>>,
    hours: u8,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let subject = |person: Option<String>| person.map(exchange::Subject::parse).transpose();
    let people = people.into_iter().map(subject).collect::<Result<Vec<_>, _>>()?;
    let (environment, key) = (environment.into_core()?, journal.into_core()?);
    let flow = core::fetch_tickets(environment, key, people, hours)?;
    Ok(Conversation::of(flow, |tickets| Outcome::TicketsHeld { tickets: tickets.into() }))
}

/// The tickets that are held, without asking anybody.
#[uniffi::export]
pub fn held_tickets(environment: OfflineEnvironment) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = core::held_tickets(environment.into_core()?);
    Ok(Conversation::of(flow, |tickets| Outcome::TicketsHeld { tickets: tickets.into() }))
}

/// Gives back what is held and not used.
#[uniffi::export]
pub fn return_tickets(
    environment: Environment,
    journal: JournalKey,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = core::return_tickets(environment.into_core()?, journal.into_core()?);
    Ok(Conversation::of(flow, |tickets| Outcome::TicketsHeld { tickets: tickets.into() }))
}

/// A visit where there is no network, with a ticket that was fetched before. It is on the disk when it ends; nobody is
/// confirmed, and nothing of the platform is shown. `label`: what its maker will know it by, at most 128 characters.
#[uniffi::export]
pub fn offline_visit(
    plan: Plan,
    environment: OfflineEnvironment,
    label: String,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let label = Zeroizing::new(label);
    let flow = core::start_offline(plan.into_core()?, environment.into_core()?, &label)?;
    Ok(Conversation::of(flow, |waits| Outcome::VisitWaits { waits: waits.into() }))
}

/// Notes the person's consent behind a visit that waits, by its number: it is sent after it, and taken only if the visit is
/// confirmed.
#[uniffi::export]
pub fn note_consent(
    environment: OfflineEnvironment,
    visit: u64,
    explained: bool,
    agreed: bool,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let assent = kaigo::Assent { explained, agreed };
    let flow = core::note_consent(environment.into_core()?, visit, assent);
    Ok(Conversation::of(flow, |it| Outcome::NotedBehind { number: it.number, mark: it.mark }))
}

/// Notes a filing in the same way.
#[uniffi::export]
pub fn note_filing(
    environment: OfflineEnvironment,
    visit: u64,
    notice: Notice,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = core::note_filing(environment.into_core()?, visit, notice.into_core()?);
    Ok(Conversation::of(flow, |it| Outcome::NotedBehind { number: it.number, mark: it.mark }))
}

/// Sends what waits, in order, whoever made it. A device that was killed (`device_revoked`) forgets everything that it keeps.
#[uniffi::export]
pub fn send_waiting(
    environment: Environment,
    journal: JournalKey,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = core::send_waiting(environment.into_core()?, journal.into_core()?);
    Ok(Conversation::of(flow, |sent| Outcome::WaitingSent { report: sent.into() }))
}

/// What this staff member has made on this device, as far as they have not acknowledged what came of it.
#[uniffi::export]
pub fn journal(environment: OfflineEnvironment) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = core::journal(environment.into_core()?);
    Ok(Conversation::of(flow, |view| Outcome::JournalTold { journal: view.into() }))
}

/// They were told what came of these: they are forgotten.
#[uniffi::export]
pub fn acknowledge(
    environment: OfflineEnvironment,
    numbers: Vec<u64>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = core::acknowledge(environment.into_core()?, numbers);
    Ok(Conversation::of(flow, |mark| Outcome::Acknowledged { mark }))
}

/// Opens every entry of the journal, and says what is not as this device left it. Nothing is sent, and nothing is changed.
#[uniffi::export]
pub fn verify_journal(
    key: JournalKey,
    device: EnrolledDevice,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let flow = core::verify_journal(key.into_core()?, device.into_core()?, fresh(entropy)?);
    Ok(Conversation::of(flow, |report| Outcome::JournalVerified { report: report.into() }))
}

/// Begins the shift of a staff member who has just signed in, with a code of 6 to 12 digits that they choose. If the device
/// was another one's, that one's tickets are wiped; what waits stays. The code's bytes are wiped here; the app wipes its own.
#[uniffi::export]
pub fn begin_shift(
    journal: JournalKey,
    device: EnrolledDevice,
    staff_token: String,
    code: Vec<u8>,
    idle_after_seconds: u64,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let code = flow::Secret::new(code);
    let device = device.into_core()?;
    let token = exchange::StaffToken::parse(staff_token, &device)?;
    let idle_after = Duration::from_secs(idle_after_seconds);
    let key = journal.into_core()?;
    let flow = core::begin_shift(key, device, fresh(entropy)?, &token, code, idle_after);
    Ok(changed(flow))
}

/// Unlocks the shift with its holder's code. Five wrong ones in a row wipe the shift and its tickets.
#[uniffi::export]
pub fn unlock_shift(
    journal: JournalKey,
    device: EnrolledDevice,
    code: Vec<u8>,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let code = flow::Secret::new(code);
    let (key, device) = (journal.into_core()?, device.into_core()?);
    Ok(changed(core::unlock_shift(key, device, fresh(entropy)?, code)))
}

/// Locks the shift: when the device lies idle, or is handed over. Nothing is wiped.
#[uniffi::export]
pub fn lock_shift(
    journal: JournalKey,
    device: EnrolledDevice,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let (key, device) = (journal.into_core()?, device.into_core()?);
    Ok(changed(core::lock_shift(key, device, fresh(entropy)?)))
}

/// Ends the shift, and wipes its tickets: return them first, where there is a network.
#[uniffi::export]
pub fn end_shift(
    journal: JournalKey,
    device: EnrolledDevice,
    entropy: Vec<u8>,
) -> Result<Arc<Conversation>, KaigoTapError> {
    let (key, device) = (journal.into_core()?, device.into_core()?);
    Ok(changed(core::end_shift(key, device, fresh(entropy)?)))
}

fn changed(
    flow: flow::Flow<Result<core::ShiftChange, kaigotap::message::Failure>>,
) -> Arc<Conversation> {
    Conversation::of(flow, |change| Outcome::ShiftChanged { change: change.into() })
}

impl OfflineEnvironment {
    fn into_core(self) -> Result<core::OfflineEnvironment, KaigoTapError> {
        let member = exchange::StaffId::parse(self.staff_id)?;
        let faces = self.card_authorities.map(CardAuthorities::into_core).transpose()?;
        let (anchors, key) = (self.anchors.to_core()?, self.journal.into_core()?);
        let told = self.enrolment.into_core()?;
        let environment =
            core::OfflineEnvironment::of(&told, member, anchors, key, fresh(self.entropy)?);
        let environment = match self.shift {
            Some(shift) => environment.in_shift(shift.core()),
            None => environment,
        };
        Ok(match faces {
            Some(faces) => environment.with_card_authorities(faces),
            None => environment,
        })
    }
}

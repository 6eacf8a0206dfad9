//! Tickets for visits without a network (持ち出し): fetched before leaving, kept sealed, used or given back.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::counted::Since;
use super::journal::{Finding, Journal, JournalKey, Kept, Waiting};
use super::plan::{Environment, Known, OfflineEnvironment};
use super::shift::admits;
use crate::exchange::ticket::{Ticket, Unused, fetch, give_back};
use crate::exchange::{StaffId, Subject};
use crate::flow::{EntryName, Flow, MOST_RECALLED, Talk};
use crate::message::{Code, Failure};
use crate::platform::Platform;

/// Most tickets that a device holds.
pub const MOST_TICKETS: u8 = 20;
/// Longest time that a ticket is good for, hours.
pub const MOST_HOURS: u8 = 12;
/// How many of the last entries may have answered a ticket that is still held: as many as there are tickets.
const LAST: usize = MOST_TICKETS as usize;

/// The tickets that a device holds (持ち出し).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tickets {
    /// Those that a visit can be made with now.
    pub held: Vec<HeldTicket>,
    /// What was noticed of the store.
    pub findings: Vec<Finding>,
    /// How often the journal was written: keep it beside the key.
    pub mark: u64,
}

/// A ticket that is held.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldTicket {
    /// For whom it is, where it is for one person.
    pub subject: Option<Subject>,
    /// Until when it is good, by the server's time.
    pub until: Timestamp,
}

impl fmt::Debug for HeldTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldTicket").field("until", &self.until).finish_non_exhaustive()
    }
}

/// Fetches a ticket for each of these people, or for whoever it may be, in one call for today's route: at most 20 that are
/// good for up to 12 hours. Tickets that another staff member fetched are forgotten and given back. Without a person, a
/// number of hours or too many, `setup_invalid`. A device that was killed (`device_revoked`) forgets everything that it
/// keeps.
pub fn fetch_tickets(
    environment: Environment,
    key: JournalKey,
    people: impl Into<Vec<Option<Subject>>>,
    hours: u8,
) -> Result<Flow<Result<Tickets, Failure>>, Failure> {
    let people = people.into();
    let fits = (1..=usize::from(MOST_TICKETS)).contains(&people.len());
    if !fits || !(1..=MOST_HOURS).contains(&hours) {
        return Err(Failure::new(Code::SetupInvalid).with_detail("tickets"));
    }
    Ok(Flow::new(move |talk| async move {
        let Environment { server, known, staff_token, mut entropy } = environment;
        let Known { issuer, challenge_keys, device, .. } = &known;
        let own = entropy.part();
        let (mut journal, mut findings) = Journal::open(&talk, &key, device, own).await?;
        let platform = Platform::new(&talk, &server, issuer, device, entropy);
        let mut wallet = Wallet::open(&talk, &mut journal, &known).await?;
        findings.append(&mut wallet.findings);
        let others =
            wallet.take(&mut journal, |ticket| ticket.member != *staff_token.member()).await?;
        if !others.is_empty() {
            let back = give_back(&platform, &staff_token, Unused::Tickets(&others)).await;
            journal.unless_killed(back).await?;
        }

        let keys = challenge_keys.as_slice();
        let ask = || fetch(&platform, keys, issuer, device, &staff_token, &people, hours);
        let fetched = match ask().await {
            Err(failure) if failure.code() == Code::TicketLimit => {
                let known = wallet.known(&mut journal).await?;
                match give_back(&platform, &staff_token, Unused::AllBut(&known)).await {
                    Ok(()) => ask().await,
                    Err(failure) => Err(failure),
                }
            }
            fetched => fetched,
        };
        let fetched = journal.unless_killed(fetched).await?;
        findings.extend(journal.server_knows(fetched.next).await?);
        let now = talk.clock().await;
        let server_time = fetched.clock.server_time(now);
        for (jws, ticket) in fetched.tickets {
            let since = Since::new(server_time, now);
            wallet.put(&mut journal, Written { ticket: jws, since }, ticket).await?;
        }
        Ok(wallet.told(findings, journal.mark()))
    }))
}

/// The tickets that are held, without asking anybody.
pub fn held_tickets(environment: OfflineEnvironment) -> Flow<Result<Tickets, Failure>> {
    Flow::new(move |talk| async move {
        let OfflineEnvironment { known, member, shift, key, entropy } = environment;
        let (mut journal, mut findings) =
            Journal::open(&talk, &key, &known.device, entropy).await?;
        admits(&journal, shift.as_ref()).await?;
        let mut wallet = Wallet::open(&talk, &mut journal, &known).await?;
        wallet.tickets.retain(|held| held.ticket.member == member);
        findings.append(&mut wallet.findings);
        Ok(wallet.told(findings, journal.mark()))
    })
}

/// Forgets what is held and not used, and gives it back. Where the platform cannot be asked, nothing is held all the same:
/// it is over by itself. A device that was killed forgets everything, as in [`fetch_tickets`].
pub fn return_tickets(environment: Environment, key: JournalKey) -> Flow<Result<Tickets, Failure>> {
    Flow::new(move |talk| async move {
        let Environment { server, known, staff_token, mut entropy } = environment;
        let own = entropy.part();
        let (mut journal, mut findings) = Journal::open(&talk, &key, &known.device, own).await?;
        let platform = Platform::new(&talk, &server, &known.issuer, &known.device, entropy);
        let mut wallet = Wallet::open(&talk, &mut journal, &known).await?;
        findings.append(&mut wallet.findings);
        let names = wallet.empty(&mut journal).await?;
        if !names.is_empty() {
            let back = give_back(&platform, &staff_token, Unused::Tickets(&names)).await;
            journal.unless_killed(back).await?;
        }
        Ok(wallet.told(findings, journal.mark()))
    })
}

/// A ticket as it is kept.
#[derive(Serialize, Deserialize)]
struct Written {
    ticket: String,
    since: Since,
}

/// A ticket that is held, and where.
pub(super) struct Held {
    slot: EntryName,
    pub(super) ticket: Ticket,
    pub(super) since: Since,
}

/// What is held.
pub(super) struct Wallet {
    pub(super) tickets: Vec<Held>,
    /// Places in which no ticket is that can be used.
    free: Vec<EntryName>,
    pub(super) findings: Vec<Finding>,
}

impl Wallet {
    /// Opens it: tickets that are good by the server's time, as far as this device can tell, and of this device. One that
    /// was answered, by a visit that was stopped before it could say so, is gone.
    pub(super) async fn open(
        talk: &Talk,
        journal: &mut Journal<'_>,
        known: &Known,
    ) -> Result<Self, Failure> {
        let slots: Vec<_> = (0..MOST_TICKETS).filter_map(slot).collect();
        let mut wallet = Self { tickets: Vec::new(), free: slots.clone(), findings: Vec::new() };
        let now = talk.clock().await;
        for (name, written) in journal.get::<Written>(&slots).await? {
            let Written { ticket, since } = match written {
                Ok(written) => written,
                Err(finding) => {
                    wallet.findings.push(finding);
                    continue;
                }
            };
            let Known { challenge_keys, issuer, device, .. } = known;
            // One under a key that is trusted no longer is none.
            let Ok(ticket) = Ticket::read(&ticket, challenge_keys, issuer, device) else {
                continue;
            };
            if ticket.is_good(since.now(now).0) {
                wallet.free.retain(|free| *free != name);
                wallet.tickets.push(Held { slot: name, ticket, since });
            }
        }
        let waiting = journal.waiting();
        let last = waiting.split_at(waiting.len().saturating_sub(LAST)).1;
        for (_, kept) in journal.read(last).await? {
            if let Ok(Kept::Waiting(Waiting::Visit { ticket, .. })) = kept {
                wallet.used(journal, &ticket).await?;
            }
        }
        Ok(wallet)
    }

    /// The best for a visit by this staff member: that of the person who is meant, or one for whoever it may be.
    pub(super) fn choose(&self, member: &StaffId, person: Option<&Subject>) -> Option<&Held> {
        let mut own = self.tickets.iter().filter(|held| held.ticket.member == *member);
        let of = |held: &&Held| person.is_some() && held.ticket.subject.as_ref() == person;
        own.clone().find(of).or_else(|| own.find(|held| held.ticket.subject.is_none()))
    }

    /// What was answered with it is on the disk: it is gone.
    pub(super) async fn used(
        &mut self,
        journal: &mut Journal<'_>,
        hash: &str,
    ) -> Result<(), Failure> {
        self.take(journal, |ticket| ticket.hash() == hash).await.map(drop)
    }

    fn all(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter().map(|held| &held.ticket)
    }

    /// The names of all tickets that are held, or that something answers which waits.
    async fn known(&self, journal: &mut Journal<'_>) -> Result<Vec<String>, Failure> {
        let mut known: Vec<_> = self.all().map(|ticket| ticket.hash().to_owned()).collect();
        for numbers in journal.waiting().chunks(MOST_RECALLED) {
            for (_, kept) in journal.read(numbers).await? {
                if let Ok(Kept::Waiting(Waiting::Visit { ticket, .. })) = kept {
                    known.push(ticket);
                }
            }
        }
        Ok(known)
    }

    /// Takes out what nobody may use any more, and names it. What is given back is gone here first: a visit that answers a
    /// ticket which the platform has taken back is refused.
    async fn take(
        &mut self,
        journal: &mut Journal<'_>,
        which: impl Fn(&Ticket) -> bool,
    ) -> Result<Vec<String>, Failure> {
        let (gone, left): (Vec<_>, Vec<_>) =
            self.tickets.drain(..).partition(|held| which(&held.ticket));
        self.tickets = left;
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let slots: Vec<_> = gone.iter().map(|held| held.slot.clone()).collect();
        journal.remove(&slots).await?;
        self.free.extend(slots);
        Ok(gone.into_iter().map(|held| held.ticket.hash().to_owned()).collect())
    }

    /// The same of all that are held; whatever else lies in any place goes, too.
    async fn empty(&mut self, journal: &mut Journal<'_>) -> Result<Vec<String>, Failure> {
        let slots: Vec<_> = (0..MOST_TICKETS).filter_map(slot).collect();
        journal.remove(&slots).await?;
        self.free = slots;
        Ok(self.tickets.drain(..).map(|held| held.ticket.hash().to_owned()).collect())
    }

    async fn put(
        &mut self,
        journal: &mut Journal<'_>,
        written: Written,
        ticket: Ticket,
    ) -> Result<(), Failure> {
        let since = written.since;
        let slot = self.free.pop().ok_or(Code::TicketLimit)?;
        journal.put(&slot, &written).await?;
        self.tickets.push(Held { slot, ticket, since });
        Ok(())
    }

    fn told(&self, findings: Vec<Finding>, mark: u64) -> Tickets {
        let held = |ticket: &Ticket| HeldTicket {
            subject: ticket.subject.clone(),
            until: ticket.expires(),
        };
        Tickets { held: self.all().map(held).collect(), findings, mark }
    }
}

/// The place of this number.
fn slot(number: u8) -> Option<EntryName> {
    EntryName::parse(format!("t-{number:02}"))
}

//! What went to the card, told apart.

use kaigotap::{
    flow::{Connected, LinkError, Occasion},
    link::CardLink,
};
use kaigotap_virtual_card::{Meter, VirtualCard};

use crate::job::{Job, Reader};

/// A job that KaigoTap did, split into what others do too and what only it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) work: Meter,
    /// The query of the tries left before a PIN is asked for.
    pub(crate) guard: Meter,
    /// The selection of another application at the end.
    pub(crate) clean_up: Meter,
}

impl Split {
    pub(crate) fn whole(&self) -> Meter {
        sum([self.work, self.guard, self.clean_up])
    }
}

fn sum(parts: impl IntoIterator<Item = Meter>) -> Meter {
    parts.into_iter().fold(Meter::default(), |sum, part| Meter {
        commands: sum.commands + part.commands,
        bytes_to_card: sum.bytes_to_card + part.bytes_to_card,
        bytes_from_card: sum.bytes_from_card + part.bytes_from_card,
        verify_attempts: sum.verify_attempts + part.verify_attempts,
        signatures: sum.signatures + part.signatures,
        delayed: sum.delayed + part.delayed,
    })
}

/// A card whose exchanges are told apart.
pub(crate) struct Watched<'a> {
    card: &'a mut VirtualCard,
    reader: Reader,
    seen: Vec<(Form, Meter)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    SelectApplication,
    Query,
    Other,
}

impl<'a> Watched<'a> {
    pub(crate) fn new(card: &'a mut VirtualCard, reader: Reader) -> Self {
        Self { card, reader, seen: Vec::new() }
    }

    /// The parts of the job that was just done.
    pub(crate) fn split(self, job: Job) -> Split {
        let last = self.seen.iter().rposition(|(form, _)| *form != Form::SelectApplication);
        let end = last.map_or(0, |last| last + 1);
        // Which card it is, the guard asks of another application than the one that holds the records.
        let selects =
            self.seen.iter().enumerate().filter(|(_, (form, _))| *form == Form::SelectApplication);
        let asked = match job {
            Job::Holder | Job::Face => selects.map(|(at, _)| at).nth(1).unwrap_or_default(),
            _ => 0,
        };
        // Of a status, the tries left are what was asked for.
        let guard = |at, form| at < asked || form == Form::Query && job != Job::Status;
        let (job, after) = self.seen.split_at(end);
        let of = |guards| {
            let job = job.iter().enumerate();
            job.filter(move |(at, (form, _))| guard(*at, *form) == guards).map(|(_, seen)| seen)
        };
        Split {
            work: sum(of(false).map(|(_, meter)| *meter)),
            guard: sum(of(true).map(|(_, meter)| *meter)),
            clean_up: sum(after.iter().map(|(_, meter)| *meter)),
        }
    }
}

impl CardLink for Watched<'_> {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        let connected = CardLink::connect(self.card, occasion)?;
        Ok(if self.reader == Reader::Silent { Connected::EXTENDED } else { connected })
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let before = self.card.meter();
        let answer = CardLink::transmit(self.card, command);
        let form = match command {
            [0x00, 0xA4, 0x04, ..] => Form::SelectApplication,
            [0x00, 0x20, 0x00, _] => Form::Query,
            _ => Form::Other,
        };
        self.seen.push((form, self.card.meter().since(&before)));
        answer
    }

    fn disconnect(&mut self) {
        CardLink::disconnect(self.card);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{conversation::Conversation, job::Kind, platform::Platform};
    use kaigotap_virtual_card::Person;

    /// A tap without PIN asks for no more than there is to ask: of the JPKI AP the certificate; of the face AP the counter,
    /// VERIFY, two records and a signature; and the way out. Beside a visit with PIN that is the second application with
    /// its 1,115 bytes of records, less the second PIN and key of the first.
    #[test]
    fn a_tap_without_pin_asks_for_no_more_than_it_needs() {
        let platform = Platform::new();
        for (kind, commands, with_pin) in [(Kind::Modern, 10, 7), (Kind::Plain, 23, 15)] {
            let mut card = VirtualCard::new(Person::hanako(), kind.behaviour()).unwrap();
            let mut watched = Watched::new(&mut card, Reader::Says);
            Conversation::tap(&platform).play(&platform, &mut watched);
            let meter = card.meter();
            assert_eq!((meter.commands, meter.verify_attempts, meter.signatures), (commands, 1, 1));
            let mut card = VirtualCard::new(Person::hanako(), kind.behaviour()).unwrap();
            let mut watched = Watched::new(&mut card, Reader::Says);
            Conversation::of(Job::Sign, &platform).play(&platform, &mut watched);
            assert_eq!(card.meter().commands, with_pin, "{kind}");
        }
    }

    #[test]
    fn the_parts_are_the_whole() {
        let platform = Platform::new();
        for (kind, reader, job, guards) in [
            (Kind::Modern, Reader::Says, Job::Status, 0),
            (Kind::Plain, Reader::Silent, Job::Certificate, 0),
            (Kind::Modern, Reader::Silent, Job::Sign, 1),
            (Kind::Plain, Reader::Says, Job::Holder, 4),
            (Kind::Modern, Reader::Says, Job::Face, 3),
        ] {
            let mut card = VirtualCard::new(Person::hanako(), kind.behaviour()).unwrap();
            let mut watched = Watched::new(&mut card, reader);
            Conversation::of(job, &platform).play(&platform, &mut watched);
            let split = watched.split(job);
            assert_eq!(split.whole(), card.meter());
            assert_eq!((split.guard.commands, split.clean_up.commands), (guards, 1), "{job}");
        }
    }
}

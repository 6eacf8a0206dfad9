//! The figures as tables, and the document around them.

use std::{fmt::Write, time::Duration};

use kaigotap_virtual_card::{Meter, Rate};

use crate::{
    Figures,
    goals::{self, Goal, Verdict},
    host,
    job::{Job, Kind, Reader},
    peers::{Extent, Peer},
    versions,
};

/// The whole document.
pub(crate) fn document(figures: &Figures) -> String {
    let mut text = String::from(INTRODUCTION);
    let peers = ["myna-card", "jpki"].map(|name| format!("{name} {}", versions::pinned(name)));
    let own = format!("KaigoTap {}", env!("CARGO_PKG_VERSION"));
    let versions: Vec<String> =
        [own].into_iter().chain(peers).chain(versions::installed()).collect();
    let _ = writeln!(text, "\nVersions: {}.\n", versions.join(", "));
    text.push_str(&tables(figures));
    text
}

const INTRODUCTION: &str = "\
# The card, side by side

Made by

```
cargo xtask bench card
```

The same virtual card, in two kinds, is driven by KaigoTap and by clients that nobody here wrote. Each job begins with a
fresh card. The other clients are programs of their own and reach the card through a real `pcscd` with the virtual reader
`vpcd`; KaigoTap is counted in process, and the run fails if it needs anything else over `pcscd`. The card's own meter counts.

The card `modern` takes extended length and short file identifiers for reading and signing; `plain` takes neither. Both have
an ATR that OpenSC does not list.

**Guard and clean-up** are counted apart, because no other client has both: before a PIN is asked for, KaigoTap reads how
many tries are left (one command; OpenSC does so, too), and at the end it selects another application, so that no PIN stays
verified (one command).

**Verified** means: the certificate of the key that signs the records under a pinned authority, every signature over what
was read, and a challenge that the card signs. `myna-card` does the same here, with its own code.

**Time is modelled**, and good for comparing clients only: 15 ms for a command and its answer, 20 ms for a PIN to be
compared, 250 ms for a signature, and 10 bit times for each byte. No figures of real cards are published.

Where KaigoTap brings more bytes from the card than others, it has read a file in one command, with the filler behind its end.

Figures in brackets are of clients that do a part of the job only; they are not compared. `–` says that a client cannot do it.
All figures but those of the host are the same in every run.
";

const SILENT: &str = "Over a reader that does not say how long a command it carries, as `vpcd`, which the other clients use: \
    KaigoTap then tries extended length once.";

/// The tables alone.
pub(crate) fn tables(figures: &Figures) -> String {
    let mut text = goals(figures);
    let mut notes = Notes::default();
    for kind in Kind::ALL {
        let _ = writeln!(text, "\n## Card `{kind}`\n");
        text.push_str(&of_a_card(figures, kind, &mut notes));
    }
    text.push('\n');
    for (note, mark) in notes.0.iter().zip(1..) {
        let _ = writeln!(text, "{mark}. {note}");
    }
    text.push_str(&of_the_host(figures));
    text
}

fn of_a_card(figures: &Figures, kind: Kind, notes: &mut Notes) -> String {
    let mut table = Table::new(&[
        "job",
        "client",
        "commands",
        "bytes to card",
        "bytes from card",
        "106 kbit/s",
        "424 kbit/s",
    ]);
    for job in Job::ALL {
        let split = figures.own(kind, job, Reader::Says);
        let mut row = |client: &str, count: Option<Meter>, brackets: bool| {
            let mut cells = vec![job.to_string(), client.to_owned()];
            cells.extend(match count {
                None => vec!["–".to_owned(); 5],
                Some(count) => cells_of(count, brackets),
            });
            table.row(cells);
        };
        row("**KaigoTap**", Some(split.work), false);
        row("with guard and clean-up", Some(split.whole()), false);
        let silent = figures.own(kind, job, Reader::Silent);
        if silent != split {
            let mark = notes.mark(SILENT);
            row(&format!("**KaigoTap** ({mark})"), Some(silent.work), false);
            row(&format!("with guard and clean-up ({mark})"), Some(silent.whole()), false);
        }
        let peers = if figures.without_peers.is_none() { &Peer::ALL[..] } else { &[] };
        for peer in peers {
            let extent = peer.extent(job, kind);
            let (Extent::Part(note) | Extent::Nothing(note)) = extent else {
                row(&peer.to_string(), figures.peer(kind, job, *peer), false);
                continue;
            };
            let client = format!("{peer} ({})", notes.mark(note));
            row(&client, figures.peer(kind, job, *peer), true);
        }
    }
    table.written()
}

fn cells_of(count: Meter, brackets: bool) -> Vec<String> {
    [
        count.commands.to_string(),
        count.bytes_to_card.to_string(),
        count.bytes_from_card.to_string(),
        seconds(count.modelled(Rate::Kbit106)),
        seconds(count.modelled(Rate::Kbit424)),
    ]
    .map(|cell| if brackets { format!("({cell})") } else { cell })
    .to_vec()
}

fn goals(figures: &Figures) -> String {
    let mut text = String::from(
        "## Goals\n\nIn commands, against the best client that does the whole job.\n\n",
    );
    let verdicts = goals::verdicts(figures);
    if verdicts.is_empty() {
        let why = figures.without_peers.as_deref().unwrap_or_default();
        let _ = writeln!(text, "Not judged, because other clients were skipped: {why}.");
        return text;
    }
    let mut table = Table::new(&["goal", "job", "KaigoTap", "best", "whose", "met"]);
    for verdict in &verdicts {
        let Verdict { goal, job, ours, best, peer } = verdict;
        let cells = [goal.to_string(), job.to_string(), ours.to_string(), best.to_string()];
        let mut cells = cells.to_vec();
        cells.extend([peer.to_string(), yes_or_no(verdict.met())]);
        table.row(cells);
    }
    text.push_str(&table.written());
    for goal in Goal::ALL {
        let missed = || verdicts.iter().filter(|verdict| verdict.goal == goal && !verdict.met());
        let mut reasons: Vec<&str> =
            missed().map(|verdict| verdict.reason().unwrap_or("Nobody knows why.")).collect();
        reasons.dedup();
        for reason in reasons {
            let _ = writeln!(text, "\nMissed ({goal}): {reason}");
        }
    }
    text
}

fn of_the_host(figures: &Figures) -> String {
    let mut text = String::from("\n## Host\n\n");
    let _ = writeln!(
        text,
        "What KaigoTap itself costs the host, on the card `modern`: encode, parse, verify; neither card nor server nor people. \
         The job with the signature is a whole visit: challenge, certificate, PIN, assertion, token, entitlement. Goal: a median \
         under 2 ms. Time is **measured and varies** ({} replays, release build, {}); instructions are counted by valgrind's callgrind, on a processor with fewer extensions, for which cryptography takes longer ways.\n",
        host::TIMES,
        versions::processor(),
    );
    let mut table = Table::new(&["job", "median", "95 of 100 under", "instructions", "under 2 ms"]);
    for (job, cost) in &figures.costs {
        let instructions = cost
            .instructions
            .map_or_else(|| "–".to_owned(), |count| format!("{} thousand", count / 1_000));
        let met = cost.median < Duration::from_millis(2);
        table.row(vec![
            if *job == Job::Sign { format!("{job} (a visit)") } else { job.to_string() },
            milliseconds(cost.median),
            milliseconds(cost.percentile_95),
            instructions,
            yes_or_no(met),
        ]);
    }
    text.push_str(&table.written());
    text
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "**no**" }.to_owned()
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1_000.0)
}

/// Footnotes, in the order in which they are first needed.
#[derive(Default)]
struct Notes(Vec<&'static str>);

impl Notes {
    fn mark(&mut self, note: &'static str) -> usize {
        let known = self.0.iter().position(|known| *known == note);
        known.unwrap_or_else(|| {
            self.0.push(note);
            self.0.len() - 1
        }) + 1
    }
}

/// A table in Markdown that can be read at a terminal, too.
struct Table(Vec<Vec<String>>);

impl Table {
    fn new(heads: &[&str]) -> Self {
        Self(vec![heads.iter().map(|&head| head.to_owned()).collect()])
    }

    fn row(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    /// Columns whose cells all begin like numbers are set to the right.
    fn written(&self) -> String {
        let columns = self.0.first().map_or(0, Vec::len);
        let cells = |column: usize| self.0.iter().filter_map(move |row| row.get(column));
        let width = |column| cells(column).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let number = |column| {
            cells(column)
                .skip(1)
                .all(|cell| cell.starts_with(|c: char| c.is_ascii_digit() || "–(".contains(c)))
        };
        let mut text = String::new();
        for (row, index) in self.0.iter().zip(0..) {
            for (cell, column) in row.iter().zip(0..) {
                let width = width(column);
                let _ = if number(column) {
                    write!(text, "| {cell:>width$} ")
                } else {
                    write!(text, "| {cell:<width$} ")
                };
            }
            text.push_str("|\n");
            if index == 0 {
                for column in 0..columns {
                    let dashes = "-".repeat(width(column) + 1);
                    let _ = if number(column) {
                        write!(text, "|{dashes}:")
                    } else {
                        write!(text, "|{dashes}-")
                    };
                }
                text.push_str("|\n");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up() {
        let mut table = Table::new(&["job", "commands"]);
        table.row(vec!["status".to_owned(), "17".to_owned()]);
        table.row(vec!["face".to_owned(), "(8)".to_owned()]);
        table.row(vec!["x".to_owned(), "–".to_owned()]);
        assert_eq!(
            table.written(),
            "| job    | commands |\n|--------|---------:|\n| status |       17 |\n\
             | face   |      (8) |\n| x      |        – |\n"
        );
    }

    #[test]
    fn a_note_is_written_once() {
        let mut notes = Notes::default();
        assert_eq!([notes.mark("a"), notes.mark("b"), notes.mark("a")], [1, 2, 1]);
    }
}

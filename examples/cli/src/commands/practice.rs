//! `kaigotap visit` without an enrolment: an exercise, with a fictional card and a platform in this process.

use std::env;
use std::path::{Path, PathBuf};

use kaigotap::flow::Way;
use kaigotap::visit::Outcome;
use kaigotap_sandbox::world::{self, World};
use kaigotap_sandbox::{Config, Database};
use kaigotap_virtual_card::{Behaviour, Person, PinKind, Purpose, Sex, VirtualCard};

use super::SIMULATOR;
use crate::arguments::Visit;
use crate::dates;
use crate::enrolment::{Enrolment, KEY, key_of};
use crate::private_file;
use crate::report::{Report, Stop};

/// A platform that remembers whom it has seen in earlier exercises, so that the second visit can be by a tap.
pub(super) struct Practice {
    enrolment: PathBuf,
    _world: World,
}

impl Practice {
    /// Starts it, and says whom the exercise is with.
    pub(super) fn begin(command: &Visit, report: Report) -> Result<Self, Stop> {
        let is_exercise = command.reader.reader.as_deref() == Some(SIMULATOR);
        if !is_exercise || !command.also_for.is_empty() {
            return Err(Stop::input(
                "enrolment_missing",
                "No --enrolment is given: this computer does not know for whom it works.",
                "Give the file that `kaigotap enrol` wrote; or, to try without one: kaigotap visit --reader simulator",
            ));
        }
        let folder = folder()?;
        private_file::folder(&folder)?;
        let person = &command.reader.card.person;
        let database = Database::File(folder.join("platform.db"));
        let config = Config { database, ..Config::default() };
        let world = World::start_with(world::config(config, std::slice::from_ref(person)))
            .map_err(|error| {
                let again = "Try again; if it stays so, remove the folder that it names.";
                Stop::input("sandbox_failed", format!("{error} ({})", folder.display()), again)
            })?;
        let enrolment = folder.join("visit.json");
        Enrolment::of(&world, &key_of(&enrolment, KEY)?)?.write(&enrolment)?;
        tell(person, &world, report);
        Ok(Self { enrolment, _world: world })
    }

    /// The enrolment of this computer at it.
    pub(super) fn enrolment(&self) -> &Path {
        &self.enrolment
    }
}

/// Date of birth, year of expiry and security code (照合番号B), where the card has them.
fn printed(person: &Person) -> Option<[String; 3]> {
    if !person.card.applications().contains(&PinKind::FaceB.application()) {
        return None;
    }
    let card = VirtualCard::new(person.clone(), Behaviour::plain()).ok()?;
    let number = card.reference_data(PinKind::FaceB);
    let (born, rest) = number.split_at_checked(6)?;
    let (expires, code) = rest.split_at_checked(4)?;
    Some([born, expires, code].map(str::to_owned))
}

/// What to type for another visit of the same person.
pub(super) fn next(outcome: &Outcome) -> &'static str {
    match outcome.way() {
        Way::CardPin => "--reader simulator --method tap",
        _ => "--reader simulator",
    }
}

/// Where exercises are kept: with what else this user's programs remember.
fn folder() -> Result<PathBuf, Stop> {
    let place = |name: &str| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let state = place("XDG_STATE_HOME")
        .or_else(|| place("LOCALAPPDATA"))
        .or_else(|| place("HOME").map(|home| home.join(".local/state")));
    let state = state.ok_or_else(|| {
        let what = "This computer has no place for what an exercise remembers.";
        Stop::input("no_place", what, "Set XDG_STATE_HOME to a folder of your own.")
    })?;
    Ok(state.join("kaigotap").join("practice"))
}

/// All that will be asked for: nobody here exists.
fn tell(person: &Person, world: &World, r: Report) {
    let born = person.birth_date.to_string().parse().map_or_else(
        |_| person.birth_date.to_string(),
        |date| dates::birth(date, dates::today(), r.language),
    );
    let sex = match person.sex {
        Sex::Male => r.text("male", "男"),
        _ => r.text("female", "女"),
    };
    r.line(r.text(
        "An exercise: card, person and platform are fictional, and nothing leaves this computer.",
        "練習です。カードも、人物も、相手の基盤も架空で、このパソコンの中だけで動きます。",
    ));
    r.line(format!("  {}（{}）  {born}  {sex}", person.name, person.name_kana));
    let pin = person.pin(Purpose::Authentication);
    if !person.blocked.contains(&PinKind::Authentication) && !pin.is_empty() {
        r.line(format!("  {} {pin}", r.text("PIN:", "暗証番号：")));
    }
    if let Some([born, expires, code]) = printed(person) {
        r.line(format!(
            "  {} {born}  {expires}  {code}",
            r.text("Printed on the card:", "カードの表に印刷された3つの項目："),
        ));
    }
    if let Some(number) = world.insured_number(person) {
        r.line(format!(
            "  {} 990010  {number}",
            r.text(
                "Paper certificate, insurer and insured number:",
                "被保険者証の保険者番号と被保険者番号："
            ),
        ));
    }
    r.line(r.text(
        "  Others: kaigotap people names them, for --person",
        "  ほかの方で練習するには：kaigotap people で名前を見て、--person に付けます",
    ));
    r.line("");
}

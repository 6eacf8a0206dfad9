//! The conversations that are recorded under `tests/vectors/transcripts`.

use std::time::{Duration, SystemTime};

use kaigotap::exchange::{Entropy, enrol, sign_in};
use kaigotap::flow::{BrowseError, PinTiming, SignError, StoreError};
use kaigotap::link::Host;
use kaigotap::link::device_key::MemoryKey;
use kaigotap_kit::enrolment::Enrolment;
use kaigotap_kit::hand::Hand;
use kaigotap_recorder::{
    About, Card, DeviceKey, Enrol, Parameters, Person, Recorder, Recording, SignIn, hex,
};
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, Person as Subject, VirtualCard};

use crate::device::{Device, Key};
use crate::staff::{Ends, Staff};
use crate::{Scene as Visit, Told};
use kaigotap_kit::conversation::{Conversation, Holder, begin, conversation};
use kaigotap_kit::table::Table;

/// What the cards sign.
const CHALLENGE: [u8; 32] = [0x5A; 32];
/// The randomness of a visit.
const ENTROPY: [u8; 32] = [0xA5; 32];
/// When the certificates were issued, after 1970: 2025-11-01T00:00:00Z. Always the same, so that the cards are.
const ISSUED: Duration = Duration::from_hours(20_393 * 24);

/// A conversation to record.
pub struct Scene {
    /// The name of its file, without `.jsonl`.
    pub name: String,
    flow: &'static str,
    parameters: Parameters,
    person: &'static str,
    profile: String,
    types: Vec<&'static str>,
    chooses: Vec<(&'static str, &'static str)>,
    consents: bool,
    comes_back: bool,
    host: Option<Device>,
    ends: Ends,
}

/// An activation code that nobody was given.
const NO_CODE: &str = "0000-0000-0000-0000-0000-0000-00";

/// Hanako's codes.
const PIN: &str = "1234";
const TEXT_PIN: &str = "2345";
const PASSWORD: &str = "ABC123";
const NUMBER_B: &str = "16050320350503";
const BIRTH_DATE: &str = "160503";

impl Scene {
    fn new(name: &str, flow: &'static str, parameters: Parameters, types: &[&'static str]) -> Self {
        Self {
            name: name.to_owned(),
            flow,
            parameters,
            person: "hanako",
            profile: "modern".to_owned(),
            types: types.to_vec(),
            chooses: Vec::new(),
            consents: false,
            comes_back: true,
            host: None,
            ends: Ends::Well,
        }
    }

    /// A trial of this host.
    fn trial(name: &str, device: Device) -> Self {
        let key = device.key.is_some().then(Device::public_key);
        let parameters = Parameters { device_key: key, ..Parameters::default() };
        let scene = Self::new(name, "host_check", parameters, &[]);
        Self { host: Some(device), ..scene }
    }

    fn on(mut self, profile: &str) -> Self {
        profile.clone_into(&mut self.profile);
        self
    }

    fn of(mut self, person: &'static str) -> Self {
        self.person = person;
        self
    }

    fn choosing(mut self, chooses: &[(&'static str, &'static str)]) -> Self {
        self.chooses = chooses.to_vec();
        self
    }

    fn consenting(mut self) -> Self {
        self.consents = true;
        self
    }

    fn pulled_for_good(mut self) -> Self {
        self.comes_back = false;
        self
    }

    fn before_tap(mut self) -> Self {
        self.parameters.pin_timing = Some("before_tap".to_owned());
        self
    }

    /// A second visit, by a tap without PIN, after one to Hanako with PIN.
    fn tap(name: &str) -> Self {
        let authorities = Some("virtual".to_owned());
        Self::new(name, "visit", Parameters { authorities, ..Parameters::default() }, &[PIN])
    }

    /// A sign-in of which this comes.
    fn sign_in(name: &str, ends: Ends) -> Self {
        Self { ends, ..Self::new(name, "sign_in", Parameters::default(), &[]) }
    }

    /// Whether the sandbox has a part in it, whose words are never twice the same.
    pub fn has_platform(&self) -> bool {
        matches!(self.flow, "visit" | "sign_in" | "enrol")
    }

    /// Plays it and writes it down.
    pub fn record(&self, table: &Table) -> String {
        match &self.host {
            Some(device) => self.record_trial(device.clone(), table),
            None if self.flow == "visit" => self.record_visit(),
            None if self.flow == "sign_in" => self.record_sign_in(),
            None if self.flow == "enrol" => self.record_enrolment(),
            None => self.record_reading(table),
        }
    }

    fn about(&self, parameters: Parameters) -> About {
        let signs = matches!(self.flow, "holder" | "face" | "age");
        About {
            flow: self.flow,
            parameters,
            challenge: signs.then_some(CHALLENGE),
            entropy: self.has_platform().then_some(ENTROPY),
            card: (self.host.is_none() && !matches!(self.flow, "sign_in" | "enrol")).then(|| {
                Card::Virtual { person: self.person.to_owned(), profile: self.profile.clone() }
            }),
        }
    }

    fn record_reading(&self, table: &Table) -> String {
        let person = self.person.parse().expect("a person");
        let profile = self.profile.parse().expect("a profile");
        let issued = SystemTime::UNIX_EPOCH + ISSUED;
        let card = VirtualCard::issued(person, profile, issued).expect("a card");
        let mut holder = Holder {
            types: self.types.clone(),
            chooses: self.chooses.clone(),
            consents: self.consents,
            comes_back: self.comes_back,
            ..Holder::of(card)
        };
        let about = self.about(self.parameters.clone());
        let challenge = about.challenge;
        let flow = begin(self.flow, &self.parameters, challenge, None, table).expect("a flow");
        take_down(flow, Recorder::new(about), &mut holder)
    }

    fn record_trial(&self, mut device: Device, table: &Table) -> String {
        let about = self.about(self.parameters.clone());
        let flow = begin(self.flow, &self.parameters, None, None, table).expect("a flow");
        take_down(flow, Recorder::new(about), &mut device)
    }

    fn record_visit(&self) -> String {
        let world = World::start().expect("a platform");
        let person = self.person.parse().expect("a person");
        let card = VirtualCard::new(person, self.profile.parse().expect("a profile"));
        let mut scene = Visit::of(&world, Subject::hanako(), Behaviour::modern());
        // A tap without PIN needs no authority of the cards but for that.
        let first = self.parameters.authorities.is_some().then(|| registered(&mut scene));
        scene.holder.card = card.expect("test keys");
        let mut enrolment = Enrolment::of(&world, &scene.key);
        if let Some((person, subject)) = first {
            enrolment.visit.person = Some(person);
            enrolment.visit.registered_as = Some(subject);
        }
        // The keys that could verify it end with the platform.
        let staff_token = Some(enrolment.staff_token.clone());
        let visit = Some(kaigotap_recorder::Visit { staff_token, ..enrolment.visit.clone() });
        let parameters = Parameters { visit, ..self.parameters.clone() };
        let environment =
            enrolment.environment_with(Entropy::new(&ENTROPY)).expect("an environment");
        let visit = kaigotap::visit::start(enrolment.plan(), environment);
        let timing = match &self.parameters.pin_timing {
            None => PinTiming::DuringTap,
            Some(_) => PinTiming::BeforeTap,
        };
        let flow = conversation(timing, visit);
        scene.holder.types.clone_from(&self.types);
        scene.holder.consents = self.consents;
        scene.holder.comes_back = self.comes_back;
        let text = take_down(flow, Recorder::new(self.about(parameters)), &mut scene);
        drop(scene);
        world.stop();
        text
    }

    fn record_enrolment(&self) -> String {
        let world = World::start().expect("a platform");
        let key = MemoryKey::generate().expect("a key");
        let code = world.wait(world.sandbox().activate("1370000001", "ward 3")).expect("a code");
        let code = if self.name == "enrol" { code.code } else { NO_CODE.to_owned() };
        let begun = Enrol {
            server: world.sandbox().url().to_owned(),
            issuer: world.sandbox().issuer().to_owned(),
            activation_code: code,
            key: DeviceKey { name: "device".to_owned(), public: hex(key.public_key()) },
        };
        let flow = enrol(begun.plan(Entropy::new(&ENTROPY)).expect("a plan"));
        let parameters = Parameters { enrol: Some(begun), ..self.parameters.clone() };
        let mut device = Staff::new(key, Ends::Well);
        let flow = conversation(PinTiming::DuringTap, flow);
        let text = take_down(flow, Recorder::new(self.about(parameters)), &mut device);
        world.stop();
        text
    }

    fn record_sign_in(&self) -> String {
        let world = World::start().expect("a platform");
        let key = MemoryKey::generate().expect("a key");
        let Enrolment { visit, staff_issuer, .. } = Enrolment::of(&world, &key);
        let begun = SignIn {
            server: visit.server,
            issuer: staff_issuer,
            device: visit.device,
            returns_to: "jp.kaigotap.app:/callback".to_owned(),
            anew: self.ends == Ends::Anew,
            language: (self.ends == Ends::Anew).then(|| "ja".to_owned()),
        };
        let flow = sign_in(begun.plan(Entropy::new(&ENTROPY)).expect("a plan"));
        let parameters = Parameters { sign_in: Some(begun), ..self.parameters.clone() };
        let mut staff = Staff::new(key, self.ends);
        let flow = conversation(PinTiming::DuringTap, flow);
        let text = take_down(flow, Recorder::new(self.about(parameters)), &mut staff);
        world.stop();
        text
    }
}

/// Visits Hanako with card and PIN, and says as whom the platform knows her.
fn registered(scene: &mut Visit<'_>) -> (Person, String) {
    let Told::Verified(outcome) = scene.play(|_, _| Hand::Off) else { panic!("a first visit") };
    let known = &outcome.entitlement.person;
    let person = Person {
        name_kana: known.name_kana.clone(),
        birth_date: known.birth_date,
        sex: Some(known.sex),
    };
    (person, outcome.confirmation.subject.as_str().to_owned())
}

fn take_down(flow: Conversation, mut recorder: Recorder, host: &mut dyn Host) -> String {
    let outcome = flow(&mut Recording::new(host, &mut recorder));
    recorder.finish_with(outcome.expect("a conversation that is not stopped"))
}

/// All of them.
#[expect(clippy::too_many_lines, reason = "it is a list")]
pub fn all() -> Vec<Scene> {
    let none = Parameters::default;
    let some = |text: &str| Some(text.to_owned());
    let credential = |name| Parameters { credential: some(name), ..none() };
    let signed = || Parameters { authorities: some("virtual"), ..none() };
    let opened = |key| Parameters { key: some(key), ..signed() };
    let pin = |name| Parameters { pin: some(name), ..none() };

    let mut all = Vec::new();
    for profile in ["modern", "plain"] {
        let named = |name: &str| format!("{name}-{profile}");
        let mut add = |name: &str, flow, parameters, types: &[&'static str]| {
            all.push(Scene::new(&named(name), flow, parameters, types).on(profile));
        };
        add("status", "status", none(), &[]);
        add("certificate-authentication", "certificate", credential("authentication"), &[]);
        add("certificate-signature", "certificate", credential("signature"), &[PASSWORD]);
        add("holder-pin", "holder", opened("pin"), &[TEXT_PIN]);
        add("holder-number-b", "holder", opened("verification_number_b"), &[NUMBER_B]);
        add("face", "face", signed(), &[NUMBER_B]);
        add("age", "age", signed(), &[BIRTH_DATE]);
        add("information", "information", none(), &[]);
        add("visit", "visit", none(), &[PIN]);
        let change = Scene::new(
            &named("change-pin-authentication"),
            "change_pin",
            pin("authentication"),
            &[PIN],
        );
        all.push(change.on(profile).choosing(&[("4321", "4321")]));
    }
    let status = |name, profile: &str| Scene::new(name, "status", none(), &[]).on(profile);
    let holder = |name, types: &[&'static str]| Scene::new(name, "holder", opened("pin"), types);
    let password = |name, types: &[&'static str]| {
        Scene::new(name, "certificate", credential("signature"), types)
    };
    let change = |name, types: &[&'static str]| {
        Scene::new(name, "change_pin", pin("authentication"), types).choosing(&[("4321", "4321")])
    };
    let visit = |name, types: &[&'static str]| Scene::new(name, "visit", none(), types);
    all.extend(vec![
        status("status-locked", "locked"),
        status("status-over-t0", "modern+t0"),
        status("status-face-card", "modern").of("face-card"),
        status("status-android", "modern").of("android"),
        status("status-not-a-my-number-card", "modern").of("other-country"),
        status("status-torn", "modern+torn-after:4"),
        Scene::new("holder-over-t0", "holder", opened("pin"), &[TEXT_PIN]).on("modern+t0"),
        holder("holder-wrong-then-right", &["9999", TEXT_PIN]),
        holder("holder-malformed-then-stopped", &["23", "abcd"]),
        holder("holder-last-try-refused", &[TEXT_PIN]).on("modern+input-support-tries:1"),
        holder("holder-last-try", &[TEXT_PIN]).on("modern+input-support-tries:1").consenting(),
        holder("holder-locked-by-the-last-try", &["9999"])
            .on("modern+input-support-tries:1")
            .consenting(),
        holder("holder-locked", &[TEXT_PIN]).on("modern+input-support-tries:0"),
        holder("holder-of-a-phone", &[TEXT_PIN]).of("android"),
        holder("holder-forged", &[TEXT_PIN]).of("foreign-issuer"),
        password("certificate-signature-torn-before-verify", &[PASSWORD, PASSWORD])
            .on("modern+torn-after:5"),
        password("certificate-signature-torn-after-verify", &[PASSWORD, PASSWORD])
            .on("modern+torn-answering:5"),
        password("certificate-signature-wrong-torn-after-verify", &["WRONG1"])
            .on("modern+torn-answering:5"),
        password("certificate-signature-torn-for-good", &[PASSWORD])
            .on("modern+torn-answering:5")
            .pulled_for_good(),
        Scene::new("face-torn-while-reading", "face", signed(), &[NUMBER_B, NUMBER_B])
            .on("modern+torn-after:8"),
        Scene::new("change-pin-signature", "change_pin", pin("signature"), &[PASSWORD])
            .choosing(&[("NEW", "NEW"), ("NEWPASS1", "NEWPASS2"), ("NEWPASS1", "NEWPASS1")]),
        Scene::new("change-pin-input-support", "change_pin", pin("input_support"), &[TEXT_PIN])
            .choosing(&[("4321", "4321")]),
        change("change-pin-wrong", &["9999"]),
        change("change-pin-torn-before-change", &[PIN]).on("modern+torn-after:6"),
        change("change-pin-torn-after-change", &[PIN]).on("modern+torn-answering:6"),
        change("change-pin-torn-after-verify", &[PIN, PIN]).on("modern+torn-answering:5"),
        visit("visit-wrong-pin", &["9999"]),
        visit("visit-locked", &[PIN]).on("locked"),
        visit("visit-torn-after-verify", &[PIN, PIN]).on("modern+torn-answering:5"),
        visit("visit-torn-before-signing", &[PIN, PIN]).on("plain+torn-after:13"),
    ]);
    all.extend([
        holder("holder-before-tap", &[TEXT_PIN]).before_tap(),
        holder("holder-before-tap-malformed", &["23", TEXT_PIN]).before_tap(),
        holder("holder-before-tap-wrong-then-right", &["9999", TEXT_PIN]).before_tap(),
        holder("holder-before-tap-tries-gone", &[TEXT_PIN, TEXT_PIN])
            .on("modern+input-support-tries:2")
            .before_tap(),
        holder("holder-before-tap-last-try", &[TEXT_PIN, TEXT_PIN])
            .on("modern+input-support-tries:1")
            .consenting()
            .before_tap(),
        password("certificate-signature-before-tap-torn-after-verify", &[PASSWORD, PASSWORD])
            .on("modern+torn-answering:4")
            .before_tap(),
        change("change-pin-before-tap", &[PIN]).before_tap(),
        visit("visit-before-tap", &[PIN]).before_tap(),
        visit("visit-before-tap-tries-gone", &[PIN, PIN])
            .on("modern+authentication-tries:2")
            .before_tap(),
    ]);
    all.extend([
        Scene::tap("visit-tap-modern"),
        Scene::tap("visit-tap-plain").on("plain"),
        Scene::tap("visit-tap-torn").on("modern+torn-after:3"),
        Scene::tap("visit-tap-another-card").of("taro"),
        Scene::new("enrol", "enrol", Parameters::default(), &[]),
        Scene::new("enrol-wrong-code", "enrol", Parameters::default(), &[]),
        Scene::sign_in("sign-in", Ends::Well),
        Scene::sign_in("sign-in-anew", Ends::Anew),
        Scene::sign_in("sign-in-cancelled", Ends::Not(BrowseError::Cancelled)),
        Scene::sign_in("sign-in-no-browser", Ends::Not(BrowseError::NoBrowser)),
        Scene::sign_in("sign-in-of-another-issuer", Ends::Elsewhere),
    ]);
    all.extend(trials());
    all
}

/// Hosts that are tried, good ones and others.
fn trials() -> Vec<Scene> {
    let trial = |name: &str, device| Scene::trial(&format!("host-check{name}"), device);
    let store = |error| Device { store: Err(error), ..Device::good() };
    let key = |key| Device { key: Some(key), ..Device::good() };
    vec![
        trial("", Device::good()),
        trial("-key", key(Key::Fixed)),
        trial("-key-der", key(Key::Der)),
        trial("-key-another", key(Key::Another)),
        trial("-key-gone", key(Key::Fails(SignError::Gone))),
        trial("-key-locked", key(Key::Fails(SignError::Locked))),
        trial("-key-refused", key(Key::Fails(SignError::Refused))),
        trial("-key-failed", key(Key::Fails(SignError::Failed))),
        trial("-store-full", store(StoreError::Full)),
        trial("-store-denied", store(StoreError::Denied)),
        trial("-store-missing", store(StoreError::Missing)),
        trial("-store-failed", store(StoreError::Failed)),
        trial("-no-store", store(StoreError::NoStore)),
        trial("-forgetful", Device { forgets: true, ..Device::good() }),
        trial("-clock-back", Device { clock_step: -1_000, ..Device::good() }),
    ]
}

//! A device enrols itself at a real platform, follows its keys, changes its own, and visits with what it was told.

use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use jiff::SignedDuration;
use kaigotap::exchange::{
    ActivationCode, DeviceKey, Enrol, Enrolment, Entropy, MutualTls, StaffToken, Use, enrol,
    refresh_device, roll_over_key,
};
use kaigotap::flow::{DeviceTime, EntryName, Flow, Reply, Request};
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::http::HttpClient;
use kaigotap::link::{self, DeviceKey as _, Host, HttpLink as _, run};
use kaigotap::message::{Code, Failure};
use kaigotap::pki::TrustAnchors;
use kaigotap::platform::ServerAddress;
use kaigotap::visit::{self, Environment, Plan};
use kaigotap_e2e::Scene;
use kaigotap_kit::enrolment::jwk;
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::Behaviour;
use tempfile::TempDir;

/// A device that keeps its keys in a folder.
struct Device {
    folder: TempDir,
    http: HttpClient,
    /// How far its clock is ahead.
    clock: SignedDuration,
}

impl Device {
    fn new() -> Self {
        let http = HttpClient::trusting(&[]).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), http, clock: SignedDuration::ZERO }
    }

    fn keys(&self) -> FileKeys {
        FileKeys::open(&self.folder.path().join("keys")).unwrap()
    }

    fn key(&self, name: &str) -> DeviceKey {
        let entry = EntryName::parse(name).unwrap();
        DeviceKey::new(name, self.keys().public_key(&entry).unwrap())
    }

    fn run<T>(&mut self, flow: Flow<Result<T, Failure>>) -> Result<T, Failure> {
        run(flow, self).unwrap()
    }

    fn enrol(&mut self, world: &World, code: &str) -> Result<Enrolment, Failure> {
        let server = ServerAddress::parse(world.sandbox().url()).unwrap();
        let code = ActivationCode::parse(code).unwrap();
        let plan = Enrol::new(server, code, self.key("device"), entropy()).unwrap();
        self.run(enrol(plan))
    }
}

impl Host for Device {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        Some(match request {
            Request::Send(request) => Reply::Send(self.http.send(&request)),
            Request::Sign(to_sign) => Reply::Sign(self.keys().sign(&to_sign)),
            Request::Clock => {
                let now = link::now();
                Reply::Clock(DeviceTime::new(now.wall + self.clock, now.monotonic))
            }
            other => panic!("an enrolment needs no {other:?}"),
        })
    }
}

/// Never twice the same, as a platform wants it.
fn entropy() -> Entropy {
    static DRAWN: AtomicU8 = AtomicU8::new(0);
    Entropy::new(&[DRAWN.fetch_add(1, Ordering::Relaxed); 32])
}

fn code(world: &World) -> String {
    world.wait(world.sandbox().activate("1370000001", "ward 3")).unwrap().code
}

/// What a nurse who signs in on this device is known by.
fn signed_in(world: &World, enrolment: &Enrolment) -> StaffToken {
    let given = world.enrol(&jwk(&enrolment.device().key().public)).unwrap();
    assert_eq!(given.device_id.as_deref(), Some(enrolment.device().client_id()));
    StaffToken::parse(given.staff_token, enrolment.device()).unwrap()
}

fn why<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> Code {
    outcome.unwrap_err().code()
}

/// Puts an enrolment down, and takes it up again.
fn kept(enrolment: &Enrolment, file: &Path) -> Enrolment {
    std::fs::write(file, enrolment.to_json()).unwrap();
    Enrolment::from_json(&std::fs::read(file).unwrap()).unwrap()
}

#[test]
fn a_device_enrols_once_with_a_code() {
    let world = World::start().unwrap();
    let (mut device, mut other) = (Device::new(), Device::new());
    let good = code(&world);
    let enrolment = device.enrol(&world, &good.to_lowercase().replace('-', "　")).unwrap();
    assert_eq!((enrolment.label(), enrolment.certificate_chain().len()), ("ward 3", 2));
    assert_eq!(enrolment.device().facility().as_str(), "1370000001");
    assert_eq!(enrolment.issuer(), world.sandbox().issuer());
    assert_eq!(enrolment.challenge_keys().len(), 2);
    assert_eq!(enrolment.policy().mutual_tls, MutualTls::None);
    // The code is used up, and a key is enrolled once.
    assert_eq!(why(other.enrol(&world, &good)), Code::ActivationCodeInvalid);
    let next = code(&world);
    assert_eq!(why(device.enrol(&world, &next)), Code::DeviceKeyKnown);
    // The second one was not: it is still good, for a quarter of an hour.
    let wrong = next.replace(|c: char| c.is_ascii_digit(), "7");
    assert_eq!(why(other.enrol(&world, &wrong)), Code::ActivationCodeInvalid);
    let pass = |device: &mut Device, minutes| {
        let minutes = SignedDuration::from_mins(minutes);
        world.sandbox().shift_clock(minutes);
        device.clock += minutes;
    };
    pass(&mut other, 14);
    // Not by a clock that is wrong, which is told without the code's being used up.
    let late = Device::new().enrol(&world, &next);
    assert_eq!(why(late), Code::ClockOff);
    let late = code(&world);
    other.enrol(&world, &next).unwrap();
    let mut third = Device::new();
    third.clock = other.clock;
    pass(&mut third, 16);
    assert_eq!(why(third.enrol(&world, &late)), Code::ActivationCodeInvalid);
}

#[test]
fn a_device_follows_the_platforms_keys_and_changes_its_own() {
    let world = World::start().unwrap();
    let mut device = Device::new();
    let first = device.enrol(&world, &code(&world)).unwrap();
    let file = device.folder.path().join("enrolment.json");

    let staff = signed_in(&world, &first);
    world.wait(world.sandbox().roll_keys()).unwrap();
    let second = device.run(refresh_device(kept(&first, &file), staff, entropy())).unwrap();
    assert_eq!(second.challenge_keys()[0], first.challenge_keys()[1]);
    assert_eq!(second.certificate_chain(), first.certificate_chain());

    let staff = signed_in(&world, &second);
    let key = device.key("device-2");
    let flow = roll_over_key(kept(&second, &file), staff, key, entropy()).unwrap();
    let third = device.run(flow).unwrap();
    assert_eq!(third.device().client_id(), first.device().client_id());
    assert_ne!(third.certificate_chain()[0], first.certificate_chain()[0]);
    // The new key is this device's, and what was bound to the old one is worth nothing.
    let staff = signed_in(&world, &third);
    device.run(refresh_device(third.clone(), staff, entropy())).unwrap();
    let old = world.enrol(&jwk(&first.device().key().public));
    assert!(old.is_err());

    // Whoever missed two changes is not led on.
    world.wait(world.sandbox().roll_keys()).unwrap();
    world.wait(world.sandbox().roll_keys()).unwrap();
    let staff = signed_in(&world, &third);
    let outcome = device.run(refresh_device(third.clone(), staff, entropy()));
    assert_eq!(why(outcome), Code::ChallengeKeysReplaced);
    // A device that was lost is told so.
    let staff = signed_in(&world, &third);
    world.wait(world.sandbox().kill_device(third.device().client_id())).unwrap();
    let outcome = device.run(refresh_device(third, staff, entropy()));
    assert_eq!(why(outcome), Code::DeviceRevoked);
}

#[test]
fn a_visit_needs_no_more_than_the_enrolment_and_a_sign_in() {
    let world = World::start().unwrap();
    let mut scene = Scene::new(&world, Behaviour::modern());
    let server = ServerAddress::parse(world.sandbox().url()).unwrap();
    let typed = ActivationCode::parse(&code(&world)).unwrap();
    let key = DeviceKey::new("device", scene.key.public_key());
    let plan = Enrol::new(server, typed, key, entropy()).unwrap();
    let enrolment = run(enrol(plan), &mut scene).unwrap().unwrap();
    let staff = signed_in(&world, &enrolment);
    let anchors = world.roots();
    let anchors = TrustAnchors::test(anchors.iter().map(Vec::as_slice), []).unwrap();
    let environment = Environment::of(&enrolment, staff, anchors, entropy()).unwrap();
    let plan = Plan::new([Use::View, Use::Register]).unwrap();
    let outcome = run(visit::start(plan, environment), &mut scene).unwrap().unwrap();
    assert_eq!(outcome.entitlement.person.name_kana, "カイゴ　ハナコ");
}

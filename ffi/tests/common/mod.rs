//! A card, a platform and people who answer what a conversation asks for over the boundary.

#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use base64ct::{Base64UrlUnpadded, Encoding};
use kaigotap::flow::{HttpRequest as CoreRequest, Method as CoreMethod};
use kaigotap::link::http::HttpClient;
use kaigotap::link::{CardLink, HttpLink};
use kaigotap_ffi::{
    BrowseError, CardAuthorities, CardAuthorityKey, ChallengeKey, Conversation, DeviceKey,
    EnrolledDevice, Entry, Environment, FaceCheck, Failure, Header, HttpResponse, KaigoTapError,
    LinkCapacity, LinkError, Method, Occasion, Outcome, Plan, Prompt, Reply, Request, SignError,
    Step, StoreError, TrustAnchors, Use,
};
use kaigotap_sandbox::world::World;
use kaigotap_virtual_card::{Behaviour, CardVerifiableAuthority, Person, VirtualCard};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

/// Signs the message, DER or `r‖s`.
pub type Key = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// Everything outside a conversation.
pub struct Outside {
    pub card: VirtualCard,
    pub http: HttpClient,
    /// What the holder types, one after the other; then they stop.
    pub types: Vec<&'static str>,
    pub chooses: Option<(&'static str, &'static str)>,
    pub face: FaceCheck,
    pub consents: bool,
    /// The device's key, by its name.
    pub key: Option<(&'static str, Key)>,
    /// What the device keeps; on no disk.
    pub kept: BTreeMap<String, Vec<u8>>,
    /// The next call of the store fails so.
    pub store_fails: Option<StoreError>,
    /// Everything that was asked of people.
    pub asked: Vec<Prompt>,
    /// Every tap that was asked for.
    pub taps: Vec<Occasion>,
}

impl Outside {
    pub fn of(profile: &str, types: &[&'static str]) -> Self {
        let profile: Behaviour = profile.parse().expect("a profile");
        Self {
            card: VirtualCard::new(Person::hanako(), profile).expect("test keys"),
            http: HttpClient::trusting(&[]).expect("an HTTP client"),
            types: types.to_vec(),
            chooses: None,
            face: FaceCheck::Match,
            consents: false,
            key: Some(("device", Box::new(signed))),
            kept: BTreeMap::new(),
            store_fails: None,
            asked: Vec::new(),
            taps: Vec::new(),
        }
    }

    /// Runs a conversation to its end.
    pub fn play(&mut self, conversation: &Conversation) -> Result<Outcome, Failure> {
        let mut step = conversation.start().expect("a fresh conversation");
        loop {
            step = match step {
                Step::Done { outcome } => return Ok(outcome),
                Step::Failed { failure } => return Err(failure),
                Step::Need { request } => self.answer(conversation, request),
            }
            .expect("an answer of the right kind");
        }
    }

    /// Answers one request.
    pub fn answer(
        &mut self,
        conversation: &Conversation,
        request: Request,
    ) -> Result<Step, KaigoTapError> {
        if let Request::Ask { prompt } = &request {
            self.asked.push(prompt.clone());
        }
        let reply = match request {
            Request::Connect { occasion } => {
                self.taps.push(occasion);
                if occasion != Occasion::First {
                    self.card.put_back();
                }
                match CardLink::connect(&mut self.card, kaigotap::flow::Occasion::First) {
                    Ok(connected) => Reply::Connected {
                        capacity: LinkCapacity {
                            max_command: connected.max_command.try_into().unwrap(),
                            max_response: connected.max_response.try_into().unwrap(),
                        },
                    },
                    Err(_) => Reply::NotConnected { error: LinkError::NoCard },
                }
            }
            Request::Transmit { command } => match CardLink::transmit(&mut self.card, &command) {
                Ok(response) => Reply::Transmitted { response },
                Err(_) => Reply::NotTransmitted { error: LinkError::Lost },
            },
            Request::Disconnect => {
                CardLink::disconnect(&mut self.card);
                Reply::Disconnected
            }
            Request::Send { request } => self.send(&request),
            Request::Browse { .. } => Reply::NotBrowsed { error: BrowseError::NoBrowser },
            Request::Sign { key, payload } => match &self.key {
                Some((name, sign)) if *name == key => Reply::Signed { signature: sign(&payload) },
                _ => Reply::NotSigned { error: SignError::Gone },
            },
            Request::Keep { name, sealed } => {
                if let Some(error) = self.store_fails.take() {
                    Reply::NotKept { error }
                } else {
                    self.kept.insert(name, sealed);
                    Reply::Kept
                }
            }
            Request::Forget { name } => {
                self.kept.remove(&name);
                Reply::Forgotten
            }
            Request::ListNames => Reply::Listed { names: self.kept.keys().cloned().collect() },
            Request::Recall { names } => {
                let entry = |(name, sealed): (&String, &Vec<u8>)| Entry {
                    name: name.clone(),
                    sealed: sealed.clone(),
                };
                let asked = self.kept.iter().filter(|(name, _)| names.contains(name));
                Reply::Recalled { entries: asked.map(entry).collect() }
            }
            Request::Clock => clock(),
            Request::Ask { prompt: Prompt::ConfirmFace } => Reply::FaceChecked { check: self.face },
            Request::Ask { prompt: Prompt::LastTry { .. } } => {
                Reply::Consented { consent: self.consents }
            }
            Request::Ask { prompt: Prompt::EnterPin { .. } } if !self.types.is_empty() => {
                return conversation.enter_pin(self.types.remove(0).as_bytes());
            }
            Request::Ask { prompt: Prompt::NewPin { .. } } if self.chooses.is_some() => {
                let (first, second) = self.chooses.take().unwrap();
                return conversation.enter_new_pin(first.as_bytes(), second.as_bytes());
            }
            Request::Ask { .. } => Reply::Cancelled,
        };
        conversation.resume(reply)
    }

    fn send(&mut self, request: &kaigotap_ffi::HttpRequest) -> Reply {
        let method = match request.method {
            Method::Get => CoreMethod::Get,
            Method::Post => CoreMethod::Post,
        };
        let sent = CoreRequest::new(method, request.url.clone()).with_body(request.body.clone());
        let sent = request
            .headers
            .iter()
            .fold(sent, |sent, header| sent.with_header(&header.name, header.value.clone()));
        let response = HttpLink::send(&mut self.http, &sent).expect("an answer");
        let header =
            |(name, value): (&str, &str)| Header { name: name.into(), value: value.into() };
        Reply::Received {
            response: HttpResponse {
                status: response.status,
                headers: response.headers().map(header).collect(),
                body: response.body.to_vec(),
            },
        }
    }
}

/// Both clocks of this machine.
pub fn clock() -> Reply {
    let now = kaigotap::link::now();
    Reply::Clock {
        wall_ms: now.wall.as_millisecond().try_into().unwrap(),
        monotonic_ms: now.monotonic.as_millis().try_into().unwrap(),
    }
}

/// The key of every device here.
static DEVICE: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
    let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap()
});

/// Signed by it, in DER, as a phone's key store does.
fn signed(message: &[u8]) -> Vec<u8> {
    DEVICE.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
}

/// A visit to the sandbox.
pub fn visit(world: &World) -> Arc<Conversation> {
    let (plan, environment) = enrolled(world);
    kaigotap_ffi::visit(plan, environment).expect("a sandbox's enrolment")
}

/// What a device knows that is enrolled at the sandbox.
pub fn enrolled(world: &World) -> (Plan, Environment) {
    let point = DEVICE.public_key().as_ref();
    let part = Base64UrlUnpadded::encode_string;
    let (x, y) = (part(&point[1..33]), part(&point[33..]));
    let jwk = serde_json::json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let enrolment = world.enrol(&jwk).expect("an enrolment");
    let member = |key: &serde_json::Value, name: &str| key[name].as_str().unwrap().to_owned();
    let plan = Plan {
        uses: vec![Use::View, Use::Register],
        person: None,
        registered_as: None,
        registration: None,
        disaster: false,
        begin_with: None,
        offers: Vec::new(),
        reading: Vec::new(),
        insurance_domain: None,
    };
    let environment = Environment {
        server: enrolment.server.clone(),
        issuer: enrolment.issuer.clone(),
        challenge_keys: enrolment
            .challenge_keys
            .iter()
            .map(|key| ChallengeKey { x: member(key, "x"), y: member(key, "y") })
            .collect(),
        device: EnrolledDevice {
            id: enrolment.device_id.clone().unwrap(),
            facility: enrolment.facility_id.clone(),
            key: DeviceKey { name: "device".into(), public: point.to_vec() },
        },
        staff_token: enrolment.staff_token.clone(),
        anchors: TrustAnchors::Test { authentication: world.roots(), signature: Vec::new() },
        entropy: uuid(),
        card_authorities: Some(authorities()),
    };
    (plan, environment)
}

/// Other 32 bytes each time; nothing here needs them to be secret.
fn uuid() -> Vec<u8> {
    let now = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
    let here = std::process::id().to_be_bytes();
    [&now[..], &here, &now[4..]].concat()[..32].to_vec()
}

/// Those of the virtual cards.
pub fn authorities() -> CardAuthorities {
    let key = |authority: CardVerifiableAuthority| CardAuthorityKey {
        key_id: authority.key_id().clone(),
        modulus: authority.modulus().to_vec(),
    };
    CardAuthorities::Test {
        input_support: key(CardVerifiableAuthority::text()),
        face: key(CardVerifiableAuthority::face()),
    }
}

/// The code of what was thrown.
pub fn code<T: std::fmt::Debug>(result: Result<T, KaigoTapError>) -> String {
    match result {
        Err(KaigoTapError::Failed { failure }) => failure.code,
        Ok(other) => panic!("{other:?}"),
    }
}

//! What crosses the boundary comes out as it went in, and shows nothing when it is printed.

mod common;

use common::Outside;
use kaigotap::flow;
use kaigotap_ffi::{
    BrowseError, DeviceKey, EnrolledDevice, Entry, FaceCheck, Header, HostReport, HttpError,
    HttpRequest, HttpResponse, JournalKey, KaigoTapError, Language, LinkCapacity, LinkError,
    Method, Occasion, Outcome, PinKind, Prompt, Reply, Request, SignError, Step, StoreError,
    UniFfiTag, WhyNewPin, WhyPin, host_check, sign_failure, store_failure, verify_journal,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair,
};
use uniffi::{Lift, Lower};

/// Into a buffer of the boundary and out of it again.
fn crossed<T: Lower<UniFfiTag, FfiType = F> + Lift<UniFfiTag, FfiType = F>, F>(value: T) -> T {
    T::try_lift(T::lower(value)).unwrap()
}

/// In every member that may hold something personal or secret.
const SECRET: &str = "s3cr3t";

fn secret() -> Vec<u8> {
    SECRET.as_bytes().to_vec()
}

fn headers() -> Vec<Header> {
    vec![
        Header { name: "dpop".into(), value: SECRET.into() },
        Header { name: "x-made-up".into(), value: String::new() },
    ]
}

fn requests() -> Vec<Request> {
    let prompts = [
        Prompt::ConfirmFace,
        Prompt::EnterPin { pin: PinKind::BirthDate, tries_left: Some(3), why: WhyPin::First },
        Prompt::EnterPin { pin: PinKind::Signature, tries_left: None, why: WhyPin::TriesGone },
        Prompt::EnterPrinted {
            tries_left: Some(9),
            why: WhyPin::Malformed,
            fault: Some(kaigotap_ffi::PrintedFault {
                field: kaigotap_ffi::PrintedField::ExpiryYear,
                faulty: kaigotap_ffi::Faulty::Length,
            }),
        },
        Prompt::ConfirmPhoto {
            photo: kaigotap_ffi::ChipPhoto {
                jp2: secret(),
                pixels: Some(kaigotap_ffi::Photo { width: 2, height: 3, grey: secret() }),
            },
        },
        Prompt::LastTry { pin: PinKind::InputSupport, why: WhyPin::Wrong },
        Prompt::NewPin { pin: PinKind::Authentication, why: WhyNewPin::Different },
        Prompt::ChooseWay {
            after: kaigotap_ffi::failure(kaigotap_ffi::HostFault::Cancelled),
            ways: vec![kaigotap_ffi::Way::FourAttributes],
        },
        Prompt::EnterAttributes {
            way: kaigotap_ffi::Way::Disaster,
            fault: None,
            prefilled: kaigotap_ffi::Attributes {
                insurer_number: SECRET.into(),
                insured_number: SECRET.into(),
                name_kana: SECRET.into(),
                birth_date: SECRET.into(),
                sex: SECRET.into(),
            },
        },
        Prompt::ConfirmBirthDate {
            read: kaigotap_ffi::BirthDateRead {
                date: SECRET.into(),
                japanese: SECRET.into(),
                age: Some(85),
            },
        },
        Prompt::Unknown,
    ];
    let mut requests: Vec<_> = [Occasion::First, Occasion::Again, Occasion::Continue]
        .map(|occasion| Request::Connect { occasion })
        .into();
    requests.extend(prompts.map(|prompt| Request::Ask { prompt }));
    requests.extend([
        Request::Transmit { command: secret() },
        Request::Disconnect,
        Request::Send {
            request: HttpRequest {
                method: Method::Post,
                url: "https://example.org/".into(),
                headers: headers(),
                body: secret(),
            },
        },
        Request::Browse { address: SECRET.into(), returns_to: SECRET.into() },
        Request::Sign { key: SECRET.into(), payload: secret() },
        Request::Keep { name: SECRET.into(), sealed: secret() },
        Request::Forget { name: SECRET.into() },
        Request::ListNames,
        Request::Recall { names: vec![SECRET.into()] },
        Request::Clock,
    ]);
    requests
}

fn replies() -> Vec<Reply> {
    let entry = |name: &str| Entry { name: name.into(), sealed: secret() };
    vec![
        Reply::Connected { capacity: LinkCapacity { max_command: 261, max_response: u32::MAX } },
        Reply::NotConnected { error: LinkError::TimedOut },
        Reply::Transmitted { response: secret() },
        Reply::NotTransmitted { error: LinkError::NotCarried },
        Reply::Disconnected,
        Reply::Received {
            response: HttpResponse { status: 401, headers: headers(), body: secret() },
        },
        Reply::NotReceived { error: HttpError::TooLong },
        Reply::Browsed { address: SECRET.into() },
        Reply::NotBrowsed { error: BrowseError::TimedOut },
        Reply::Signed { signature: secret() },
        Reply::NotSigned { error: SignError::Locked },
        Reply::Kept,
        Reply::NotKept { error: StoreError::Full },
        Reply::Forgotten,
        Reply::NotForgotten { error: StoreError::Denied },
        Reply::Listed { names: vec![SECRET.into(), "b".into()] },
        Reply::NotListed { error: StoreError::Denied },
        Reply::Recalled { entries: vec![entry(SECRET), entry("b")] },
        Reply::NotRecalled { error: StoreError::Missing },
        Reply::Clock { wall_ms: u64::MAX, monotonic_ms: 1 },
        Reply::FaceChecked { check: FaceCheck::NoMatch },
        Reply::Consented { consent: true },
        Reply::WayChosen { way: kaigotap_ffi::Way::CardTap },
        Reply::PrintedEntered {
            printed: kaigotap_ffi::PrintedFields {
                birth_date: SECRET.into(),
                expiry_year: SECRET.into(),
                security_code: SECRET.into(),
            },
        },
        Reply::AttributesEntered {
            attributes: kaigotap_ffi::Attributes {
                insurer_number: SECRET.into(),
                insured_number: SECRET.into(),
                name_kana: SECRET.into(),
                birth_date: SECRET.into(),
                sex: SECRET.into(),
            },
        },
        Reply::BirthDateChecked { right: false },
        Reply::Cancelled,
    ]
}

#[test]
fn every_request_and_every_reply_comes_out_as_it_went_in() {
    for (before, again) in requests().into_iter().zip(requests()) {
        assert_eq!(crossed(before), again);
    }
    for (before, again) in replies().into_iter().zip(replies()) {
        assert_eq!(crossed(before), again);
    }
}

#[test]
fn nothing_secret_is_printed() {
    let bytes = format!("{:?}", secret());
    let printed = |shown: String| {
        assert!(!shown.contains(SECRET) && !shown.contains(&bytes), "{shown}");
    };
    for request in requests() {
        printed(format!("{request} {request:?}"));
    }
    for reply in replies() {
        printed(format!("{reply} {reply:?}"));
    }
    let entry = Entry { name: SECRET.into(), sealed: secret() };
    let key = DeviceKey { name: SECRET.into(), public: secret() };
    let certificate = Outcome::Certificate { der: secret() };
    printed(format!("{entry} {entry:?} {key} {key:?} {certificate} {certificate:?}"));
}

#[test]
fn what_the_core_asks_for_is_what_comes_out() {
    use flow::{Occasion as CoreOccasion, Prompt as CorePrompt, WhyPin as CoreWhy};

    let occasions = [CoreOccasion::First, CoreOccasion::Again, CoreOccasion::Continue];
    let crossed = occasions.map(|occasion| Request::from(flow::Request::Connect(occasion)));
    assert_eq!(&crossed[..], &requests()[..3]);

    let pin = flow::PinKind::Signature;
    for (core, why) in [
        (CoreWhy::First, WhyPin::First),
        (CoreWhy::Malformed, WhyPin::Malformed),
        (CoreWhy::Wrong, WhyPin::Wrong),
        (CoreWhy::CardRemoved, WhyPin::CardRemoved),
        (CoreWhy::TriesGone, WhyPin::TriesGone),
    ] {
        for tries_left in [None, Some(2)] {
            let asked = Prompt::from(CorePrompt::EnterPin { pin, tries_left, why: core });
            assert_eq!(asked, Prompt::EnterPin { pin: PinKind::Signature, tries_left, why });
        }
    }

    let request = flow::HttpRequest::new(flow::Method::Post, "https://example.org/")
        .with_header("DPoP", SECRET.to_owned())
        .with_header("x-made-up", String::new())
        .with_body(secret());
    let request = HttpRequest::from(request);
    assert_eq!((request.method, request.url.as_str()), (Method::Post, "https://example.org/"));
    assert_eq!((request.headers, request.body), (headers(), secret()));
}

/// A journal of nothing is as it was left; one that was written less often than the mark says is not.
#[test]
fn a_journal_that_was_put_back_is_told() {
    let (device_key, _) = key(&ECDSA_P256_SHA256_ASN1_SIGNING);
    let device = EnrolledDevice { id: "d".into(), facility: "1370000001".into(), key: device_key };
    let mut outside = Outside::of("modern", &[]);
    let mut verified = |secret: Vec<u8>, mark: u64| {
        let talk = verify_journal(JournalKey { secret, mark }, device.clone(), vec![7; 32]);
        let Ok(Outcome::JournalVerified { report }) = outside.play(&talk.unwrap()) else {
            panic!("no report");
        };
        report
    };
    let report = verified(vec![1; 32], 0);
    assert_eq!((report.waiting, report.ended, report.findings, report.mark), (0, 0, vec![], 0));
    let report = verified(vec![1; 32], 3);
    let codes: Vec<_> = report.findings.iter().map(|f| (&f.failure.code[..], f.number)).collect();
    assert_eq!(codes, [("journal_rolled_back", None)]);
    assert!(report.findings[0].failure.message(Language::Japanese).ends_with('。'));

    let short = verify_journal(JournalKey { secret: vec![1; 31], mark: 0 }, device, vec![7; 32]);
    let Err(KaigoTapError::Failed { failure }) = short.map(drop) else { panic!("taken") };
    assert_eq!(failure.code, "setup_invalid");
    assert_eq!(sign_failure(SignError::Locked).code, "device_key_locked");
    assert_eq!(store_failure(StoreError::Full).code, "store_full");
    assert_eq!(format!("{:?}", JournalKey { secret: secret(), mark: 1 }), "JournalKey(..)");
}

/// A key of the device, as key stores sign: in DER, or `r‖s`.
fn key(algorithm: &'static EcdsaSigningAlgorithm) -> (DeviceKey, common::Key) {
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pair.as_ref(), &random).unwrap();
    let public = pair.public_key().as_ref().to_vec();
    let sign = move |message: &[u8]| pair.sign(&random, message).unwrap().as_ref().to_vec();
    (DeviceKey { name: "device".into(), public }, Box::new(sign))
}

#[test]
fn an_app_that_answers_as_it_should_is_told_so() {
    for algorithm in [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P256_SHA256_FIXED_SIGNING] {
        let (device, sign) = key(algorithm);
        let mut outside = Outside::of("modern", &[]);
        outside.key = Some(("device", sign));
        outside.kept.insert("kept-before".into(), secret());
        let outcome = outside.play(&host_check(Some(device)));
        let Ok(Outcome::HostChecked { report }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(report, HostReport { entries: 1, signs: true });
        assert_eq!(outside.kept.len(), 1);
    }
    let mut outside = Outside::of("modern", &[]);
    // A file of another program in the folder.
    outside.kept.insert("Thumbs.db".into(), Vec::new());
    let outcome = outside.play(&host_check(None));
    let Ok(Outcome::HostChecked { report }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(report, HostReport { entries: 0, signs: false });
}

#[test]
fn what_is_wrong_with_an_app_is_its_failure() {
    let code = |outside: &mut Outside, key| {
        let failure = outside.play(&host_check(key)).unwrap_err();
        assert_eq!(failure.kind, kaigotap_ffi::FailureKind::Device);
        failure.code
    };
    let (device, sign) = key(&ECDSA_P256_SHA256_ASN1_SIGNING);
    let (_, others) = key(&ECDSA_P256_SHA256_ASN1_SIGNING);
    let mut outside = Outside::of("modern", &[]);
    outside.key = None;
    assert_eq!(code(&mut outside, Some(device.clone())), "device_key_gone");
    outside.key = Some(("device", others));
    assert_eq!(code(&mut outside, Some(device.clone())), "device_key_failed");
    outside.key = Some(("device", Box::new(|_| vec![0x30, 0x00])));
    assert_eq!(code(&mut outside, Some(device)), "device_key_failed");
    drop(sign);

    for (error, told) in [
        (StoreError::Full, "store_full"),
        (StoreError::Denied, "store_denied"),
        (StoreError::NoStore, "store_missing"),
        (StoreError::Failed, "store_failed"),
    ] {
        outside.store_fails = Some(error);
        assert_eq!(code(&mut outside, None), told);
    }
    // One that is longer than an entry may be fails only what asks for it.
    let giant = vec![0; (1 << 20) + 1];
    outside.kept.insert("giant".into(), giant.clone());
    assert!(outside.play(&host_check(None)).is_ok());
    let conversation = host_check(None);
    let mut step = conversation.start().unwrap();
    let failure = loop {
        step = match step {
            Step::Need { request: Request::Recall { names } } => {
                let entries = names.into_iter().map(|name| Entry { name, sealed: giant.clone() });
                conversation.resume(Reply::Recalled { entries: entries.collect() }).unwrap()
            }
            Step::Need { request } => outside.answer(&conversation, request).unwrap(),
            Step::Failed { failure } => break failure,
            Step::Done { outcome } => panic!("{outcome:?}"),
        }
    };
    assert_eq!(failure.code, "store_failed");
}

//! `cargo xtask bench pki`: judging certificates, and looking into lists, beside others.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use kaigotap::pki::revocation::crl::Crl;
use kaigotap::pki::revocation::ocsp::Response;
use kaigotap::pki::{Certificate, Demand, Evidence, Purpose, TrustAnchors, decide, verify};
use kaigotap_virtual_card::{Authority, Person, Purpose as CardPurpose, usual_issue_date};
use openssl::hash::MessageDigest;
use openssl::ocsp::{OcspCertId, OcspFlag, OcspResponse};
use openssl::sign::Verifier;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{
    CrlStatus, X509, X509Crl, X509PurposeId, X509StoreContext, X509StoreContextRef,
};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::pkcs1v15::SigningKey;
use rsa::signature::{SignatureEncoding, Signer};
use sha2::Sha256;

/// Rounds in which everybody has his turn, and how often in each.
const ROUNDS: usize = 200;
const TURNS: u32 = 20;

/// Measures, shows, and writes the document.
pub(crate) fn run(write: Option<PathBuf>) -> ExitCode {
    let mut document = String::from(INTRODUCTION);
    let _ = writeln!(
        document,
        "OpenSSL: {}. `ring` 0.17, `myna-card` 3.3.4.\n",
        openssl::version::version()
    );
    verdict(&mut document);
    lists(&mut document);
    answers(&mut document);
    println!("{document}");
    if let Some(file) = write
        && let Err(error) = std::fs::write(&file, &document)
    {
        println!("{} cannot be written: {error}", file.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

const INTRODUCTION: &str = "\
# Certificates in figures

Made by `cargo xtask bench pki`, everybody in turn in one process, release build. The machine has two cores that others use
too, so what counts is the ratio: of each round one, shown as the median with the first and third quartile.

Goals: a verdict costs at most 1.25 times the bare cost of its two RSA verifications and less than with either peer; a
list of a million entries is searched in well under 100 ms after it was read once.

";

/// The parts of one verdict.
struct World {
    leaf: Vec<u8>,
    root: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    at: Timestamp,
}

fn person() -> Person {
    "hanako".parse().expect("someone of the cast")
}

impl World {
    fn new() -> Self {
        let authority = Authority::test();
        let issued = usual_issue_date();
        let leaf = authority.issue_authentication(&person(), issued).expect("a certificate");
        let key = authority.key(CardPurpose::Authentication).expect("a key");
        let message = vec![b'a'; 2_900];
        let signature = SigningKey::<Sha256>::new(key).sign(&message).to_vec();
        Self {
            leaf,
            root: authority.root(CardPurpose::Authentication).to_vec(),
            message,
            signature,
            at: Timestamp::try_from(SystemTime::now()).expect("a time"),
        }
    }
}

/// A verdict over a leaf, with one signature beside: what a server does with an assertion.
fn verdict(document: &mut String) {
    let world = World::new();
    let anchors = TrustAnchors::test([world.root.as_slice()], []).expect("anchors");
    let root = Certificate::parse(&world.root).expect("a root");
    let ours = || {
        let leaf = Certificate::parse(&world.leaf).expect("a leaf");
        let demand = Demand::new(Purpose::Authentication, world.at);
        let verdict = verify(&leaf, &[], &anchors, &demand, &Evidence::none()).expect("accepted");
        assert!(root.verifies(&world.message, &world.signature));
        black_box(verdict);
    };

    // The bare cost: the same two signatures, over the same bytes, with keys that lie ready.
    let key = Authority::test().key(CardPurpose::Authentication).expect("a key");
    let public = key.to_public_key().to_pkcs1_der().expect("a key");
    let parsed = X509::from_der(&world.leaf).expect("a leaf");
    let (signed, leaf_signature) = (tbs(&world.leaf), parsed.signature().as_slice().to_vec());
    let bare = || {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public.as_bytes());
        key.verify(signed, &leaf_signature).expect("a signature");
        key.verify(&world.message, &world.signature).expect("a signature");
    };

    let store = store(&world.root, world.at);
    let openssl_root = X509::from_der(&world.root).expect("a root");
    let openssl_key = openssl_root.public_key().expect("a key");
    let nobody = Stack::new().expect("a stack");
    let openssl = || {
        let leaf = X509::from_der(&world.leaf).expect("a leaf");
        let mut context = X509StoreContext::new().expect("a context");
        assert!(
            context
                .init(&store, &leaf, &nobody, X509StoreContextRef::verify_cert)
                .expect("a verdict")
        );
        let mut verifier =
            Verifier::new(MessageDigest::sha256(), &openssl_key).expect("a verifier");
        assert!(verifier.verify_oneshot(&world.signature, &world.message).expect("a verdict"));
    };

    let myna_root = myna_card::Certificate::parse(&world.root).expect("a root");
    let myna = || {
        let leaf = myna_card::Certificate::parse(&world.leaf).expect("a leaf");
        leaf.verify_signature(&myna_root).expect("accepted");
        let key = myna_root.public_key().expect("a key");
        key.verify_pkcs1_sha256(&world.message, &world.signature).expect("a signature");
    };

    let times = turns(&[&bare, &ours, &openssl, &myna]);
    let _ = writeln!(
        document,
        "## One verdict\n\nParse a leaf, verify its path to an anchor that lies ready, verify one RSA-2048 signature over 2,900 bytes.\n\n\
         | who | median, µs | ratio to the bare cost (quartiles) |\n|---|---|---|"
    );
    let names = [
        "`ring`: the two RSA-2048 verifications alone",
        "KaigoTap: everything that `verify` checks",
        "OpenSSL: `d2i_X509`, strict, with purpose, without policies",
        "`myna-card`: parse, signature by the root, signature; no time, use, policy or constraint",
    ];
    for (name, own) in names.iter().zip(&times) {
        let [low, middle, high] = ratios(own, &times[0]);
        let own = micro(median(own));
        let _ = writeln!(document, "| {name} | {own:.1} | {middle:.2} ({low:.2}–{high:.2}) |");
    }
    let _ = writeln!(document);
}

/// Lists of growing length: read, judged the first time (signature), searched again.
fn lists(document: &mut String) {
    let world = World::new();
    let anchors = TrustAnchors::test([world.root.as_slice()], []).expect("anchors");
    let leaf = Certificate::parse(&world.leaf).expect("a leaf");
    let demand = Demand::new(Purpose::Authentication, world.at);
    let openssl_leaf = X509::from_der(&world.leaf).expect("a leaf");
    let openssl_root = X509::from_der(&world.root).expect("a root");
    let openssl_key = openssl_root.public_key().expect("a key");
    let _ = writeln!(
        document,
        "## Revocation lists\n\nA list that does not hold the leaf, so the whole of it is searched. `first` is with its signature, which is \
         hashing; `again` is with another certificate of the same list, signature known. Milliseconds; in brackets OpenSSL's \
         `d2i_X509_CRL`, `X509_CRL_verify`, `X509_CRL_get0_by_cert` (which sorts the list the first time). Memory is what KaigoTap \
         keeps beside the bytes it was given: nothing that grows.\n\n\
         | entries | bytes | read | first | again |\n|---|---|---|---|---|"
    );
    for entries in [1_000_u32, 10_000, 100_000, 1_000_000] {
        let der = list(&openssl_root, entries);
        let (read, list) = timed(|| Crl::parse(der.clone()).expect("a list"));
        let lists = [list];
        let judge = || {
            let evidence = Evidence::none().with_crls(&lists);
            decide(&leaf, &[], &anchors, &demand, &evidence).expect("accepted")
        };
        let ((first, _), (again, _)) = (timed(judge), timed(judge));

        let (theirs_read, theirs) = timed(|| X509Crl::from_der(&der).expect("a list"));
        let (theirs_verify, good) = timed(|| theirs.verify(&openssl_key).expect("a verdict"));
        let look = || matches!(theirs.get_by_cert(&openssl_leaf), CrlStatus::NotRevoked);
        let ((theirs_first, absent), (theirs_again, _)) = (timed(look), timed(look));
        assert!(good && absent);
        let _ = writeln!(
            document,
            "| {entries} | {} | {:.2} ({:.2}) | {:.2} ({:.2}) | {:.3} ({:.3}) |",
            der.len(),
            milli(read),
            milli(theirs_read),
            milli(first),
            milli(theirs_verify + theirs_first),
            milli(again),
            milli(theirs_again),
        );
    }
    let _ = writeln!(document);
}

/// One answer on one certificate, by a delegated responder.
fn answers(document: &mut String) {
    macro_rules! vector {
        ($name:literal) => {
            include_bytes!(concat!("../../vectors/revocation/", $name, ".der"))
        };
    }
    let at: Timestamp = "2026-12-01T00:00:00Z".parse().expect("a time");
    let (root, leaf, answer) = (vector!("ca"), vector!("good"), vector!("good-sha1"));
    let anchors = TrustAnchors::test([root.as_slice()], []).expect("anchors");
    let ours = || {
        let leaf = Certificate::parse(leaf).expect("a leaf");
        let answer = Response::parse(answer).expect("an answer");
        let evidence = Evidence::none().with_ocsp(&answer, None);
        let demand = Demand::any_purpose(at);
        black_box(decide(&leaf, &[], &anchors, &demand, &evidence).expect("accepted"));
    };
    let openssl_root = X509::from_der(root).expect("a root");
    let store = plain_store(root, at);
    let theirs = || {
        let leaf = X509::from_der(leaf).expect("a leaf");
        let nobody = Stack::new().expect("a stack");
        let mut context = X509StoreContext::new().expect("a context");
        assert!(
            context
                .init(&store, &leaf, &nobody, X509StoreContextRef::verify_cert)
                .expect("a verdict")
        );
        let response = OcspResponse::from_der(answer).expect("an answer");
        let basic = response.basic().expect("an answer");
        let mut known = Stack::new().expect("a stack");
        known.push(openssl_root.clone()).expect("room");
        basic.verify(&known, &store, OcspFlag::empty()).expect("verified");
        let id = OcspCertId::from_cert(MessageDigest::sha1(), &leaf, &openssl_root).expect("an id");
        assert!(basic.find_status(&id).is_some());
    };
    let times = turns(&[&ours, &theirs]);
    let [low, middle, high] = ratios(&times[1], &times[0]);
    let _ = writeln!(
        document,
        "## One answer\n\nParse leaf and OCSP answer, verify the path, the responder's certificate and his signature (three ECDSA P-256 \
         verifications).\n\n| who | median, µs |\n|---|---|\n| KaigoTap | {:.1} |\n| OpenSSL | {:.1} |\n\nOpenSSL takes {middle:.2} times as long \
         ({low:.2}–{high:.2}).",
        micro(median(&times[0])),
        micro(median(&times[1])),
    );
}

/// A store of one anchor that checks strictly, for authentication.
fn store(root: &[u8], at: Timestamp) -> X509Store {
    let mut param = X509VerifyParam::new().expect("parameters");
    param.set_purpose(X509PurposeId::SSL_CLIENT).expect("a purpose");
    param.set_flags(X509VerifyFlags::X509_STRICT).expect("flags");
    param.set_time(at.as_second());
    let mut store = X509StoreBuilder::new().expect("a store");
    store.add_cert(X509::from_der(root).expect("a root")).expect("room");
    store.set_param(&param).expect("parameters");
    store.build()
}

/// The same for any purpose.
fn plain_store(root: &[u8], at: Timestamp) -> X509Store {
    let mut param = X509VerifyParam::new().expect("parameters");
    param.set_time(at.as_second());
    let mut store = X509StoreBuilder::new().expect("a store");
    store.add_cert(X509::from_der(root).expect("a root")).expect("room");
    store.set_param(&param).expect("parameters");
    store.build()
}

/// What is signed of a certificate.
fn tbs(der: &[u8]) -> &[u8] {
    let length = usize::from(u16::from_be_bytes([der[6], der[7]])) + 4;
    assert_eq!((der[1], der[4], der[5]), (0x82, 0x30, 0x82));
    &der[4..4 + length]
}

/// A complete list of the root with so many entries.
fn list(root: &X509, entries: u32) -> Vec<u8> {
    let subject = root.subject_name().to_der().expect("a name");
    let key_id = root.subject_key_id().expect("a key id").as_slice().to_vec();
    let mut revoked = Vec::new();
    for number in 0..entries {
        let serial = tlv(0x02, &[&[0x40], number.to_be_bytes().as_slice(), &[0; 3]].concat());
        let reason = tlv(
            0x30,
            &tlv(0x30, &[&[0x06, 3, 0x55, 0x1D, 0x15][..], &[4, 3, 0x0A, 1, 4]].concat()),
        );
        revoked.extend(tlv(0x30, &[serial, tlv(0x17, b"200401000000Z"), reason].concat()));
    }
    let extension =
        |oid: &[u8], value: &[u8]| tlv(0x30, &[tlv(0x06, oid), tlv(0x04, value)].concat());
    let extensions = [
        extension(b"\x55\x1D\x23", &tlv(0x30, &tlv(0x80, &key_id))),
        extension(b"\x55\x1D\x14", &[0x02, 1, 7]),
    ];
    let algorithm = tlv(0x30, b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B\x05\x00");
    let signed = tlv(
        0x30,
        &[
            tlv(0x02, &[1]),
            algorithm.clone(),
            subject,
            tlv(0x17, b"200401000000Z"),
            tlv(0x17, b"390401000000Z"),
            tlv(0x30, &revoked),
            tlv(0xA0, &tlv(0x30, &extensions.concat())),
        ]
        .concat(),
    );
    let key = Authority::test().key(CardPurpose::Authentication).expect("a key");
    let signature = SigningKey::<Sha256>::new(key).sign(&signed).to_vec();
    tlv(0x30, &[signed, algorithm, tlv(0x03, &[&[0], signature.as_slice()].concat())].concat())
}

fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let length = &length[length.iter().position(|&byte| byte != 0).unwrap_or(7)..];
    let mut out = vec![tag];
    if contents.len() > 0x7F {
        out.push(0x80 | u8::try_from(length.len()).expect("short"));
    }
    [out.as_slice(), length, contents].concat()
}

/// The times of a turn, by contestant and round.
fn turns(contestants: &[&dyn Fn()]) -> Vec<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for _ in 0..ROUNDS {
        for (contestant, times) in contestants.iter().zip(&mut times) {
            let started = Instant::now();
            (0..TURNS).for_each(|_| contestant());
            times.push(started.elapsed() / TURNS);
        }
    }
    times
}

fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = what();
    (started.elapsed(), result)
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// First quartile, median and third quartile of the rounds' ratios.
fn ratios(own: &[Duration], base: &[Duration]) -> [f64; 3] {
    let mut ratios: Vec<f64> =
        own.iter().zip(base).map(|(own, base)| own.as_secs_f64() / base.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| ratios[ratios.len() * quarter / 4])
}

fn micro(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn milli(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

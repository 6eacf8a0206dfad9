//! The crate `myna-card` as a client over PC/SC. What it reads it also verifies, with its own code and an authority's
//! key from outside the card.
//!
//! ```text
//! myna-card READER status
//! myna-card READER certificate CERTIFICATE
//! myna-card READER sign PIN INPUT CERTIFICATE SIGNATURE   pads and signs INPUT as it is
//! myna-card READER holder pin|b SECRET AUTHORITY          AUTHORITY: a file that holds a modulus
//! myna-card READER face B AUTHORITY
//! myna-card READER age BIRTHDATE AUTHORITY
//! ```

use std::{env, error::Error, fs};

use myna_card::{
    Card, CardVerifiableCertificate, Error as CardError, Pin, RsaPublicKey,
    ap::{
        jpki::{JpkiAp, SignatureScheme},
        surface::{self, SurfaceAp},
        text::{self, Attributes, TextAp},
    },
    transport::pcsc::{self, PcscTransport, Sharing},
};

type Outcome = Result<(), Box<dyn Error>>;
type Connected = Card<PcscTransport>;

const CHALLENGE: &[u8] = b"Is the card here?";

fn main() -> Outcome {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [reader, job, rest @ ..] = &arguments[..] else { return Err("READER JOB".into()) };
    let card = &mut pcsc::connect(reader, Sharing::Exclusive)?;
    match (*job, rest) {
        ("status", []) => status(card),
        ("certificate", [certificate]) => {
            let mut jpki = JpkiAp::select(card)?;
            Ok(fs::write(certificate, jpki.read_auth_certificate()?.der())?)
        }
        ("sign", [pin, input, certificate, signature]) => {
            let mut jpki = JpkiAp::select(card)?;
            fs::write(certificate, jpki.read_auth_certificate_der()?)?;
            jpki.verify_auth_pin(&Pin::numeric(pin)?)?;
            let signed = jpki.sign_with_auth_key(SignatureScheme::Verbatim, &fs::read(input)?)?;
            Ok(fs::write(signature, signed)?)
        }
        ("holder", [key, secret, authority]) => {
            holder(card, *key == "b", &Pin::numeric(secret)?, authority)
        }
        ("face", [b, authority]) => face(card, &Pin::numeric(b)?, authority),
        ("age", [date, authority]) => age(card, &Pin::numeric(date)?, authority),
        _ => Err("not understood".into()),
    }
}

/// The kind of card, its certificates, and the tries of all PINs that a holder or a reader of the face may use.
fn status(card: &mut Connected) -> Outcome {
    let mut jpki = JpkiAp::select(card)?;
    println!("token: {:?}", jpki.read_token_type()?);
    let available = jpki.read_certificate_availability()?;
    let (authentication, signature) =
        (available.has_auth_certificate(), available.has_sign_certificate());
    println!("certificates: {authentication} {signature}");
    println!("validity: {:?}", jpki.read_auth_certificate()?.validity());
    println!("authentication: {:?}", jpki.auth_pin_retries()?);
    println!("signature: {:?}", jpki.sign_pin_retries()?);
    let mut text = TextAp::select(card)?;
    for key in [text::ef::PIN, text::ef::CODE_B] {
        println!("text {key:04X}: {:?}", text.retries(key)?);
    }
    let mut surface = SurfaceAp::select(card)?;
    for key in [surface::ef::CODE_B, surface::ef::BIRTH_DATE] {
        println!("surface {key:04X}: {:?}", surface.retries(key)?);
    }
    Ok(())
}

fn holder(card: &mut Connected, by_b: bool, secret: &Pin, authority: &str) -> Outcome {
    let mut text = TextAp::select(card)?;
    if by_b {
        text.verify_code_b(secret)?;
    } else {
        text.verify_pin(secret)?;
    }
    let attributes = text.read_ef(text::ef::ATTRIBUTES)?;
    let integrity = text.read_integrity_record()?;
    let certified = certified(&text.read_certificate()?, authority)?;
    let own = text.read_signed_public_key()?;

    integrity.verify(&certified)?;
    if !integrity.matches_attributes_file(&attributes)? {
        return Err("other attributes than those signed".into());
    }
    own.verify(&certified)?;
    own.public_key.verify_pkcs1_sha256(CHALLENGE, &text.sign(CHALLENGE)?)?;
    let Attributes { name, address, birth_date, sex } = Attributes::parse(&attributes)?;
    println!("{name}\n{address}\n{birth_date}\n{sex:?}");
    Ok(())
}

fn face(card: &mut Connected, b: &Pin, authority: &str) -> Outcome {
    let mut surface = SurfaceAp::select(card)?;
    surface.verify_code_b(b)?;
    let face = surface.read_card_face()?;
    face.verify(&certified(&surface.read_certificate()?, authority)?)?;
    face.public_key.verify_pkcs1_sha256(CHALLENGE, &surface.sign(CHALLENGE)?)?;
    println!("{}\n{:?}\n{}", face.birth_date, face.sex, face.expiry);
    for image in [&face.name_image, &face.address_image, &face.photo, &face.security_code_image] {
        println!("{:?} {}", image.format, image.data.len());
    }
    Ok(())
}

fn age(card: &mut Connected, date: &Pin, authority: &str) -> Outcome {
    let mut surface = SurfaceAp::select(card)?;
    surface.verify_birth_date(date)?;
    let age = surface.read_age_record()?;
    age.verify(&certified(&surface.read_certificate()?, authority)?)?;
    age.public_key.verify_pkcs1_sha256(CHALLENGE, &surface.sign(CHALLENGE)?)?;
    println!("{}", age.birth_date);
    Ok(())
}

/// The key that a certificate certifies. The crate's own table has the authorities of real cards and of those that are
/// lent to developers; a virtual card's is none of them.
fn certified(
    certificate: &CardVerifiableCertificate,
    authority: &str,
) -> Result<RsaPublicKey, Box<dyn Error>> {
    let Err(CardError::UnknownCertificateAuthority(_)) = certificate.verify() else {
        return Err("an authority of its own table".into());
    };
    let authority = RsaPublicKey { exponent: vec![1, 0, 1], modulus: fs::read(authority)? };
    certificate.verify_with(&authority)?;
    Ok(certificate.public_key.clone())
}

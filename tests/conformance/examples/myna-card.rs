//! The crate `myna-card` as a client: reads the authentication certificate and signs, over PC/SC.
//!
//! `myna-card READER PIN INPUT CERTIFICATE SIGNATURE`: pads and signs INPUT as it is.

use std::{env, error::Error, fs};

use myna_card::{
    Pin,
    ap::jpki::{JpkiAp, SignatureScheme},
    transport::pcsc::{self, Sharing},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [reader, pin, input, certificate, signature] = &arguments[..] else {
        return Err("READER PIN INPUT CERTIFICATE SIGNATURE".into());
    };
    let mut card = pcsc::connect(reader, Sharing::Exclusive)?;
    let mut jpki = JpkiAp::select(&mut card)?;
    println!("{:?} {:?}", jpki.read_token_type()?, jpki.auth_pin_retries()?);
    fs::write(certificate, jpki.read_auth_certificate_der()?)?;
    jpki.verify_auth_pin(&Pin::numeric(pin)?)?;
    fs::write(signature, jpki.sign_with_auth_key(SignatureScheme::Verbatim, &fs::read(input)?)?)?;
    Ok(())
}

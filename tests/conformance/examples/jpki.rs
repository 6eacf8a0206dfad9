//! The crate `jpki` as a client: reads the authentication certificate and signs, over PC/SC and the first reader.
//!
//! `jpki PIN INPUT CERTIFICATE SIGNATURE`: pads and signs INPUT as it is.

use std::{env, error::Error, fs, rc::Rc};

use jpki::{
    Card,
    ap::{CryptoAp, crypto::CertType},
    pcsc::Context,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [pin, input, certificate, signature] = &arguments[..] else {
        return Err("PIN INPUT CERTIFICATE SIGNATURE".into());
    };
    let context = Context::try_new()?;
    let card = context.open()?.connect(context)?;
    let card = Rc::new(Card::new(Box::new(card)));
    let jpki = CryptoAp::open((), card)?;
    println!("{} tries left", jpki.auth_pin_status(())?);
    fs::write(certificate, jpki.read_certificate((), CertType::Auth, Vec::new())?)?;
    fs::write(signature, jpki.auth((), pin.clone().into_bytes(), fs::read(input)?)?)?;
    Ok(())
}

//! The crate `jpki` as a client, over PC/SC and the first reader. It verifies nothing that it reads.
//!
//! ```text
//! jpki status
//! jpki certificate CERTIFICATE
//! jpki sign PIN INPUT CERTIFICATE SIGNATURE   pads and signs INPUT as it is
//! jpki holder PIN
//! jpki face B
//! ```

use std::{env, error::Error, fs, rc::Rc};

use jpki::{
    Card,
    ap::{
        CryptoAp, SupportAp, SurfaceAp,
        crypto::CertType,
        support::Attributes,
        surface::{Pin, Surface},
    },
    pcsc::Context,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let context = Context::try_new()?;
    let card = context.open()?.connect(context)?;
    let card = Rc::new(Card::new(Box::new(card)));
    match &arguments[..] {
        ["status"] => {
            let crypto = CryptoAp::open((), Rc::clone(&card))?;
            let certificate = crypto.read_certificate((), CertType::Auth, Vec::new())?;
            println!("certificate: {} bytes", certificate.len());
            println!("authentication: {}", crypto.auth_pin_status(())?);
            println!("signature: {}", crypto.sign_pin_status(())?);
            let support = SupportAp::open((), Rc::clone(&card))?;
            println!("support: {}", support.pin_status(())?);
            println!("surface: {}", SurfaceAp::open((), card)?.pin_b_status(())?);
        }
        ["certificate", certificate] => {
            let crypto = CryptoAp::open((), card)?;
            fs::write(certificate, crypto.read_certificate((), CertType::Auth, Vec::new())?)?;
        }
        ["sign", pin, input, certificate, signature] => {
            let crypto = CryptoAp::open((), card)?;
            fs::write(certificate, crypto.read_certificate((), CertType::Auth, Vec::new())?)?;
            fs::write(signature, crypto.auth((), pin.as_bytes().to_vec(), fs::read(input)?)?)?;
        }
        ["holder", pin] => {
            let support = SupportAp::open((), card)?;
            let Attributes { name, address, date_of_birth, sex, .. } =
                support.read_attributes((), pin.as_bytes().to_vec())?;
            println!("{name}\n{address}\n{date_of_birth}\n{sex:?}");
        }
        ["face", b] => {
            let surface = SurfaceAp::open((), card)?;
            let Surface { date_of_birth, photo, expiry_date, .. } =
                surface.read_surface((), Pin::B(b.as_bytes().to_vec()))?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            println!("{}\n{}\n{}", text(&date_of_birth), text(&expiry_date), photo.len());
        }
        _ => return Err("not understood".into()),
    }
    Ok(())
}

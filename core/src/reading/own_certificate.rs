//! The authentication certificate of the card of a conversation, judged before a PIN is presented.

use jiff::Timestamp;

use crate::card::{Credential, Guard, Identity, Selected, TapError, Token, jpki};
use crate::flow::DeviceTime;
use crate::message::{Code, Failure};
use crate::pki::{self, Certificate, Demand, Evidence, LocalVerdict, Purpose, TrustAnchors};

/// Reads the certificate of the card that the guard knows, or is to know, and judges it under these anchors by the server's
/// time.
pub(crate) async fn own_certificate(
    jpki: &mut Selected<'_>,
    guard: &mut Guard,
    anchors: &TrustAnchors,
    server_time: impl FnOnce(DeviceTime) -> Timestamp,
) -> Result<(Certificate, LocalVerdict), TapError> {
    let file = Credential::Authentication.certificate();
    let certificate = match jpki.read(file).await {
        Ok(Some(certificate)) => certificate,
        Ok(None) => return Err(without_certificate(jpki, Code::CertificateMissing).await),
        Err(TapError::Final(failure)) if failure.code() == Code::CardDataProtected => {
            return Err(without_certificate(jpki, failure.code()).await);
        }
        Err(error) => return Err(error),
    };
    guard.recognise(Identity::of(&certificate))?;
    let certificate =
        Certificate::parse(&certificate).map_err(|_| Failure::new(Code::CertificateMalformed))?;
    let now = server_time(jpki.talk().clock().await);
    let demand = Demand::new(Purpose::Authentication, now);
    // What is known of revocations, the server knows.
    let verdict = pki::verify(&certificate, &[], anchors, &demand, &Evidence::none())
        .map_err(Failure::from)?;
    if !certificate.is_rsa_2048() {
        // RS256 is the one algorithm of assertions; a next-generation card needs another before it needs a PIN.
        return Err(Failure::new(Code::CertificateUntrusted).with_detail("key").into());
    }
    Ok((certificate, verdict))
}

/// Why this card shows no certificate: it may be none of those that do. A card that can prove something is not asked.
async fn without_certificate(jpki: &mut Selected<'_>, otherwise: Code) -> TapError {
    let token = match jpki.read(jpki::TOKEN).await {
        Ok(information) => information.map(|information| Token::of_label(&information)),
        Err(error @ TapError::Link(_)) => return error,
        Err(_) => None,
    };
    TapError::Final(Failure::new(match token {
        Some(Token::AndroidPhone | Token::Iphone) => Code::PhoneNotTaken,
        Some(Token::ResidentRegisterCard) => Code::OldResidentCard,
        _ => otherwise,
    }))
}

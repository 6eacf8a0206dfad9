//! What kind of card somebody holds.

use serde::{Deserialize, Serialize};

use crate::{Application, PinKind};

/// The thing that answers: a card, or a phone in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardKind {
    /// The plastic My Number Card.
    #[default]
    MyNumber,
    /// 顔認証マイナンバーカード, for people who cannot handle PINs: certificate for authentication and printed codes, but
    /// no PIN that could be entered. How it answers a VERIFY is unpublished: here they are blocked (assumed), or not
    /// there at all with [`Trait::PinsMissing`](crate::Trait::PinsMissing). It has no certificate for signature.
    FaceAuthentication,
    /// 住民基本台帳カード, the predecessor, issued until 2015: a certificate for signature only, and neither text nor face
    /// applications. Only its token label is certain; file ids as on the My Number Card are assumed.
    ResidentCard,
    /// Android phone: the authentication certificate needs its PIN (single source); no other application.
    Android,
    /// iPhone: token label single source; no other application (assumed).
    Iphone,
    /// Another country's card, here a passport-like one that opens only to those who know what is printed in it.
    OtherCountry,
}

impl CardKind {
    /// What SELECT by name finds.
    pub const fn applications(self) -> &'static [Application] {
        match self {
            Self::MyNumber | Self::FaceAuthentication => &Application::ALL,
            Self::ResidentCard | Self::Android | Self::Iphone => {
                &[Application::Jpki, Application::IssuerSecurityDomain]
            }
            Self::OtherCountry => &[Application::TravelDocument],
        }
    }

    /// The beginning of JPKI file `0006`. Certain for plastic, its predecessor and Android.
    pub const fn token_label(self) -> &'static str {
        match self {
            Self::MyNumber | Self::FaceAuthentication => "JPKIAPICCTOKEN2",
            Self::ResidentCard => "JPKIAPICCTOKEN",
            Self::Android => "JPKIAPGPSETOKEN",
            Self::Iphone => "JPKIAPIOSTOKEN",
            Self::OtherCountry => "",
        }
    }

    /// Who may read the certificate for authentication: everybody, except on Android.
    pub(crate) const fn reads_authentication_certificate(self) -> &'static [PinKind] {
        match self {
            Self::Android => &[PinKind::Authentication],
            _ => &[],
        }
    }
}

//! The applications of the card, by the names they are selected with.

/// What SELECT by name can make current.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Application {
    /// 公的個人認証AP: certificates and their keys.
    Jpki,
    /// 券面事項入力補助AP: 個人番号 and the four attributes as text.
    InputSupport,
    /// 券面事項確認AP: the card face as pictures.
    Face,
    /// 住基AP.
    ResidentRegister,
    /// 共通カードAP.
    Common,
    /// The GlobalPlatform issuer security domain, which a client selects to leave every other application. No files.
    IssuerSecurityDomain,
    /// A travel document (ICAO Doc 9303), which is what a card of another country may answer to. No files in sight.
    TravelDocument,
}

impl Application {
    /// All of a My Number Card.
    pub const ALL: [Self; 6] = [
        Self::Jpki,
        Self::InputSupport,
        Self::Face,
        Self::ResidentRegister,
        Self::Common,
        Self::IssuerSecurityDomain,
    ];

    /// The application identifier. Certain for all but the issuer security domain (single source).
    pub const fn aid(self) -> &'static [u8] {
        match self {
            Self::Jpki => &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01],
            Self::InputSupport => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
            Self::Face => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02],
            Self::ResidentRegister => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x01],
            Self::Common => &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00],
            Self::IssuerSecurityDomain => &[0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00],
            Self::TravelDocument => &[0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01],
        }
    }

    /// What SELECT answers to a client that asks for it: a template with the name (ISO/IEC 7816-4, 7.4.3).
    pub(crate) fn control_information(self) -> Vec<u8> {
        let aid = self.aid();
        let length = u8::try_from(aid.len()).unwrap_or_default();
        [&[0x6F, length + 2, 0x84, length], aid].concat()
    }
}

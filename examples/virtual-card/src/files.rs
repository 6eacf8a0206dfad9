//! The files of all applications.

mod face;
mod input_support;
mod jpki;
mod register;

use std::{sync::Arc, time::SystemTime};

use rsa::{Pkcs1v15Sign, RsaPrivateKey, pkcs8::DecodePrivateKey, traits::PublicKeyParts};
use sha2::{Digest, Sha256};

use crate::{
    Application, Behaviour, CardKind, Error, Person, PinKind, Purpose, Trait,
    tlv::{lie, tlv},
};

/// An elementary file, or something that is selected like one.
pub(crate) struct File {
    pub(crate) id: u16,
    pub(crate) content: Content,
}

/// What is in it. No `Debug`: keys.
pub(crate) enum Content {
    /// Bytes that may be read after any of these was verified, or by everybody if there are none.
    Data {
        bytes: Vec<u8>,
        read_after: &'static [PinKind],
    },
    /// Records that everybody may read, counted from 1.
    Records(Vec<Vec<u8>>),
    Pin(PinKind),
    /// A key that signs what it is given, once its PIN was verified. Without a PIN it serves internal authentication.
    Key {
        key: Box<RsaPrivateKey>,
        after: Option<PinKind>,
    },
    /// A key that hashes and signs a challenge, for everybody.
    ChallengeKey(Box<RsaPrivateKey>),
}

/// The files of one application.
#[derive(Default)]
pub(crate) struct Files(Vec<Arc<File>>);

/// The files of a whole card.
pub(crate) struct Contents(Vec<(Application, Files)>);

/// What the files are made from.
struct Source<'a> {
    person: &'a Person,
    behaviour: &'a Behaviour,
    issued: SystemTime,
    /// In place of those that the test authority would issue.
    certificates: &'a [(Purpose, Vec<u8>)],
}

impl Contents {
    pub(crate) fn new(
        person: &Person,
        behaviour: &Behaviour,
        issued: SystemTime,
        certificates: &[(Purpose, Vec<u8>)],
    ) -> Result<Self, Error> {
        let source = Source { person, behaviour, issued, certificates };
        let all = person.card.applications().iter().filter(|application| {
            **application == Application::Jpki || !behaviour.has(Trait::JpkiOnly)
        });
        let all = all.map(|application| {
            let mut files = match application {
                Application::Jpki => source.jpki()?,
                Application::InputSupport => source.input_support()?,
                Application::Face => source.face()?,
                Application::Common => source.common()?,
                Application::ResidentRegister => source.resident_register()?,
                Application::IssuerSecurityDomain | Application::TravelDocument => Files::default(),
            };
            source.add_pins(*application, &mut files);
            if behaviour.has(Trait::LyingLengths) && *application != Application::Jpki {
                files.lie();
            }
            Ok((*application, files))
        });
        Ok(Self(all.collect::<Result<_, Error>>()?))
    }

    pub(crate) fn named(&self, aid: &[u8]) -> Option<Application> {
        self.0.iter().map(|(application, _)| *application).find(|known| known.aid() == aid)
    }

    pub(crate) fn of(&self, application: Application) -> Option<&Files> {
        self.0.iter().find(|(known, _)| *known == application).map(|(_, files)| files)
    }
}

impl Files {
    pub(crate) fn by_id(&self, id: u16) -> Option<Arc<File>> {
        self.0.iter().find(|file| file.id == id).cloned()
    }

    /// The short EF id is the low five bits of the file id (single source).
    pub(crate) fn by_short_id(&self, short: u8) -> Option<Arc<File>> {
        self.0.iter().find(|file| file.id & 0x1F == u16::from(short)).cloned()
    }

    /// The key an application signs with by default: the one that needs no PIN.
    pub(crate) fn own_key(&self) -> Option<Arc<File>> {
        let own = |file: &&Arc<File>| matches!(file.content, Content::Key { after: None, .. });
        self.0.iter().find(own).cloned()
    }

    fn add(&mut self, id: u16, content: Content) {
        self.0.push(Arc::new(File { id, content }));
    }

    fn lie(&mut self) {
        for file in self.0.iter_mut().filter_map(Arc::get_mut) {
            if let Content::Data { bytes, .. } = &mut file.content {
                *bytes = lie(std::mem::take(bytes));
            }
        }
    }

    fn data(&mut self, id: u16, bytes: Vec<u8>, read_after: &'static [PinKind]) {
        self.add(id, Content::Data { bytes, read_after });
    }
}

impl Source<'_> {
    fn add_pins(&self, application: Application, files: &mut Files) {
        let missing = |kind: &PinKind| {
            let pinless = self.person.card == CardKind::FaceAuthentication
                && self.behaviour.has(Trait::PinsMissing)
                && kind.must_be_remembered();
            let unused = self.person.card == CardKind::ResidentCard && *kind != PinKind::Signature;
            pinless || unused
        };
        let pins = PinKind::ALL.into_iter().filter(|kind| kind.application() == application);
        for kind in pins.filter(|kind| !missing(kind)) {
            files.add(kind.file(), Content::Pin(kind));
        }
    }
}

pub(crate) fn parse_key(der: &[u8]) -> Result<RsaPrivateKey, Error> {
    Ok(RsaPrivateKey::from_pkcs8_der(der)?)
}

/// RSA PKCS #1 v1.5 with SHA-256.
pub(crate) fn signature(key: &RsaPrivateKey, message: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message))?)
}

/// A public key as every record writes it.
pub(crate) fn public_key(key: &impl PublicKeyParts) -> Vec<u8> {
    [tlv(0x90, &key.e().to_bytes_be()), tlv(0x91, &key.n().to_bytes_be())].concat()
}

/// The name of a key: digits, what looks like a version, and filler.
pub(crate) fn key_id(digits: &str, version: &str) -> Vec<u8> {
    [digits.as_bytes(), &[0x08, 0x05], version.as_bytes(), &[0; 4]].concat()
}

/// Bytes whose meaning nobody published: always the same ones, and nothing in them.
fn opaque(label: &str, length: usize) -> Vec<u8> {
    let block = |number: u8| Sha256::digest([label.as_bytes(), &[number]].concat());
    (0..=u8::MAX).flat_map(block).take(length).collect()
}

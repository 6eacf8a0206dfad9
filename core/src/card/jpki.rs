//! The JPKI AP (公的個人認証AP): certificates, the tries left, VERIFY, and the signature.

use zeroize::Zeroizing;

use super::pin::{Permit, Pin, Presented};
use super::profile::{Credential, MAX_CERTIFICATE, application, pin_file};
use super::{Holding, TapError};
use crate::flow::{LinkError, PinKind, Talk};
use crate::iso7816::{Command, Expect, StatusWord, tlv};
use crate::message::{Code, Failure};

/// DER header of a DigestInfo that holds a SHA-256 (RFC 8017 §9.2 note 1). The card pads and signs whatever it is
/// given, so this is put before every digest here, and nowhere else.
const SHA256_DIGEST_INFO: &[u8] =
    b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// Length of a signature of today's card, RSA-2048, in bytes.
const SIGNATURE: usize = 256;
/// What one short READ BINARY brings, in bytes.
const SHORT_READ: usize = 256;
/// Tag of a DER SEQUENCE: how a certificate begins.
const SEQUENCE: u32 = 0x30;

/// The JPKI AP of a held card, selected.
pub(crate) struct Jpki<'a> {
    holding: &'a mut Holding,
    /// The file that is selected: it is not selected again.
    current: Option<u16>,
}

impl<'a> Jpki<'a> {
    /// Selects the JPKI AP. A card that has none is no My Number Card; the ATR is never asked.
    pub(crate) async fn select(holding: &'a mut Holding) -> Result<Self, TapError> {
        if holding.select(application::JPKI).await? {
            Ok(Self { holding, current: None })
        } else {
            Err(Code::NotMyNumberCard.into())
        }
    }

    pub(crate) fn talk(&self) -> &Talk {
        self.holding.talk()
    }

    /// The tries left for a PIN. Costs none. Makes this PIN the current file, so that [`verify`](Self::verify) may follow.
    pub(crate) async fn tries_left(&mut self, pin: PinKind) -> Result<u8, TapError> {
        self.select_file(pin_file(pin)).await?;
        let answer = self.holding.transmit(&Command::verify_query()).await?;
        answer.status.tries_left().ok_or_else(|| unexpected("query of the tries left"))
    }

    /// Presents a PIN, once.
    pub(super) async fn verify(&mut self, _: Permit, pin: Pin) -> Result<Presented, TapError> {
        if self.current != Some(pin_file(pin.kind())) {
            return Err(unexpected("a PIN without its query"));
        }
        let command =
            Command::verify(pin.characters()).ok_or_else(|| unexpected("an empty PIN"))?;
        drop(pin);
        let status = self.holding.transmit(&command).await?.status;
        match status.tries_left() {
            Some(left) => Ok(Presented::Wrong { left }),
            None if status.is_success() => Ok(Presented::Accepted),
            None => Err(unexpected("answer to VERIFY")),
        }
    }

    /// Reads a certificate, DER, without the filler behind it.
    pub(crate) async fn certificate(
        &mut self,
        credential: Credential,
    ) -> Result<Zeroizing<Vec<u8>>, TapError> {
        self.read(credential.files().certificate).await
    }

    /// Signs with the authentication key, whose PIN was accepted: RSASSA-PKCS1-v1_5 over this SHA-256.
    pub(crate) async fn sign(&mut self, digest: &[u8; 32]) -> Result<Vec<u8>, TapError> {
        let key = Credential::Authentication.files().key;
        let input = [SHA256_DIGEST_INFO, digest].concat();
        let command = |p2| Command {
            class: 0x80,
            instruction: 0x2A,
            p1: 0x00,
            p2,
            data: Zeroizing::new(input.clone()),
            expect: Expect::UpTo(SIGNATURE),
        };
        if self.holding.takes_short_ids == Some(true) {
            let answer = self.holding.transmit(&command(crate::iso7816::short_id(key))).await?;
            if answer.status.is_success() && answer.data.len() == SIGNATURE {
                return Ok(answer.data.to_vec());
            }
        }
        self.select_file(key).await?;
        let answer = self.holding.transmit(&command(0x80)).await?;
        if answer.status.is_success() && answer.data.len() == SIGNATURE {
            return Ok(answer.data.to_vec());
        }
        Err(unexpected("signature"))
    }

    async fn select_file(&mut self, id: u16) -> Result<(), TapError> {
        if self.current == Some(id) {
            return Ok(());
        }
        self.current = None;
        match self.holding.transmit(&Command::select_file(id)).await?.status {
            StatusWord::SUCCESS => {
                self.current = Some(id);
                Ok(())
            }
            StatusWord::NOT_FOUND => Err(Code::CertificateMissing.into()),
            _ => Err(unexpected("SELECT of a file")),
        }
    }

    /// Reads a file that holds one DER object and filler behind it, to the object's last byte.
    ///
    /// Where the link carries extended length, the whole file is asked for in one command by its short identifier; a
    /// card that does not take that has it learnt once per tap and is read in 256-byte pieces, the last one exact.
    async fn read(&mut self, id: u16) -> Result<Zeroizing<Vec<u8>>, TapError> {
        let mut data = self.read_at_once(id).await?;
        let piece = if data.is_empty() { SHORT_READ } else { self.holding.channel().max_expect() };
        if data.is_empty() {
            self.select_file(id).await?;
            data = self.read_piece(0, SHORT_READ.min(self.holding.channel().max_expect())).await?;
        }
        let length = object_length(&data)?;
        while data.len() < length {
            self.talk().read_so_far(data.len(), length);
            let missing = length.saturating_sub(data.len());
            let wanted = missing.min(piece).min(self.holding.channel().max_expect());
            let more = self.read_piece(data.len(), wanted).await?;
            data.extend_from_slice(&more);
        }
        data.truncate(length);
        self.talk().read_so_far(length, length);
        Ok(data)
    }

    /// The start of a file by short identifier and extended length; empty where card or link do not take these.
    async fn read_at_once(&mut self, id: u16) -> Result<Zeroizing<Vec<u8>>, TapError> {
        let channel = self.holding.channel();
        if !channel.extended() || self.holding.takes_short_ids == Some(false) {
            return Ok(Zeroizing::default());
        }
        let command = Command::read_binary_short_id(id, channel.max_expect());
        let answer = match self.holding.transmit(&command).await {
            Err(LinkError::NotCarried) => {
                self.holding.takes_short_ids = Some(false);
                return Ok(Zeroizing::default());
            }
            answer => answer?,
        };
        match answer.status {
            StatusWord::SUCCESS | StatusWord::END_OF_FILE if !answer.data.is_empty() => {
                self.holding.takes_short_ids = Some(true);
                self.current = Some(id);
                Ok(answer.data)
            }
            StatusWord::NOT_ALLOWED => Err(unexpected("a file that wants a PIN")),
            _ => {
                self.holding.takes_short_ids = Some(false);
                self.current = None;
                Ok(Zeroizing::default())
            }
        }
    }

    async fn read_piece(
        &self,
        offset: usize,
        count: usize,
    ) -> Result<Zeroizing<Vec<u8>>, TapError> {
        let offset = u16::try_from(offset).map_err(|_| unexpected("offset"))?;
        let mut answer = self.holding.transmit(&Command::read_binary(offset, count)).await?;
        match answer.status {
            StatusWord::SUCCESS | StatusWord::END_OF_FILE if !answer.data.is_empty() => {
                answer.data.truncate(count);
                Ok(answer.data)
            }
            _ => Err(unexpected("READ BINARY")),
        }
    }
}

/// Length of the DER object that begins here, as its header claims; capped, because a card can claim anything.
fn object_length(data: &[u8]) -> Result<usize, TapError> {
    match data.first() {
        Some(&first) if u32::from(first) == SEQUENCE => {}
        Some(0xFF | 0x00) | None => return Err(Code::CertificateMissing.into()),
        Some(_) => return Err(unexpected("not a certificate")),
    }
    let length = tlv::claimed_length(data).map_err(|_| unexpected("length of the certificate"))?;
    if length > MAX_CERTIFICATE {
        return Err(unexpected("a certificate too long to be one"));
    }
    Ok(length)
}

fn unexpected(what: &'static str) -> TapError {
    TapError::Final(Failure::new(Code::CardAnswerInvalid).with_detail(what))
}

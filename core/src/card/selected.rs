//! An application of a held card, selected: files, PINs and its key.

use zeroize::Zeroizing;

use super::guard::{Permit, Presented};
use super::pin::Pin;
use super::profile::{Application, Extent, File, Ways};
use super::{Credential, Holding, IDENTIFYING, Identity, TapError};
use crate::flow::{LinkError, PinKind, Talk};
use crate::iso7816::{Command, Expect, Response, StatusWord, tlv};
use crate::message::{Code, Failure};

/// DER header of a DigestInfo that holds a SHA-256 (RFC 8017 §9.2 note 1). The card pads and signs whatever it is
/// given, so this is put before every digest here, and nowhere else.
const SHA256_DIGEST_INFO: &[u8] =
    b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";

/// Length of a signature of today's card, RSA-2048, in bytes.
const SIGNATURE: usize = 256;
/// What one short READ BINARY brings, in bytes.
const SHORT_READ: usize = 256;

/// The current application.
pub(crate) struct Selected<'a> {
    holding: &'a mut Holding,
    application: Application,
    /// The file that is selected: it is not selected again.
    current: Option<u16>,
}

impl<'a> Selected<'a> {
    /// Selects an application; `None` when the card does not have it.
    pub(crate) async fn select(
        holding: &'a mut Holding,
        application: Application,
    ) -> Result<Option<Self>, TapError> {
        let found = holding.select(application.identifier()).await?;
        Ok(found.then_some(Self { holding, application, current: None }))
    }

    /// Selects the JPKI AP. A card that has none is no My Number Card; the ATR is never asked.
    pub(crate) async fn jpki(holding: &'a mut Holding) -> Result<Self, TapError> {
        let selected = Self::select(holding, Application::Jpki).await?;
        selected.ok_or_else(|| Code::NotMyNumberCard.into())
    }

    /// Selects an application that every plastic My Number Card has, but phones and older cards have not.
    pub(crate) async fn required(
        holding: &'a mut Holding,
        application: Application,
    ) -> Result<Self, TapError> {
        let selected = Self::select(holding, application).await?;
        selected.ok_or_else(|| Code::CardApplicationMissing.into())
    }

    pub(crate) fn application(&self) -> Application {
        self.application
    }

    pub(crate) fn talk(&self) -> &Talk {
        self.holding.talk()
    }

    /// What the card says of a PIN, without costing a try: the tries left, or `None` where it has no such PIN that could
    /// be used. Makes this PIN the current file, so that [`verify`](Self::verify) may follow.
    pub(crate) async fn query(&mut self, pin: PinKind) -> Result<Option<u8>, TapError> {
        let file = self.application.pin_file(pin).ok_or_else(|| unexpected("no such PIN here"))?;
        if !self.find(file).await? {
            return Ok(None);
        }
        let answer = self.holding.transmit(&Command::verify_query()).await?;
        Ok(answer.status.tries_left())
    }

    /// The tries left for a PIN that is about to be used.
    pub(crate) async fn tries_left(&mut self, pin: PinKind) -> Result<u8, TapError> {
        self.query(pin).await?.ok_or_else(|| Code::PinUnusable.into())
    }

    /// Presents a PIN, once.
    pub(super) async fn verify(&mut self, _: &Permit, pin: Pin) -> Result<Presented, TapError> {
        if self.current != self.application.pin_file(pin.kind()) || self.current.is_none() {
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

    /// Replaces the PIN that has just been verified.
    pub(super) async fn change(&mut self, _: &Permit, new: &Pin) -> Result<(), TapError> {
        if self.current != self.application.pin_file(new.kind()) || self.current.is_none() {
            return Err(unexpected("a new PIN without the old one"));
        }
        let command = Command::change_reference_data(new.characters());
        match self.holding.transmit(&command).await?.status {
            StatusWord::SUCCESS => Ok(()),
            _ => Err(Code::PinNotChanged.into()),
        }
    }

    /// Signs with a key of this application whose condition is met: RSASSA-PKCS1-v1_5 over this SHA-256. A key that is
    /// named is selected; `None` is the application's own (内部認証).
    pub(super) async fn sign(
        &mut self,
        key: Option<u16>,
        digest: &[u8; 32],
    ) -> Result<Vec<u8>, TapError> {
        let input = [SHA256_DIGEST_INFO, digest].concat();
        let command = |p2| Command {
            class: 0x80,
            instruction: 0x2A,
            p1: 0x00,
            p2,
            data: Zeroizing::new(input.clone()),
            expect: Expect::UpTo(SIGNATURE),
        };
        let whole = |answer: Response| {
            let good = answer.status.is_success() && answer.data.len() == SIGNATURE;
            good.then(|| answer.data.to_vec())
        };
        let Some(key) = key else {
            let answer = self.holding.transmit(&command(0x00)).await?;
            return whole(answer).ok_or_else(|| unexpected("signature"));
        };
        if self.ways().key_by_short_id {
            let answer = self.holding.transmit(&command(crate::iso7816::short_id(key))).await?;
            if let Some(signature) = whole(answer) {
                return Ok(signature);
            }
        }
        if !self.find(key).await? {
            return Err(unexpected("no key"));
        }
        let answer = self.holding.transmit(&command(0x80)).await?;
        whole(answer).ok_or_else(|| unexpected("signature"))
    }

    /// Reads a file; `None` where the card does not have it or holds nothing in it.
    ///
    /// Where the link carries extended length, the whole file is asked for in one command by its short identifier; a
    /// card that does not take that has it learnt once per tap and is read in 256-byte pieces, the last one exact.
    ///
    /// A piece may be shorter than was asked for: more of the file is asked for until the card says that there is none
    /// ([`StatusWord::is_end_of_file`]). An object that its file cuts short is an error of its own.
    pub(crate) async fn read(
        &mut self,
        file: File,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, TapError> {
        let mut data = self.read_at_once(file.id, self.holding.channel().max_expect()).await?;
        if data.is_empty() {
            if !self.find(file.id).await? {
                return Ok(None);
            }
            let first = match file.extent {
                Extent::UpTo(most) => most.min(SHORT_READ),
                Extent::Object { .. } => SHORT_READ,
            };
            match self.read_piece(0, first).await? {
                Some(piece) => data = piece,
                None => return Ok(None),
            }
        }
        let length = match file.extent {
            Extent::UpTo(most) => most,
            Extent::Object { tag, most } => match object_length(&data, tag, most)? {
                Some(length) => length,
                None => return Ok(None),
            },
        };
        while data.len() < length {
            if self.holding.channel().is_spent() {
                return Err(unexpected("a file that comes to no end"));
            }
            self.talk().read_so_far(data.len(), length);
            let piece = if self.ways().whole_files { usize::MAX } else { SHORT_READ };
            let missing = length.saturating_sub(data.len());
            match (self.read_piece(data.len(), missing.min(piece)).await?, file.extent) {
                (Some(more), _) => data.extend_from_slice(&more),
                (None, Extent::UpTo(_)) => break,
                (None, Extent::Object { .. }) => {
                    return Err(unexpected("a file that ends before its object does"));
                }
            }
        }
        data.truncate(length);
        self.talk().read_so_far(data.len(), data.len());
        Ok(Some(data))
    }

    /// Which card this is: read of the JPKI AP, in one command where card and link support it.
    pub(crate) async fn identity(&mut self) -> Result<Identity, TapError> {
        let file = Credential::Authentication.certificate();
        let beginning = async {
            let data = self.read_at_once(file.id, IDENTIFYING).await?;
            if !data.is_empty() {
                return Ok(Some(data));
            }
            if !self.find(file.id).await? {
                return Ok(None);
            }
            self.read_piece(0, IDENTIFYING).await
        };
        match beginning.await {
            Ok(Some(data)) if data.len() >= IDENTIFYING => Ok(Identity::of(&data)),
            Err(TapError::Link(error)) => Err(error.into()),
            // Protected, not there, or no certificate: whatever else it is, it does not tell.
            _ => Ok(Identity::Untold),
        }
    }

    /// Reads a file if no PIN is needed for it; `None` where one is.
    pub(crate) async fn read_if_free(
        &mut self,
        file: File,
    ) -> Result<Option<Option<Zeroizing<Vec<u8>>>>, TapError> {
        match self.read(file).await {
            Err(TapError::Final(failure)) if failure.code() == Code::CardDataProtected => Ok(None),
            other => other.map(Some),
        }
    }

    /// Reads a file that has to be there.
    pub(crate) async fn read_required(
        &mut self,
        file: File,
    ) -> Result<Zeroizing<Vec<u8>>, TapError> {
        self.read(file).await?.ok_or_else(|| Code::CardDataMissing.into())
    }

    fn ways(&self) -> Ways {
        Ways::of(self.holding.channel().extended(), self.holding.takes_short_ids)
    }

    /// Makes a file the current one; `false` when there is none.
    async fn find(&mut self, id: u16) -> Result<bool, TapError> {
        if self.current == Some(id) {
            return Ok(true);
        }
        self.current = None;
        match self.holding.transmit(&Command::select_file(id)).await?.status {
            status if status.is_done() => {
                self.current = Some(id);
                Ok(true)
            }
            StatusWord::NOT_FOUND => Ok(false),
            _ => Err(unexpected("SELECT of a file")),
        }
    }

    /// The start of a file by short identifier, `most` bytes of it at most; empty where card or link do not take this.
    async fn read_at_once(&mut self, id: u16, most: usize) -> Result<Zeroizing<Vec<u8>>, TapError> {
        if !self.ways().whole_files {
            return Ok(Zeroizing::default());
        }
        let command = Command::read_binary_short_id(id, most);
        let answer = match self.holding.transmit(&command).await {
            Err(error) if may_be_there(error) => {
                self.holding.takes_short_ids = Some(false);
                return Ok(Zeroizing::default());
            }
            answer => answer?,
        };
        match answer.status {
            StatusWord::SUCCESS | StatusWord::END_OF_FILE if !answer.data.is_empty() => {
                // A short command tells nothing of how the card takes extended ones.
                if most > SHORT_READ {
                    self.holding.takes_short_ids = Some(true);
                }
                self.current = Some(id);
                Ok(answer.data)
            }
            StatusWord::NOT_ALLOWED => Err(Code::CardDataProtected.into()),
            // A card that has taken short identifiers before means just this file.
            _ if self.holding.takes_short_ids == Some(true) => Ok(Zeroizing::default()),
            _ => {
                self.holding.takes_short_ids = Some(false);
                self.current = None;
                Ok(Zeroizing::default())
            }
        }
    }

    /// Bytes of the current file from `offset` on, 1 to `count` of them; `None` where the file has none there.
    async fn read_piece(
        &self,
        offset: usize,
        count: usize,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, TapError> {
        // 15 bits of offset; the eighth of the high byte would say that a short identifier stands there.
        let offset = u16::try_from(offset).ok().filter(|offset| *offset < 0x8000);
        let offset = offset.ok_or_else(|| unexpected("offset"))?;
        let most = || count.min(self.holding.channel().max_expect());
        let read = |count| Command::read_binary(offset, count);
        let first = most();
        let mut answer = match self.holding.transmit(&read(first)).await {
            // It was extended, and the channel has learnt that the short form is all there is.
            Err(error) if most() < first && may_be_there(error) => {
                self.holding.transmit(&read(most())).await?
            }
            answer => answer?,
        };
        match answer.status {
            StatusWord::SUCCESS | StatusWord::END_OF_FILE if !answer.data.is_empty() => {
                answer.data.truncate(count);
                Ok(Some(answer.data))
            }
            StatusWord::NOT_ALLOWED => Err(Code::CardDataProtected.into()),
            status if status.is_end_of_file() => Ok(None),
            _ => Err(unexpected("READ BINARY")),
        }
    }
}

/// Whether the card may still be there after this error, so that it can be asked in another way within the same tap.
fn may_be_there(error: LinkError) -> bool {
    matches!(
        error,
        LinkError::NotCarried | LinkError::ReaderFailed | LinkError::ReaderFailedWith(_)
    )
}

/// Length of the object that begins here, as its header claims; capped, because a card can claim anything. `None` for a
/// file that holds filler only.
fn object_length(data: &[u8], tag: u32, most: usize) -> Result<Option<usize>, TapError> {
    if data.iter().take(4).all(|&byte| byte == 0xFF)
        || data.iter().take(4).all(|&byte| byte == 0x00)
    {
        return Ok(None);
    }
    let header = tlv::header(data).map_err(|_| unexpected("header of a file"))?;
    if header.tag != tag {
        return Err(unexpected("a file that holds something else"));
    }
    match header.whole {
        Some(length) if length <= most => Ok(Some(length)),
        _ => Err(unexpected("a file too long to be one")),
    }
}

pub(crate) fn unexpected(what: &'static str) -> TapError {
    TapError::Final(Failure::new(Code::CardAnswerInvalid).with_detail(what))
}

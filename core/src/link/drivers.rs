//! A host put together of drivers.

use super::Host;
use crate::flow::{
    Answer, BrowseError, Connected, Entry, EntryName, HttpError, HttpRequest, HttpResponse,
    LinkError, Occasion, Page, Progress, Prompt, Reply, Request, SignError, StoreError, ToSign,
};

/// A way to a card.
pub trait CardLink {
    /// Waits for a card and powers it.
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError>;
    /// Sends a command and brings the whole answer. Never log either.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError>;
    /// Powers the card down. A reader that cannot sends [`crate::card::deselection`] first.
    fn disconnect(&mut self);
}

/// A way to the care platform.
pub trait HttpLink {
    /// Sends a request and brings the whole answer, at most 1 MiB. Follows no redirect.
    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, HttpError>;
}

/// The people.
pub trait Screen {
    /// Asks.
    fn ask(&mut self, prompt: &Prompt) -> Answer;
    /// Shows where the conversation stands; called after every step.
    fn show(&mut self, _progress: Progress) {}
}

/// The system's browser.
pub trait Browser {
    /// Shows a page, and waits for the address at which the browser ends. Never log that address.
    fn show(&mut self, page: &Page) -> Result<String, BrowseError>;
}

/// The keys of this device, which never leave their store.
pub trait DeviceKey {
    /// Signs, with ES256; DER and `r‖s` are both taken.
    fn sign(&mut self, to_sign: &ToSign) -> Result<Vec<u8>, SignError>;
}

/// Where this device keeps entries.
pub trait Store {
    /// Keeps an entry in place of the one of its name, and returns when it is on the disk.
    fn keep(&mut self, entry: &Entry) -> Result<(), StoreError>;
    /// Forgets the entry of this name, if there is one, and returns when that is on the disk.
    fn forget(&mut self, name: &EntryName) -> Result<(), StoreError>;
    /// The names of all entries, in any order.
    fn list(&mut self) -> Result<Vec<EntryName>, StoreError>;
    /// The entries of these names, in any order, without those that are not there.
    fn recall(&mut self, names: &[EntryName]) -> Result<Vec<Entry>, StoreError>;
}

/// No server: for flows that need only a card.
pub struct NoHttp;

impl HttpLink for NoHttp {
    fn send(&mut self, _: &HttpRequest) -> Result<HttpResponse, HttpError> {
        Err(HttpError::Unreachable)
    }
}

/// No card: for flows that need none.
pub struct NoCard;

impl CardLink for NoCard {
    fn connect(&mut self, _: Occasion) -> Result<Connected, LinkError> {
        Err(LinkError::NoReader)
    }

    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
        Err(LinkError::Lost)
    }

    fn disconnect(&mut self) {}
}

/// Nobody to ask: for flows that ask nothing. Every question is answered with a stop.
pub struct NoScreen;

impl Screen for NoScreen {
    fn ask(&mut self, _: &Prompt) -> Answer {
        Answer::Cancelled
    }
}

/// A host of a card, an HTTP client and a screen; with the clocks of this machine, and without a browser, a key or a store
/// until they are given.
pub struct Drivers<'a> {
    card: &'a mut dyn CardLink,
    http: &'a mut dyn HttpLink,
    screen: &'a mut dyn Screen,
    browser: Option<&'a mut dyn Browser>,
    key: Option<&'a mut dyn DeviceKey>,
    store: Option<&'a mut dyn Store>,
}

impl<'a> Drivers<'a> {
    /// Puts them together.
    pub fn new(
        card: &'a mut dyn CardLink,
        http: &'a mut dyn HttpLink,
        screen: &'a mut dyn Screen,
    ) -> Self {
        Self { card, http, screen, browser: None, key: None, store: None }
    }

    /// With the system's browser.
    #[must_use]
    pub fn with_browser(mut self, browser: &'a mut dyn Browser) -> Self {
        self.browser = Some(browser);
        self
    }

    /// With the keys of this device.
    #[must_use]
    pub fn with_key(mut self, key: &'a mut dyn DeviceKey) -> Self {
        self.key = Some(key);
        self
    }

    /// With a place to keep entries.
    #[must_use]
    pub fn with_store(mut self, store: &'a mut dyn Store) -> Self {
        self.store = Some(store);
        self
    }

    fn store<T>(
        &mut self,
        act: impl FnOnce(&mut dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        act(&mut **self.store.as_mut().ok_or(StoreError::NoStore)?)
    }
}

impl Host for Drivers<'_> {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        Some(match request {
            Request::Connect(occasion) => Reply::Connect(self.card.connect(occasion)),
            Request::Transmit(command) => Reply::Transmit(self.card.transmit(command.bytes())),
            Request::Disconnect => {
                self.card.disconnect();
                Reply::Disconnect
            }
            Request::Send(request) => Reply::Send(self.http.send(&request)),
            Request::Browse(page) => Reply::Browse(match &mut self.browser {
                Some(browser) => browser.show(&page),
                None => Err(BrowseError::NoBrowser),
            }),
            Request::Sign(to_sign) => Reply::Sign(match &mut self.key {
                Some(key) => key.sign(&to_sign),
                None => Err(SignError::Gone),
            }),
            Request::Keep(entry) => Reply::Keep(self.store(|store| store.keep(&entry))),
            Request::Forget(name) => Reply::Forget(self.store(|store| store.forget(&name))),
            Request::List => Reply::List(self.store(|store| store.list())),
            Request::Recall(names) => Reply::Recall(self.store(|store| store.recall(&names))),
            Request::Clock => Reply::Clock(super::now()),
            Request::Ask(prompt) => Reply::Ask(self.screen.ask(&prompt)),
        })
    }

    fn show(&mut self, progress: Progress) {
        self.screen.show(progress);
    }

    fn release(&mut self) {
        self.card.disconnect();
    }
}

//! A device on which a staff member signs in, and what comes of it.

use kaigotap::flow::{BrowseError, Reply, Request};
use kaigotap::link::device_key::MemoryKey;
use kaigotap::link::http::HttpClient;
use kaigotap::link::{self, Browser as _, DeviceKey as _, Host, HttpLink as _};
use kaigotap_kit::browser::AtBrowser;
use kaigotap_sandbox::STAFF_ID;

/// How the browser's part in it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Somebody signs in.
    Well,
    /// The same, with the password typed anew, on a Japanese page.
    Anew,
    /// No browser comes back.
    Not(BrowseError),
    /// One comes back from another issuer.
    Elsewhere,
}

/// A device with a browser, and somebody before it.
pub(crate) struct Staff {
    key: MemoryKey,
    http: HttpClient,
    browser: AtBrowser,
    ends: Ends,
}

impl Staff {
    pub(crate) fn new(key: MemoryKey, ends: Ends) -> Self {
        let http = HttpClient::trusting(&[]).expect("an HTTP client");
        Self { key, http, browser: AtBrowser::of(STAFF_ID), ends }
    }
}

impl Host for Staff {
    fn answer(&mut self, request: Request) -> Option<Reply> {
        Some(match request {
            Request::Send(request) => Reply::Send(self.http.send(&request)),
            Request::Sign(to_sign) => Reply::Sign(self.key.sign(&to_sign)),
            Request::Clock => Reply::Clock(link::now()),
            Request::Browse(page) => Reply::Browse(match self.ends {
                Ends::Well | Ends::Anew => self.browser.show(&page),
                Ends::Not(error) => Err(error),
                Ends::Elsewhere => {
                    self.browser.show(&page).map(|ended| ended.replace("%2Fstaff", "%2Fother"))
                }
            }),
            other => panic!("a sign-in has no use for {other:?}"),
        })
    }
}

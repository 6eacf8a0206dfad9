//! Somebody who signs in on the sandbox's own page: a browser that keeps cookies and fills in one form.

use std::collections::BTreeMap;

use kaigotap::flow::{BrowseError, HttpRequest, HttpResponse, Method, Page};
use kaigotap::link::http::HttpClient;
use kaigotap::link::{Browser, HttpLink};

/// A staff member of the sandbox at a browser of their own.
pub struct AtBrowser {
    http: HttpClient,
    cookies: BTreeMap<String, String>,
    staff_id: String,
}

impl AtBrowser {
    /// Of whom the sandbox knows under this id.
    pub fn of(staff_id: &str) -> Self {
        let http = HttpClient::trusting(&[]).expect("an HTTP client");
        Self { http, cookies: BTreeMap::new(), staff_id: staff_id.to_owned() }
    }

    fn send(&mut self, method: Method, address: &str, body: String) -> HttpResponse {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let request = HttpRequest::new(method, address)
            .with_header("cookie", cookies)
            .with_header("content-type", "application/x-www-form-urlencoded".to_owned())
            .with_body(body.into_bytes());
        let answer = self.http.send(&request).expect("an answer");
        for (_, set) in answer.headers().filter(|(name, _)| *name == "set-cookie") {
            let (name, value) =
                set.split(';').next().and_then(|set| set.split_once('=')).expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}

impl Browser for AtBrowser {
    fn show(&mut self, page: &Page) -> Result<String, BrowseError> {
        let mut answer = self.send(Method::Get, &page.address, String::new());
        if target(&answer).is_none() {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let (_, form) = text.split_once("action=\"").expect("a form");
            let (action, _) = form.split_once('"').expect("an action");
            let origin = page.address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
            let password = kaigotap_sandbox::sandbox_password(&self.staff_id);
            let typed = [("staff_id", self.staff_id.clone()), ("password", password)];
            let body = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(hidden(form))
                .extend_pairs(typed)
                .finish();
            answer = self.send(Method::Post, &format!("{origin}{action}"), body);
        }
        Ok(target(&answer).expect("a redirect").to_owned())
    }
}

fn target(answer: &HttpResponse) -> Option<&str> {
    answer.headers().find(|(name, _)| *name == "location").map(|(_, target)| target)
}

/// Names and values that a form brings along.
fn hidden(form: &str) -> impl Iterator<Item = (&str, &str)> {
    form.split("<input type=\"hidden\"").skip(1).filter_map(|tag| {
        let (_, rest) = tag.split_once("name=\"")?;
        let (name, rest) = rest.split_once("\" value=\"")?;
        Some((name, rest.split_once('"')?.0))
    })
}

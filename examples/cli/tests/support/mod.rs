//! Somebody at a browser: it keeps cookies, follows redirects and fills in forms, on this machine only.

#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A page.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    /// `http://host:port`
    pub(crate) origin: String,
}

#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    /// Opens an address, and follows wherever it leads.
    pub(crate) fn open(&mut self, address: &str) -> Page {
        let mut page = self.send("GET", address, None);
        for _ in 0..20 {
            let Some(target) = page.header("location") else { return page };
            let target = match target.strip_prefix('/') {
                Some(path) => format!("{}/{path}", page.origin),
                None => target.to_owned(),
            };
            page = self.send("GET", &target, None);
        }
        panic!("redirects without end")
    }

    /// Fills in the form of a page, and follows wherever that leads.
    pub(crate) fn submit(&mut self, page: &Page, typed: &[(&str, &str)]) -> Page {
        let answer = self.fill_in(page, typed);
        match answer.header("location").map(str::to_owned) {
            Some(target) => self.open(&target),
            None => answer,
        }
    }

    /// The same, without following.
    pub(crate) fn sent_to(&mut self, page: &Page, typed: &[(&str, &str)]) -> String {
        self.fill_in(page, typed).header("location").expect("a redirect").to_owned()
    }

    fn fill_in(&mut self, page: &Page, typed: &[(&str, &str)]) -> Page {
        let (_, form) = page.text.split_once("<form method=\"post\" action=\"").expect("a form");
        let action = form.split('"').next().unwrap();
        let mut fields: BTreeMap<String, String> = form
            .split("<input")
            .skip(1)
            .filter_map(|tag| {
                let tag = tag.split('>').next()?;
                let attribute = |name: &str| {
                    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
                    Some(rest.split('"').next()?.to_owned())
                };
                Some((attribute("name")?, attribute("value").unwrap_or_default()))
            })
            .collect();
        for (name, value) in typed {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", coded(name), coded(value)))
            .collect();
        self.send("POST", &format!("{}{action}", page.origin), Some(body.join("&")))
    }

    fn send(&mut self, method: &str, address: &str, body: Option<String>) -> Page {
        let rest = address.strip_prefix("http://").expect("plain HTTP on this machine");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), _)| of == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut stream = TcpStream::connect(host).expect("somebody listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let body = body.unwrap_or_default();
        let form = if body.is_empty() {
            String::new()
        } else {
            format!(
                "Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://{host}\r\nContent-Length: {}\r\n",
                body.len()
            )
        };
        write!(
            stream,
            "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\n{form}Connection: close\r\n\r\n{body}",
            cookies.join("; ")
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").expect("an answer");
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        for (_, set) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let place = (host.to_owned(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&place);
            } else {
                self.cookies.insert(place, value.to_owned());
            }
        }
        Page { status, headers, text: text.to_owned(), origin: format!("http://{host}") }
    }
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

fn coded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// `kaigotap sign-in`, waiting for a browser.
pub(crate) struct SigningIn(Child);

impl SigningIn {
    /// Begins; gives the address that it says.
    pub(crate) fn begin(enrolment: &str, more: &[&str]) -> (Self, String) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_kaigotap"))
            .args(["sign-in", "--json", "--no-browser", "--enrolment", enrolment])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let said = lines.find_map(|line| {
            let line = line.unwrap();
            line.trim().strip_prefix("http://").map(|rest| format!("http://{rest}"))
        });
        std::thread::spawn(move || lines.for_each(drop));
        let mut begun = Self(process);
        let address = said.unwrap_or_else(|| panic!("it ended: {:?}", begun.finish()));
        (begun, address)
    }

    /// What it says in the end.
    pub(crate) fn finish(&mut self) -> (ExitStatus, serde_json::Value) {
        let mut text = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        (self.0.wait().unwrap(), serde_json::from_str(&text).unwrap_or_default())
    }

    /// As Ctrl-C does.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }
}

impl Drop for SigningIn {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

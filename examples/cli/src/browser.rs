//! The system's browser, and a port of this machine at which it ends (RFC 8252 §7.3).

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kaigotap::flow::{BrowseError, Page};
use kaigotap::link::Browser;

use crate::report::{Report, Stop, note};

/// How often somebody is looked for who came, and who wants to stop.
const PAUSE: Duration = Duration::from_millis(50);
/// How long one of a browser's connections may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest head of a request taken, in bytes.
const LONGEST: usize = 16 * 1024;
/// Where the browser ends.
const PATH: &str = "/callback";

/// Opens pages, and listens for the browser to come back.
pub(crate) struct Desktop {
    listener: TcpListener,
    address: SocketAddr,
    report: Report,
    /// Only says the address.
    is_quiet: bool,
    limit: Duration,
    stop: Arc<AtomicBool>,
}

impl Desktop {
    /// Listens at a free port.
    pub(crate) fn listen(report: Report, is_quiet: bool, limit: Duration) -> Result<Self, Stop> {
        let unusable = |error: io::Error| {
            Stop::input("no_loopback", error.to_string(), "Try on another machine.")
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unusable)?;
        listener.set_nonblocking(true).map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let stop = report.listen();
        Ok(Self { listener, address, report, is_quiet, limit, stop })
    }

    /// Where the browser is to end.
    pub(crate) fn returns_to(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Where a browser has come back to; nothing of what else asks at this port.
    fn came(&self, stream: &mut TcpStream) -> io::Result<Option<String>> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (until, mut head) = (Instant::now() + PATIENCE, Vec::new());
        let mut piece = [0; 1024];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let count = stream.read(&mut piece)?;
            head.extend_from_slice(&piece[..count]);
            if count == 0 || head.len() > LONGEST || Instant::now() > until {
                return Ok(None);
            }
        }
        let target = target(&head, &self.address.to_string());
        let (status, text) = match target {
            Some(_) => ("200 OK", page(self.report)),
            None => ("404 Not Found", String::new()),
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n\r\n{text}",
            text.len()
        )?;
        stream.flush()?;
        Ok(target.map(|target| format!("http://{}{target}", self.address)))
    }
}

impl Browser for Desktop {
    fn show(&mut self, page: &Page) -> Result<String, BrowseError> {
        let say = self.report.text("Sign in on this page:", "次のページでログインしてください：");
        // Where a program reads, it reads standard output.
        note(&format!("{say}\n\n  {}\n", page.address));
        if !self.is_quiet {
            open(&page.address);
        }
        let until = Instant::now() + self.limit;
        while Instant::now() < until {
            if self.stop.load(Ordering::Relaxed) {
                return Err(BrowseError::Cancelled);
            }
            match self.listener.accept() {
                Ok((mut stream, from)) if from.ip().is_loopback() => {
                    // Whoever goes away in the middle was not it.
                    if let Ok(Some(ended)) = self.came(&mut stream) {
                        return Ok(ended);
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    std::thread::sleep(PAUSE);
                }
                Err(_) => return Err(BrowseError::Failed),
            }
        }
        Err(BrowseError::TimedOut)
    }
}

/// What a request asks for, if it is a browser that has come back: at our path, and by our name, which no page elsewhere
/// can have.
fn target<'a>(head: &'a [u8], host: &str) -> Option<&'a str> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let target = lines.next()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?;
    let named = lines
        .filter_map(|line| line.split_once(':'))
        .any(|(name, value)| name.eq_ignore_ascii_case("host") && value.trim() == host);
    let ours = target.strip_prefix(PATH).is_some_and(|rest| rest.starts_with('?'));
    (named && ours && target.bytes().all(|c| c.is_ascii_graphic())).then_some(target)
}

/// What the browser shows in the end.
fn page(report: Report) -> String {
    let (title, text, language) = (
        report.text("Back to the terminal", "端末の画面に戻ってください"),
        report.text("You can close this page.", "このページは閉じてかまいません。"),
        report.text("en", "ja"),
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>:root {{ color-scheme: light dark }} body {{ font: 1rem/1.6 system-ui, sans-serif; \
         max-width: 25rem; margin: 20vh auto; padding: 0 1rem; text-align: center }}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
    )
}

/// Asks the system to open an address; it was said as well, so whoever has no browser here opens it elsewhere.
fn open(address: &str) {
    let (program, before): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let quiet = Stdio::null;
    let opened = Command::new(program)
        .args(before)
        .arg(address)
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
    if let Ok(mut opened) = opened {
        std::thread::spawn(move || opened.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_browser_that_comes_back_is_heard() {
        let head = |line: &str, host: &str| format!("{line}\r\nHost: {host}\r\n\r\n").into_bytes();
        let good = head("GET /callback?code=1&state=2 HTTP/1.1", "127.0.0.1:7");
        assert_eq!(target(&good, "127.0.0.1:7"), Some("/callback?code=1&state=2"));
        for (line, host) in [
            ("GET /callback?code=1 HTTP/1.1", "evil.example"),
            ("GET /callback?code=1 HTTP/1.1", "127.0.0.1:8"),
            ("GET /callback HTTP/1.1", "127.0.0.1:7"),
            ("GET /callbackx?code=1 HTTP/1.1", "127.0.0.1:7"),
            ("GET /favicon.ico HTTP/1.1", "127.0.0.1:7"),
            ("POST /callback?code=1 HTTP/1.1", "127.0.0.1:7"),
            ("GET http://127.0.0.1:7/callback?code=1 HTTP/1.1", "127.0.0.1:7"),
            ("GET /callback?code=あ HTTP/1.1", "127.0.0.1:7"),
            ("GET /callback?a b HTTP/1.1", "127.0.0.1:7"),
            ("", ""),
        ] {
            assert_eq!(target(&head(line, host), "127.0.0.1:7"), None, "{line}");
        }
    }
}

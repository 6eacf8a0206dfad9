//! Requests to the byte, over TLS 1.3.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::platform::{Device, Platform};

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(20);

/// A request, and over whose connection it goes.
#[derive(Clone)]
pub(crate) struct Request<'a> {
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) over: Option<&'a Device>,
}

/// What is looked at in an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Request<'_> {
    pub(crate) fn send(&self, port: u16, platform: &Platform) -> Result<Answer, Box<dyn Error>> {
        let mut roots = RootCertStore::empty();
        roots.add(platform.servers.clone())?;
        let tls =
            ClientConfig::builder_with_protocol_versions(&[&TLS13]).with_root_certificates(roots);
        let tls = match self.over {
            Some(device) => {
                let chain = vec![device.certificate.der().clone()];
                tls.with_client_auth_cert(chain, device.private_key())?
            }
            None => tls.with_no_client_auth(),
        };
        let connection = ClientConnection::new(Arc::new(tls), "localhost".try_into()?)?;
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        socket.set_read_timeout(Some(LIMIT))?;
        let mut stream = StreamOwned::new(connection, socket);
        let mut head = format!("GET {} HTTP/1.1\r\nHost: care.example\r\n", self.path);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            // Not everybody says goodbye before closing.
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(error.into()),
            _ => {}
        }
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.split(' ').nth(1).ok_or("no status")?.parse()?;
        Ok(Answer { status, text })
    }
}

//! The HTTP client against real sockets and real TLS on loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use kaigotap::flow::{HttpError, HttpRequest, Method};
use kaigotap::link::HttpLink;
use kaigotap::link::http::HttpClient;
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

fn get(url: &str) -> HttpRequest {
    HttpRequest::new(Method::Get, url).with_header("authorization", "Bearer abc".to_owned())
}

/// Answers one request on a free port with these bytes, then closes. Gives its address and, at the end, what came.
fn once(
    answer: Vec<u8>,
    wrap: Option<Arc<ServerConfig>>,
) -> (SocketAddr, thread::JoinHandle<Option<String>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let (mut socket, _) = listener.accept().ok()?;
        match wrap {
            None => exchange(&mut socket, &answer),
            Some(config) => {
                let mut tls = ServerConnection::new(config).ok()?;
                let came = exchange(&mut Stream::new(&mut tls, &mut socket), &answer);
                tls.send_close_notify();
                let _ = tls.write_tls(&mut socket);
                came
            }
        }
    });
    (address, serving)
}

fn exchange(stream: &mut (impl Read + Write), answer: &[u8]) -> Option<String> {
    let mut came = Vec::new();
    while !came.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        came.push(byte[0]);
    }
    // The client may hang up on an answer that is too long.
    let _ = stream.write_all(answer);
    String::from_utf8(came).ok()
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// An authority, and a server certificate of it for this name.
fn tls(name: &str) -> (Vec<u8>, Arc<ServerConfig>) {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &root).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (root.der().to_vec(), Arc::new(config))
}

#[test]
fn tls_under_a_given_root() {
    let (root, config) = tls("127.0.0.1");
    let (address, serving) = once(ok("hello"), Some(config));
    let mut client = HttpClient::trusting(&[&root]).unwrap();
    let answer = client.send(&get(&format!("https://{address}/v1"))).unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"hello".as_slice()));
    let came = serving.join().unwrap().unwrap();
    assert!(came.starts_with("GET /v1 HTTP/1.1\r\n") && came.contains("Bearer abc"), "{came}");
}

#[test]
fn tls_that_cannot_be_trusted() {
    let (root, config) = tls("127.0.0.1");
    for client in [HttpClient::new(), HttpClient::trusting(&[])] {
        let (address, serving) = once(ok("hello"), Some(config.clone()));
        let error = client.unwrap().send(&get(&format!("https://{address}/"))).unwrap_err();
        assert_eq!(error, HttpError::Tls);
        assert_eq!(serving.join().unwrap(), None, "no request was sent");
    }
    let (_, other_name) = tls("server.example");
    let (address, _) = once(ok("hello"), Some(other_name));
    let error = HttpClient::trusting(&[&root]).unwrap().send(&get(&format!("https://{address}/")));
    assert_eq!(error.unwrap_err(), HttpError::Tls);
}

#[test]
fn plain_http_stays_on_this_machine() {
    let mut client = HttpClient::trusting(&[]).unwrap();
    let (address, _) = once(ok("hello"), None);
    assert_eq!(client.send(&get(&format!("http://{address}/"))).unwrap().status, 200);
    for url in [
        "http://192.0.2.1/",
        "http://127.0.0.1.example/",
        "ftp://127.0.0.1/",
        "http://[::ffff:192.0.2.1]/",
    ] {
        assert_eq!(client.send(&get(url)).unwrap_err(), HttpError::PlainHttp, "{url}");
    }
    assert_eq!(client.send(&get("nonsense")).unwrap_err(), HttpError::Failed);
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let target = elsewhere.local_addr().unwrap();
    let answer =
        format!("HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _) = once(answer.into_bytes(), None);
    let mut client = HttpClient::trusting(&[]).unwrap();
    assert_eq!(client.send(&get(&format!("http://{address}/"))).unwrap().status, 302);
    assert!(elsewhere.accept().is_err(), "nobody came");
}

#[test]
fn answers_that_are_none() {
    let mut client = HttpClient::trusting(&[]).unwrap();
    let too_long = ok(&"x".repeat(1024 * 1024 + 1));
    for (answer, expected) in [
        (Vec::new(), HttpError::NoAnswer),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort".to_vec(), HttpError::NoAnswer),
        (b"nonsense\r\n\r\n".to_vec(), HttpError::NoAnswer),
        (too_long, HttpError::TooLong),
    ] {
        let (address, _) = once(answer, None);
        assert_eq!(client.send(&get(&format!("http://{address}/"))).unwrap_err(), expected);
    }
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    assert_eq!(client.send(&get(&format!("http://{free}/"))).unwrap_err(), HttpError::Unreachable);
    drop(TcpStream::connect(free));
}

//! The HTTP client against real sockets and real TLS on loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

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
    tls_of(name, rustls::DEFAULT_VERSIONS)
}

/// The same, which speaks only these versions.
fn tls_of(
    name: &str,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (Vec<u8>, Arc<ServerConfig>) {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &root).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
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
fn an_old_tls_is_refused_where_the_new_one_is_asked_for() {
    let (root, old) = tls_of("127.0.0.1", &[&rustls::version::TLS12]);
    for (only_tls13, expected) in [(false, Ok(200)), (true, Err(HttpError::Tls))] {
        let (address, _) = once(ok("hello"), Some(old.clone()));
        let builder = HttpClient::builder().trusting(&[&root]);
        let builder = if only_tls13 { builder.only_tls13() } else { builder };
        let answer = builder.build().unwrap().send(&get(&format!("https://{address}/")));
        assert_eq!(answer.map(|answer| answer.status), expected);
    }
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

#[test]
fn headers_come_in_small_letters() {
    let answer = "HTTP/1.1 401 Unauthorized\r\nDPoP-Nonce: n-1\r\nRETRY-AFTER: 7\r\nX-Twice: a\r\nx-twice: b\r\n\
        WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nX-Bytes: \u{e9}\r\ncontent-length: 0\r\n\r\n";
    let (address, _) = once(answer.as_bytes().to_vec(), None);
    let answer = HttpClient::trusting(&[]).unwrap().send(&get(&format!("http://{address}/")));
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.header("dpop-nonce")), (401, Some("n-1")));
    assert_eq!(answer.header("retry-after"), Some("7"));
    assert_eq!(answer.header("www-authenticate"), Some("DPoP error=\"use_dpop_nonce\""));
    assert_eq!((answer.header("DPoP-Nonce"), answer.header("x-twice")), (None, None));
    assert!(answer.headers().all(|(name, _)| name == name.to_ascii_lowercase()));
}

#[test]
fn more_headers_than_anybody_reads_are_no_answer() {
    let mut client = HttpClient::trusting(&[]).unwrap();
    let many = |count| {
        let lines: Vec<String> = (0..count).map(|n| format!("x-{n}: v\r\n")).collect();
        lines.concat()
    };
    let long = |length| format!("x-long: {}\r\n", "v".repeat(length));
    for (headers, expected) in [
        (many(62), None),
        (many(64), Some(HttpError::TooLong)),
        (many(90), Some(HttpError::TooLong)),
        (long(16_000), None),
        (long(17_000), Some(HttpError::TooLong)),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\nok");
        let (address, _) = once(answer.into_bytes(), None);
        let error = client.send(&get(&format!("http://{address}/"))).err();
        assert_eq!(error, expected, "{} bytes of headers", headers.len());
    }
    // A flood does not get as far as to be counted.
    for headers in [many(10_000), long(4 * 1024 * 1024)] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\nok");
        let (address, _) = once(answer.into_bytes(), None);
        let error = client.send(&get(&format!("http://{address}/"))).unwrap_err();
        assert!(matches!(error, HttpError::TooLong | HttpError::NoAnswer), "{error:?}");
    }
}

/// Answers one request with a beginning, and then with a piece again and again, until the client hangs up or so many
/// bytes or half a minute are out. Gives the address and how many bytes went.
fn dripping(
    start: &'static [u8],
    piece: &'static [u8],
    every: Duration,
    most: usize,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    thread::spawn(move || {
        let Ok((mut socket, _)) = listener.accept() else { return };
        if exchange(&mut socket, start).is_none() {
            return;
        }
        let until = Instant::now() + Duration::from_secs(30);
        let goes_on = || counted.load(Ordering::Relaxed) < most && Instant::now() < until;
        while goes_on() && socket.write_all(piece).is_ok() {
            counted.fetch_add(piece.len(), Ordering::Relaxed);
            thread::sleep(every);
        }
    });
    (address, sent)
}

const LIMIT: Duration = Duration::from_secs(2);

/// Whatever a server drips, and however often, one request has one end.
#[test]
fn a_server_that_drips_is_left_in_time() {
    const BODY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    const HINT: &[u8] = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let cases: [(&str, &'static [u8], &'static [u8]); 7] = [
        ("silence", b"", b""),
        ("a body", BODY, b" "),
        ("a body in chunks", CHUNKED, b"1\r\n \r\n"),
        ("the length of a chunk", CHUNKED, b"0"),
        ("headers", b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        ("one header", b"HTTP/1.1 200 OK\r\nx: ", b"y"),
        ("hints without end", HINT, HINT),
    ];
    let asked = cases.map(|(what, start, piece)| {
        thread::spawn(move || {
            let every = Duration::from_millis(150);
            let (address, _) = dripping(start, piece, every, 1024 * 1024);
            let mut client = HttpClient::trusting(&[]).unwrap().within(LIMIT);
            let begun = Instant::now();
            let error = client.send(&get(&format!("http://{address}/"))).err();
            (what, error, begun.elapsed())
        })
    });
    for asked in asked {
        let (what, error, took) = asked.join().unwrap();
        assert_eq!(error, Some(HttpError::NoAnswer), "{what}");
        assert!(took >= LIMIT && took < LIMIT + Duration::from_secs(3), "{what}: {took:?}");
    }
}

/// A TLS handshake that never ends belongs to the same time.
#[test]
fn a_server_that_drips_its_handshake_is_left_in_time() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let Ok((mut socket, _)) = listener.accept() else { return };
        // A handshake record that is announced as 16 KiB, byte by byte.
        let mut piece: &[u8] = b"\x16\x03\x03\x40\x00";
        while socket.write_all(piece).is_ok() {
            piece = b"\0";
            thread::sleep(Duration::from_millis(100));
        }
    });
    let mut client = HttpClient::trusting(&[]).unwrap().within(LIMIT);
    let begun = Instant::now();
    let error = client.send(&get(&format!("https://{address}/"))).unwrap_err();
    assert!(matches!(error, HttpError::NoAnswer | HttpError::Unreachable), "{error:?}");
    assert!(begun.elapsed() < LIMIT + Duration::from_secs(3), "{:?}", begun.elapsed());
}

/// However much a server sends, little more than the longest answer is taken.
#[test]
fn a_hundred_megabytes_are_cut_short() {
    const MOST: usize = 100 * 1024 * 1024;
    const PIECE: &[u8] = &[b'x'; 64 * 1024];
    const CHUNK: &[u8] = b"8\r\nxxxxxxxx\r\n8\r\nxxxxxxxx\r\n8\r\nxxxxxxxx\r\n8\r\nxxxxxxxx\r\n";
    for (start, piece) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n"[..], PIECE),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", PIECE),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", CHUNK),
    ] {
        let (address, sent) = dripping(start, piece, Duration::ZERO, MOST);
        let mut client = HttpClient::trusting(&[]).unwrap();
        assert_eq!(
            client.send(&get(&format!("http://{address}/"))).unwrap_err(),
            HttpError::TooLong
        );
        let sent = sent.load(Ordering::Relaxed);
        assert!(sent < MOST / 2, "{sent} bytes were sent");
    }
}

//! Who gets in, by which name, and how long they may stay without a word.

use std::time::{Duration, Instant};

use kaigotap_sandbox::{Limits, Rate, Rates};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::device::Device;
use crate::support::World;

const LIMITS: Limits =
    Limits { connections: 8, header: Duration::from_secs(1), body: Duration::from_secs(1) };

/// Connections that say this and then nothing.
async fn silent(world: &World, count: usize, said: &str) -> Vec<TcpStream> {
    let host = world.sandbox.url().strip_prefix("http://").unwrap();
    let mut streams = Vec::new();
    for _ in 0..count {
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    streams
}

#[tokio::test]
async fn those_who_say_nothing_do_not_stand_in_the_way() {
    let world = World::with(|config| config.limits = LIMITS).await;
    let mut streams = silent(&world, 8, "").await;
    streams.extend(silent(&world, 8, "POST /v1/token HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ").await);
    let unfinished = "POST /v1/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nx";
    streams.extend(silent(&world, 8, unfinished).await);
    let started = Instant::now();
    let answer =
        tokio::time::timeout(Duration::from_secs(20), world.entitlement("x")).await.unwrap();
    answer.refused(401, "token_invalid");
    // Three times as many as have room; each is sent away after a second.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    for mut stream in streams {
        let mut rest = Vec::new();
        let closed =
            tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "it is still open");
    }
}

#[tokio::test]
async fn a_sandbox_answers_to_its_own_names_only() {
    let world = World::with(|config| config.hosts = vec!["care.example".to_owned()]).await;
    let called = async |host: &str| {
        let address = world.sandbox.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let path = "/.well-known/oauth-authorization-server";
        let request = format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    for own in
        ["127.0.0.1", "127.0.0.1:1", "localhost:8443", "LOCALHOST", "[::1]:1", "care.example"]
    {
        let answer = called(&format!("Host: {own}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{own}: {answer}");
        // Whatever it is called, it says what its name is: `iss` of what it signs, and `resource`.
        assert!(answer.contains(&format!(r#""issuer":"{}""#, world.sandbox.issuer())), "{answer}");
    }
    for other in [
        "Host: evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: 192.0.2.1\r\n",
        "Host: 127.0.0.1.nip.io:8443\r\n",
        "Host: \r\n",
        "Host: a b\r\n",
        "Host: 127.0.0.1\r\nHost: evil.example\r\n",
        "",
    ] {
        let answer = called(other).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{other}: {answer}");
        assert!(!answer.contains("issuer"), "{other}: {answer}");
    }
}

#[tokio::test]
async fn a_device_that_asks_without_end_is_sent_away_and_no_other() {
    let few = Rate { burst: 6, each_second: 1 };
    let world = World::with(|config| {
        config.rates = Rates { address: None, device: Some(few) };
    })
    .await;
    let (busy, other) = (Device::new(&world).await, Device::new(&world).await);
    let request = world.challenge_request_of("card_pin").await;
    let mut sent_away = None;
    for _ in 0..40 {
        let answer = busy.ask_challenge(&world, &request).await;
        if answer.status == 429 {
            sent_away = Some(answer);
            break;
        }
        assert_eq!(answer.status, 201, "{}", answer.json);
    }
    sent_away.expect("nobody was sent away").refused(429, "too_many_requests");
    // Both come from one address.
    assert_eq!(other.ask_challenge(&world, &request).await.status, 201);
}

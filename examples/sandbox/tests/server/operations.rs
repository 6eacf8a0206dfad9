//! What whoever looks after a sandbox sees, and what too much is.

use std::net::SocketAddr;
use std::time::Duration;

use kaigotap_sandbox::{Config, Database, Rate, Rates, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const FREE: &str = "127.0.0.1:0";

async fn say(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may be sent away before it has said everything.
    let _ = stream.write_all(request).await;
    let mut said = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut said)).await;
    String::from_utf8_lossy(&said).into_owned()
}

async fn get(address: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    say(address, request.as_bytes()).await
}

fn address(sandbox: &Sandbox) -> String {
    sandbox.url().strip_prefix("http://").unwrap().to_owned()
}

async fn watched() -> (Sandbox, String, String) {
    let admin: Option<SocketAddr> = Some(FREE.parse().unwrap());
    let sandbox = Sandbox::start(Config { admin, ..Config::default() }).await.unwrap();
    let (door, admin) = (address(&sandbox), sandbox.admin().unwrap().to_string());
    (sandbox, door, admin)
}

/// What a person opens first.
#[tokio::test]
async fn at_its_door_it_says_what_it_is_and_where_to_go_on() {
    let (sandbox, door, _) = watched().await;
    let page = get(&door, "/").await;
    assert!(
        page.starts_with("HTTP/1.1 200 ") && page.contains("text/html; charset=utf-8"),
        "{page}"
    );
    assert!(page.contains("content-security-policy: default-src 'none'"), "{page}");
    for said in ["模擬基盤", "not the national service", "kaigotap people", "/openapi.json"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_sandbox_says_how_it_is_to_its_keeper_only() {
    let (sandbox, door, admin) = watched().await;
    for path in ["/health/live", "/health/ready"] {
        assert!(get(&admin, path).await.starts_with("HTTP/1.1 200 "), "{path}");
        assert!(get(&door, path).await.starts_with("HTTP/1.1 400 "), "{path}");
    }
    get(&door, "/jlis/ocsp/secretpath?token=secretquery").await;
    get(&door, "/nothing/secretpath").await;
    // Whoever is searched for is counted by nobody.
    let named = r#"{"kana":"secretname"}"#;
    let search = format!(
        "POST /v1/users/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{named}",
        named.len()
    );
    assert!(say(&door, search.as_bytes()).await.starts_with("HTTP/1.1 401 "));
    let metrics = get(&admin, "/metrics").await;
    for line in [
        r#"kaigotap_http_requests_total{route="/jlis/ocsp/{*request}",method="GET",status="200",code="ok"} 1"#,
        r#"kaigotap_http_requests_total{route="(none)",method="GET",status="400",code="request_malformed"} 3"#,
        r#"kaigotap_http_requests_total{route="/v1/users/search",method="POST",status="401",code="staff_token_invalid"} 1"#,
        "kaigotap_http_request_seconds_count",
        "kaigotap_connections 0",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(!metrics.contains("secret") && metrics.ends_with("# EOF\n"), "{metrics}");
    assert!(get(&door, "/metrics").await.starts_with("HTTP/1.1 400 "));
    let rebound = "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(say(&admin, rebound.as_bytes()).await.starts_with("HTTP/1.1 400 "));
    sandbox.stop().await;
    assert!(TcpStream::connect(&admin).await.is_err(), "it is still there");

    let admin = Some("0.0.0.0:0".parse().unwrap());
    let error = Sandbox::start(Config { admin, ..Config::default() }).await.unwrap_err();
    assert_eq!(error.code(), "not_loopback");
}

#[tokio::test]
async fn whoever_asks_too_much_is_told_when_to_come_back() {
    let rates = Rates { address: Some(Rate { burst: 5, each_second: 1 }), device: None };
    let sandbox = Sandbox::start(Config { rates, ..Config::default() }).await.unwrap();
    let mut refused = Vec::new();
    for _ in 0..20 {
        let said = get(&address(&sandbox), "/jlis").await;
        if !said.starts_with("HTTP/1.1 200 ") {
            refused.push(said);
        }
    }
    assert!((10..=15).contains(&refused.len()), "{}", refused.len());
    let said = &refused[0];
    assert!(said.starts_with("HTTP/1.1 429 ") && said.contains("retry-after: 1\r\n"), "{said}");
    assert!(said.contains(r#""kaigo_error":"too_many_requests""#), "{said}");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(get(&address(&sandbox), "/jlis").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn floods_are_cut_short() {
    let (_sandbox, door, admin) = watched().await;
    // A hundred megabytes, of which it takes in no more than shows that it is too much.
    let head = "POST /v1/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 104857600\r\n\r\n";
    let mut body = head.as_bytes().to_vec();
    body.resize(100 << 20, b'a');
    let said = say(&door, &body).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400 "), "{said}");
    // More headers than there are, and one that is too long.
    let many = "X: v\r\n".repeat(5000);
    let long = format!("X: {}\r\n", "v".repeat(2 << 20));
    for flood in [many, long] {
        let request = format!("GET /jlis HTTP/1.1\r\nHost: localhost\r\n{flood}\r\n");
        let said = say(&door, request.as_bytes()).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 431 "), "{said}");
    }
    assert!(get(&door, "/jlis").await.starts_with("HTTP/1.1 200 "));
    assert!(get(&admin, "/health/ready").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn work_in_the_background_is_done_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::File(folder.path().join("sandbox.db"));
    let start = async || {
        let config = Config { database: database.clone(), ..Config::default() };
        Sandbox::start(config).await.unwrap()
    };
    let sandboxes = [start().await, start().await, start().await];
    // Each has begun; whoever came first does it for all for the next half minute.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let url = format!("sqlite:{}", folder.path().join("sandbox.db").display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    let leases = "SELECT name, until FROM base_lease";
    let before: Vec<(String, i64)> = sqlx::query_as(leases).fetch_all(&pool).await.unwrap();
    assert_eq!((before.len(), before[0].0.as_str()), (1, "sweep"));
    let another = start().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let after: Vec<(String, i64)> = sqlx::query_as(leases).fetch_all(&pool).await.unwrap();
    assert_eq!(after, before);
    for sandbox in sandboxes.into_iter().chain([another]) {
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn every_answer_is_one_that_the_document_names() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let door = address(&sandbox);
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(committed).unwrap();
    let served = get(&door, "/openapi.json").await;
    assert!(served.ends_with(&committed));
    let document: serde_json::Value = serde_json::from_str(&committed).unwrap();
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let media_types = operation["requestBody"]["content"].as_object();
            let media_types: Vec<&String> =
                media_types.into_iter().flat_map(serde_json::Map::keys).collect();
            // As it should not be: nothing, and nonsense of the right kind.
            for body in ["", "x=%00&x='; DROP TABLE sts_challenge; --", "{}", "[]"] {
                let stated = media_types.first().map(|kind| format!("Content-Type: {kind}\r\n"));
                let request = format!(
                    "{} {} HTTP/1.1\r\nHost: localhost\r\n{}Content-Length: {}\r\n\
                     Connection: close\r\n\r\n{body}",
                    method.to_uppercase(),
                    path.replace(['{', '}'], "x"),
                    stated.unwrap_or_default(),
                    body.len(),
                );
                let said = say(&door, request.as_bytes()).await;
                let status = said.split(' ').nth(1).unwrap_or("none");
                let known = operation["responses"].as_object().unwrap();
                assert!(known.contains_key(status), "{method} {path}: {said}");
                assert_ne!(status, "500", "{method} {path}: {said}");
                tried += 1;
            }
        }
    }
    println!("{tried} requests over {} paths", document["paths"].as_object().unwrap().len());
    assert!(tried > 100, "{tried}");
}

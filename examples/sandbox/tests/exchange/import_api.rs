//! Insured persons that a municipality's system brings in over HTTP.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::device::Device;
use crate::import::{FULL, INSURER, everybody, known, row};
use crate::support::World;

const IMPORTS: &str = "/insurer/v1/imports";

struct Municipality {
    world: World,
    device: Device,
    key: String,
}

impl Municipality {
    async fn new() -> Self {
        let world = World::new().await;
        let device = Device::new(&world).await;
        let counter = world.sandbox.municipalities();
        let key = counter.make_key(&[INSURER.to_owned()]).await.unwrap();
        Self { world, device, key }
    }

    /// Status and report.
    async fn bring(&self, kind: &str, text: &str) -> (u16, Value) {
        self.call("POST", &format!("{IMPORTS}?kind={kind}"), Some(&self.key), text).await
    }

    async fn call(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> (u16, Value) {
        let bearer = key.map(|key| format!("Bearer {key}"));
        let mut headers = vec![("content-type", "text/csv")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let answer = self.world.call(method, path, &headers, body.to_owned()).await.unwrap();
        (answer.status, answer.json)
    }

    async fn knows(&self, n: u64) -> bool {
        known(&self.world, &self.device, INSURER, n).await
    }

    /// Sends this and hangs up.
    async fn torn(&self, framing: &str, sent: &str) {
        let host = self.world.sandbox.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "POST {IMPORTS}?kind=full HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/csv\r\n\
             Authorization: Bearer {}\r\n{framing}\r\n\r\n",
            self.key
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut said = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut said)).await;
        assert!(!String::from_utf8_lossy(&said).starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn fifty_thousand_come_over_the_network_and_then_what_changes() {
    let municipality = Municipality::new().await;
    let (status, early) = municipality.bring("changes", &format!("change,{FULL}")).await;
    assert_eq!((status, &early["why"]), (409, &json!("not_set_up")), "{early}");

    let full = everybody(50_000);
    let (status, told) = municipality.bring("full", &full).await;
    assert_eq!(
        (status, &told["rows"], &told["state"]),
        (200, &json!(50_000), &json!("done")),
        "{told}"
    );
    assert!(told["set_up_at"].is_string() && told["live_on"].is_string(), "{told}");
    for n in [1, 2_000, 2_001, 50_000] {
        assert!(municipality.knows(n).await, "{n}");
    }
    // Once more changes nothing.
    let (status, again) = municipality.bring("full", &full).await;
    assert_eq!((status, &again["was_done"]), (200, &json!(true)), "{again}");
    let changes = format!(
        "change,{FULL}remove,{INSURER},,0000000100,,,,,,,,,,,,,\nput,{}",
        row(INSURER, 50_001)
    );
    let (status, told) = municipality.bring("changes", &changes).await;
    assert_eq!((status, &told["removed"]), (200, &json!(1)), "{told}");
    assert!(!municipality.knows(100).await && municipality.knows(50_001).await);

    // What became of it can be asked for later, by its own insurer.
    let path = format!("{IMPORTS}/{}", told["id"].as_str().unwrap());
    let (status, later) = municipality.call("GET", &path, Some(&municipality.key), "").await;
    assert_eq!((status, &later["rows"], &later["state"]), (200, &told["rows"], &told["state"]));
    let counter = municipality.world.sandbox.municipalities();
    let other = counter.make_key(&["990088".to_owned()]).await.unwrap();
    assert_eq!(municipality.call("GET", &path, Some(&other), "").await.0, 400);
}

#[tokio::test]
async fn what_is_wrong_comes_back_by_row_and_field_and_nothing_is_written() {
    let municipality = Municipality::new().await;
    let mut text = everybody(3);
    let _ = write!(text, "{}", row(INSURER, 4).replace("1941-05-03", "1941-05-33"));
    text.push_str(&row("990088", 5));
    let (status, told) = municipality.bring("full", &text).await;
    assert_eq!(
        (status, &told["state"], &told["found"]),
        (400, &json!("faulty"), &json!(2)),
        "{told}"
    );
    assert_eq!(told["findings"][0], json!({ "row": 5, "field": "birth_date", "flaw": "date" }));
    assert_eq!(told["findings"][1]["flaw"], "other_insurer");
    assert!(!told.to_string().contains("1941-05-33"));
    assert!(!municipality.knows(1).await);
    for (kind, text) in [("some", "x"), ("full", "")] {
        assert_eq!(municipality.bring(kind, text).await.0, 400, "{kind}");
    }
}

#[tokio::test]
async fn of_a_file_that_was_torn_nothing_is_brought_in() {
    let municipality = Municipality::new().await;
    let full = everybody(5_000);
    // It ends with a row, as a whole file would.
    let rows = &everybody(4_990);
    municipality.torn(&format!("Content-Length: {}", full.len()), rows).await;
    municipality
        .torn("Transfer-Encoding: chunked", &format!("{:x}\r\n{rows}\r\n", rows.len()))
        .await;
    municipality.torn(&format!("Content-Length: {}", 2_u64 << 30), rows).await;
    assert!(!municipality.knows(1).await);
    let (status, told) = municipality.bring("full", &full).await;
    assert_eq!((status, &told["resumed_at"]), (200, &Value::Null), "{told}");
    assert!(municipality.knows(5_000).await);
}

#[tokio::test]
async fn without_its_key_nobody_brings_anybody_in() {
    let municipality = Municipality::new().await;
    let counter = municipality.world.sandbox.municipalities();
    let insurers = [INSURER.to_owned()];
    let path = format!("{IMPORTS}?kind=full");
    let text = everybody(1);
    let refused = async |key: Option<&str>| {
        let (status, said) = municipality.call("POST", &path, key, &text).await;
        assert_eq!((status, &said["kaigo_error"]), (401, &json!("client_unknown")), "{said}");
    };
    refused(None).await;
    refused(Some("guessed")).await;
    // Another takes its place.
    let second = counter.make_key(&insurers).await.unwrap();
    refused(Some(&municipality.key)).await;
    assert!(counter.end_key(&insurers).await.unwrap());
    assert!(!counter.end_key(&insurers).await.unwrap());
    refused(Some(&second)).await;
    let third = counter.make_key(&insurers).await.unwrap();
    municipality.world.sandbox.shift_clock(jiff::SignedDuration::from_hours(366 * 24));
    refused(Some(&third)).await;
    let log = crate::support::log();
    assert!([&municipality.key, &second, &third].iter().all(|key| !log.contains(*key)));
}

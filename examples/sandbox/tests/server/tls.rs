use std::time::{Duration, Instant};

use jiff::SignedDuration;
use kaigotap_sandbox::{ClientCertificates, Config, Material, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use x509_cert::der::Decode;

use crate::openssl::{Client, Scene, client, material};

const GOOD: &str = "HTTP/1.1 200 OK";

fn asking(clients: ClientCertificates) -> Material {
    let mut material = material();
    material.tls.client_certificates = clients;
    material
}

fn serial(certificate: &[u8]) -> Vec<u8> {
    let certificate = x509_cert::Certificate::from_der(certificate).unwrap();
    certificate.tbs_certificate.serial_number.as_bytes().to_vec()
}

#[track_caller]
fn refused(said: &str, alert: &str) {
    assert!(!said.contains("HTTP/1.1 ") && said.contains(alert), "{said}");
}

#[tokio::test]
async fn tls_1_3_is_spoken_and_nothing_older() {
    let scene = Scene::new(asking(ClientCertificates::None)).await;
    let said = scene.ask(None, &["-tls1_3"]).await;
    assert!(said.contains(GOOD) && said.contains("New, TLSv1.3"), "{said}");
    assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    for old in ["-tls1_2", "-tls1_1", "-tls1"] {
        let options = [old, "-cipher", "ALL:@SECLEVEL=0"];
        refused(&scene.ask(None, &options).await, "alert");
    }
    for suite in
        ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"]
    {
        let said = scene.ask(None, &["-ciphersuites", suite]).await;
        assert!(said.contains(GOOD) && said.contains(&format!("Cipher is {suite}")), "{said}");
    }
    for weak in [
        &["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"][..],
        &["-tls1_3", "-groups", "ffdhe2048"],
        &["-tls1_3", "-sigalgs", "RSA-PSS+SHA256"],
    ] {
        refused(&scene.ask(None, weak).await, "alert handshake failure");
    }
}

#[tokio::test]
async fn a_connection_may_have_no_certificate_and_a_good_one() {
    for asked in [ClientCertificates::Required, ClientCertificates::Optional] {
        let scene = Scene::new(asking(asked)).await;
        // Whoever enrols, and a browser, has none.
        assert!(scene.ask(None, &[]).await.contains(GOOD));
        assert!(scene.ask(Some(&client(&scene.material)), &[]).await.contains(GOOD));
        refused(&scene.ask(Some(&client(&material())), &[]).await, "alert");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_a_facilitys_is_refused() {
    let scene = Scene::new(asking(ClientCertificates::Optional)).await;
    let foreign = client(&material());
    refused(&scene.ask(Some(&foreign), &[]).await, "alert");
    // Issued for a server, by an authority for servers.
    let tls = &scene.material.tls;
    let servers = Client { certificate: tls.certificate_chain[0].clone(), key: tls.key.clone() };
    refused(&scene.ask(Some(&servers), &[]).await, "alert");
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let scene = Scene::new(asking(ClientCertificates::Optional)).await;
    let once_good = client(&scene.material);
    assert!(scene.ask(Some(&once_good), &[]).await.contains(GOOD));
    scene.sandbox.shift_clock(SignedDuration::from_hours(366 * 24));
    refused(&scene.ask(Some(&once_good), &[]).await, "alert certificate expired");
}

#[tokio::test]
async fn a_revoked_certificate_is_refused() {
    let mut material = asking(ClientCertificates::Optional);
    let (revoked, good) = (client(&material), client(&material));
    let now = jiff::Timestamp::now().as_second();
    let serials = [serial(&revoked.certificate)];
    let list = material.facility_authority.revocation_list(&serials, now).unwrap();
    material.tls.revocation_lists = vec![list];
    let scene = Scene::new(material).await;
    refused(&scene.ask(Some(&revoked), &[]).await, "alert certificate revoked");
    let said = scene.ask(Some(&good), &[]).await;
    assert!(said.contains(GOOD), "{said}");
}

#[tokio::test]
async fn nobody_comes_back_without_a_certificate() {
    let scene = Scene::new(asking(ClientCertificates::Optional)).await;
    let said = scene.ask(Some(&client(&scene.material)), &["-reconnect"]).await;
    assert!(!said.contains("New Session Ticket") && !said.contains("Reused, TLS"), "{said}");
    assert!(said.contains("Early data was not sent"), "{said}");
}

#[tokio::test]
async fn plain_http_gets_no_answer() {
    let scene = Scene::new(asking(ClientCertificates::None)).await;
    assert!(scene.sandbox.issuer().starts_with("https://127.0.0.1:"));
    let mut stream = TcpStream::connect(scene.address()).await.unwrap();
    stream.write_all(b"GET /jlis HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(9), stream.read_to_end(&mut said)).await;
    assert!(!String::from_utf8_lossy(&said).contains("HTTP"), "{said:?}");
}

#[tokio::test]
async fn those_who_never_shake_hands_do_not_stand_in_the_way() {
    let scene = Scene::new(asking(ClientCertificates::None)).await;
    let mut silent = Vec::new();
    for number in 0..32 {
        let mut stream = TcpStream::connect(scene.address()).await.unwrap();
        // The beginning of a greeting of 512 bytes, or nothing.
        let said: &[u8] = if number % 2 == 0 { &[] } else { &[22, 3, 1, 2, 0, 1, 0] };
        stream.write_all(said).await.unwrap();
        silent.push(stream);
    }
    let started = Instant::now();
    assert!(scene.ask(None, &[]).await.contains(GOOD));
    // Twice as many as have room; each is sent away after two seconds.
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_does_not_start() {
    let code = async |change: fn(&mut Config)| {
        let mut config = Config { tls: Some(material().tls), ..Config::default() };
        change(&mut config);
        Sandbox::start(config).await.unwrap_err().code()
    };
    for change in [
        (|config: &mut Config| config.tls.as_mut().unwrap().key = material().tls.key)
            as fn(&mut Config),
        |config| config.tls.as_mut().unwrap().key.clear(),
        |config| config.tls.as_mut().unwrap().certificate_chain.clear(),
        |config| config.tls.as_mut().unwrap().client_authorities.push(vec![0x30]),
        |config| config.tls.as_mut().unwrap().revocation_lists.push(vec![0x30]),
    ] {
        assert_eq!(code(change).await, "tls_unusable");
    }
    for name in
        ["care.example", "https://care.example/", "ftp://care.example", "https://Care.example"]
    {
        let issuer = Some(name.to_owned());
        let config = Config { issuer, ..Config::default() };
        assert_eq!(Sandbox::start(config).await.unwrap_err().code(), "issuer_unusable", "{name}");
    }
}

#[tokio::test]
async fn a_server_with_tls_may_be_reached_by_others_under_its_name() {
    let scene = Scene::with(asking(ClientCertificates::None), |config| {
        config.listen = "0.0.0.0:0".parse().unwrap();
        config.issuer = Some("https://care.example:8443".to_owned());
    });
    let scene = scene.await;
    assert_eq!(scene.sandbox.issuer(), "https://care.example:8443");
    let shown = format!("{:?} {:?}", scene.material, scene.sandbox);
    assert!(!shown.contains("key: ["), "{shown}");
}

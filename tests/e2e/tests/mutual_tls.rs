//! The client of the core and the sandbox's server: each knows who the other is, and the device's key stays in its store.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use kaigotap::flow::{EntryName, HttpError, HttpRequest, Method, SignError, ToSign};
use kaigotap::link::device_key::FileKeys;
use kaigotap::link::http::{HttpClient, HttpClientBuilder, Pin};
use kaigotap::link::{DeviceKey, HttpLink};
use kaigotap_sandbox::world::World;
use kaigotap_sandbox::{ClientCertificates, Config, Material};
use sha2::{Digest, Sha256};
use x509_cert::der::{Decode, Encode};

struct Scene {
    world: World,
    material: Material,
    keys: tempfile::TempDir,
    name: EntryName,
}

impl Scene {
    fn new(clients: ClientCertificates) -> Self {
        let mut material = Material::generate(&["127.0.0.1".to_owned()]).unwrap();
        material.tls.client_certificates = clients;
        let config = Config { tls: Some(material.tls.clone()), ..Config::default() };
        let world = World::start_with(config).unwrap();
        let name = EntryName::parse("device-key").unwrap();
        Self { world, material, keys: tempfile::tempdir().unwrap(), name }
    }

    fn keys(&self) -> FileKeys {
        FileKeys::open(&self.keys.path().join("keys")).unwrap()
    }

    fn certificate(&self) -> Vec<u8> {
        let point = self.keys().public_key(&self.name).unwrap();
        let now = Timestamp::now().as_second();
        let authority = &self.material.facility_authority;
        authority.issue(&point, "device", "1370000001", now).unwrap()
    }

    fn client(&self) -> HttpClientBuilder {
        HttpClient::builder().trusting(&[&self.material.authority]).only_tls13()
    }

    fn asked(&self, client: HttpClientBuilder) -> Result<u16, HttpError> {
        let url = format!("{}/.well-known/jwks.json", self.world.sandbox().url());
        let request = HttpRequest::new(Method::Get, url);
        Ok(client.build().unwrap().send(&request)?.status)
    }

    fn pin(&self) -> Pin {
        let certificate = &self.material.tls.certificate_chain[0];
        let certificate = x509_cert::Certificate::from_der(certificate).unwrap();
        let key = certificate.tbs_certificate.subject_public_key_info.to_der().unwrap();
        Sha256::digest(key).into()
    }
}

/// A key store that is locked.
struct Locked;

impl DeviceKey for Locked {
    fn sign(&mut self, _: &ToSign) -> Result<Vec<u8>, SignError> {
        Err(SignError::Locked)
    }
}

#[test]
fn a_device_says_who_it_is_with_a_key_that_stays_in_its_store() {
    let scene = Scene::new(ClientCertificates::Required);
    let certificate = scene.certificate();
    let client = scene.client().identified(&[&certificate], scene.keys(), &scene.name);
    assert_eq!(scene.asked(client), Ok(200));
    // Without one the handshake holds; what is refused then, the server says itself.
    assert_eq!(scene.asked(scene.client()), Ok(200));
    let locked = scene.client().identified(&[&certificate], Locked, &scene.name);
    assert_eq!(scene.asked(locked), Err(HttpError::Tls));
    // Another key than the certificate's.
    let other = EntryName::parse("other-key").unwrap();
    scene.keys().public_key(&other).unwrap();
    let client = scene.client().identified(&[&certificate], scene.keys(), &other);
    assert_eq!(scene.asked(client), Err(HttpError::Tls));
    // A certificate of another authority.
    let foreign = Scene::new(ClientCertificates::None);
    let client = scene.client().identified(&[&foreign.certificate()], foreign.keys(), &scene.name);
    assert_eq!(scene.asked(client), Err(HttpError::Tls));
}

#[test]
fn a_pinned_server_has_one_of_two_keys() {
    let scene = Scene::new(ClientCertificates::None);
    let (pin, other) = (scene.pin(), [7; 32]);
    assert_eq!(scene.asked(scene.client().pinned(pin, other)), Ok(200));
    assert_eq!(scene.asked(scene.client().pinned(other, pin)), Ok(200));
    assert_eq!(scene.asked(scene.client().pinned(other, other)), Err(HttpError::Tls));
    // A pin is no authority.
    let stranger = HttpClient::builder().trusting(&[]).pinned(pin, pin);
    assert_eq!(scene.asked(stranger), Err(HttpError::Tls));
}

#[test]
fn a_proxy_passes_on_what_it_cannot_read() {
    let scene = Scene::new(ClientCertificates::None);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    let server = scene.world.sandbox().url().strip_prefix("https://").unwrap().to_owned();
    let seen = thread::spawn(move || {
        let (mut client, _) = proxy.accept().unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let mut server = std::net::TcpStream::connect(server).unwrap();
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(&mut client, &mut server);
        String::from_utf8(head).unwrap()
    });
    let client = scene.client().through(&format!("http://kaigo:tap@{address}"));
    assert!(!format!("{client:?}").contains("tap@"));
    assert_eq!(scene.asked(client), Ok(200));
    let head = seen.join().unwrap();
    assert!(head.starts_with("CONNECT 127.0.0.1:"), "{head}");
    assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic "), "{head}");
    assert!(HttpClient::builder().through("no address at all").build().is_err());
}

#[test]
fn what_cannot_be_a_client_is_none() {
    let scene = Scene::new(ClientCertificates::None);
    assert!(scene.client().identified(&[], scene.keys(), &scene.name).build().is_err());
    assert!(HttpClient::builder().trusting(&[b"no certificate"]).build().is_err());
}

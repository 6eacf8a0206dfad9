use kaigotap_sandbox::{
    CertificateAuthority, CertificatePurpose, Config, Failure, Issued, Sandbox,
};

use crate::pki::{anchor, authority, leaf, pkcs8, pki};
use crate::support::{House, application};

#[tokio::test]
async fn a_root_and_a_key_that_do_not_fit_are_named() {
    let wrong = [
        (CertificateAuthority { certificate: leaf(), ..authority() }, "root"),
        (CertificateAuthority { certificate: b"no".to_vec(), ..authority() }, "root"),
        (CertificateAuthority { key: b"no key".to_vec(), ..authority() }, "PKCS#8"),
        (CertificateAuthority { key: pkcs8(&pki().other_ca), ..authority() }, "certificate's"),
    ];
    for (wrong, reason) in wrong {
        let config = Config { authorities: vec![authority(), wrong], ..Config::default() };
        let error = Sandbox::start(config).await.unwrap_err();
        assert_eq!(error.code(), "authority_unusable");
        let text = error.to_string();
        assert!(text.contains("authority 1") && text.contains(reason), "{text}");
    }
    assert_eq!(format!("{:?}", authority()), "CertificateAuthority(Authentication, …)");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_it_only_judges() {
    let house = House::with(|config| {
        config.anchors = vec![anchor()];
        config.authorities.clear();
    })
    .await;
    assert!(house.index().is_empty());
    assert_eq!(house.sandbox.roots(CertificatePurpose::Authentication), [anchor()]);
    let issued = house.sandbox.issue(&application("Kakuu-shi")).await;
    assert!(matches!(issued, Err(Failure::NotPlayed)));
    house.certificate("leaf.pem", &leaf());
    let url = house.sandbox.url();
    let ask = format!("ocsp -issuer root.pem -cert leaf.pem -url {url}/jlis/ocsp");
    house.refuses(&ask, "unauthorized (6)");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_leads_to_everything() {
    let house = House::with(|config| {
        config.issued = vec![Issued {
            purpose: CertificatePurpose::Authentication,
            serial: vec![0, 7],
            prefecture: "Kakuu-to".to_owned(),
            municipality: "Mukashi-shi".to_owned(),
        }];
    })
    .await;
    let index = house.index();
    assert_eq!(index.len(), 1);
    assert_eq!(index[0]["purpose"], "authentication");
    let fetched = house.get(&house.path(&index[0]["root"]));
    assert_eq!((fetched.status, &fetched.body), (200, &anchor()));
    house.fetch_list(0, "Mukashi-shi", "list");
    let list = house.path(&index[0]["lists"][0]["url"]);
    for nothing in ["/jlis/root?issuer=AAAA", "/jlis/root?issuer=*", "/jlis/crl?issuer=AAAA"] {
        assert_eq!(house.get(nothing).status, 404, "{nothing}");
    }
    assert_eq!(house.get(&list[..list.len() - 4]).status, 404);
    assert_eq!(house.get("/jlis/crl").status, 400);
}

//! Certificates of the test authority against the profile measured on JPKI test cards.

use std::time::{Duration, SystemTime};

use der::{Any, Decode, Encode, Tag, asn1::ObjectIdentifier};
use kaigotap_virtual_card::{Authority, BirthDate, Error, Person, Purpose, usual_issue_date};
use rsa::{RsaPublicKey, pkcs1v15::VerifyingKey, pkcs8::DecodePublicKey, signature::Verifier};
use sha2::Sha256;
use x509_cert::{
    Certificate,
    ext::pkix::{
        AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
        CrlDistributionPoints, ExtendedKeyUsage, IssuerAltName, KeyUsage, SubjectAltName,
        SubjectKeyIdentifier,
        name::{DistributionPointName, GeneralName},
    },
    name::Name,
    time::Time,
};

fn issue(purpose: Purpose, person: &Person, issued: SystemTime) -> (Vec<u8>, Certificate) {
    let der = Authority::of(person).issue(purpose, person, issued).unwrap();
    let certificate = Certificate::from_der(&der).unwrap();
    (der, certificate)
}

fn usual(purpose: Purpose, person: &Person) -> Certificate {
    issue(purpose, person, usual_issue_date()).1
}

fn root(authority: Authority, purpose: Purpose) -> Certificate {
    Certificate::from_der(authority.root(purpose)).unwrap()
}

fn verifies(certificate: &Certificate, under: &Certificate) -> bool {
    let key = under.tbs_certificate.subject_public_key_info.to_der().unwrap();
    let key = VerifyingKey::<Sha256>::new(RsaPublicKey::from_public_key_der(&key).unwrap());
    let signature = rsa::pkcs1v15::Signature::try_from(certificate.signature.raw_bytes()).unwrap();
    key.verify(&certificate.tbs_certificate.to_der().unwrap(), &signature).is_ok()
}

/// `at("2025-10-27T01:35:42Z")`
fn at(time: &str) -> SystemTime {
    time.parse::<der::DateTime>().unwrap().to_system_time()
}

fn texts(name: &Name) -> Vec<(String, Tag, String)> {
    let attributes = name.0.iter().flat_map(|rdn| rdn.0.iter());
    attributes
        .map(|a| {
            let text = String::from_utf8(a.value.value().to_vec()).unwrap();
            (a.oid.to_string(), der::Tagged::tag(&a.value), text)
        })
        .collect()
}

/// Dotted ids and criticality in the order of the certificate.
fn extensions(certificate: &Certificate) -> Vec<(String, bool)> {
    let extensions = certificate.tbs_certificate.extensions.iter().flatten();
    extensions.map(|e| (e.extn_id.to_string(), e.critical)).collect()
}

fn extension<'a, T: Decode<'a> + der::oid::AssociatedOid>(certificate: &'a Certificate) -> T {
    certificate.tbs_certificate.get::<T>().unwrap().unwrap().1
}

#[test]
fn the_authentication_certificate_is_1590_bytes_on_any_day() {
    let hanako = Person::hanako();
    for days in (0..800).step_by(40) {
        let issued = at("2024-12-31T23:59:59Z") + Duration::from_hours(24 * days);
        assert_eq!(issue(Purpose::Authentication, &hanako, issued).0.len(), 1590);
    }
    assert_eq!(issue(Purpose::Authentication, &hanako, usual_issue_date()).0.len(), 1590);
}

#[test]
fn the_same_moment_gives_the_same_bytes() {
    for person in Person::all() {
        for purpose in Purpose::ALL {
            let issued = usual_issue_date();
            assert_eq!(issue(purpose, &person, issued).0, issue(purpose, &person, issued).0);
        }
    }
}

#[test]
fn certificates_verify_under_their_own_root_alone() {
    for person in Person::all() {
        for purpose in Purpose::ALL {
            let certificate = usual(purpose, &person);
            for authority in [Authority::test(), Authority::foreign()] {
                for root_purpose in Purpose::ALL {
                    let mine = authority == Authority::of(&person) && root_purpose == purpose;
                    assert_eq!(verifies(&certificate, &root(authority, root_purpose)), mine);
                }
            }
        }
    }
}

#[test]
fn the_foreign_authority_differs_in_keys_only() {
    for purpose in Purpose::ALL {
        let ours = root(Authority::test(), purpose).tbs_certificate;
        let theirs = root(Authority::foreign(), purpose).tbs_certificate;
        assert_eq!(ours.subject, theirs.subject);
        assert_eq!(ours.serial_number, theirs.serial_number);
        assert_ne!(ours.subject_public_key_info, theirs.subject_public_key_info);

        let hanako = usual(purpose, &Person::hanako()).tbs_certificate;
        let forged = usual(purpose, &Person::foreign_issuer()).tbs_certificate;
        assert_eq!((&hanako.subject, &hanako.issuer), (&forged.subject, &forged.issuer));
        assert_eq!(hanako.serial_number, forged.serial_number);
        assert_ne!(hanako.subject_public_key_info, forged.subject_public_key_info);
    }
}

#[test]
fn roots_are_self_signed_for_twenty_years() {
    for authority in [Authority::test(), Authority::foreign()] {
        for purpose in Purpose::ALL {
            let root = root(authority, purpose);
            assert!(verifies(&root, &root));
            let tbs = &root.tbs_certificate;
            assert_eq!(tbs.issuer, tbs.subject);
            assert_eq!(tbs.validity.not_before.to_string(), "2020-04-01T00:00:00Z");
            assert_eq!(tbs.validity.not_after.to_string(), "2040-03-31T14:59:59Z");
            assert_eq!(
                extensions(&root),
                [
                    ("2.5.29.15".to_owned(), true),
                    ("2.5.29.19".to_owned(), true),
                    ("2.5.29.31".to_owned(), false),
                    ("2.5.29.14".to_owned(), false),
                ]
            );
            let usage = extension::<KeyUsage>(&root);
            assert!(usage.key_cert_sign() && usage.crl_sign() && !usage.digital_signature());
            assert!(extension::<BasicConstraints>(&root).ca);
        }
    }
}

#[test]
fn names_are_written_as_the_real_ones() {
    let expect = |texts: &[(String, Tag, String)], values: &[&str]| {
        assert_eq!(texts.iter().map(|t| t.2.as_str()).collect::<Vec<_>>(), values);
        for (position, (oid, tag, _)) in texts.iter().enumerate() {
            let country = oid == "2.5.4.6";
            assert_eq!(country, position == 0);
            assert_eq!(*tag, if country { Tag::PrintableString } else { Tag::Utf8String });
        }
    };
    let agency = "Japan Agency for Local Authority Information Systems";
    let issued = at("2025-10-16T08:26:00Z");

    let (_, authentication) = issue(Purpose::Authentication, &Person::hanako(), issued);
    let tbs = &authentication.tbs_certificate;
    expect(&texts(&tbs.subject), &["JP", "990101KTHANAKO99001003A"]);
    expect(&texts(&tbs.issuer), &["JP", "KAIGOTAP-TEST", "JPKI for user authentication", agency]);

    let (_, signature) = issue(Purpose::Signature, &Person::hanako(), issued);
    let tbs = &signature.tbs_certificate;
    let common_name = "202510161726000013499001003A";
    expect(&texts(&tbs.subject), &["JP", "Kakuu-ken", "Shiken-shi", common_name]);
    expect(&texts(&tbs.issuer), &["JP", "KAIGOTAP-TEST", "JPKI for digital signature", agency]);
}

#[test]
fn serials_are_small_positive_and_three_bytes() {
    let mut seen = Vec::new();
    for person in [Person::hanako(), Person::taro()] {
        for purpose in Purpose::ALL {
            let serial = usual(purpose, &person).tbs_certificate.serial_number;
            assert_eq!(serial.as_bytes(), &person.serial(purpose).to_be_bytes()[1..]);
            assert!(serial.as_bytes()[0] < 0x80);
            assert!(!seen.contains(&serial));
            seen.push(serial);
        }
    }
}

#[test]
fn valid_from_the_issue_to_the_fifth_birthday_after_it() {
    let hanako = Person::hanako(); // 3 May
    for (issued, until) in [
        ("2025-10-27T01:35:42Z", "2030-05-03T14:59:59Z"),
        ("2025-05-02T14:59:59Z", "2029-05-03T14:59:59Z"), // still the day before in Japan
        ("2025-05-02T15:00:00Z", "2030-05-03T14:59:59Z"), // the birthday itself has begun in Japan
        ("2025-05-04T00:00:00Z", "2030-05-03T14:59:59Z"),
        ("2025-01-01T00:00:00Z", "2029-05-03T14:59:59Z"),
        ("2044-12-01T00:00:00Z", "2049-05-03T14:59:59Z"),
        ("2045-12-01T00:00:00Z", "2050-05-03T14:59:59Z"),
    ] {
        for purpose in Purpose::ALL {
            let validity = issue(purpose, &hanako, at(issued)).1.tbs_certificate.validity;
            assert_eq!(validity.not_before.to_string(), issued);
            assert_eq!(validity.not_after.to_string(), until);
            let two_digits = !until.starts_with("2050");
            assert_eq!(matches!(validity.not_after, Time::UtcTime(_)), two_digits, "{until}");
        }
    }
}

#[test]
fn the_usual_certificates_are_valid_now() {
    let now = SystemTime::now();
    for person in Person::all() {
        let ended = ["expired", "resident-card"].contains(&person.id);
        for purpose in Purpose::ALL {
            let validity = usual(purpose, &person).tbs_certificate.validity;
            assert!(validity.not_before.to_system_time() < now);
            assert_eq!(now < validity.not_after.to_system_time(), !ended, "{person:?}");
        }
    }
}

#[test]
fn certificates_end_with_their_card() {
    let issued = at("2025-10-16T08:26:00Z");
    for (person, until) in [
        (Person::hanako(), "2030-05-03T14:59:59Z"), // the birthday, long before the card
        (Person::expiring(), "2026-12-04T14:59:59Z"),
        (Person::expired(), "2026-10-21T14:59:59Z"),
    ] {
        for purpose in Purpose::ALL {
            let validity = issue(purpose, &person, issued).1.tbs_certificate.validity;
            assert_eq!(validity.not_after.to_string(), until);
        }
    }
    let expiring = usual(Purpose::Authentication, &Person::expiring()).tbs_certificate.validity;
    let left = expiring.not_after.to_system_time().duration_since(SystemTime::now()).unwrap();
    assert!((13..=15).contains(&(left.as_secs() / 86_400)), "{left:?}");
}

#[test]
fn attributes_of_other_people() {
    for (person, name, birth_date, substitutes) in [
        (Person::child(), "見本　結愛", "520191008", "00000"),
        (Person::foreign_resident(), "ＭＩＨＯＮ　ＭＡＲＩＡ", "019790228", "00000000000"),
        (Person::rare_name(), "𠮷田　●子", "319500131", "00010"),
    ] {
        let certificate = usual(Purpose::Signature, &person);
        let holder = extension::<SubjectAltName>(&certificate).0;
        let texts: Vec<_> = holder
            .iter()
            .map(|name| match name {
                GeneralName::OtherName(other) => String::from_utf8_lossy(other.value.value()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!([&texts[0], &texts[1], &texts[4]], [name, birth_date, substitutes]);
    }
}

#[test]
fn somebody_born_on_a_leap_day_gets_a_certificate_too() {
    let mut person = Person::hanako();
    person.birth_date = BirthDate { year: 1940, month: 2, day: 29 };
    let certificate = issue(Purpose::Signature, &person, at("2025-10-27T00:00:00Z")).1;
    let until = certificate.tbs_certificate.validity.not_after;
    assert_eq!(until.to_string(), "2030-02-28T14:59:59Z");
}

#[test]
fn extensions_of_the_authentication_certificate() {
    let certificate = usual(Purpose::Authentication, &Person::hanako());
    let expected = [
        ("2.5.29.15", true),
        ("2.5.29.37", false),
        ("2.5.29.32", true),
        ("2.5.29.18", false),
        ("2.5.29.31", false),
        ("1.3.6.1.5.5.7.1.1", false),
        ("2.5.29.35", false),
        ("2.5.29.14", false),
    ];
    assert_eq!(extensions(&certificate), expected.map(|(id, critical)| (id.to_owned(), critical)));
    // 03 02 07 80: one bit, seven unused (DER forbids to write them).
    assert_eq!(extension::<KeyUsage>(&certificate).to_der().unwrap(), [3, 2, 7, 0x80]);
    let client_auth = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
    assert_eq!(extension::<ExtendedKeyUsage>(&certificate).0, [client_auth]);
    policy_is(&certificate, "1.2.392.200149.8.5.1.0.30");
    common_extensions(&certificate, Purpose::Authentication);
    let access = extension::<AuthorityInfoAccessSyntax>(&certificate).0;
    assert_eq!(access.len(), 1);
    assert_eq!(access[0].access_method.to_string(), "1.3.6.1.5.5.7.48.1");
    assert!(matches!(&access[0].access_location,
        GeneralName::UniformResourceIdentifier(uri) if uri.as_str().ends_with(".example")));
}

#[test]
fn extensions_of_the_signature_certificate() {
    let hanako = Person::hanako();
    let certificate = usual(Purpose::Signature, &hanako);
    let expected = [
        ("2.5.29.15", true),
        ("2.5.29.17", false),
        ("2.5.29.32", true),
        ("2.5.29.18", false),
        ("2.5.29.31", false),
        ("2.5.29.35", false),
        ("2.5.29.14", false),
    ];
    assert_eq!(extensions(&certificate), expected.map(|(id, critical)| (id.to_owned(), critical)));
    assert_eq!(extension::<KeyUsage>(&certificate).to_der().unwrap(), [3, 2, 6, 0xC0]);
    policy_is(&certificate, "1.2.392.200149.8.5.1.0.20");
    common_extensions(&certificate, Purpose::Signature);

    let holder = extension::<SubjectAltName>(&certificate).0;
    let attributes: Vec<(String, String)> = holder
        .iter()
        .map(|name| {
            let GeneralName::OtherName(other) = name else { panic!("{name:?}") };
            assert_eq!(der::Tagged::tag(&other.value), Tag::Utf8String);
            let text = String::from_utf8(other.value.value().to_vec()).unwrap();
            (other.type_id.to_string().rsplit_once('.').unwrap().1.to_owned(), text)
        })
        .collect();
    let expected = [
        ("1", hanako.name),
        ("4", "319410503"),
        ("3", "2"),
        ("5", hanako.address),
        ("2", "00000"),
        ("6", "000000000000000"),
    ];
    assert_eq!(attributes, expected.map(|(id, text)| (id.to_owned(), text.to_owned())));
}

fn policy_is(certificate: &Certificate, oid: &str) {
    let policies = extension::<CertificatePolicies>(certificate).0;
    assert_eq!(policies.len(), 1);
    assert_eq!(policies[0].policy_identifier.to_string(), oid);
    let qualifiers = policies[0].policy_qualifiers.as_ref().unwrap();
    assert_eq!(qualifiers.len(), 1);
    assert_eq!(qualifiers[0].policy_qualifier_id.to_string(), "1.3.6.1.5.5.7.2.1");
    let uri: &Any = qualifiers[0].qualifier.as_ref().unwrap();
    assert_eq!(der::Tagged::tag(uri), Tag::Ia5String);
    assert_eq!(uri.value(), b"http://cps.kaigotap.example/");
}

fn common_extensions(certificate: &Certificate, purpose: Purpose) {
    let root = root(Authority::test(), purpose).tbs_certificate;
    let key = extension::<AuthorityKeyIdentifier>(certificate);
    let root_key = root.get::<SubjectKeyIdentifier>().unwrap().unwrap().1;
    assert_eq!(key.key_identifier, Some(root_key.0), "OpenSSL and we derive key ids alike");
    assert_eq!(key.authority_cert_issuer, Some(vec![GeneralName::DirectoryName(root.subject)]));
    assert_eq!(key.authority_cert_serial_number, Some(root.serial_number));

    let own = extension::<SubjectKeyIdentifier>(certificate).0;
    assert_eq!(own.as_bytes().len(), 20);

    let [GeneralName::DirectoryName(issuer)] = &extension::<IssuerAltName>(certificate).0[..]
    else {
        panic!("one directory name")
    };
    assert!(texts(issuer).iter().skip(1).all(|t| !t.2.is_ascii() && t.1 == Tag::Utf8String));

    let points = extension::<CrlDistributionPoints>(certificate).0;
    assert_eq!(points.len(), 1);
    let Some(DistributionPointName::FullName(names)) = &points[0].distribution_point else {
        panic!("a full name")
    };
    let [GeneralName::DirectoryName(name)] = &names[..] else { panic!("one directory name") };
    let name: Vec<String> = texts(name).into_iter().map(|t| t.2).collect();
    assert_eq!(name[3..], ["CRL Distribution Points", "Kakuu-ken", "Shiken-shi CRLDP"]);
}

#[test]
fn no_certificate_from_outside_the_calendar() {
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let after = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 366 * 9000);
    for issued in [before, at("9999-12-31T20:00:00Z"), after] {
        let result = Authority::test().issue_authentication(&Person::hanako(), issued);
        assert!(matches!(result, Err(Error::Encoding(_))), "{result:?}");
    }
}

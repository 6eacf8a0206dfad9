//! Tokens that are bound to the client certificate of the connection as well (RFC 8705 §3).

use super::made::World;
use super::*;

#[test]
fn a_token_is_used_over_the_connection_of_its_certificate() {
    let world = World::new();
    let mut claims = world.claims();
    claims["cnf"]["x5t#S256"] = sha256(b"a certificate").into();
    let token = world.token(&claims);
    let over = |world: &World, certificate: Option<&[u8]>| {
        let mut request = world.request_with(&token);
        request.certificate = certificate.map(<[u8]>::to_vec);
        request
    };
    let judged = world.ask(&over(&world, None));
    assert_eq!(judged.unwrap_err().code(), "client_certificate_required");
    let judged = world.ask(&over(&world, Some(b"another certificate")));
    assert_eq!(judged.unwrap_err().code(), "token_invalid");
    assert!(world.ask(&over(&world, Some(b"a certificate"))).is_ok());
}

#[test]
fn a_token_that_is_bound_to_none_goes_over_any_connection() {
    let world = World::new();
    let mut request = world.request();
    request.certificate = Some(b"a certificate".to_vec());
    assert!(world.ask(&request).is_ok());
}

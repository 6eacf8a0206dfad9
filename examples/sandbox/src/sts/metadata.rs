//! What the token service and the platform behind it say of themselves.

use serde_json::json;

use super::evidence::NEEDS;
use super::{Sts, exchange, own};
use crate::base::NOTICE;
use crate::base::reply::Reply;

impl Sts {
    /// `GET /.well-known/jwks.json` (RFC 7517 §5): keys that sign now, those after them, and those that still verify.
    pub(super) fn jwks(&self) -> Reply {
        let keys = [self.keys.challenge.published(), self.keys.token.published()].concat();
        Reply::ok(json!({ "keys": keys }))
    }

    /// `GET /.well-known/oauth-authorization-server` (RFC 8414 §2): the platform's name, by whichever it was called,
    /// and what it offers.
    pub(super) fn metadata(&self) -> Reply {
        let issuer = &self.base.issuer;
        let methods = ["private_key_jwt", "tls_client_auth"];
        let algorithms = ["ES256", "PS256"];
        Reply::ok(json!({
            "issuer": issuer,
            "token_endpoint": format!("{issuer}/v1/token"),
            "introspection_endpoint": format!("{issuer}/v1/introspect"),
            "revocation_endpoint": format!("{issuer}/v1/revoke"),
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "scopes_supported": NEEDS.map(|(scope, _)| scope),
            "response_types_supported": [],
            "grant_types_supported": [exchange::GRANT_TYPE, own::GRANT_TYPE],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "introspection_endpoint_auth_methods_supported": methods,
            "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
            "revocation_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
            "dpop_signing_alg_values_supported": ["ES256"],
            "tls_client_certificate_bound_access_tokens": true,
            "x-kaigo-challenge-endpoint": format!("{issuer}/v1/challenges"),
            "x-kaigo-device-endpoint": format!("{issuer}/v1/devices"),
            "x-kaigo-staff-issuer": format!("{issuer}/staff"),
            "x-kaigo-resource": format!("{issuer}/"),
            "x-kaigo-sandbox": true,
            "x-kaigo-notice": NOTICE,
        }))
    }

    /// `GET /.well-known/oauth-protected-resource` (RFC 9728 §2): what it takes to be let in.
    pub(super) fn resource(&self) -> Reply {
        let issuer = &self.base.issuer;
        Reply::ok(json!({
            "resource": format!("{issuer}/"),
            "authorization_servers": [issuer],
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "scopes_supported": NEEDS.map(|(scope, _)| scope),
            "bearer_methods_supported": [],
            "dpop_signing_alg_values_supported": ["ES256"],
            "dpop_bound_access_tokens_required": true,
            "tls_client_certificate_bound_access_tokens": true,
        }))
    }
}

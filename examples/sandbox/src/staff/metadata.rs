//! What the issuer says of itself (OpenID Connect Discovery §3, RFC 8414).

use serde_json::json;

use super::push::SCOPES;
use super::{Staff, grant, token};
use crate::base::NOTICE;
use crate::base::reply::Reply;

impl Staff {
    /// `GET /staff/.well-known/openid-configuration`
    pub(super) fn metadata(&self) -> Reply {
        let issuer = self.issuer();
        let at = |path: &str| format!("{issuer}/{path}");
        Reply::ok(json!({
            "issuer": issuer,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "userinfo_endpoint": at("userinfo"),
            "jwks_uri": at("jwks"),
            "pushed_authorization_request_endpoint": at("par"),
            "require_pushed_authorization_requests": true,
            "x-kaigo-sign-out-endpoint": at("sign-out"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [grant::GRANT_TYPE],
            "subject_types_supported": ["public"],
            "scopes_supported": SCOPES,
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid",
                                 "name", "fac", "role"],
            "acr_values_supported": [token::ACR],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "ui_locales_supported": ["ja", "en"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "tls_client_auth"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256", "PS256"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "dpop_signing_alg_values_supported": ["ES256"],
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "claims_parameter_supported": false,
            "x-kaigo-sandbox": true,
            "x-kaigo-notice": NOTICE,
        }))
    }

    /// `GET /staff/jwks` (RFC 7517 §5)
    pub(super) fn jwks(&self) -> Reply {
        Reply::ok(json!({ "keys": [self.key.jwk()] }))
    }
}

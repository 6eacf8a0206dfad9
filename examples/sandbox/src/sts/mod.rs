//! The token service (本人確認トークンサービス): challenges out, assertions in, tokens out.

pub(crate) mod assertion;
pub(crate) mod challenge;
pub(crate) mod exchange;
pub(crate) mod token;

use serde_json::json;

use crate::NOTICE;
use crate::error::Reply;
use crate::platform::Platform;

/// `GET /.well-known/jwks.json` (RFC 7517 §5).
pub(crate) fn jwks(platform: &Platform) -> Reply {
    Reply::ok(json!({ "keys": [platform.keys.sts.jwk()] }))
}

/// `GET /.well-known/oauth-authorization-server` (RFC 8414 §2).
pub(crate) fn metadata(platform: &Platform) -> Reply {
    let issuer = &platform.issuer;
    Reply::ok(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/v1/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "scopes_supported": token::SCOPES,
        "response_types_supported": [],
        "grant_types_supported": [exchange::GRANT_TYPE],
        "token_endpoint_auth_methods_supported": ["none"],
        "x-kaigo-sandbox": true,
        "x-kaigo-notice": NOTICE,
    }))
}

//! Names that say nothing, and that two records have in common.

use ring::hmac;

use crate::base::jws::base64url;

/// How much of a digest is kept, bytes.
const LENGTH: usize = 16;

/// A keyed digest of a name of this kind; of none, nothing.
pub(super) fn digest(key: &hmac::Key, kind: &str, name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    let mut context = hmac::Context::with_key(key);
    // A kind has no zero in it.
    context.update(kind.as_bytes());
    context.update(&[0]);
    context.update(name.as_bytes());
    base64url(&context.sign().as_ref()[..LENGTH])
}

//! The house as a server: TLS as OpenSSL's client sees it, and what else strangers may try at the door.

mod bound;
mod openssl;
mod operations;
mod standard;

mod tls;

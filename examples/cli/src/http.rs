//! HTTP clients, and where they go.

use std::path::Path;

use kaigotap::link::http::{HttpClient, HttpClientBuilder};
use kaigotap::platform::ServerAddress;

use crate::der_file;
use crate::report::Stop;

/// No certificate of an authority comes near this many bytes.
const LONGEST_AUTHORITY: u64 = 64 * 1024;

/// A server as it was typed.
pub(crate) fn server(typed: &str) -> Result<ServerAddress, Stop> {
    ServerAddress::parse(typed).map_err(|_| {
        Stop::input(
            "server_unusable",
            format!("{typed} is no address of a server."),
            "Give https://…; plain HTTP is for this machine only.",
        )
        .about(typed)
    })
}

/// A client that trusts this authority, or those of the system.
pub(crate) fn client(authority: Option<&Path>) -> Result<HttpClient, Stop> {
    build(builder(authority)?)
}

/// The same, with more to choose.
pub(crate) fn builder(authority: Option<&Path>) -> Result<HttpClientBuilder, Stop> {
    let Some(file) = authority else { return Ok(HttpClient::builder()) };
    let roots = der_file::read(file, LONGEST_AUTHORITY, "CERTIFICATE")?;
    let roots: Vec<_> = roots.iter().map(Vec::as_slice).collect();
    let builder = HttpClient::builder().trusting(&roots);
    // Told apart from a fault of the system: it is the file that is at fault.
    HttpClient::trusting(&roots).map(|_| builder).map_err(|error| {
        Stop::input("authority_unusable", error.to_string(), "Give a certificate of an authority.")
    })
}

/// The client.
pub(crate) fn build(builder: HttpClientBuilder) -> Result<HttpClient, Stop> {
    builder.build().map_err(|error| {
        Stop::input(
            "http_unavailable",
            error.to_string(),
            "Install the system's certificates (Debian: ca-certificates).",
        )
    })
}

//! Keycloak's token exchange (RFC 8693) beside ours: it takes a token of its own for another, signs ES256, checks no
//! card, and keeps no challenge.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tokio::process::{Child, Command};

use crate::Result;
use crate::connection::{Answer, Connection};
use crate::volley::Caller;

/// How long it is used before it is measured.
pub(crate) const WARM_UP: Duration = Duration::from_secs(45);
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_mins(4);
const PATH: &str = "/realms/load/protocol/openid-connect/token";
const SECRET: &str = "load";

pub(crate) struct Keycloak {
    child: Child,
    address: SocketAddr,
}

impl Keycloak {
    /// In its development mode, with its own database and one realm.
    pub(crate) async fn start(folder: &Path, address: SocketAddr) -> Result<Self> {
        let import = folder.join("data/import");
        fs::create_dir_all(&import)?;
        fs::write(import.join("load-realm.json"), realm().to_string())?;
        let child = Command::new(folder.join("bin/kc.sh"))
            .args(["start-dev", "--import-realm", "--http-host=127.0.0.1"])
            .arg(format!("--http-port={}", address.port()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let mut keycloak = Self { child, address };
        let started = Instant::now();
        while let Err(error) = keycloak.token().await {
            let ended = keycloak.child.try_wait()?.is_some();
            if ended || started.elapsed() > PATIENCE {
                return Err(format!("Keycloak does not start: {error}").into());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(keycloak)
    }

    pub(crate) fn id(&self) -> Result<u32> {
        self.child.id().ok_or_else(|| "Keycloak has ended".into())
    }

    pub(crate) async fn callers(&self, count: usize) -> Result<Vec<Exchanger>> {
        let mut callers = Vec::new();
        for _ in 0..count {
            let connection = Connection::open(self.address, None).await?;
            callers.push(Exchanger { connection, token: self.token().await? });
        }
        Ok(callers)
    }

    /// A token of a person who has signed in.
    async fn token(&self) -> Result<String> {
        let mut connection = Connection::open(self.address, None).await?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "password")
            .append_pair("username", "nurse")
            .append_pair("password", "nurse")
            .finish();
        let answer = post(&mut connection, "app", form).await?;
        Ok(answer.json["access_token"].as_str().ok_or("no token")?.to_owned())
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        if let Some(group) = self.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)) {
            kill_process_group(group, Signal::TERM)?;
        }
        tokio::time::timeout(PATIENCE, self.child.wait()).await??;
        Ok(())
    }
}

/// A client that has one token exchanged for another.
pub(crate) struct Exchanger {
    connection: Connection,
    token: String,
}

impl Caller for Exchanger {
    async fn call(&mut self) -> Result<()> {
        const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
            .append_pair("subject_token", &self.token)
            .append_pair("subject_token_type", ACCESS_TOKEN)
            .append_pair("requested_token_type", ACCESS_TOKEN)
            .finish();
        let answer = post(&mut self.connection, "service", form).await?;
        match answer.json["access_token"].as_str() {
            Some(_) => Ok(()),
            None => Err(format!("Keycloak: {} {}", answer.status, answer.json).into()),
        }
    }
}

async fn post(connection: &mut Connection, client: &str, form: String) -> Result<Answer> {
    let basic = format!("Basic {}", Base64::encode_string(format!("{client}:{SECRET}").as_bytes()));
    let headers =
        [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    connection.send(("POST", PATH), &headers, form).await
}

fn realm() -> serde_json::Value {
    let client = |id: &str| {
        json!({
            "clientId": id, "secret": SECRET, "enabled": true, "publicClient": false,
            "directAccessGrantsEnabled": id == "app", "standardFlowEnabled": false,
            "attributes": { "standard.token.exchange.enabled": "true" },
            "protocolMappers": [{
                "name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                "config": { "included.client.audience": "service", "access.token.claim": "true" },
            }],
        })
    };
    json!({
        "realm": "load", "enabled": true, "sslRequired": "none", "defaultSignatureAlgorithm": "ES256",
        "accessTokenLifespan": 3600, "ssoSessionMaxLifespan": 36000,
        "clients": [client("app"), client("service")],
        "users": [{
            "username": "nurse", "enabled": true, "email": "nurse@example.org", "emailVerified": true,
            "firstName": "N", "lastName": "N",
            "credentials": [{ "type": "password", "value": "nurse" }],
        }],
    })
}

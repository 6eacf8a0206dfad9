//! `kaigotap sandbox init`

use std::fs;
use std::path::Path;

use kaigotap_sandbox::Material;
use pem::{EncodeConfig, LineEnding, Pem};
use serde_json::json;
use zeroize::Zeroizing;

use super::directory::CONFIGURATION;
use crate::arguments::SandboxInit;
use crate::private_file;
use crate::report::{Report, Stop};

/// How the platform is called on this machine, beside the names it was given.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What is in the folder, for whoever looks into it.
const FILES: [(&str, &str, &str); 6] = [
    (
        CONFIGURATION,
        "what it is started with; change it as you like",
        "起動時の設定（変更できます）",
    ),
    (
        "authority.pem",
        "for clients to trust; its key is gone",
        "クライアントが信頼する認証局（鍵は破棄済み）",
    ),
    ("server.pem", "the server's certificate, for two years", "サーバー証明書（2年間有効）"),
    ("server.key", "its key: a secret", "サーバーの秘密鍵"),
    ("facilities.pem", "the authority for facilities' devices", "事業所端末の認証局"),
    ("facilities.key", "its key: a secret", "その秘密鍵"),
];

pub(super) fn run(command: &SandboxInit, report: Report) -> Result<(), Stop> {
    let folder = &command.folder;
    if fs::read_dir(folder).is_ok_and(|mut there| there.next().is_some()) {
        return Err(Stop::input(
            "folder_in_use",
            format!("{} is not empty, and nothing in it is overwritten.", folder.display()),
            "Choose a new folder, or start what is there: kaigotap sandbox --directory FOLDER",
        ));
    }
    let own = OWN_NAMES.map(str::to_owned);
    let names: Vec<String> = command.names.iter().cloned().chain(own).collect();
    let material = Material::generate(&names).map_err(|error| {
        Stop::input(error.code(), error.to_string(), "Choose other names for --name.")
    })?;
    private_file::folder(folder)?;
    let configuration = configuration(command);
    let contents = [
        Zeroizing::new(configuration.into_bytes()),
        block("CERTIFICATE", &material.authority),
        block("CERTIFICATE", &material.tls.certificate_chain[0]),
        block("PRIVATE KEY", &material.tls.key),
        block("CERTIFICATE", &material.facility_authority.certificate),
        block("PRIVATE KEY", &material.facility_authority.key),
    ];
    for ((name, ..), content) in FILES.iter().zip(&contents) {
        private_file::write(&folder.join(name), content)?;
    }
    told(folder, report);
    Ok(())
}

fn told(folder: &Path, report: Report) {
    report.line(format!("{} {}", report.text("Made:", "作成しました："), folder.display()));
    for (name, english, japanese) in FILES {
        report.line(format!("  {name:<16}{}", report.text(english, japanese)));
    }
    report.line("");
    report.line(format!(
        "{} kaigotap sandbox --directory {}",
        report.text("Now:", "次に："),
        folder.display()
    ));
    let files: Vec<&str> = FILES.iter().map(|(name, ..)| *name).collect();
    report.object(&json!({ "directory": folder, "files": files, "sandbox": true }));
}

fn block(kind: &str, der: &[u8]) -> Zeroizing<Vec<u8>> {
    let form = EncodeConfig::new().set_line_ending(LineEnding::LF);
    let text = pem::encode_config(&Pem::new(kind, der), form);
    Zeroizing::new(text.into_bytes())
}

fn configuration(command: &SandboxInit) -> String {
    let name = command.names.first().map_or("localhost", String::as_str);
    // On a free port it is the address that it listens on.
    let is_known = if command.listen.port() == 0 { "#" } else { "" };
    let port = command.listen.port();
    // Names were taken for a certificate, and an address is one: nothing in them needs quoting.
    format!(
        "# A sandbox of the care platform. It is not the national service, which publishes no API for third parties.\n\
         \n\
         # Where it listens. Other machines reach it on 0.0.0.0, by a name in its certificate.\n\
         listen = \"{}\"\n\
         # Its name in everything that it signs; several processes on one database have the same.\n\
         {is_known}issuer = \"https://{name}:{port}\"\n\
         # Further names by which it is called.\n\
         names = {:?}\n\
         # memory, sqlite:FILE, or postgres://… with a file for the key that opens the keys in it.\n\
         database = \"sqlite:sandbox.db\"\n\
         #database_key = \"database.key\"\n\
         # Where it says whether it lives and can serve, and what it counts; to this machine only.\n\
         #admin = \"127.0.0.1:9443\"\n\
         \n\
         # How much one address or device may ask; more is answered 429.\n\
         [limits]\n\
         address_each_second = 100\n\
         address_burst = 400\n\
         device_each_second = 10\n\
         device_burst = 60\n\
         \n\
         [server]\n\
         certificate = \"server.pem\"\n\
         key = \"server.key\"\n\
         \n\
         # Devices have their client certificates from here.\n\
         [facilities]\n\
         certificate = \"facilities.pem\"\n\
         key = \"facilities.key\"\n\
         # none, optional or required. A device that enrols has no certificate yet.\n\
         client_certificates = \"optional\"\n\
         #revocation_lists = [\"facilities.crl\"]\n",
        command.listen, command.names
    )
}

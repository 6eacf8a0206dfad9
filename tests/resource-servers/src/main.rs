//! Starts servers that take the platform's access tokens, sends each the same requests, and says which it answers.
//!
//! `kaigotap-resource-servers NAME PROGRAM ARGUMENT… -- NAME PROGRAM …`. A server finds all it has to know in its
//! environment (`docs/resource-server.md`), and prints the port that it listens on at 127.0.0.1.

mod client;
mod jwks;
mod keys;
mod platform;
mod server;
mod table;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use platform::Platform;
use server::Server;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let platform = Platform::new()?;
    let mut all_passed = true;
    for command in arguments.split(|argument| argument == "--") {
        let [name, program, arguments @ ..] = command else {
            return Err("a server has a name and a program".into());
        };
        let (passed, failed) = match Server::start(program, arguments, &platform) {
            Ok(server) => table::judge(name, &server, &platform),
            Err(error) => (0, vec![format!("it does not start: {error}")]),
        };
        for row in &failed {
            println!("  {name}: {row}");
        }
        println!("resource server {name}: {passed} passed, {} failed", failed.len());
        all_passed &= failed.is_empty() && passed > 0;
    }
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `kaigotap`, the command. Everything is in the library beside it.

fn main() -> std::process::ExitCode {
    kaigotap_cli::main()
}

//! `kaigotap` itself, as processes of their own: the command line, the sandbox and a card on a real reader service.

mod drivers;
mod house;
mod link;
mod mutual_tls;
mod stories;
mod stranger;
mod trouble;
mod visit;

//! What a sandbox is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::listen::Limits;
use super::tls::Tls;
use crate::base::database::Database;
use crate::base::facility_authority::FacilityAuthority;
use crate::base::rate::Rate;
use crate::device::RegisteredClient;
use crate::insurer::Person;
use crate::jlis::{CertificateAuthority, Issued};
use crate::staff::StaffIssuer;
use crate::sts::{CardFaceAuthority, MOST_TICKETS};

/// What a sandbox is started with. The default listens on a free loopback port, keeps everything in memory,
/// accepts the policy of J-LIS *test* cards, and knows no root and no person.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Serve TLS, and nothing but TLS. Without, it is plain HTTP.
    pub tls: Option<Tls>,
    /// The platform's name: its base URL as clients know it, without a slash at the end. By default that of the address
    /// it listens on. Several processes on one database have the same.
    pub issuer: Option<String>,
    /// Serve plain HTTP to other machines. Tokens then travel readable: only for a network of one's own.
    pub allow_beyond_loopback: bool,
    /// Further names by which clients call it, beside the address it listens on and those of this machine. A request
    /// for another name is refused.
    pub hosts: Vec<String>,
    /// What one client may take.
    pub limits: Limits,
    /// How much each sender may ask.
    pub rates: Rates,
    /// Where to tell whether it lives (`/health/live`), whether it can serve (`/health/ready`) and what it counts
    /// (`/metrics`), to this machine only; by default nowhere.
    pub admin: Option<SocketAddr>,
    /// The authority under which devices get their client certificates; by default one that is kept in the database.
    pub facility_authority: Option<FacilityAuthority>,
    /// Servers of ISVs that ask for tokens of their own.
    pub clients: Vec<RegisteredClient>,
    /// Where records are kept.
    pub database: Database,
    /// Roots that issue authentication certificates (利用者証明用), each an X.509 certificate in DER.
    pub anchors: Vec<Vec<u8>>,
    /// Authorities for the sandbox to play. It trusts those for authentication, issues and revokes certificates in
    /// the name of each, and publishes lists and OCSP answers. Of a mere anchor it knows nothing of that kind.
    pub authorities: Vec<CertificateAuthority>,
    /// Authorities under which card faces (券面事項確認AP) are certified: a tap without PIN is judged by them.
    pub card_face_authorities: Vec<CardFaceAuthority>,
    /// What those authorities have issued already. A serial number of a person counts as issued, too, but nobody
    /// knows which list it would be on.
    pub issued: Vec<Issued>,
    /// Certificate policies under which an authentication certificate is accepted, as dotted OIDs.
    pub policies: Vec<String>,
    /// Everybody the platform knows. In a database file they replace those of the last run.
    pub people: Vec<Person>,
    /// Further issuers of staff tokens: a facility's own identity provider. Its staff are on the roster all the same.
    pub staff_issuers: Vec<StaffIssuer>,
    /// Where a browser may be sent back to after a sign-in, exactly, beside the app and programs of the same machine:
    /// HTTPS addresses without query and fragment.
    pub staff_redirects: Vec<String>,
    /// How long a challenge can be used; whole seconds.
    pub challenge_lifetime: Duration,
    /// How long somebody stays registered with a facility (利用者登録の有効期間) after a verification, and after each event
    /// that shows that they are still served; whole seconds. No document says how long; 180 days by default.
    pub registration_lifetime: Duration,
    /// How many unused tickets a device may have for visits without coverage (持ち出し), 20 at most; none if 0. 20 by default.
    pub offline_tickets: u8,
}

/// How much each sender may ask; by default as much as it wants. Each process counts for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rates {
    /// Of each address; of IPv6, each network of 64 bits.
    pub address: Option<Rate>,
    /// Of each device that has proved that it holds its key.
    pub device: Option<Rate>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: None,
            issuer: None,
            allow_beyond_loopback: false,
            hosts: Vec::new(),
            limits: Limits::default(),
            rates: Rates::default(),
            admin: None,
            facility_authority: None,
            clients: Vec::new(),
            database: Database::default(),
            anchors: Vec::new(),
            authorities: Vec::new(),
            card_face_authorities: Vec::new(),
            issued: Vec::new(),
            policies: vec!["1.2.392.200149.8.5.1.0.30".to_owned()],
            people: Vec::new(),
            staff_issuers: Vec::new(),
            staff_redirects: Vec::new(),
            challenge_lifetime: Duration::from_mins(2),
            registration_lifetime: Duration::from_hours(180 * 24),
            offline_tickets: MOST_TICKETS,
        }
    }
}

//! Every system, each over those below it.

use std::sync::Arc;
use std::time::Duration;

use super::config::Config;
use super::tls::ClientCertificates;
use crate::audit::{self, Audit, Event, What, Who};
use crate::base::Base;
use crate::base::database::{self, Migrations, Result as Stored, Store};
use crate::base::failure::StartError;
use crate::board::{self, Board};
use crate::device::{self, Devices, MutualTls};
use crate::insurer::{self, Insurer};
use crate::jlis::{self, Jlis};
use crate::kiban::{self, Kiban};
use crate::offline::{self, Offline};
use crate::pmh::{self, Pmh};
use crate::portal::{self, Portal};
use crate::qualification::{self, Qualification};
use crate::staff::{self, Staff};
use crate::sts::{self, Neighbours, Sts};
use crate::web_service::{self, WebService};

/// The tables of every room that has some.
pub(super) const MIGRATIONS: [Migrations; 14] = [
    database::MIGRATIONS,
    audit::MIGRATIONS,
    board::MIGRATIONS,
    device::MIGRATIONS,
    insurer::MIGRATIONS,
    jlis::MIGRATIONS,
    kiban::MIGRATIONS,
    offline::MIGRATIONS,
    pmh::MIGRATIONS,
    portal::MIGRATIONS,
    qualification::MIGRATIONS,
    staff::MIGRATIONS,
    sts::MIGRATIONS,
    web_service::MIGRATIONS,
];

/// All rooms, furnished.
pub(crate) struct Rooms {
    pub(crate) base: Arc<Base>,
    pub(crate) audit: Arc<Audit>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) staff: Arc<Staff>,
    pub(crate) board: Arc<Board>,
    pub(crate) jlis: Arc<Jlis>,
    pub(crate) insurer: Arc<Insurer>,
    pub(crate) sts: Arc<Sts>,
    pub(crate) web_service: Arc<WebService>,
    pub(crate) offline: Arc<Offline>,
    pub(crate) portal: Arc<Portal>,
}

impl Rooms {
    /// Furnished, and with the people and certificates of this configuration brought in.
    pub(crate) async fn open(config: &Config, issuer: String) -> Result<Self, StartError> {
        let rooms = Self::furnished(config, issuer).await?;
        rooms.insurer.import(&config.people).await?;
        let holders = config.people.iter().flat_map(|person| &person.certificate_serials);
        rooms.jlis.record(&config.issued, holders.map(Vec::as_slice)).await?;
        rooms.sts.follow_import().await?;
        let start = Event { what: What::Start, outcome: "ok", note: "", who: Who::default() };
        rooms.audit.add(&start).await?;
        Ok(rooms)
    }

    /// With what is in the database: beside those who use it, or while nobody does.
    pub(crate) async fn furnished(config: &Config, issuer: String) -> Result<Self, StartError> {
        let authorities = jlis::Authorities::new(&config.anchors, &config.authorities)?;
        let store = Store::open(&config.database, &MIGRATIONS).await?;
        let base = Arc::new(Base::open(issuer, store).await?);
        let audit = Arc::new(Audit::open(base.clone()).await?);
        let jlis = Jlis::new(base.clone(), authorities, &config.policies)?;
        let jlis = Arc::new(jlis);
        let devices = Devices::open(
            base.clone(),
            audit.clone(),
            config.facility_authority.as_ref(),
            &config.clients,
        );
        let devices = Arc::new(devices.await?.with_mutual_tls(mutual_tls(config)));
        let staff = Staff::open(base.clone(), audit.clone(), devices.clone()).await?;
        let staff = staff.knowing(&config.staff_issuers, &config.staff_redirects)?;
        let staff = Arc::new(staff);
        let board = Arc::new(Board::new(base.clone(), audit.clone(), staff.clone()));
        let kiban = Arc::new(Kiban::new(base.clone()));
        let pmh = Arc::new(Pmh::open(base.clone()).await?);
        let qualification = Arc::new(Qualification::open(base.clone(), jlis.clone()).await?);
        let insurer = Insurer::new(base.clone(), qualification.clone(), pmh.clone(), kiban.clone());
        let insurer = Arc::new(insurer);
        let neighbours = Neighbours {
            audit: audit.clone(),
            devices: devices.clone(),
            staff: staff.clone(),
            jlis: jlis.clone(),
            qualification,
            pmh,
            kiban: kiban.clone(),
        };
        let sts = Sts::open(base.clone(), neighbours).await?;
        let sts = sts.with_challenge_lifetime(config.challenge_lifetime);
        let sts = sts.with_registration_lifetime(config.registration_lifetime);
        let sts = sts.with_offline_tickets(config.offline_tickets);
        let sts = Arc::new(sts.with_card_faces(&config.card_face_authorities));
        let portal = Portal::new(base.clone(), audit.clone(), sts.clone(), kiban.clone());
        let portal = Arc::new(portal);
        let neighbours = web_service::Neighbours {
            audit: audit.clone(),
            sts: sts.clone(),
            staff: staff.clone(),
            devices: devices.clone(),
            kiban,
            insurer: insurer.clone(),
        };
        let web_service = Arc::new(WebService::new(base.clone(), neighbours));
        let offline = Offline::new(base.clone(), audit.clone(), sts.clone(), web_service.clone());
        let offline = Arc::new(offline);
        Ok(Self {
            base,
            audit,
            devices,
            staff,
            board,
            jlis,
            insurer,
            sts,
            web_service,
            offline,
            portal,
        })
    }

    /// The same, unless another process on the same database has just done it.
    pub(crate) async fn sweep_for_all(&self, every: Duration) -> Stored<()> {
        // A little less, so that whoever has done it does it again.
        let seconds = i64::try_from(every.as_secs()).unwrap_or(i64::MAX).saturating_sub(1);
        if self.base.store.leases("sweep", self.base.now(), seconds).await? {
            self.sweep().await?;
        } else {
            // Which keys are in use is in memory, too.
            let _ = self.sts.refresh_keys().await;
        }
        Ok(())
    }

    /// Removes what has been kept for long enough, so that nobody can read it any more.
    pub(crate) async fn sweep(&self) -> Stored<()> {
        self.sts.sweep().await?;
        // If this fails, it comes round again.
        let _ = self.sts.refresh_keys().await;
        self.offline.sweep().await?;
        self.portal.sweep().await?;
        self.devices.sweep().await?;
        self.staff.sweep().await?;
        self.web_service.sweep().await?;
        self.base.store.forget_shown(self.base.now()).await?;
        self.base.store.settle().await
    }
}

/// What devices are told of it.
fn mutual_tls(config: &Config) -> MutualTls {
    match config.tls.as_ref().map(|tls| tls.client_certificates) {
        None | Some(ClientCertificates::None) => MutualTls::None,
        Some(ClientCertificates::Optional) => MutualTls::Optional,
        Some(ClientCertificates::Required) => MutualTls::Required,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    /// Names of the tables that a room's migrations make.
    fn tables(room: &Migrations) -> Vec<&'static str> {
        let made = room.sqlite.iter().flat_map(|sql| sql.split("CREATE TABLE ").skip(1));
        made.filter_map(|rest| rest.split_whitespace().next()).collect()
    }

    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    #[test]
    fn a_room_speaks_of_no_tables_but_its_own() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut all = Vec::new();
        files(&source, &mut all);
        let mut seen = 0;
        for room in &MIGRATIONS {
            for table in tables(room) {
                assert!(table.starts_with(&format!("{}_", room.room)), "{table}");
                for file in &all {
                    let within = file.strip_prefix(&source).unwrap();
                    let speaks = fs::read_to_string(file).unwrap().contains(table);
                    seen += usize::from(speaks);
                    assert!(!speaks || within.starts_with(room.room), "{table}: {within:?}");
                }
            }
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn migrations_lie_side_by_side() {
        for room in &MIGRATIONS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room.room);
            let names = |kind| {
                let mut found = Vec::new();
                files(&folder.join("migrations").join(kind), &mut found);
                let name = |path: &PathBuf| path.file_name().unwrap().to_owned();
                let mut names: Vec<_> = found.iter().map(name).collect();
                names.sort();
                names
            };
            assert_eq!(names("sqlite"), names("postgres"), "{}", room.room);
            assert_eq!(names("sqlite").len(), room.sqlite.len(), "{}", room.room);
            assert_eq!(room.sqlite.len(), room.postgres.len(), "{}", room.room);
        }
    }
}

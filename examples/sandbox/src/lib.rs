//! The care platform on one machine, to develop against.
//!
//! One process stands in for the systems between a facility and an entitlement, over real HTTP and a real
//! database. It verifies everything itself, from the bytes it gets, and shares no code with the SDK but the validator of
//! certificates, which a visit uses on both sides.
//!
//! ```
//! # tokio_test(async {
//! use kaigotap_sandbox::{Config, FACILITY_ID, Sandbox};
//!
//! let sandbox = Sandbox::start(Config::default()).await?;
//! println!("{}", sandbox.activate(FACILITY_ID, "my phone").await?.code);
//! sandbox.stop().await;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # });
//! # fn tokio_test<T>(f: impl Future<Output = Result<T, Box<dyn std::error::Error>>>) {
//! #     tokio::runtime::Runtime::new().unwrap().block_on(f).unwrap();
//! # }
//! ```
//!
//! # Rooms
//!
//! Every system is a room: a folder with its own routes, its own tables (whose names begin with the room's) and their
//! migrations. A room calls another only through a few public functions, and only one that stands below it here:
//!
//! | room | stands in for | uses |
//! |---|---|---|
//! | `world` | nothing: a sandbox that knows the people of the virtual cards; feature `world` | `server` |
//! | `server` | nothing: it puts the rooms together and listens | all |
//! | `offline` | what was done without coverage, when it is sent later | `web_service`, `sts` |
//! | `web_service` | 介護保険資格確認等WEBサービス, the face to facilities | `sts`, `insurer`, `kiban` |
//! | `sts` | 本人確認トークンサービス: challenges, tokens | `staff`, `qualification`, `pmh`, `jlis`, `kiban` |
//! | `insurer` | the municipalities' systems (介護保険システム), which bring in their insured persons and get notices | `qualification`, `pmh`, `kiban` |
//! | `qualification` | オンライン資格確認: from a certificate to a link number (紐付番号) | `jlis` |
//! | `staff` | accounts of a facility's staff | `device` |
//! | `board` | papers of certification boards (認定審査会資料の電送) | `staff` |
//! | `device` | clients: facilities' devices, and servers of ISVs | `audit` |
//! | `pmh` | Public Medical Hub: from a link number to a PMH-ID | |
//! | `kiban` | 介護情報基盤: what is known of an insured person | |
//! | `jlis` | J-LIS: certificates and their revocation | |
//! | `audit` | nothing: what happened, in a chain that shows what was changed afterwards | |
//! | `base` | nothing: clock, keys, signatures, database, refusals, faults | |
//!
//! All of them use `base`, which knows none of them.

mod audit;
mod base;
mod board;
mod device;
mod insurer;
mod jlis;
mod kiban;
mod offline;
mod pmh;
mod portal;
mod qualification;
mod server;
mod staff;
mod sts;
mod web_service;
#[cfg(feature = "world")]
pub mod world;

pub use audit::{Anchor, AuditRecord, AuditReport, Finding, Flaw, NoAnchor};
pub use base::NOTICE;
pub use base::database::Database;
pub use base::facility_authority::FacilityAuthority;
pub use base::failure::{Failure, StartError};
pub use base::fault::{Broken, Call, Fault};
pub use base::rate::Rate;
pub use board::{
    Invitation, Look, Mail, Meeting, MeetingChange, MeetingFile, NewMeeting, Reviewer,
};
pub use device::{ActivationCode, DeviceRecord, RegisteredClient};
pub use insurer::{
    BenefitLimit, BirthDate, BirthDateInvalid, BurdenRatio, CareLevel, CareLevelCode, CareManager,
    Filing, FilingStatus, HousingItem, ImportError, ImportFinding, ImportFlaw, ImportKind,
    ImportProgress, ImportReport, Information, LifeItem, LimitCertificate, LimitStage,
    MedicalInsurance, Opinion, Person, PhysicianConsent, Sex, SurveyItem, Unusual, WrittenOpinion,
};
pub use jlis::{
    Application, CertificateAuthority, CertificatePurpose, Issued, Revocation, RevocationReason,
};
pub use server::{
    AuditLog, ClaimDesk, ClientCertificates, Config, DeviceBook, Enrolment, ImportDesk, KeyBook,
    Limits, Mailbox, Material, Municipalities, Policy, PolicyStatus, Rates, Sandbox, Tls,
};
pub use staff::{
    FACILITY_ID, FacilityKind, NewStaff, STAFF_ID, StaffIssuer, StaffIssuerKeys, sandbox_password,
};
pub use sts::{CardFaceAuthority, ChallengeRecord, ChallengeState, Disaster};

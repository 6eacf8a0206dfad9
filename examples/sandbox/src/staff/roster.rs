//! Who works where (名簿).

use std::fmt;

use sqlx::Row;

use super::facility::{Facilities, FacilityKind};
use super::password::LONGEST;
use crate::base::database::{Result as Stored, Store};

/// The visiting-nurse office (訪問看護) every sandbox has.
pub const FACILITY_ID: &str = "1370000001";
/// A nurse of [`FACILITY_ID`]; `nurse-02` is a colleague, `admin-01` keeps its devices, and `nurse-11` works at
/// `1370000002` (訪問看護), `manager-21` at `1370000003` (居宅介護支援), `nurse-31` at `1370000004` (介護老人保健施設),
/// `helper-41` at `1370000005` (訪問介護), `manager-51` at `1370000006` (介護予防支援). Everybody's password is `sandbox-` and
/// the name: [`sandbox_password`].
pub const STAFF_ID: &str = "nurse-01";

/// The password with which a seeded staff member signs in. It is known to everybody, like everything in a sandbox.
pub fn sandbox_password(staff_id: &str) -> String {
    format!("sandbox-{staff_id}")
}

/// What a staff member may do beyond visiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Visits people.
    Nurse,
    /// Keeps the facility's devices, too.
    Admin,
}

impl Role {
    /// As it stands in tokens and in the database.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Nurse => "nurse",
            Self::Admin => "admin",
        }
    }

    fn named(code: &str) -> Option<Self> {
        [Self::Nurse, Self::Admin].into_iter().find(|role| role.code() == code)
    }
}

/// A staff member.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) facility_id: String,
    pub(crate) facility_kind: FacilityKind,
    pub(crate) role: Role,
    pub(crate) name: String,
}

/// Somebody whom every sandbox knows.
struct Seed {
    id: &'static str,
    facility_id: &'static str,
    role: Role,
    name: &'static str,
    /// Of [`sandbox_password`].
    password: &'static str,
}

const SEEDS: [Seed; 8] = [
    Seed {
        id: STAFF_ID,
        facility_id: FACILITY_ID,
        role: Role::Nurse,
        name: "看護 葵",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wMA$F+N49tg9Irst1dK1uAlq9Z/2/BgjAbunB8t21HbYqOY",
    },
    Seed {
        id: "nurse-02",
        facility_id: FACILITY_ID,
        role: Role::Nurse,
        name: "看護 蓮",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wMQ$HL7MWapCEyk1TKGy27hocVKd9EuNfU1ovZZGrtuAHRM",
    },
    Seed {
        id: "nurse-11",
        facility_id: "1370000002",
        role: Role::Nurse,
        name: "看護 凛",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wMg$KRmoqaYfjk8jKOWlEMpzAOyHdmVPSWJGdaXSQWOo2gQ",
    },
    Seed {
        id: "admin-01",
        facility_id: FACILITY_ID,
        role: Role::Admin,
        name: "管理 桜",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wMw$lPLuu+dCxY3dXscEtek+mUCPFCW68eIWlLsSP4HzhS4",
    },
    Seed {
        id: "manager-21",
        facility_id: "1370000003",
        role: Role::Nurse,
        name: "支援 梓",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wNA$8S/hbKXuiV5R+byPyK7OU2zpRLnX/6FQXjR5HmXKbwE",
    },
    Seed {
        id: "nurse-31",
        facility_id: "1370000004",
        role: Role::Nurse,
        name: "看護 湊",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wNQ$kc/3sc+GHX4iniDKBGrR5S3HzgiCVVzlHsMp+CRvP40",
    },
    Seed {
        id: "helper-41",
        facility_id: "1370000005",
        role: Role::Nurse,
        name: "訪問 楓",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wNg$nwbnAQYYyT8V9jF/UtjNagY12ant1MndNDP8z11kfkc",
    },
    Seed {
        id: "manager-51",
        facility_id: "1370000006",
        role: Role::Nurse,
        name: "予防 樹",
        password: "$argon2id$v=19$m=19456,t=2,p=1$a2FpZ290YXAtc2VlZC0wNw$feavQWsYDHio4FbU/yposh28oTc00i4ipSWXShufzbk",
    },
];

/// Somebody who comes to work at a facility, as they sign in.
#[derive(Clone)]
pub struct NewStaff {
    /// The name of the account: 1 to 64 letters, digits, `-`, `_` or `.`.
    pub id: String,
    /// Where they work: ten digits.
    pub facility_id: String,
    /// What people call them.
    pub name: String,
    /// Whether they keep the facility's devices, too.
    pub keeps_devices: bool,
    /// The password, 8 to 256 bytes.
    pub password: String,
}

impl NewStaff {
    /// Whether such an account can be.
    pub(crate) fn is_sound(&self) -> bool {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let (id, name) = (&self.id, self.name.trim());
        (1..=64).contains(&id.len())
            && id.bytes().all(letter)
            && !name.is_empty()
            && name.chars().count() <= 64
            && !name.chars().any(char::is_control)
            && (8..=LONGEST).contains(&self.password.len())
    }
}

impl fmt::Debug for NewStaff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewStaff(..)")
    }
}

/// The roster in the database.
pub(crate) struct Roster<'a>(pub(crate) &'a Store);

impl Roster<'_> {
    /// Enters those whom every sandbox knows, and their facilities, unless they are there.
    pub(crate) async fn seed(&self) -> Stored<()> {
        Facilities(self.0).seed().await?;
        for seed in &SEEDS {
            sqlx::query(
                "INSERT INTO staff_member (id, facility_id, role, name, password) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            )
            .bind(seed.id)
            .bind(seed.facility_id)
            .bind(seed.role.code())
            .bind(seed.name)
            .bind(seed.password)
            .execute(self.0.pool())
            .await?;
        }
        Ok(())
    }

    /// Enters somebody with this hash of their password. `false` if there is such an account, or no such facility.
    pub(crate) async fn enter(&self, new: &NewStaff, password: &str) -> Stored<bool> {
        let role = if new.keeps_devices { Role::Admin } else { Role::Nurse };
        let entered = sqlx::query(
            "INSERT INTO staff_member (id, facility_id, role, name, password) \
             SELECT $1, id, $3, $4, $5 FROM staff_facility WHERE id = $2 ON CONFLICT DO NOTHING",
        )
        .bind(&new.id)
        .bind(&new.facility_id)
        .bind(role.code())
        .bind(new.name.trim())
        .bind(password)
        .execute(self.0.pool())
        .await?;
        Ok(entered.rows_affected() == 1)
    }

    /// The staff member of this name.
    pub(crate) async fn member(&self, id: &str) -> Stored<Option<Member>> {
        Ok(self.account(id).await?.map(|(member, _)| member))
    }

    /// The staff member of this name, and what the password is compared with.
    pub(crate) async fn account(&self, id: &str) -> Stored<Option<(Member, String)>> {
        // PostgreSQL has no such text, so nobody has such a name.
        if id.contains('\0') {
            return Ok(None);
        }
        let account = "SELECT staff_member.*, staff_facility.kind FROM staff_member \
                       LEFT JOIN staff_facility ON staff_facility.id = facility_id \
                       WHERE staff_member.id = $1";
        let row = sqlx::query(account).bind(id).fetch_optional(self.0.pool()).await?;
        let Some(row) = row else { return Ok(None) };
        let role = Role::named(row.try_get("role")?);
        let kind: Option<String> = row.try_get("kind")?;
        let member = Member {
            id: row.try_get("id")?,
            facility_id: row.try_get("facility_id")?,
            facility_kind: FacilityKind::of(&kind.unwrap_or_default()),
            role: role.ok_or_else(|| sqlx::Error::Decode("a role that is none".into()))?,
            name: row.try_get("name")?,
        };
        Ok(Some((member, row.try_get("password")?)))
    }
}

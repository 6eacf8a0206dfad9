//! The devices, for whoever looks after a sandbox.

use std::fmt;
use std::sync::Arc;

use super::rooms;
use crate::audit::Audit;
use crate::base::Base;
use crate::base::database::{Database, Store};
use crate::base::failure::{Failure, StartError};
use crate::device::{ActivationCode, DeviceRecord, Devices};

/// The devices of a sandbox, whether it runs or not.
pub struct DeviceBook(Devices);

impl DeviceBook {
    /// The book in this database, beside those who use it.
    pub async fn open(database: &Database) -> Result<Self, StartError> {
        let store = Store::open(database, &rooms::MIGRATIONS).await?;
        let base = Arc::new(Base::open(String::new(), store).await?);
        let audit = Arc::new(Audit::open(base.clone()).await?);
        Ok(Self(Devices::open(base, audit, None, &[]).await?))
    }

    /// A code with which one device of a facility can enrol, once and within 15 minutes. The label is what people call
    /// the device, up to 64 characters.
    pub async fn activate(
        &self,
        facility_id: &str,
        label: &str,
    ) -> Result<ActivationCode, Failure> {
        self.0.activate(facility_id, label).await.map_err(|_| Failure::Device)
    }

    /// All devices of all facilities, the oldest first.
    pub async fn list(&self) -> Result<Vec<DeviceRecord>, Failure> {
        Ok(self.0.records(None).await?)
    }

    /// Ends a device: whatever it has is refused from now on, by every process on this database.
    pub async fn kill(&self, device_id: &str) -> Result<(), Failure> {
        self.0.kill(None, device_id).await?.then_some(()).ok_or(Failure::Device)
    }
}

impl fmt::Debug for DeviceBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceBook")
    }
}

//! Who sends a request.

use super::Sts;
use crate::audit::Who;
use crate::base::form::Form;
use crate::base::refusal::Refusal;
use crate::base::reply::Shown;
use crate::base::sender::Sender;
use crate::device::{Client, MutualTls};
use crate::staff::Member;

/// A staff member at a device.
pub(super) struct Caller {
    pub(super) member: Member,
    pub(super) device: Client,
    /// Thumbprint of the device's key, which they have shown to hold.
    pub(super) jkt: String,
    /// Thumbprint of the device's certificate, if the connection has one (`x5t#S256`).
    pub(super) x5t: Option<String>,
}

impl Caller {
    /// Who it is, for the record.
    pub(super) fn who(&self) -> Who<'_> {
        Who {
            device: &self.device.id,
            facility: &self.member.facility_id,
            staff: &self.member.id,
            person: "",
        }
    }

    /// Who shows a staff member's token.
    pub(super) async fn asking(sts: &Sts, sender: &Sender) -> Result<Self, Refusal> {
        let token = match sender.shown().ok_or(Refusal::StaffTokenMissing)? {
            Shown::Bound(token) => token,
            Shown::Bearer(_) => return Err(Refusal::StaffTokenInvalid),
        };
        let jkt = sender.proven(&sts.base, Some(token)).await?.jkt;
        let signed_in = sts.staff.verify(token).await?;
        if signed_in.jkt.as_ref() != Some(&jkt) {
            return Err(Refusal::StaffTokenInvalid);
        }
        Self::at_device(sts, sender, signed_in.member, jkt).await
    }

    /// Who exchanges something, as the staff member of this token.
    pub(super) async fn exchanging(
        sts: &Sts,
        sender: &Sender,
        form: &Form,
        actor_token: &str,
    ) -> Result<Self, Refusal> {
        let jkt = sender.proven(&sts.base, None).await?.jkt;
        let issuer = &sts.base.issuer;
        let client = sts.devices.authenticate(sender.peer.as_ref(), form, issuer).await?;
        let signed_in = sts.staff.verify(actor_token).await.map_err(Refusal::of_actor)?;
        if client.key.thumbprint() != jkt || signed_in.jkt.as_ref() != Some(&jkt) {
            return Err(Refusal::BindingMismatch("cnf"));
        }
        Self::at_device(sts, sender, signed_in.member, jkt).await
    }

    async fn at_device(
        sts: &Sts,
        sender: &Sender,
        member: Member,
        jkt: String,
    ) -> Result<Self, Refusal> {
        let device = sts.devices.with_key(&jkt).await?;
        // Whoever works elsewhere cannot borrow a device.
        if device.facility_id.as_ref() != Some(&member.facility_id) {
            return Err(Refusal::FacilityMismatch);
        }
        let x5t = device.x5t(sender.peer.as_ref())?;
        if x5t.is_none() && sts.mutual_tls == MutualTls::Required {
            return Err(Refusal::ClientCertificateRequired);
        }
        Ok(Self { member, device, jkt, x5t })
    }
}

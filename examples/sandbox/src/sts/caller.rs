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
    /// Thumbprint of the device's key, if they have shown to hold it.
    pub(super) jkt: Option<String>,
    /// The device, if it is enrolled.
    pub(super) device: Option<Client>,
    /// Thumbprint of the device's certificate, if the connection has one (`x5t#S256`).
    pub(super) x5t: Option<String>,
}

impl Caller {
    /// Who it is, for the record.
    pub(super) fn who(&self) -> Who<'_> {
        Who {
            device: self.device.as_ref().map_or("", |device| &device.id),
            facility: &self.member.facility_id,
            staff: &self.member.id,
            person: "",
        }
    }

    /// Who shows a staff member's token.
    pub(super) async fn asking(sts: &Sts, sender: &Sender) -> Result<Self, Refusal> {
        let (token, jkt) = match sender.shown().ok_or(Refusal::StaffTokenMissing)? {
            Shown::Bearer(token) => (token, None),
            Shown::Bound(token) => (token, Some(sender.proven(&sts.base, Some(token)).await?.jkt)),
        };
        let signed_in = sts.staff.verify(token).await?;
        if signed_in.jkt != jkt {
            return Err(Refusal::StaffTokenInvalid);
        }
        Self::at_device(sts, sender, signed_in.member, jkt).await
    }

    /// Who shows a staff member's token, at an enrolled device.
    pub(super) async fn enrolled(sts: &Sts, sender: &Sender) -> Result<(Self, Client), Refusal> {
        let mut caller = Self::asking(sts, sender).await?;
        let device = caller.device.take().ok_or(Refusal::StaffTokenInvalid)?;
        Ok((caller, device))
    }

    /// Who exchanges something, as the staff member of this token.
    pub(super) async fn exchanging(
        sts: &Sts,
        sender: &Sender,
        form: &Form,
        actor_token: &str,
    ) -> Result<Self, Refusal> {
        let jkt = if sender.shows_proof() {
            Some(sender.proven(&sts.base, None).await?.jkt)
        } else {
            None
        };
        if let Some(jkt) = &jkt {
            let issuer = &sts.base.issuer;
            let client = sts.devices.authenticate(sender.peer.as_ref(), form, issuer).await?;
            if client.key.thumbprint() != *jkt {
                return Err(Refusal::BindingMismatch("cnf"));
            }
        }
        let signed_in = sts.staff.verify(actor_token).await.map_err(Refusal::of_actor)?;
        if signed_in.jkt != jkt {
            return Err(Refusal::BindingMismatch("cnf"));
        }
        Self::at_device(sts, sender, signed_in.member, jkt).await
    }

    async fn at_device(
        sts: &Sts,
        sender: &Sender,
        member: Member,
        jkt: Option<String>,
    ) -> Result<Self, Refusal> {
        let device = match &jkt {
            Some(jkt) => Some(sts.devices.with_key(jkt).await?),
            None => None,
        };
        // Whoever works elsewhere cannot borrow a device.
        let elsewhere = |device: &Client| device.facility_id.as_ref() != Some(&member.facility_id);
        if device.as_ref().is_some_and(elsewhere) {
            return Err(Refusal::FacilityMismatch);
        }
        let x5t = match (&sender.peer, &device) {
            (Some(peer), Some(device)) if device.shows(peer) => Some(peer.thumbprint()),
            (Some(_), Some(_)) => return Err(Refusal::BindingMismatch("certificate")),
            _ if sts.mutual_tls == MutualTls::Required && device.is_some() => {
                return Err(Refusal::ClientCertificateRequired);
            }
            _ => None,
        };
        Ok(Self { member, jkt, device, x5t })
    }
}

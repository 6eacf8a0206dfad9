//! Who sends a request.

use sqlx::AnyConnection;

use super::Sts;
use crate::audit::Who;
use crate::base::form::Form;
use crate::base::once::Once;
use crate::base::refusal::Refusal;
use crate::base::reply::Shown;
use crate::base::sender::Sender;
use crate::device::Client;
use crate::staff::Member;

/// A staff member at a device.
pub(crate) struct Caller {
    pub(crate) member: Member,
    pub(super) device: Client,
    /// Thumbprint of the device's key, which they have shown to hold.
    pub(crate) jkt: String,
    /// Thumbprint of the device's certificate, if the connection has one (`x5t#S256`).
    pub(super) x5t: Option<String>,
}

impl Caller {
    /// Who it is, for the record.
    pub(crate) fn who(&self) -> Who<'_> {
        Who {
            device: &self.device.id,
            facility: &self.member.facility_id,
            staff: &self.member.id,
            person: "",
        }
    }

    /// Whether the device signed this.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.device.key.signed(message, signature)
    }

    /// Somebody else of the staff at the same device: what they did there, another may send.
    pub(super) fn handing(&self, member: Member) -> Self {
        let (device, jkt, x5t) = (self.device.clone(), self.jkt.clone(), self.x5t.clone());
        Self { member, device, jkt, x5t }
    }

    /// Who shows a staff member's token.
    pub(super) async fn asking(sts: &Sts, sender: &Sender) -> Result<Unnoted, Refusal> {
        let token = match sender.shown().ok_or(Refusal::StaffTokenMissing)? {
            Shown::Bound(token) => token,
            Shown::Bearer(_) => return Err(Refusal::StaffTokenInvalid),
        };
        let (proven, once) = sender.proof(&sts.base, Some(token))?;
        let mut shown = vec![once];
        let caller = async {
            let signed_in = sts.staff.verify(token).await?;
            if signed_in.jkt.as_ref() != Some(&proven.jkt) {
                return Err(Refusal::StaffTokenInvalid);
            }
            Self::at_device(sts, sender, signed_in.member, proven.jkt).await
        };
        Unnoted::of(sts, caller.await, &mut shown).await
    }

    /// Who exchanges something, as the staff member of this token.
    pub(super) async fn exchanging(
        sts: &Sts,
        sender: &Sender,
        form: &Form,
        actor_token: &str,
    ) -> Result<Unnoted, Refusal> {
        let (proven, once) = sender.proof(&sts.base, None)?;
        let mut shown = vec![once];
        let issuer = &sts.base.issuer;
        let client = sts.devices.shown(sender.peer.as_ref(), form, issuer).await;
        let caller = async {
            let (client, once) = client?;
            shown.extend(once);
            let signed_in = sts.staff.verify(actor_token).await.map_err(Refusal::of_actor)?;
            if client.key.thumbprint() != proven.jkt || signed_in.jkt.as_ref() != Some(&proven.jkt)
            {
                return Err(Refusal::BindingMismatch("cnf"));
            }
            Self::at_device(sts, sender, signed_in.member, proven.jkt).await
        }
        .await;
        Unnoted::of(sts, caller, &mut shown).await
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
        sts.devices.admits(sender.peer.as_ref())?;
        let x5t = device.x5t(sender.peer.as_ref())?;
        Ok(Self { member, device, jkt, x5t })
    }
}

/// Somebody whose proof, and whose client's statement, are still to be noted. Nothing is done for them before: what is
/// good once would be good twice.
pub(super) struct Unnoted {
    caller: Caller,
    shown: Vec<Once>,
}

impl Unnoted {
    /// Whoever was refused has shown it all the same.
    async fn of(
        sts: &Sts,
        caller: Result<Caller, Refusal>,
        shown: &mut Vec<Once>,
    ) -> Result<Self, Refusal> {
        let shown = std::mem::take(shown);
        match caller {
            Ok(caller) => Ok(Self { caller, shown }),
            Err(why) => {
                sts.base.store.note(&shown).await?;
                Err(why)
            }
        }
    }

    /// Who it is, to prepare what will be done for them.
    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Notes what was shown, in the transaction in which something is done for them.
    pub(super) async fn noted_in(self, transaction: &mut AnyConnection) -> Result<Caller, Refusal> {
        for once in &self.shown {
            once.note_in(transaction).await?;
        }
        Ok(self.caller)
    }

    /// Notes what was shown, by itself.
    pub(super) async fn noted(self, sts: &Sts) -> Result<Caller, Refusal> {
        sts.base.store.note(&self.shown).await?;
        Ok(self.caller)
    }
}

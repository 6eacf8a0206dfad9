//! What an access token opens, for whoever holds the key to which it is bound.

use super::Sts;
use super::caller::Caller;
use super::domain::Domain;
use super::evidence::Method;
use super::own::OwnClaims;
use super::token::AccessClaims;
use crate::base::peer::PeerCertificate;
use crate::base::refusal::Refusal;
use crate::base::reply::Shown;
use crate::base::sender::Sender;
use crate::device::Client;
use crate::staff::Member;

/// Whom an access token is about, and who holds it.
pub(crate) struct Opened {
    pub(crate) pmh_id: String,
    /// The pairwise name of the person at the facility.
    pub(crate) subject: String,
    /// Who asks, as they work there now.
    pub(crate) member: Member,
    /// The client at which they ask.
    pub(crate) client_id: String,
    /// The token's own name.
    pub(crate) jti: String,
    /// The insurance that the visit is for.
    pub(crate) domain: Domain,
    /// How the person was verified.
    pub(crate) method: Method,
    /// When, in seconds since the epoch.
    pub(crate) verified_at: i64,
    /// Whether this is the moment of the verification, as long as what was typed counts.
    pub(crate) at_once: bool,
    /// Whether the person was verified without coverage.
    pub(crate) offline: bool,
}

/// A token that a request shows, and whose key its sender has proved to hold.
struct Presented<'a> {
    token: &'a str,
    /// Thumbprint of that key.
    jkt: String,
    /// Thumbprint of the certificate of the connection.
    x5t: Option<String>,
}

impl Sts {
    /// For whom the access token of a request was issued and to whom, if it opens this scope now.
    pub(crate) async fn opened(
        &self,
        sender: &Sender,
        scope: &'static str,
    ) -> Result<Opened, Refusal> {
        let presented = self.presented(sender).await?;
        let claims = AccessClaims::open(self, presented.token).ok_or(Refusal::TokenInvalid)?;
        presented.bound_to(claims.jkt(), claims.x5t())?;
        let device = self.alive(&claims.client_id, claims.jkt()).await?;
        // A token of a time without certificates is not opened with another device's.
        device.x5t(sender.peer.as_ref())?;
        if self.base.now() >= claims.exp {
            return Err(Refusal::TokenExpired);
        }
        if !claims.allows(scope) {
            return Err(Refusal::ScopeMissing(scope));
        }
        let holder = self.challenges().holder(&claims.jti).await?;
        let member = self.staff.member(&claims.act.sub).await?.ok_or(Refusal::TokenInvalid)?;
        // Whoever works elsewhere now has taken nothing along.
        if member.facility_id != claims.act.fac {
            return Err(Refusal::TokenInvalid);
        }
        let method = Method::named(&claims.kaigo.method).ok_or(Refusal::TokenInvalid)?;
        Ok(Opened {
            pmh_id: holder.ok_or(Refusal::TokenInvalid)?,
            method,
            // Typed attributes give one access token and nothing that lasts longer.
            at_once: !method.lasts_a_day(),
            offline: claims.kaigo.offline,
            domain: Domain::named(&claims.kaigo.insurance_domain).ok_or(Refusal::TokenInvalid)?,
            verified_at: claims.kaigo.verified_at,
            subject: claims.sub,
            client_id: claims.client_id,
            jti: claims.jti,
            member,
        })
    }

    /// Which staff member asks, at which device.
    pub(crate) async fn asked(&self, sender: &Sender) -> Result<Caller, Refusal> {
        Caller::asking(self, sender).await?.noted(self).await
    }

    /// The client whose own token a request shows, and what it may do.
    pub(super) async fn opened_by_client(
        &self,
        sender: &Sender,
    ) -> Result<(Client, OwnClaims), Refusal> {
        let presented = self.presented(sender).await?;
        let claims = OwnClaims::open(self, presented.token).ok_or(Refusal::TokenInvalid)?;
        presented.bound_to(&claims.cnf.jkt, claims.cnf.x5t.as_deref())?;
        let client = self.devices.named(&claims.client_id).await?;
        client.x5t(sender.peer.as_ref())?;
        if self.base.now() >= claims.exp {
            return Err(Refusal::TokenExpired);
        }
        self.challenges()
            .is_issued(&claims.jti)
            .await?
            .then_some(())
            .ok_or(Refusal::TokenInvalid)?;
        Ok((client, claims))
    }

    async fn presented<'a>(&self, sender: &'a Sender) -> Result<Presented<'a>, Refusal> {
        let token = match sender.shown().ok_or(Refusal::TokenMissing)? {
            Shown::Bound(token) => token,
            Shown::Bearer(_) => return Err(Refusal::TokenInvalid),
        };
        let jkt = sender.proven(&self.base, Some(token)).await.map_err(Refusal::at_opening)?.jkt;
        self.devices.admits(sender.peer.as_ref())?;
        let x5t = sender.peer.as_ref().map(PeerCertificate::thumbprint);
        Ok(Presented { token, jkt, x5t })
    }

    /// Whether a client still is one, with this key: a device that has been killed since then opens nothing any more, nor
    /// does a key that it had before.
    pub(super) async fn alive(&self, client_id: &str, jkt: &str) -> Result<Client, Refusal> {
        let client = self.devices.named(client_id).await?;
        let same = client.key.thumbprint() == jkt;
        if same { Ok(client) } else { Err(Refusal::DeviceRevoked) }
    }
}

impl Presented<'_> {
    fn bound_to(&self, jkt: &str, x5t: Option<&str>) -> Result<(), Refusal> {
        let holds = self.jkt == jkt && (x5t.is_none() || x5t == self.x5t.as_deref());
        if holds { Ok(()) } else { Err(Refusal::TokenInvalid) }
    }
}

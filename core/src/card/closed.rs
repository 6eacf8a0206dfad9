//! What this room keeps even from its neighbours; see `closed.rs` of the crate.

use crate as kaigotap;

closed! {
    /// Leave to present a PIN is granted by the guard only.
    fn no_permit_of_ones_own() {
        closed {
            use kaigotap::card::guard::Permit;
            use kaigotap::card::pin::Pin;
            async fn verify(card: &mut kaigotap::card::Selected<'_>, permit: &Permit, pin: Pin) {
                let _ = card.verify(permit, pin).await;
            }
        }
        open {
            use kaigotap::card::PinKind;
            fn change(pin: PinKind) {
                let _ = kaigotap::reading::change_pin(pin);
            }
        }
    }

    /// The key is not for the caller to choose.
    fn no_key_of_ones_own() {
        closed {
            async fn sign(card: &mut kaigotap::card::Selected<'_>) {
                let _ = card.sign(Some(0x001A), &[0; 32]).await;
            }
        }
        open {
            let _ = kaigotap::card::Credential::Authentication;
        }
    }

    /// Nor is there an application by its identifier.
    fn no_application_of_ones_own() {
        closed {
            let _ = kaigotap::card::profile::application::JPKI;
        }
        open {
            let _ = kaigotap::card::Application::Jpki;
        }
    }
}

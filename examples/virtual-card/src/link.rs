//! The card held to the SDK's driver loop, in process.

use kaigotap::flow::{Connected, LinkError, Occasion};
use kaigotap::link::CardLink;

use crate::VirtualCard;

/// A card that was torn away or removed is not there again until [`VirtualCard::put_back`].
impl CardLink for VirtualCard {
    fn connect(&mut self, _: Occasion) -> Result<Connected, LinkError> {
        if self.is_gone() {
            return Err(LinkError::NoCard);
        }
        self.power_on();
        let limits = self.behaviour().limits();
        Ok(Connected::up_to(limits.max_command, limits.max_response))
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        Ok(VirtualCard::transmit(self, command))
    }

    fn disconnect(&mut self) {
        self.power_off();
    }
}

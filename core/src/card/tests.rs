use super::*;
use crate::iso7816::Command;

#[test]
fn the_recognition_command_is_the_selection_of_the_jpki_application() {
    let select = Command::select_application(profile::application::JPKI).encode().unwrap();
    assert_eq!(recognition().bytes(), select.bytes());
}

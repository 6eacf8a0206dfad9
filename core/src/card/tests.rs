use super::*;
use crate::iso7816::Command;

#[test]
fn the_recognition_command_is_the_selection_of_the_jpki_application() {
    let select = Command::select_application(profile::application::JPKI).encode().unwrap();
    assert_eq!(recognition().bytes(), select.bytes());
}

#[test]
fn the_deselection_commands_are_selections_of_three_applications() {
    let of = [
        profile::application::JPKI,
        profile::application::INPUT_SUPPORT,
        profile::application::ISSUER_SECURITY_DOMAIN,
    ];
    for (command, application) in deselection().iter().zip(of) {
        let select = Command::select_application(application).encode().unwrap();
        assert_eq!(command.bytes(), select.bytes());
    }
}

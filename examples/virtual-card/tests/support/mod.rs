//! Talking to the card in the tests of its records.

use kaigotap_virtual_card::{Application, Person, PinKind, VirtualCard};

pub(crate) fn card(person: Person, behaviour: &str) -> VirtualCard {
    VirtualCard::new(person, behaviour.parse().unwrap()).unwrap()
}

/// Data and status word.
pub(crate) fn send(
    card: &mut VirtualCard,
    header: &[u8],
    data: &[u8],
    le: Option<u8>,
) -> (Vec<u8>, u16) {
    let mut command = header.to_vec();
    if !data.is_empty() {
        command.push(u8::try_from(data.len()).unwrap());
    }
    command.extend(data);
    command.extend(le);
    let mut response = card.transmit(&command);
    let status = response.split_off(response.len() - 2);
    (response, u16::from_be_bytes([status[0], status[1]]))
}

pub(crate) fn select(card: &mut VirtualCard, application: Application) -> u16 {
    send(card, &[0x00, 0xA4, 0x04, 0x0C], application.aid(), None).1
}

pub(crate) fn select_file(card: &mut VirtualCard, id: u16) -> u16 {
    send(card, &[0x00, 0xA4, 0x02, 0x0C], &id.to_be_bytes(), None).1
}

/// Leaves every application and opens one with what belongs to a PIN.
pub(crate) fn open(card: &mut VirtualCard, application: Application, pin: Option<PinKind>) {
    select(card, Application::IssuerSecurityDomain);
    assert_eq!(select(card, application), 0x9000);
    if let Some(pin) = pin {
        assert_eq!(select_file(card, pin.file()), 0x9000);
        let value = card.reference_data(pin).to_owned();
        assert_eq!(
            send(card, &[0x00, 0x20, 0x00, 0x80], value.as_bytes(), None).1,
            0x9000,
            "{pin}"
        );
    }
}

/// The whole current file in pieces, or why not.
pub(crate) fn read(card: &mut VirtualCard, id: u16) -> Result<Vec<u8>, u16> {
    assert_eq!(select_file(card, id), 0x9000);
    let mut file = Vec::new();
    loop {
        let [hi, lo] = u16::try_from(file.len()).unwrap().to_be_bytes();
        match send(card, &[0x00, 0xB0, hi, lo], &[], Some(0)) {
            (piece, 0x9000) => file.extend(piece),
            (_, 0x6B00) => return Ok(file),
            (_, status) => return Err(status),
        }
    }
}

//! KaigoTap's PC/SC link in a process that lives on: `hold` connects and selects the card's application, `release`
//! disconnects; one word a line on standard input, one line of answer each.

use std::io::{Write, stdin, stdout};

use kaigotap::{
    card,
    flow::{LinkError, Occasion},
    link::{CardLink, pcsc::PcscLink},
};

fn main() -> std::io::Result<()> {
    let mut link = PcscLink::new();
    for word in stdin().lines() {
        match &word?[..] {
            "hold" => match hold(&mut link) {
                Ok(answer) => println!("{answer:02X?}"),
                Err(error) => println!("{error:?}"),
            },
            "release" => {
                link.disconnect();
                println!("released");
            }
            word => println!("{word}: not understood"),
        }
        stdout().flush()?;
    }
    Ok(())
}

fn hold(link: &mut PcscLink) -> Result<Vec<u8>, LinkError> {
    link.connect(Occasion::First)?;
    link.transmit(card::recognition().bytes())
}

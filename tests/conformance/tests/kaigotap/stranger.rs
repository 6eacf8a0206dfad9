//! A card that is somebody else's: it knows no application at all.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use kaigotap_virtual_card::plug::StopFlag;

/// Speaks to `vpcd` as `kaigotap_virtual_card::plug` describes it, and says how many commands it has refused.
pub(crate) fn serve(reader: SocketAddr, stop: &StopFlag) -> u32 {
    const ATR: [u8; 2] = [0x3B, 0x00];
    const FILE_NOT_FOUND: [u8; 2] = [0x6A, 0x82];

    let mut stream = TcpStream::connect(reader).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut refused = 0;
    let mut heard = Vec::new();
    let mut buffer = [0; 1024];
    while !stop.is_stopped() {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => heard.extend(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
        while let [high, low, rest @ ..] = &heard[..] {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(body) = rest.get(..length) else { break };
            let answer = match body {
                [4] => ATR,
                [_] => [0; 2],
                _ => {
                    refused += 1;
                    FILE_NOT_FOUND
                }
            };
            if answer != [0; 2] {
                stream.write_all(&[[0, 2], answer].concat()).unwrap();
            }
            heard.drain(..2 + length);
        }
    }
    refused
}

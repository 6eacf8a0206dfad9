//! How an entry comes in: unseen at the terminal, or line by line from a program.

use std::fs::File;
use std::io::{ErrorKind, Read};

use zeroize::Zeroizing;

use crate::report::Stop;

/// A terminal that does not show what is typed. The question is printed by `rpassword` a moment before it hides the
/// answer itself; a PIN that is typed or pasted in that moment would be seen. What was typed ahead is thrown away.
pub(super) struct Unseen {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Unseen {
    #[cfg(unix)]
    pub(super) fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

        let input = std::io::stdin();
        let before = tcgetattr(&input).ok();
        if let Some(before) = &before {
            let mut unseen = before.clone();
            unseen.local_modes -= LocalModes::ECHO;
            let _ = tcsetattr(&input, OptionalActions::Flush, &unseen);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    pub(super) fn begin() -> Self {
        Self {}
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(before) = &self.before {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// Longest line of a program, in bytes: what stands on a paper certificate, as one object.
const LONGEST: usize = 1024;

/// A line from standard input, so long at most; `None` at its end.
pub(super) fn read_line() -> Option<Zeroizing<String>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0; 1]);
    let mut input = std::io::stdin().lock();
    loop {
        match input.read(&mut *byte) {
            Ok(0) if line.is_empty() => return None,
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) if line.len() < LONGEST => line.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return None,
        }
    }
    let line = std::str::from_utf8(&line).ok()?;
    Some(Zeroizing::new(line.trim_end_matches('\r').to_owned()))
}

/// The first line from an open file descriptor.
pub(crate) fn first_line(descriptor: u32) -> Result<Zeroizing<String>, Stop> {
    Ok(read_lines(descriptor)?.into_iter().next().unwrap_or_default())
}

/// The lines from an open file descriptor: a secret each.
pub(super) fn read_lines(descriptor: u32) -> Result<Vec<Zeroizing<String>>, Stop> {
    let unreadable = || {
        Stop::input(
            "pin_unreadable",
            format!("The PIN cannot be read from file descriptor {descriptor}."),
            "Open a file or a pipe for reading, for example: kaigotap … --pin-fd 3 3<pinfile",
        )
    };
    let file = File::open(format!("/dev/fd/{descriptor}")).map_err(|_| unreadable())?;
    // Four lines are more than any question needs, and a file that never ends must not keep us. What is read goes into
    // one piece of memory, which never moves and is wiped: a buffered reader would keep a copy.
    let mut text = Zeroizing::new(Vec::with_capacity(512));
    let mut piece = Zeroizing::new([0; 64]);
    let mut file = file.take(256);
    loop {
        match file.read(&mut *piece) {
            Ok(0) => break,
            Ok(count) => text.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(unreadable()),
        }
        if text.split(|&byte| byte == b'\n').count() > 4 {
            break;
        }
    }
    let text = std::str::from_utf8(&text).map_err(|_| unreadable())?;
    Ok(text.lines().take(4).map(|line| Zeroizing::new(line.to_owned())).collect())
}

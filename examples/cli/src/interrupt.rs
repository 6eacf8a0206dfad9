//! Ctrl-C and SIGTERM: stop in order, so that the card is powered down. The second time at once, but for the card: it is
//! powered down all the same.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use kaigotap::flow::{Connected, LinkError, Occasion};
use kaigotap::link::CardLink;

/// How long a command that is under way may take until it is stopped all the same. A signature takes a card a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// The card of this program, for whoever stops it at once.
static CARD: OnceLock<Arc<Card>> = OnceLock::new();

struct Card {
    link: Mutex<Box<dyn CardLink + Send>>,
    /// Nothing goes to it any more: the program is being stopped.
    over: AtomicBool,
}

impl Card {
    /// Powers it down as soon as the command that is under way has ended; says whether that came.
    fn let_go(&self) -> bool {
        self.over.store(true, Ordering::SeqCst);
        let until = Instant::now() + PATIENCE;
        loop {
            let mut link = match self.link.try_lock() {
                Ok(link) => link,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                }
                Err(TryLockError::WouldBlock) => return false,
            };
            link.disconnect();
            return true;
        }
    }
}

/// The link to the card of this program, from which it can be let go at any time.
pub(crate) struct Held(Arc<Card>);

impl Held {
    /// Holds the link. A program has one.
    pub(crate) fn new(link: Box<dyn CardLink + Send>) -> Self {
        let card = Arc::new(Card { link: Mutex::new(link), over: AtomicBool::new(false) });
        let _ = CARD.set(card.clone());
        Self(card)
    }

    fn link(&self) -> MutexGuard<'_, Box<dyn CardLink + Send>> {
        let link = self.0.link.lock().unwrap_or_else(PoisonError::into_inner);
        if self.0.over.load(Ordering::SeqCst) {
            drop(link);
            // Until the program has stopped.
            loop {
                std::thread::park();
            }
        }
        link
    }
}

impl CardLink for Held {
    fn connect(&mut self, occasion: Occasion) -> Result<Connected, LinkError> {
        self.link().connect(occasion)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.link().transmit(command)
    }

    fn disconnect(&mut self) {
        self.link().disconnect();
    }
}

/// Powers the card down, if there is one, as a program must that ends at once.
pub(crate) fn let_go() {
    if let Some(card) = CARD.get() {
        card.let_go();
    }
}

/// Becomes true when the person wants to stop, and then says this. From the first call on, Ctrl-C does nothing else.
pub(crate) fn listen(said: &'static str) -> Arc<AtomicBool> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let listen = || {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        then(move || {
            asked.store(true, Ordering::Relaxed);
            // Nobody may be there to read it.
            let _ = writeln!(io::stderr(), "\n{said}");
        });
        stop
    };
    STOP.get_or_init(listen).clone()
}

/// Does this when the person wants to stop for the first time.
pub(crate) fn then(first: impl FnOnce() + Send + 'static) {
    let (ready, is_ready) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without a listener, Ctrl-C does what it always does.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async move {
            let Ok(mut signals) = Signals::listen() else { return };
            drop(ready);
            signals.next().await;
            first();
            signals.next().await;
            let_go();
            std::process::exit(130);
        });
    });
    // Nobody sends anything: it is over when the other end is dropped.
    let _ = is_ready.recv();
}

/// Ctrl-C, and SIGTERM where there is one. From the moment this is made, they do nothing else.
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Listens; within a runtime.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A card that takes its time, and what happened to it.
    struct Slow(Arc<Mutex<Vec<&'static str>>>);

    impl Slow {
        fn says(&self, what: &'static str) {
            self.0.lock().unwrap().push(what);
        }
    }

    impl CardLink for Slow {
        fn connect(&mut self, _: Occasion) -> Result<Connected, LinkError> {
            Ok(Connected::SHORT)
        }

        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
            self.says("command");
            std::thread::sleep(Duration::from_millis(300));
            self.says("answer");
            Ok(vec![0x90, 0x00])
        }

        fn disconnect(&mut self) {
            self.says("power down");
        }
    }

    #[test]
    fn a_card_is_powered_down_between_two_commands_and_gets_no_other() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut held = Held::new(Box::new(Slow(log.clone())));
        let card = held.0.clone();
        std::thread::spawn(move || {
            loop {
                let _ = held.transmit(b"\x00\x84\x00\x00\x08");
            }
        });
        while log.lock().unwrap().is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(card.let_go());
        let then = log.lock().unwrap().clone();
        assert_eq!(then.last(), Some(&"power down"));
        assert_eq!(
            then.iter().filter(|what| **what == "command").count(),
            then.len() / 2,
            "{then:?}"
        );
        // The program that goes on until it is over sends nothing.
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(*log.lock().unwrap(), then);
    }
}

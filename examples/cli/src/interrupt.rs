//! Ctrl-C and SIGTERM: stop in order, so that the card is powered down; the second time at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Becomes true when the person wants to stop. From the first call on, Ctrl-C does nothing else.
pub(crate) fn listen() -> Arc<AtomicBool> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let listen = || {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        then(move || {
            asked.store(true, Ordering::Relaxed);
            eprintln!(
                "\nStopping; press Enter if a question is open, Ctrl-C again to stop at once."
            );
        });
        stop
    };
    STOP.get_or_init(listen).clone()
}

/// Does this when the person wants to stop for the first time.
pub(crate) fn then(first: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without a listener, Ctrl-C does what it always does.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(asked_to_stop());
        first();
        runtime.block_on(asked_to_stop());
        std::process::exit(130);
    });
}

/// Until Ctrl-C, or SIGTERM where there is one.
pub(crate) async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

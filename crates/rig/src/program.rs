//! A program that starts others: it ends with a word, and takes with it what it has started.

use std::process::ExitCode;

use crate::failure::{During as _, Result};

/// Does the work of the program of this name until it is done, or told to end by Ctrl-C or SIGTERM; it fails where that
/// was an error, which it says, or is not as it should be (`false`).
pub fn run(name: &str, work: impl Future<Output = Result<bool>>) -> ExitCode {
    let done = tokio::runtime::Runtime::new().during("cannot start").and_then(|runtime| {
        let done = runtime.block_on(async {
            tokio::select! {
                // First: what a program that was told to end, too, has failed to do is no failure of the work.
                biased;
                // Everything that was started is ended by what holds it.
                () = told_to_end() => Err("broken off".into()),
                done = work => done,
            }
        });
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Ctrl-C, or SIGTERM.
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        _ => std::future::pending().await,
    }
}

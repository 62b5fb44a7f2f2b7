//! Hearing the other nodes of a `PostgreSQL` database.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::error;
use super::events::CHANNEL;
use super::postgres_wire::Manager;

/// How often it is looked whether the connection still stands, and how long it is waited before the next try.
const AGAIN: Duration = Duration::from_secs(1);

/// Hears until it is dropped. A connection that ends is made anew.
#[derive(Debug)]
pub struct Listener(JoinHandle<()>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    pub(super) fn start(manager: impl AsRef<Manager> + Send + Sync + 'static, heard: Arc<Notify>) -> Self {
        Self(tokio::spawn(async move {
            loop {
                match manager.as_ref().listen(CHANNEL, Arc::clone(&heard)).await {
                    Ok(client) => {
                        // Something may have been said before this one heard.
                        heard.notify_one();
                        while !client.is_closed() {
                            tokio::time::sleep(AGAIN).await;
                        }
                    }
                    Err(error) => {
                        let error = error::words(&error).to_string();
                        tracing::warn!(
                            error,
                            "other nodes are not heard; their changes are looked for instead"
                        );
                    }
                }
                tokio::time::sleep(AGAIN).await;
            }
        }))
    }
}

//! An event stream that is held open.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http_body_util::BodyExt as _;
use rig::{failure::Result, http::Client};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::wire::Call;

/// How long a stream may outlive the account behind it. The design says a tenth of a second; a machine under load, with a
/// server that is not optimised, is given this.
const LINGER: Duration = Duration::from_secs(10);

/// See the module. It is closed when this is dropped.
pub(crate) struct Stream {
    ended: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stream {
    /// Opens one; `None` where the server does not let it.
    pub(crate) async fn open(node: SocketAddr, call: &Call) -> Result<Option<Self>> {
        let ask = call.ask()?;
        let opened = async {
            let mut client = Client::connect(node).await?;
            let response = client.open(ask).await?;
            Ok::<_, rig::failure::Failure>((client, response))
        };
        // A server that is killed meanwhile lets nobody in.
        let Ok(Ok((client, response))) = timeout(LINGER, opened).await else { return Ok(None) };
        if !response.status().is_success() {
            return Ok(None);
        }
        let ended = Arc::new(AtomicBool::new(false));
        let told = ended.clone();
        let task = tokio::spawn(async move {
            let _client = client;
            let mut body = response.into_body();
            while let Some(Ok(_)) = body.frame().await {}
            told.store(true, Ordering::Relaxed);
        });
        Ok(Some(Self { ended, task }))
    }

    /// Whether it ends while it may.
    pub(crate) async fn ends(&self) -> bool {
        let waited = async {
            while !self.ended.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(LINGER, waited).await.is_ok()
    }
}

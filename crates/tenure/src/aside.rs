//! Long reads, apart from what everybody waits for: an export of a million rows is made of pieces that would each keep a
//! thread of the runtime from hundreds of short requests.

use std::sync::Arc;

use tokio::{runtime::Handle, sync::Semaphore, task};

use crate::error::{Error, Result};

/// A few threads of their own. Cheap to clone; clones share them.
#[derive(Debug, Clone)]
pub struct Aside(Arc<Semaphore>);

impl Aside {
    /// On a machine with so many cores: half of them, one at least, whoever asks for how much.
    #[must_use]
    pub fn on(cores: usize) -> Self {
        Self(Arc::new(Semaphore::new((cores / 2).max(1))))
    }

    /// Does a piece of long work when its turn comes. It goes on to its end when nobody waits for it any more.
    pub async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T> {
        let closed = |error: tokio::sync::AcquireError| Error::Internal(error.to_string());
        let place = self.0.clone().acquire_owned().await.map_err(closed)?;
        let runtime = Handle::current();
        let work = task::spawn_blocking(move || {
            let _place = place;
            runtime.block_on(work)
        });
        work.await.map_err(|error| Error::Internal(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use super::Aside;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_more_run_at_once_than_half_of_the_cores() {
        for (cores, at_once) in [(1, 1), (2, 1), (4, 2)] {
            let aside = Aside::on(cores);
            let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let works = (0..8).map(|number| {
                let (now, most) = (now.clone(), most.clone());
                let work = async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                    number
                };
                let aside = aside.clone();
                tokio::spawn(async move { aside.run(work).await })
            });
            for (number, work) in works.collect::<Vec<_>>().into_iter().enumerate() {
                assert_eq!(work.await.expect("it ran").expect("it was done"), number);
            }
            assert_eq!(most.load(Ordering::SeqCst), at_once);
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_its_place_back() {
        let aside = Aside::on(1);
        let done = aside.run(async { assert_eq!(1, 2, "of the test") }).await;
        done.expect_err("it panicked");
        assert_eq!(aside.run(async { 1 }).await.expect("there is a place"), 1);
    }
}

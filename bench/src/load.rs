//! Load in a closed loop: so many connections, each sending its next request when the last is answered.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hyper::StatusCode;
use tokio::{sync::Barrier, task::JoinSet, time::timeout};

use rig::{
    clock::{Stopwatch, now},
    failure::{During as _, Result},
    http::{Ask, Client},
};

use crate::stats::{float, percentile};

/// Requests of each connection before the clock starts.
const WARM: u64 = 5;
/// How much longer than asked for a load may take before it counts as hung.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a load came to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// From the common start to the last answer.
    pub(crate) seconds: f64,
    /// How long each request took, in milliseconds.
    pub(crate) millis: Vec<f64>,
}

impl Outcome {
    /// Answers in a second.
    pub(crate) fn per_second(&self) -> f64 {
        float(self.millis.len() as u64) / self.seconds
    }

    /// The time that `share` of the requests did not exceed, in milliseconds.
    pub(crate) fn percentile(&self, share: f64) -> Result<f64> {
        percentile(&self.millis, share).ok_or_else(|| "no request was answered".into())
    }
}

/// When a connection stops.
#[derive(Clone, Copy)]
enum Until {
    Time(Duration),
    Turns(u64),
}

/// Loads for a time. Every answer must be a success: a refusal is fast, and would pass for speed.
pub(crate) async fn during(
    to: SocketAddr,
    connections: usize,
    span: Duration,
    asker: Asker,
) -> Result<Outcome> {
    run(&[to], connections, Until::Time(span), asker).await
}

/// As [`during`], with the connections spread over several nodes.
pub(crate) async fn over(
    to: &[SocketAddr],
    connections: usize,
    span: Duration,
    asker: Asker,
) -> Result<Outcome> {
    run(to, connections, Until::Time(span), asker).await
}

/// Sends a number of requests over each connection.
pub(crate) async fn times(to: SocketAddr, connections: usize, turns: u64, asker: Asker) -> Result<Outcome> {
    run(&[to], connections, Until::Turns(turns), asker).await
}

async fn run(to: &[SocketAddr], connections: usize, until: Until, asker: Asker) -> Result<Outcome> {
    let ready = Arc::new(Barrier::new(connections + 1));
    let mut workers = JoinSet::new();
    for (number, to) in to.iter().copied().cycle().take(connections).enumerate() {
        workers.spawn(work(to, number, until, asker.clone(), ready.clone()));
    }
    let limit = PATIENCE + if let Until::Time(span) = until { span } else { PATIENCE };
    let all = async {
        let watch = tokio::select! {
            // First, since short work may be done before this is looked at.
            biased;
            _ = ready.wait() => Stopwatch::start(),
            // A connection that fails before the start would let all others wait for ever.
            Some(ended) = workers.join_next() => {
                ended??;
                return Err("a connection ended before the load began".into());
            }
        };
        let mut millis = Vec::new();
        while let Some(ended) = workers.join_next().await {
            millis.extend(ended??);
        }
        Ok(Outcome { seconds: watch.seconds(), millis })
    };
    timeout(limit, all).await.during("the load did not end")?
}

async fn work(
    to: SocketAddr,
    number: usize,
    until: Until,
    asker: Asker,
    ready: Arc<Barrier>,
) -> Result<Vec<f64>> {
    let mut client = Client::connect(to).await?;
    let mut turn = 0;
    while turn < WARM {
        once(&mut client, &asker, number, turn).await?;
        turn += 1;
    }
    ready.wait().await;
    let (start, first) = (now(), turn);
    let mut millis = Vec::new();
    loop {
        let began = now();
        let over = match until {
            Until::Time(span) => began.duration_since(start) >= span,
            Until::Turns(turns) => turn - first >= turns,
        };
        if over {
            return Ok(millis);
        }
        once(&mut client, &asker, number, turn).await?;
        millis.push(now().duration_since(began).as_secs_f64() * 1000.0);
        turn += 1;
    }
}

async fn once(client: &mut Client, asker: &Asker, number: usize, turn: u64) -> Result<()> {
    let ask = asker(number, turn);
    let (method, path) = (ask.method().clone(), ask.uri().clone());
    let (status, length) = client.skim(ask).await.during(&path)?;
    // A form is answered with the way to the next page.
    if !(status.is_success() && length > 0 || status == StatusCode::SEE_OTHER) {
        return Err(format!("{method} {path} was answered with {status}").into());
    }
    Ok(())
}

/// Load that goes on beside what is measured, until it is ended.
pub(crate) struct Beside {
    workers: JoinSet<Result<Vec<f64>>>,
    stop: Arc<AtomicBool>,
    watch: Stopwatch,
}

impl Beside {
    /// Begins.
    pub(crate) fn begin(to: SocketAddr, connections: usize, asker: &Asker) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut workers = JoinSet::new();
        for number in 0..connections {
            let (asker, stop) = (asker.clone(), stop.clone());
            workers.spawn(async move {
                let mut client = Client::connect(to).await?;
                let mut millis = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let watch = Stopwatch::start();
                    once(&mut client, &asker, number, millis.len() as u64).await?;
                    millis.push(watch.seconds() * 1000.0);
                }
                Ok(millis)
            });
        }
        Self { workers, stop, watch: Stopwatch::start() }
    }

    /// Lets requests under way finish.
    pub(crate) async fn end(mut self) -> Result<Outcome> {
        self.stop.store(true, Ordering::Relaxed);
        let mut millis = Vec::new();
        while let Some(ended) = timeout(PATIENCE, self.workers.join_next()).await.during("the load beside")? {
            millis.extend(ended??);
        }
        Ok(Outcome { seconds: self.watch.seconds(), millis })
    }
}

/// Decides which request a connection sends next, by the number of the connection and of the turn.
pub(crate) type Asker = Arc<dyn Fn(usize, u64) -> Ask + Send + Sync>;

/// Always the same request.
pub(crate) fn always(ask: Ask) -> Asker {
    Arc::new(move |_, _| ask.clone())
}

//! P10: a sign-in costs its hash and little more.

use std::{sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tenure::store::Engine;

use rig::{
    clock::now,
    failure::{During as _, Result},
    http::sign_in_form,
};

use crate::{
    desk::{ADMINISTRATOR, MEMBER},
    lab::Lab,
    load::{Asker, during},
    stats::float,
    table::{Goal, Row},
};

pub(super) const TITLE: &str = "sign-ins, 8 connections";

/// Who sign in at once.
const CONNECTIONS: usize = 8;

pub(super) async fn run(lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    let desk = lab.desk(engine, lab.plan.people).await?;
    let server = desk.serve(lab).await?;
    let form = |email| sign_in_form(server.address, email, desk.password(email)?);
    let forms = [form(ADMINISTRATOR)?, form(MEMBER)?];
    let asker: Asker = Arc::new(move |connection, _| forms[connection % forms.len()].clone());
    let (mut figures, mut limits) = (Vec::new(), Vec::new());
    // A hash takes long: a short round would count few.
    let span = lab.plan.span.max(Duration::from_secs(1));
    for _ in 0..lab.plan.rounds {
        limits.push(bare(span).await?);
        figures.push(during(server.address, CONNECTIONS, span, asker.clone()).await?.per_second());
    }
    server.end().await?;
    Ok(vec![Row::new("P10", TITLE, "/s", &figures, &limits).goal(Goal::RatioAtLeast(0.90)).note(
        "Limit: Argon2id alone, with the same cost (19 MiB, two passes), on one thread for each core.",
    )])
}

/// Hashes in a second, one thread for each core, each with memory of its own.
async fn bare(span: Duration) -> Result<f64> {
    let cores = std::thread::available_parallelism()?.get();
    let mut threads = tokio::task::JoinSet::new();
    for _ in 0..cores {
        threads.spawn_blocking(move || hash_for(span));
    }
    let mut sum = 0.0;
    while let Some(ended) = threads.join_next().await {
        sum += ended??;
    }
    Ok(sum)
}

fn hash_for(span: Duration) -> Result<f64> {
    let params = Params::new(19 * 1024, 2, 1, None).during("the cost")?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (start, mut done, mut out) = (now(), 0_u64, [0_u8; 32]);
    loop {
        let gone = now().duration_since(start);
        if gone >= span {
            return Ok(float(done) / gone.as_secs_f64());
        }
        let hashed =
            argon2.hash_password_into_with_memory(b"a password", b"sixteen bytes ..", &mut out, &mut memory);
        hashed.during("hashing")?;
        done += 1;
    }
}

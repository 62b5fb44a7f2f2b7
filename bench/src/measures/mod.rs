//! The measures, one file each.

mod p1;
mod p10;
mod p2;
mod p3;
mod p4;
mod p5;
mod p6;
mod p7;
mod p8;
mod p9;

use tenure::store::Engine;

use rig::failure::Result;

use crate::{args::Measure, lab::Lab, table::Row};

/// The databases that a measure runs on.
pub(crate) fn engines(measure: Measure, lab: &Lab) -> Vec<Engine> {
    let is_of = |engine: &Engine| measure != Measure::P9 || *engine == Engine::Postgres;
    lab.engines().iter().copied().filter(is_of).collect()
}

/// What a measure is about, where it comes to no row.
pub(crate) fn title(measure: Measure) -> &'static str {
    match measure {
        Measure::P1 => p1::TITLE,
        Measure::P2 => p2::TITLE,
        Measure::P3 => p3::TITLE,
        Measure::P4 => p4::TITLE,
        Measure::P5 => p5::TITLE,
        Measure::P6 => p6::TITLE,
        Measure::P7 => p7::TITLE,
        Measure::P8 => p8::TITLE,
        Measure::P9 => p9::TITLE,
        Measure::P10 => p10::TITLE,
    }
}

/// Runs a measure on a database.
pub(crate) async fn run(measure: Measure, lab: &Lab, engine: Engine) -> Result<Vec<Row>> {
    match measure {
        Measure::P1 => p1::run(lab, engine).await,
        Measure::P2 => p2::run(lab, engine).await,
        Measure::P3 => p3::run(lab, engine).await,
        Measure::P4 => p4::run(lab, engine).await,
        Measure::P5 => p5::run(lab, engine).await,
        Measure::P6 => p6::run(lab, engine).await,
        Measure::P7 => p7::run(lab, engine).await,
        Measure::P8 => p8::run(lab, engine).await,
        Measure::P9 => p9::run(lab).await,
        Measure::P10 => p10::run(lab, engine).await,
    }
}

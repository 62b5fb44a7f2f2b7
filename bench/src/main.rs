//! Measures Tenure beside its limits: each figure beside what the same machine does at best in the same run.

mod args;
mod bare;
mod by_hand;
mod desk;
mod lab;
mod load;
mod measures;
mod pgbench;
mod plan;
mod rows;
mod stats;
mod table;

use std::{fs, process::ExitCode};

use clap::Parser as _;

use args::Args;
use lab::Lab;
use rig::failure::{During as _, Result};
use table::Row;

/// The tables in the folder of `--out`.
const TABLE: &str = "table.md";
const JSON: &str = "table.json";

fn main() -> ExitCode {
    let args = Args::parse();
    rig::program::run("bench", async {
        if args.bare_server {
            return bare::serve().await.map(|()| true);
        }
        run(&args).await
    })
}

/// Runs what was asked for; answers whether all of it ran (and, with `--strict`, came near its goals).
async fn run(args: &Args) -> Result<bool> {
    // Else an hour of measures would end in a folder that cannot be written. What a former run left there stays until there
    // is something to put in its place.
    can_write(args)?;
    let lab = Lab::open(args).await?;
    let (mut rows, mut whole) = (Vec::new(), true);
    for measure in args.measures() {
        for engine in measures::engines(measure, &lab) {
            lab.say(&format!("{} on {engine}", measure.name()));
            let measured = match lab.missing(engine) {
                Some(why) => Ok(vec![Row::absent(measure.name(), measures::title(measure), why)]),
                None => measures::run(measure, &lab, engine).await,
            };
            let measured = measured.unwrap_or_else(|error| {
                whole = false;
                eprintln!("bench: {} on {engine}: {error}", measure.name());
                vec![Row::absent(measure.name(), measures::title(measure), format!("failed: {error}"))]
            });
            rows.extend(measured.into_iter().map(|row| row.on(engine)));
            // Also what comes later may be broken off.
            write(args, &rows)?;
        }
    }
    if rows.is_empty() {
        eprintln!("bench: none of these measures is of this database");
        whole = false;
    }
    let closed = lab.close().await;
    print!("{}", text(args, &rows));
    closed?;
    let missed: Vec<&Row> = rows.iter().filter(|row| row.fails_strictly()).collect();
    for row in missed.iter().filter(|_| args.strict) {
        let why = row.absent.as_deref().unwrap_or("misses its goal by more than five times");
        eprintln!("bench: {} on {}: {why}: {}", row.id, row.engine, row.what);
    }
    Ok(whole && (missed.is_empty() || !args.strict))
}

/// The table, and how far its figures may be trusted.
fn text(args: &Args, rows: &[Row]) -> String {
    let caution = args.size().caution().map_or_else(String::new, |caution| format!("\n{caution}\n"));
    table::markdown(rows) + &caution
}

/// Fails now, and not after a quarter of an hour.
fn can_write(args: &Args) -> Result<()> {
    fs::create_dir_all(&args.out).during(args.out.display())?;
    let probe = args.out.join(".bench");
    fs::write(&probe, []).during(args.out.display())?;
    fs::remove_file(&probe).during(probe.display())
}

fn write(args: &Args, rows: &[Row]) -> Result<()> {
    let json = serde_json::json!({ "size": args.size(), "rows": rows });
    for (name, text) in [(TABLE, text(args, rows)), (JSON, format!("{json:#}\n"))] {
        // What is there is whole at any moment.
        let new = args.out.join(format!("{name}.new"));
        fs::write(&new, text).during(name)?;
        fs::rename(&new, args.out.join(name)).during(name)?;
    }
    Ok(())
}

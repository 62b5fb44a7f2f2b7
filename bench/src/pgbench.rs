//! pgbench: what PostgreSQL does at best on this machine.

use std::{path::Path, process::Command, time::Duration};

use rig::{
    failure::{During as _, Result},
    postgres::find,
};

/// What pgbench counts in a second: runs of a script by so many clients, each over a connection of its own.
pub(crate) async fn pgbench(url: &str, script: &Path, clients: usize, span: Duration) -> Result<f64> {
    let program = find("pgbench").ok_or("pgbench is not installed")?;
    let mut command = Command::new(program);
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
    command.arg(format!("--client={clients}")).arg(format!("--time={}", span.as_secs().max(1)));
    command.arg("--file").arg(script).arg(url);
    let ran = tokio::task::spawn_blocking(move || command.output()).await?.during("pgbench")?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&ran.stderr).into_owned();
    if !ran.status.success() {
        return Err(format!("pgbench: {}", complaint.lines().last().unwrap_or_default()).into());
    }
    rate(&said).ok_or_else(|| format!("pgbench said {said}").into())
}

fn rate(said: &str) -> Option<f64> {
    said.lines().find_map(|line| line.strip_prefix("tps = "))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn the_rate_is_read_from_what_pgbench_says() {
        let said =
            "number of failed transactions: 0 (0.000%)\ntps = 412.739000 (without initial connection time)\n";
        assert_eq!(rate(said), Some(412.739));
        assert_eq!(rate("tps: none"), None);
    }
}

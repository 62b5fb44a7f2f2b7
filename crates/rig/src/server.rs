//! A server as a process of its own, which ends with what holds it.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use crate::failure::{During as _, Result};

/// How long a server may take until it listens.
const START: Duration = Duration::from_mins(1);
/// How long it may take to end.
const END: Duration = Duration::from_secs(30);

/// A running server. It is killed when this is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts a command that prints a line of JSON with its `url` once it listens. What it logs goes to a file.
    pub async fn start(mut command: Command, log: PathBuf) -> Result<Self> {
        let to = File::create(&log).during(log.display())?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(to);
        let mut child = command.spawn().during(format!("{command:?}"))?;
        let (tell, told) = oneshot::channel();
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || {
                let mut out = BufReader::new(out);
                let mut line = String::new();
                let read = out.read_line(&mut line);
                // Nobody waits any more when the start took too long.
                let _ = tell.send(read.map(|_| line));
                // A pipe that nobody reads would stop the server in the end.
                let _ = std::io::copy(&mut out, &mut std::io::sink());
            });
        }
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Self { child, address: nowhere, log };
        let line = timeout(START, told).await.during("the server did not start")??;
        server.address = address(&line?).ok_or_else(|| server.failure("the server did not start"))?;
        Ok(server)
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What went wrong, with the end of its log.
    fn failure(&self, what: &str) -> crate::failure::Failure {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let end = lines.iter().skip(lines.len().saturating_sub(5)).copied().collect::<Vec<_>>().join("\n");
        format!("{what}: {end}").into()
    }

    /// Sends it a signal, by its name without `SIG`.
    fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        let what = format!("sending the server SIG{name}");
        if sent.during(&what)?.success() { Ok(()) } else { Err(self.failure(&what)) }
    }

    /// Lets it stand still, as a machine that is paused does, until [`Server::go_on`].
    pub fn stand_still(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Lets it go on from where it stands.
    pub fn go_on(&self) -> Result<()> {
        self.signal("CONT")
    }

    /// Asks it to end, and waits until it has.
    pub async fn end(mut self) -> Result<()> {
        self.signal("TERM")?;
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait()? {
                    return Ok::<_, std::io::Error>(status);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let status = timeout(END, ended).await.during("the server did not end")??;
        if status.success() { Ok(()) } else { Err(self.failure(&format!("the server ended with {status}"))) }
    }

    /// Its memory in MiB: what it holds now, and the most that it held.
    pub fn memory(&self) -> Result<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).during("its memory")?;
        let field = |name: &str| -> Option<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kib: u64 = line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().ok()?;
            Some(f64::from(u32::try_from(kib).ok()?) / 1024.0)
        };
        field("VmRSS")
            .zip(field("VmHWM"))
            .ok_or_else(|| "this system does not tell a process's memory".into())
    }

    /// Waits until it does nothing by itself any more: events of an import get their places, entries their seals.
    pub async fn settle(&self) {
        let mut before = self.processor();
        for _ in 0..120 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let after = self.processor();
            match (before, after) {
                (Some(before), Some(after)) if after - before > 0.03 => {}
                _ => return,
            }
            before = after;
        }
    }

    /// The time of the processors that it has used, in seconds; `None` where the system does not tell.
    #[must_use]
    pub fn processor(&self) -> Option<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).ok()?;
        // The name, in parentheses, may hold anything; user and system time are the 12th and 13th field after it.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        // Linux counts in hundredths for programs, whatever its own clock is.
        Some(f64::from(u32::try_from(user + system).ok()?) / 100.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    line["url"].as_str()?.strip_prefix("http://")?.parse().ok()
}

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// As it is delivered.
    Release,
    /// As the tests build it.
    Debug,
}

/// The binary of the server: the one that `TENURE_BIN` names, or the one of this repository, built first.
pub fn binary(build: Build) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("TENURE_BIN") {
        return Path::new(&path).canonicalize().during(format!("TENURE_BIN: {}", path.display()));
    }
    eprintln!("building the server …");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let here = std::env::current_exe()?;
    let folder = here.parent().and_then(Path::parent).ok_or("this program stands in no folder")?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet", "--package", "tenure", "--manifest-path"]).arg(&manifest);
    command.arg("--target-dir").arg(folder);
    let profile = match build {
        Build::Release => {
            command.arg("--release");
            "release"
        }
        Build::Debug => "debug",
    };
    let ended = command.status().during("cargo build -p tenure")?;
    if !ended.success() {
        return Err("cargo build -p tenure failed".into());
    }
    Ok(folder.join(profile).join("tenure"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_that_of_the_line() {
        let line = r#"{"url":"http://127.0.0.1:4711","empty":false}"#;
        assert_eq!(address(line), Some(SocketAddr::from(([127, 0, 0, 1], 4711))));
        assert_eq!(address("Tenure listens"), None);
        assert_eq!(address(""), None);
    }
}

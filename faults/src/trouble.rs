//! What is broken under load, and how it is mended.

use std::{collections::BTreeSet, path::Path, time::Duration};

use rig::{
    clock::Stopwatch,
    failure::{During as _, Result},
    postgres::{connect, find},
};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    args::Trouble,
    desk::{Desk, Engine},
    disk::{Survives, Weather},
    mount::Mounted,
    stage::{Node, Stage},
    wire::{Call, Who},
};

/// A request that a node has had for this long when it is told to end must be answered by it. Younger ones may still be in
/// the socket, where nobody has read them.
const OWED: Duration = Duration::from_millis(100);
/// How often a database is asked whether the connections of a dead node are gone.
const LOOKS: usize = 600;
/// Longer than PostgreSQL lets a transaction stand open in which nothing happens, so that what a node was at is undone
/// meanwhile; with what is added, shorter than a request may take.
const LONG: Duration = Duration::from_millis(5_500);
/// How often what has begun before is waited for: what waits for a connection begins when another ends.
const WAVES: usize = 3;

impl Stage {
    /// Breaks something under load, and mends it.
    pub(crate) async fn trouble(&mut self, trouble: Trouble) -> Result<()> {
        let words = match trouble {
            Trouble::Kill => self.kill_one().await,
            Trouble::Power => self.power_cut().await,
            Trouble::Full => self.full_disk().await,
            Trouble::Io => self.failing_disk().await,
            Trouble::Clock => self.jumping_clock().await,
            Trouble::Pause => self.pause().await,
            Trouble::Database => self.kill_database().await,
            Trouble::Roll => self.roll().await,
            Trouble::Backup => self.backup().await,
        }?;
        self.trial.journal.fault(trouble.name(), &words);
        Ok(())
    }

    async fn a_while(&mut self, most: u64) {
        sleep(Duration::from_millis(200 + self.chance.next() % most)).await;
    }

    async fn kill_one(&mut self) -> Result<String> {
        let at = self.any();
        self.kill(at).await?;
        self.start_all().await?;
        Ok(format!("node {at}"))
    }

    /// Kills a node. Nobody reads what came of its requests until its connections to the database are gone, since what
    /// they were at may end well without it.
    pub(crate) async fn kill(&mut self, at: usize) -> Result<()> {
        let trial = self.trial.clone();
        let _storm = trial.storm.write().await;
        if let Some(Node { server, name }) = self.nodes.get_mut(at).and_then(Option::take) {
            let address = server.address;
            drop(server);
            trial.net.remove(address);
            if let Some(url) = &trial.desk.url {
                gone(url, &name).await?;
            }
        }
        Ok(())
    }

    async fn power_cut(&mut self) -> Result<String> {
        let survives = if self.chance.one_in(2) { Survives::Nothing } else { Survives::Some };
        self.cut(survives).await?;
        Ok(format!("{survives:?}"))
    }

    /// Switches the power off, and on again.
    async fn cut(&mut self, survives: Survives) -> Result<()> {
        let Some((disk, mounted)) = self.disk.take() else { return Err("no disk of its own".into()) };
        disk.set(Weather::Off);
        self.kill(0).await?;
        drop(mounted);
        disk.cut(survives);
        let mounted = Mounted::mount(disk.clone(), &self.trial.desk.data)?;
        self.disk = Some((disk, mounted));
        self.start_all().await
    }

    async fn full_disk(&mut self) -> Result<String> {
        let Some((disk, _)) = &self.disk else { return self.small_files().await };
        let disk = disk.clone();
        let room = self.chance.below(300_000);
        disk.set(Weather::Full(room));
        self.a_while(2_000).await;
        disk.set(Weather::Fair);
        Ok(format!("room for {room} bytes"))
    }

    /// As a full disk, where none can be mounted: no file may grow beyond a length.
    async fn small_files(&mut self) -> Result<String> {
        let database = self.trial.desk.data.join("tenure.db");
        let room = std::fs::metadata(&database).during(database.display())?.len() + 65_536;
        self.end_all().await?;
        let mut command = self.trial.desk.wrapped("sh");
        // Whoever ignores the signal is told that the file is too large, as of a full disk.
        command.args(["-c", "trap '' XFSZ; room=$1; shift; exec prlimit --fsize=$room -- \"$@\"", "sh"]);
        command.arg(room.to_string()).arg(&self.trial.desk.binary).arg("--data").arg(&self.trial.desk.data);
        command.arg("--audit-key").arg(self.trial.desk.key());
        let node = self.trial.desk.serve_as(command).await?;
        self.put(0, node);
        self.a_while(2_000).await;
        self.end_all().await?;
        self.start_all().await?;
        Ok(format!("no file beyond {room} bytes"))
    }

    async fn failing_disk(&mut self) -> Result<String> {
        let Some((disk, _)) = &self.disk else { return Err("no disk of its own".into()) };
        let disk = disk.clone();
        let times = 4 + self.chance.below(40);
        disk.set(Weather::Failing(times));
        self.a_while(2_000).await;
        disk.set(Weather::Fair);
        let cut = self.chance.one_in(2);
        if cut {
            // What a flush that failed has lost comes to light now.
            self.cut(Survives::Nothing).await?;
        }
        Ok(format!("one in {times} fails{}", if cut { ", then a power cut" } else { "" }))
    }

    /// A node whose clock goes wrong, forward and back.
    async fn jumping_clock(&mut self) -> Result<String> {
        let at = self.any();
        let file = self.trial.desk.logs.join("clock");
        let hours = 1 + i64::try_from(self.chance.below(3)).unwrap_or(0);
        self.ahead = self.ahead.max(hours);
        self.start_wrong(at, &file, 0).await?;
        for seconds in [hours * 3600, -hours * 3600, 0] {
            // In one step: a file that is empty for a moment would be a clock that is right.
            let next = file.with_extension("next");
            std::fs::write(&next, seconds.to_string())?;
            std::fs::rename(&next, &file)?;
            self.a_while(1_000).await;
        }
        self.end(at).await?;
        self.start_all().await?;
        Ok(format!("node {at} by {hours} h"))
    }

    /// Starts a node anew whose clock is wrong by the seconds that stand in a file.
    async fn start_wrong(&mut self, at: usize, file: &Path, seconds: i64) -> Result<()> {
        let planted = self.planted.clone().ok_or("no program with a clock that can be set")?;
        std::fs::write(file, seconds.to_string())?;
        self.end(at).await?;
        let settings = [("PLANTED_CLOCK", file.to_string_lossy().into_owned())];
        let node = self.trial.desk.serve_with(&planted, &settings).await?;
        self.put(at, node);
        Ok(())
    }

    /// Lets time pass where a clock was ahead: what was put off by it is late by as much, and comes.
    pub(crate) async fn catch_up(&mut self) -> Result<()> {
        if self.ahead == 0 {
            return Ok(());
        }
        let file = self.trial.desk.logs.join("clock-at-the-end");
        self.start_wrong(0, &file, (self.ahead + 1) * 3600).await
    }

    /// A node stands still in the middle of what it does, as a machine does that is paused, and goes on as if nothing had been.
    /// Other nodes go on meanwhile, as far as it does not hold what they need.
    async fn pause(&mut self) -> Result<String> {
        let at = self.any();
        let long = self.trial.desk.url.is_some() && self.chance.one_in(5);
        let trial = self.trial.clone();
        // What others gave up waiting for may still be done once it goes on.
        let _storm = trial.storm.write().await;
        let watch = Stopwatch::start();
        let Some(Node { server, .. }) = &self.nodes[at] else { return Err("no node is up".into()) };
        let address = server.address;
        server.stand_still()?;
        trial.net.remove(address);
        if long {
            sleep(LONG).await;
        }
        self.a_while(2_000).await;
        let Some(Node { server, .. }) = &self.nodes[at] else { return Err("the node is gone".into()) };
        server.go_on()?;
        trial.net.add(address);
        if let Some(url) = &trial.desk.url {
            overcome(url).await?;
        }
        Ok(format!("node {at} for {:.1} s", watch.seconds()))
    }

    async fn kill_database(&mut self) -> Result<String> {
        let postgres = self.postgres.clone().ok_or("no PostgreSQL of its own")?;
        let trial = self.trial.clone();
        let storm = trial.storm.write().await;
        let ended =
            tokio::task::spawn_blocking(move || postgres.crash().and_then(|()| postgres.start_again()));
        ended.await??;
        drop(storm);
        Ok(String::new())
    }

    /// One node after the other is told to end: it answers what it has, and others go on.
    async fn roll(&mut self) -> Result<String> {
        let mut owed = 0;
        for at in 0..self.nodes.len() {
            owed += self.end(at).await?;
            self.start_all().await?;
        }
        Ok(format!("{owed} requests were under way"))
    }

    /// Tells a node to end, and looks whether it has answered what it owed; answers how much that was.
    async fn end(&mut self, at: usize) -> Result<usize> {
        let Some(Node { server, .. }) = self.nodes.get_mut(at).and_then(Option::take) else { return Ok(0) };
        let trial = self.trial.clone();
        let owed = trial.net.owe(server.address, OWED);
        trial.net.remove(server.address);
        server.end().await?;
        let broken = trial.net.broken_off();
        if owed == 0 {
            // Nothing was to be answered, so nothing is shown.
            return Ok(0);
        }
        trial.journal.check(
            4,
            broken.is_empty(),
            || "a node that was told to end".into(),
            || "what it had for a while is answered".into(),
            || format!("broken off: {broken:?}"),
        );
        Ok(owed)
    }

    /// A backup while everybody works, restored elsewhere: what was acknowledged before is in it.
    async fn backup(&mut self) -> Result<String> {
        let before = self.said().await;
        let place = crate::lab::Folder::make()?;
        let (data, logs) = (place.sub("data")?, place.sub("logs")?);
        let watch = Stopwatch::start();
        let trial = self.trial.clone();
        let key = trial.desk.key();
        std::fs::copy(&key, data.join("audit.key")).during(key.display())?;
        let url = match trial.desk.engine {
            Engine::Sqlite => {
                let file = place.path().join("backup.db");
                trial.desk.run(&["backup", &file.to_string_lossy()]).await?;
                let desk = Desk::new(Engine::Sqlite, &trial.desk.binary, &data, &logs, None);
                desk.run(&["restore", &file.to_string_lossy(), "--audit-key", &key.to_string_lossy()])
                    .await?;
                None
            }
            Engine::Postgres => Some(self.dump_and_load(place.path()).await?),
        };
        let loaded = url.is_some();
        let desk = Desk::new(trial.desk.engine, &trial.desk.binary, &data, &logs, url);
        if loaded {
            desk.run(&["restore", "--loaded"]).await?;
        }
        self.compare(&desk, &before).await?;
        Ok(format!("{} items, {:.1} s", before.len(), watch.seconds()))
    }

    /// What is said on each item that a client has, by number, as far as it is acknowledged.
    async fn said(&self) -> Vec<(u64, Vec<String>)> {
        let mut all = Vec::new();
        for client in &self.clients {
            let client = client.lock().await;
            all.extend(client.items.iter().map(|item| (item.number, item.view.messages.clone())));
        }
        all
    }

    async fn dump_and_load(&mut self, folder: &Path) -> Result<String> {
        let (Some(from), Some(postgres)) = (&self.trial.desk.url, &self.postgres) else {
            return Err("no PostgreSQL of its own".into());
        };
        let number = self.chance.next() % 1_000_000_000;
        let to = postgres.database(&format!("restored{number}")).await?;
        let file = folder.join("backup.dump");
        let run = async |program: &str, args: &[&str]| {
            let found = find(program).ok_or_else(|| format!("{program} is not installed"))?;
            let ran = tokio::process::Command::new(found).args(args).output().await.during(program)?;
            if ran.status.success() {
                return Ok(());
            }
            Err::<_, rig::failure::Failure>(
                format!("{program}: {}", String::from_utf8_lossy(&ran.stderr).trim()).into(),
            )
        };
        let file = file.to_string_lossy().into_owned();
        run("pg_dump", &["--format=custom", "--file", &file, from]).await?;
        run("pg_restore", &["--dbname", &to, &file]).await?;
        Ok(to)
    }

    /// Holds a restored desk to what was acknowledged before the backup began.
    async fn compare(&self, desk: &Desk, before: &[(u64, Vec<String>)]) -> Result<()> {
        let trial = &self.trial;
        for args in [vec!["doctor"], vec!["audit", "verify", "--workspace", &trial.alpha.name]] {
            let (code, said, complaint) = desk.ran(&args).await?;
            trial.journal.check(
                4,
                code == Some(0),
                || format!("tenure {} on a restored backup", args.join(" ")),
                || "it ends with 0".into(),
                || format!("{code:?}: {said}{complaint}"),
            );
        }
        let scopes = ["--scope", "write", "--scope", "people"];
        let whose = ["--for", &trial.alpha.email, "--workspace", &trial.alpha.name];
        let made = desk.run(&[&["token", "create", "Look"], &scopes[..], &whose[..]].concat()).await?;
        let look = Who::Token(made["secret"].as_str().ok_or("no secret")?.to_owned());
        let Node { server, .. } = desk.serve().await?;
        // What closed the doors after the backup is not in it: old tokens do not open any.
        let old = Call::new(hyper::Method::GET, &trial.alpha.host, "/api/v1/me", &trial.alpha.owner);
        let answer = trial.net.read_at(server.address, &old).await?;
        trial.journal.check(
            1,
            answer.status.as_u16() == 401,
            || "a token from before a restore".into(),
            || "it is refused".into(),
            || answer.status.to_string(),
        );
        for (number, messages) in before {
            let path = format!("/api/v1/items/{number}/messages?limit=100");
            let call = Call::new(hyper::Method::GET, &trial.alpha.host, path, &look);
            let found: Value = trial.net.read_at(server.address, &call).await?.json()?;
            let found = found["messages"].as_array().cloned().unwrap_or_default();
            let found: BTreeSet<&str> = found.iter().filter_map(|one| one["body"].as_str()).collect();
            trial.journal.check(
                4,
                messages.iter().all(|said| found.contains(said.as_str())),
                || format!("item {number} in a restored backup"),
                || format!("{messages:?} at the beginning"),
                || format!("{found:?}"),
            );
        }
        server.end().await
    }
}

/// Waits until a node that is dead has no connection to the database any more.
async fn gone(url: &str, name: &str) -> Result<()> {
    let client = connect(url).await?;
    for _ in 0..LOOKS {
        let asked = "select count(*) from pg_stat_activity where application_name = $1";
        let left: i64 = client.query_one(asked, &[&name]).await?.try_get(0)?;
        if left == 0 {
            return Ok(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err(format!("the connections of {name} do not end").into())
}

/// Waits until whatever the nodes had begun at the database by now has come to its end.
async fn overcome(url: &str) -> Result<()> {
    let client = connect(url).await?;
    for _ in 0..WAVES {
        sleep(Duration::from_millis(100)).await;
        let asked = "select clock_timestamp()";
        let now: std::time::SystemTime = client.query_one(asked, &[]).await?.try_get(0)?;
        let asked =
            "select count(*) from pg_stat_activity where application_name like 'node%' and xact_start < $1";
        let mut looks = 0..LOOKS;
        loop {
            let left: i64 = client.query_one(asked, &[&now]).await?.try_get(0)?;
            if left == 0 {
                break;
            }
            looks.next().ok_or("what the nodes had begun does not end")?;
            sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

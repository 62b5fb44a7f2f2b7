//! A bulk deactivation as somebody with the database's password would write it: no rule, one statement for each table.

use tokio_postgres::Client;
use uuid::Uuid;

use rig::{clock::Stopwatch, failure::Result, postgres};

use crate::{desk::Desk, rows};

/// The database of a desk, at hand.
pub(crate) struct Hand {
    workspace: Uuid,
    by: Uuid,
    engine: Engine,
}

enum Engine {
    /// Away while a thread of its own works with it.
    Sqlite(Option<rows::Sqlite>),
    Postgres(Client),
}

/// Seconds of a deactivation by hand, until it is on disk.
pub(crate) struct Took {
    /// The people's status alone.
    pub(crate) people: f64,
    /// All the rows that the real one writes.
    pub(crate) everything: f64,
}

impl Hand {
    /// Opens the database of a desk on which no server runs.
    pub(crate) async fn open(desk: &Desk) -> Result<Self> {
        let by = desk.actor.person().ok_or("the token is nobody's")?.uuid();
        let engine = match &desk.url {
            None => Engine::Sqlite(Some(rows::Sqlite::open(&desk.file())?)),
            Some(url) => Engine::Postgres(postgres::connect(url).await?),
        };
        Ok(Self { workspace: desk.workspace.uuid(), by, engine })
    }

    /// Deactivates the crowd twice, each time undone: by one statement about people, and with all that belongs to it.
    pub(crate) async fn deactivate(&mut self, users: u64) -> Result<Took> {
        let statements = self.statements(users);
        let people = self.run(statements.iter().take(1).cloned().collect()).await?;
        self.run(self.back()).await?;
        let everything = self.run(statements).await?;
        self.run(self.back()).await?;
        Ok(Took { people, everything })
    }

    /// Seconds of one durable transaction.
    async fn run(&mut self, statements: Vec<String>) -> Result<f64> {
        let text = format!("begin; {}; commit", statements.join("; "));
        match &mut self.engine {
            Engine::Postgres(client) => {
                let watch = Stopwatch::start();
                client.batch_execute(&text).await?;
                Ok(watch.seconds())
            }
            Engine::Sqlite(hand) => {
                let db = hand.take().ok_or("the driver is away")?;
                let (db, took) = tokio::task::spawn_blocking(move || {
                    let watch = Stopwatch::start();
                    let ran = db.run(&text);
                    (db, ran.map(|()| watch.seconds()))
                })
                .await?;
                *hand = Some(db);
                took
            }
        }
    }

    fn is_sqlite(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_))
    }

    fn id(&self, id: Uuid) -> String {
        if self.is_sqlite() { format!("x'{}'", id.simple()) } else { format!("cast('{id}' as uuid)") }
    }

    /// What deactivates everybody of the crowd, the people's own row first.
    fn statements(&self, users: u64) -> Vec<String> {
        let (ws, by, batch) = (self.id(self.workspace), self.id(self.by), self.id(rows::fresh()));
        let new = if self.is_sqlite() { "randomblob(16)" } else { "gen_random_uuid()" };
        let arrival = if self.is_sqlite() {
            format!(
                "(select coalesce(max(e.arrival), 0) from events e where e.workspace_id = {ws}) \
                 + row_number() over (order by p.person_id)"
            )
        } else {
            "nextval('event_arrivals')".to_owned()
        };
        let at = AT;
        let crowd = format!("workspace_id = {ws} and status_since = {at} and status = 'deactivated'");
        let (before, after, told) = (rows::STATE_ACTIVE, rows::STATE_AWAY, rows::TOLD);
        vec![
            format!(
                "update people set status = 'deactivated', status_since = {at}, status_by = {by}, version = version + 1 \
                 where workspace_id = {ws} and status = 'active' and email like '%@crowd.example'"
            ),
            format!(
                "update license_spans set until = {at}, until_why = 'deactivated' where workspace_id = {ws} \
                 and until is null and person_id in (select p.person_id from people p where p.{crowd})"
            ),
            format!(
                "insert into events (workspace_id, arrival, event_id, at, topic, audience, person_id, data) \
                 select p.workspace_id, {arrival}, {new}, {at}, 'deactivated', 'brief', p.person_id, '{told}' \
                 from people p where p.{crowd}"
            ),
            format!(
                "insert into audit (workspace_id, audit_id, at, actor, actor_id, action, person_id, before, after, door, \
                 request_id) select p.workspace_id, {new}, {at}, 'token', {by}, 'deactivated', p.person_id, '{before}', \
                 '{after}', 'api', {batch} from people p where p.{crowd}"
            ),
            format!(
                "insert into batches (workspace_id, batch_id, kind, deed, state, past_brake, made, actor, door, \
                 request_id, total, changed, owned_before, ended) values ({ws}, {batch}, 'user', 'deactivate', \
                 'finished', {}, {at}, '', 'api', {batch}, {users}, {users}, 0, {at})",
                if self.is_sqlite() { "1" } else { "true" }
            ),
            format!(
                "insert into batch_people (workspace_id, batch_id, place, person_id, outcome, before, after) \
                 select p.workspace_id, {batch}, row_number() over (order by p.person_id), p.person_id, 'changed', \
                 '{before}', '{after}' from people p where p.{crowd}"
            ),
            format!(
                "update workspaces set used = used - {users}, users_active = users_active - {users}, \
                 users_deactivated = users_deactivated + {users} where workspace_id = {ws}"
            ),
        ]
    }

    /// What brings them back. Counters go by how many licenses were held before, whichever way they went.
    fn back(&self) -> Vec<String> {
        let (ws, at) = (self.id(self.workspace), AT);
        let held = format!(
            "(select count(*) from license_spans l where l.workspace_id = {ws} and l.until = {at} \
             and l.until_why = 'deactivated')"
        );
        vec![
            format!(
                "update workspaces set used = used + {held}, users_active = users_active + {held}, \
                 users_deactivated = users_deactivated - {held} where workspace_id = {ws}"
            ),
            format!(
                "update people set status = 'active', status_by = null where workspace_id = {ws} \
                 and status_since = {at} and status = 'deactivated'"
            ),
            format!(
                "update license_spans set until = null, until_why = null where workspace_id = {ws} and until = {at}"
            ),
        ]
    }
}

/// A moment that nothing else on a desk is of, in microseconds since 1970: by it, what was done is found again.
const AT: i64 = 1_770_000_000_123_457;

//! What must hold of a workspace's rows at every moment, looked at row by row: for `tenure doctor` and the
//! tests. Every op keeps it; a finding is a defect, or somebody changed the database by hand.

pub mod texts;
pub mod work;

use std::collections::BTreeSet;

use domain::{
    id::{PersonId, WorkspaceId},
    person::Kind,
};
use uuid::Uuid;

use super::profile::texts;
use crate::{
    error::Result,
    statements,
    store::{
        Row, Rx, Store, audit,
        grams::{self, Filing},
    },
};

/// People that are read at once.
const PAGE: i64 = 500;

statements! {
    COUNTERS = scan "select w.owned, w.used, w.users_active, w.users_invited, w.users_expired, w.users_deactivated, \
        w.users_never, \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'user' and p.status = 'active'), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'user' and p.status = 'invited'), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'user' and p.status = 'invited' \
         and p.invite_expired), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'user' and p.status = 'deactivated'), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'user' and p.status = 'active' \
         and p.last_sign_in = 0) \
        from workspaces w where w.workspace_id = $1";
    CUSTOMERS = scan "select w.customers_active, w.customers_invited, w.customers_expired, w.customers_deactivated, \
        w.customers_never, \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'customer' and p.status = 'active'), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'customer' and p.status = 'invited'), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'customer' and p.status = 'invited' \
         and p.invite_expired), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'customer' \
         and p.status = 'deactivated'), \
        (select count(*) from people p where p.workspace_id = $1 and p.kind = 'customer' and p.status = 'active' \
         and p.last_sign_in = 0) \
        from workspaces w where w.workspace_id = $1";
    OWNERS = scan "select p.person_id, p.status = 'active' and p.kind = 'user' from people p \
        where p.workspace_id = $1 and p.role = 'owner'";
    HOLDERS = scan "select p.person_id from people p where p.workspace_id = $1 and p.kind = 'user' \
        and (p.status = 'active' or (p.status = 'invited' and not p.invite_expired)) order by p.person_id";
    SPANS = scan "select l.person_id from license_spans l where l.workspace_id = $1 and l.until is null \
        order by l.person_id";
    SPANS_BACKWARDS = scan "select count(*) from license_spans l where l.workspace_id = $1 and l.until < l.since";
    TODAY = scan "select d.owned, d.used from license_days d where d.workspace_id = $1 order by d.day desc limit 1";
    TEAMS = scan "select t.team_id, t.members, (select count(*) from team_members m \
        where m.workspace_id = $1 and m.team_id = t.team_id) from teams t where t.workspace_id = $1";
    MEMBERS = scan "select p.person_id, p.teams, count(m.team_id) from people p \
        left join team_members m on m.workspace_id = p.workspace_id and m.person_id = p.person_id \
        where p.workspace_id = $1 group by p.person_id, p.teams having p.teams <> count(m.team_id)";
    MEMBERS_SORT = scan "select m.person_id from team_members m \
        join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
        where m.workspace_id = $1 and m.name_sort <> p.name_sort";
    ORGANIZATIONS = scan "select o.organization_id, o.members, (select count(*) from organization_members m \
        where m.workspace_id = $1 and m.organization_id = o.organization_id) from organizations o \
        where o.workspace_id = $1";
    IN_ORGANIZATION = scan "select p.person_id, p.organizations, count(m.organization_id) from people p \
        left join organization_members m on m.workspace_id = p.workspace_id and m.person_id = p.person_id \
        where p.workspace_id = $1 group by p.person_id, p.organizations \
        having p.organizations <> count(m.organization_id)";
    ORGANIZATIONS_SORT = scan "select m.person_id from organization_members m \
        join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
        where m.workspace_id = $1 and (m.name_sort <> p.name_sort or p.kind <> 'customer')";
    TEAMS_OF_USERS = scan "select m.person_id from team_members m \
        join people p on p.workspace_id = m.workspace_id and p.person_id = m.person_id \
        where m.workspace_id = $1 and p.kind <> 'user'";
    RESERVED = scan "select w.reserved, (select count(*) from batches b where b.workspace_id = $1 and b.reserved > 0 \
        and b.ended is not null), b.batch_id, b.reserved from workspaces w \
        left join batches b on b.workspace_id = w.workspace_id and b.reserved > 0 where w.workspace_id = $1";
    BATCHES = scan "select b.batch_id, b.total, b.changed, b.unchanged, b.skipped, \
        (select count(*) from batch_people p where p.workspace_id = $1 and p.batch_id = b.batch_id), \
        (select count(*) from batch_people p where p.workspace_id = $1 and p.batch_id = b.batch_id \
         and p.outcome = 'changed'), \
        (select count(*) from batch_people p where p.workspace_id = $1 and p.batch_id = b.batch_id \
         and p.outcome = 'unchanged'), \
        (select count(*) from batch_people p where p.workspace_id = $1 and p.batch_id = b.batch_id \
         and p.outcome = 'skipped'), b.state = 'finished' from batches b where b.workspace_id = $1";
    BATCH_KEEPS = scan "select b.person_id from batch_people b where b.workspace_id = $1 and b.before is not null \
        and not exists (select 1 from people p where p.workspace_id = $1 and p.person_id = b.person_id)";
    SESSIONS = scan "select s.session_id from sessions s \
        join people p on p.workspace_id = s.workspace_id and p.person_id = s.person_id \
        where s.workspace_id = $1 and s.ended is null and p.status <> 'active'";
    TOKENS = scan "select t.token_id from tokens t \
        join people p on p.workspace_id = t.workspace_id and p.person_id = t.person_id \
        where t.workspace_id = $1 and t.kind = 'personal' and t.revoked is null and t.suspended is null \
        and (p.kind <> 'user' or (p.status <> 'active' and t.expires > p.status_since))";
    // A subject and a person have an index each: one condition on either would be looked up in neither, and a backlog would
    // be compared with itself.
    DELIVERIES_WAITING = scan "select d.delivery_id from deliveries d where d.workspace_id = $1 \
        and d.state = 'pending' and d.due is null and not exists (select 1 from deliveries e \
        where e.workspace_id = $1 and e.webhook_id = d.webhook_id and e.state = 'pending' and e.subject_id = d.subject_id \
        and e.delivery_id <> d.delivery_id and (e.place < d.place or e.claim is not null)) \
        and not exists (select 1 from deliveries e where e.workspace_id = $1 and e.webhook_id = d.webhook_id \
        and e.state = 'pending' and e.person_id is not null and e.person_id = d.person_id \
        and e.delivery_id <> d.delivery_id and (e.place < d.place or e.claim is not null))";
    DELIVERIES_OVERTAKING = scan "select d.delivery_id from deliveries d where d.workspace_id = $1 \
        and d.state = 'pending' and d.due is not null and (exists (select 1 from deliveries e \
        where e.workspace_id = $1 and e.webhook_id = d.webhook_id and e.state = 'pending' and e.subject_id = d.subject_id \
        and e.place < d.place and (d.claim is null or e.due is not null)) \
        or exists (select 1 from deliveries e where e.workspace_id = $1 and e.webhook_id = d.webhook_id \
        and e.state = 'pending' and e.person_id is not null and e.person_id = d.person_id \
        and e.place < d.place and (d.claim is null or e.due is not null)))";
    LINKS = scan "select k.link_id from links k \
        join people p on p.workspace_id = k.workspace_id and p.person_id = k.person_id \
        where k.workspace_id = $1 and k.closed is null \
        and ((k.kind = 'invitation' and p.status <> 'invited') or (k.kind = 'password' and p.status <> 'active'))";
    PASSWORDS = scan "select p.person_id from people p where p.workspace_id = $1 \
        and ((p.password_hash is null) <> (p.password_set is null) \
        or (p.status = 'invited' and p.password_hash is not null))";
    PICTURES = scan "select p.person_id from people p \
        left join pictures i on i.workspace_id = p.workspace_id and i.person_id = p.person_id \
        where p.workspace_id = $1 and (p.picture is null) <> (i.person_id is null)";
    PERSONAL = scan "select v.audit_id from audit_personal v \
        where v.workspace_id = $1 and not exists (select 1 from people p \
        where p.workspace_id = $1 and p.person_id = v.person_id)";
    CHAIN = scan "select (select count(*) from audit a where a.workspace_id = $1 and a.seq is not null), \
        (select count(*) from audit a where a.workspace_id = $1 and (a.seq is null) <> (a.mac is null)), \
        (select a.mac from audit a where a.workspace_id = $1 and a.seq is not null order by a.seq desc limit 1), \
        (select a.seq from audit a where a.workspace_id = $1 and a.seq is not null order by a.seq desc limit 1) \
        from workspaces w where w.workspace_id = $1";
    PEOPLE = "select p.person_id, p.kind, p.name, p.email, p.email_key, p.name_sort, p.search_text from people p \
        where p.workspace_id = $1 and p.person_id > $2 order by p.person_id limit $3";
}

/// Everything that does not hold, in words that name ids and numbers but nobody; empty when all is well. Reads every
/// row of the workspace, at one moment. Whether the audit chain verifies is [`super::audit::verify`]'s to say: it
/// needs the key.
pub async fn check_invariants(store: &Store, ws: WorkspaceId) -> Result<Vec<String>> {
    let mut rx = store.reader().await?;
    let mut wrong = Vec::new();
    counters(&mut rx, ws, &mut wrong).await?;
    licenses(&mut rx, ws, &mut wrong).await?;
    teams(&mut rx, ws, &mut wrong).await?;
    let lists = [
        (&MEMBERS_SORT, "a team sorts this person by another name than theirs"),
        (&ORGANIZATIONS_SORT, "an organization sorts this person by another name, or they are no customer"),
        (&TEAMS_OF_USERS, "a team has this person, who is no user"),
        (&SESSIONS, "this session is open although its person is not active"),
        (&TOKENS, "this API token works although its person is not active"),
        (&DELIVERIES_WAITING, "this delivery of a webhook waits for nothing"),
        (&DELIVERIES_OVERTAKING, "this delivery of a webhook goes before an earlier one about the same"),
        (&LINKS, "this link is open although its person's status forbids it"),
        (&PASSWORDS, "this person's password and the time it was set disagree, or they are only invited"),
        (&PICTURES, "this person's picture and its digest disagree"),
        (&BATCH_KEEPS, "a change of many people keeps the status of this person, who is gone"),
        (&PERSONAL, "this audit entry keeps personal values of a person who is gone"),
    ];
    for (sql, what) in lists {
        let found = rx.all(sql, &[&ws.uuid()], |row| row.get::<Uuid>(0)).await?;
        wrong.extend(found.into_iter().map(|id| format!("{what}: {id}")));
    }
    batches(&mut rx, ws, &mut wrong).await?;
    work::check(&mut rx, ws, &mut wrong).await?;
    texts::check(&mut rx, ws, &mut wrong).await?;
    chain(&mut rx, ws, &mut wrong).await?;
    derived(&mut rx, ws, &mut wrong).await?;
    Ok(wrong)
}

async fn counters(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let read = |row: &Row<'_>| (0..12).map(|column| row.get::<i64>(column)).collect::<Result<Vec<_>>>();
    let Some(found) = rx.one(&COUNTERS, &[&ws.uuid()], read).await? else {
        wrong.push("there is no such workspace".into());
        return Ok(());
    };
    let (owned, used) = (found[0], found[1]);
    compare("users", &found[2..], wrong);
    let read = |row: &Row<'_>| (0..10).map(|column| row.get::<i64>(column)).collect::<Result<Vec<_>>>();
    if let Some(customers) = rx.one(&CUSTOMERS, &[&ws.uuid()], read).await? {
        compare("customers", &customers, wrong);
    }
    let holding = found[7] + found[8] - found[9];
    if used != holding {
        wrong.push(format!("{used} licenses are counted as used, and {holding} users hold one"));
    }
    if used > owned {
        wrong.push(format!("{used} licenses are used, and {owned} are owned"));
    }
    let day = rx.one(&TODAY, &[&ws.uuid()], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))).await?;
    if day != Some((owned, used)) {
        wrong.push(format!("the chart's last day is {day:?}, and {used} of {owned} licenses are used"));
    }
    let read = |row: &Row<'_>| Ok((row.get::<Uuid>(0)?, row.get::<bool>(1)?));
    match rx.all(&OWNERS, &[&ws.uuid()], read).await?.as_slice() {
        [(_, true)] => {}
        [(id, false)] => wrong.push(format!("the owner is not an active user: {id}")),
        owners => wrong.push(format!("there are {} owners", owners.len())),
    }
    Ok(())
}

/// Five counters, and after them how many people there are of each.
fn compare(who: &str, found: &[i64], wrong: &mut Vec<String>) {
    let statuses = ["active", "invited", "expired", "deactivated", "never signed in"];
    for (status, (counted, there)) in statuses.into_iter().zip(found.iter().zip(&found[5..])) {
        if counted != there {
            wrong.push(format!("the counter of {who} ({status}) says {counted}, and there are {there}"));
        }
    }
}

async fn licenses(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let holding = rx.all(&HOLDERS, &[&ws.uuid()], |row| row.get::<Uuid>(0)).await?;
    let spans = rx.all(&SPANS, &[&ws.uuid()], |row| row.get::<Option<Uuid>>(0)).await?;
    let named: BTreeSet<Uuid> = spans.iter().flatten().copied().collect();
    if named.len() != spans.len() {
        wrong.push("the ledger has an open line without a person, or two of one person".into());
    }
    let holders: BTreeSet<Uuid> = holding.into_iter().collect();
    for id in holders.difference(&named) {
        wrong.push(format!("this person holds a license that the ledger does not know: {id}"));
    }
    for id in named.difference(&holders) {
        wrong.push(format!("the ledger says that this person holds a license: {id}"));
    }
    match rx.one(&SPANS_BACKWARDS, &[&ws.uuid()], |row| row.get::<i64>(0)).await? {
        Some(0) => {}
        backwards => wrong.push(format!("lines of the ledger end before they begin: {backwards:?}")),
    }
    Ok(())
}

async fn teams(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let read = |row: &Row<'_>| Ok((row.get::<Uuid>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?));
    for (id, kept, real) in rx.all(&TEAMS, &[&ws.uuid()], read).await? {
        if kept != real {
            wrong.push(format!("a team counts {kept} members and has {real}: {id}"));
        }
    }
    for (id, kept, real) in rx.all(&ORGANIZATIONS, &[&ws.uuid()], read).await? {
        if kept != real {
            wrong.push(format!("an organization counts {kept} customers and has {real}: {id}"));
        }
    }
    for (id, kept, real) in rx.all(&IN_ORGANIZATION, &[&ws.uuid()], read).await? {
        wrong.push(format!("a person counts {kept} organizations and is in {real}: {id}"));
    }
    for (id, kept, real) in rx.all(&MEMBERS, &[&ws.uuid()], read).await? {
        wrong.push(format!("a person counts {kept} teams and is in {real}: {id}"));
    }
    Ok(())
}

/// Licenses that are set aside, and the numbers of each change of many people.
async fn batches(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let read = |row: &Row<'_>| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<Option<i64>>(3)?));
    let found = rx.all(&RESERVED, &[&ws.uuid()], read).await?;
    let aside: i64 = found.iter().filter_map(|(_, _, reserved)| *reserved).sum();
    match found.first() {
        Some((kept, 0, _)) if *kept == aside => {}
        other => wrong.push(format!("batches set {aside} licenses aside, and the workspace says {other:?}")),
    }
    let read = |row: &Row<'_>| {
        let numbers = (1..9).map(|column| row.get::<i64>(column)).collect::<Result<Vec<_>>>()?;
        Ok((row.get::<Uuid>(0)?, numbers, row.get::<bool>(9)?))
    };
    for (id, numbers, finished) in rx.all(&BATCHES, &[&ws.uuid()], read).await? {
        let (counted, there) = numbers.split_at(4);
        if counted != there {
            wrong.push(format!("a change of many people counts {counted:?} and has {there:?}: {id}"));
        }
        if finished && counted[0] != counted[1..].iter().sum::<i64>() {
            wrong.push(format!("a change of many people has finished before its end: {id}"));
        }
    }
    Ok(())
}

async fn chain(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let Some(head) = audit::head(rx, ws).await? else {
        wrong.push("the audit log has no chain".into());
        return Ok(());
    };
    let found = rx
        .one(&CHAIN, &[&ws.uuid()], |row| {
            let last = (row.get::<Option<Vec<u8>>>(2)?, row.get::<Option<i64>>(3)?);
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, last))
        })
        .await?;
    let Some((sealed, halves, (mac, seq))) = found else {
        return Ok(());
    };
    if halves > 0 {
        wrong.push(format!("{halves} audit entries are half sealed"));
    }
    let last_fits = head.seq == 0 || (mac.as_ref() == Some(&head.mac) && seq == Some(head.seq));
    if sealed != head.seq || !last_fits {
        wrong.push(format!("the audit chain ends at {}, and {sealed} entries are sealed", head.seq));
    }
    Ok(())
}

/// What is made of name and address: sort key, search text, search pieces.
async fn derived(rx: &mut Rx, ws: WorkspaceId, wrong: &mut Vec<String>) -> Result<()> {
    let (mut after, mut pieces) = (Uuid::nil(), 0);
    loop {
        let page = rx.all(&PEOPLE, &[&ws.uuid(), &after, &PAGE], person).await?;
        let Some(last) = page.last() else { break };
        after = last.id.uuid();
        wrong.extend(page.iter().flat_map(Derived::findings));
        for kind in [Kind::User, Kind::Customer] {
            let of_kind: Vec<&Derived> = page.iter().filter(|person| person.kind == kind).collect();
            pieces += filed(rx, ws, kind, &of_kind, wrong).await?;
        }
    }
    let there = grams::count(rx, ws).await?;
    if there != pieces {
        wrong.push(format!("search knows {there} pieces, and {pieces} belong to somebody"));
    }
    Ok(())
}

/// Whether search finds people by all their pieces; answers how many of these it has.
async fn filed(
    rx: &mut Rx,
    ws: WorkspaceId,
    kind: Kind,
    people: &[&Derived],
    wrong: &mut Vec<String>,
) -> Result<i64> {
    let mut filing = Filing::new(kind);
    let push = |filing: &mut Filing, person: &Derived| filing.push(person.id, &person.name, &person.email);
    for person in people {
        push(&mut filing, person);
    }
    let (wanted, there) = filing.compare(rx, ws).await?;
    if wanted != there {
        for person in people {
            push(&mut filing, person);
            let (wanted, there) = filing.compare(rx, ws).await?;
            if wanted != there {
                wrong.push(format!(
                    "search does not find this person by all of name and address: {}",
                    person.id
                ));
            }
        }
    }
    Ok(there)
}

struct Derived {
    id: PersonId,
    kind: Kind,
    name: String,
    email: String,
    email_key: String,
    name_sort: Vec<u8>,
    search_text: String,
}

fn person(row: &Row<'_>) -> Result<Derived> {
    Ok(Derived {
        id: PersonId::from_uuid(row.get(0)?),
        kind: Kind::parse(&row.get::<String>(1)?).ok_or(crate::store::Error::Value("people.kind"))?,
        name: row.get(2)?,
        email: row.get(3)?,
        email_key: row.get(4)?,
        name_sort: row.get(5)?,
        search_text: row.get(6)?,
    })
}

impl Derived {
    fn findings(&self) -> Vec<String> {
        let texts = texts(&self.name, &self.email);
        let checks = [
            (texts.email_key == self.email_key, "address is kept under another key"),
            (texts.name_sort == self.name_sort, "name sorts by another key"),
            (texts.search_text == self.search_text, "search text is not of their name and address"),
        ];
        checks
            .into_iter()
            .filter(|(holds, _)| !holds)
            .map(|(_, what)| format!("this person's {what}: {}", self.id))
            .collect()
    }
}

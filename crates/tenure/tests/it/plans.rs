//! No statement on a request path reads a whole table, or all that a workspace has in a table that grows, on either
//! engine. Those that may are named here, with why; they are marked where they stand (`scan`) and run where they hold nobody
//! up. On SQLite, whose plan follows from the text, no page of a grid sorts what an index has in order either.
//! PostgreSQL plans by what its tables hold: they are made to look as if each held a hundred thousand rows.

mod known;

use std::collections::BTreeSet;

use self::known::{APART, FEW, IN_ORDER, LARGE};
use crate::support::database::{Database, Ready};
use tenure::store::{Engine, PLANNING, Sql, Target, audit_grid, grid, item_list, statements};

/// A statement to look at, by a name for people.
struct Asked {
    name: String,
    sql: Sql,
    /// Whether it must follow an index in order.
    walks: bool,
}

fn is_apart(asked: &Asked) -> bool {
    asked.sql.is_scan() && APART.iter().any(|(name, _)| asked.name.starts_with(name))
}

#[test]
fn what_may_read_everything_is_there_and_is_marked() {
    for (name, why) in APART {
        let named = |sql: &Sql| sql.name().starts_with(name);
        assert!(statements().iter().any(|(_, sql)| named(sql) && sql.is_scan()), "{name}: {why}");
    }
}

/// Every statement: those of the table files, and those that grids and lists build.
fn on_request_paths(engine: Engine) -> Vec<Asked> {
    let fixed = statements().into_iter().filter(|(_, sql)| !sql.text(engine).starts_with("analyze"));
    let mut all: Vec<_> =
        fixed.map(|(_, sql)| Asked { name: sql.name().to_owned(), sql, walks: false }).collect();
    all.extend(grid::built(engine).into_iter().map(|built| Asked {
        name: format!("{} for ?{}", built.sql.name(), built.asked),
        sql: built.sql,
        walks: built.walks,
    }));
    let audit = audit_grid::built().into_iter();
    all.extend(audit.map(|sql| Asked { name: sql.name().to_owned(), sql, walks: true }));
    all.extend(item_list::built().into_iter().map(|built| Asked {
        name: format!("{} for ?{}", built.sql.name(), built.asked),
        sql: built.sql,
        walks: built.walks,
    }));
    all
}

#[test]
fn the_statements_of_lists_are_looked_at_for_every_filter_order_and_pair_of_filters() {
    let built = item_list::built();
    println!("{} statements of lists", built.len());
    assert!(built.len() > 3_000, "{}", built.len());
    let asked = |parts: &[&str]| built.iter().any(|one| parts.iter().all(|part| one.asked.contains(part)));
    let filters = [
        "assignee=deactivated",
        "team=",
        "follower=",
        "requester=",
        "organization=",
        "project=none",
        "due=overdue",
        "tag=",
        "q=",
    ];
    for (at, first) in filters.iter().enumerate() {
        for sort in item_list::Sort::ALL {
            let sort = format!("sort={}", sort.word());
            assert!(asked(&[first, &sort]), "{first} by {sort}");
            for second in &filters[at + 1..] {
                assert!(asked(&[first, second, &sort]), "{first} and {second} by {sort}");
            }
        }
    }
}

#[tokio::test]
async fn no_request_scans_on_sqlite() {
    let database = Database::sqlite(Ready::Migrated).await;
    let Target::Sqlite(path) = &database.target else { unreachable!("it is SQLite") };
    let db = rusqlite::Connection::open(path).expect("the database opens");
    // As the store sets it: the plan must not depend on the values.
    db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).expect("it is set");
    let all = on_request_paths(Engine::Sqlite);
    let wrong: Vec<_> = all
        .iter()
        .filter(|asked| !is_apart(asked))
        .filter_map(|asked| {
            let text = asked.sql.text(Engine::Sqlite);
            let plan = sqlite_plan(&db, text);
            fault_of_sqlite(&plan, asked.walks, is_limited(text))
                .map(|fault| format!("{}: {fault}", asked.name))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        all.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

/// The steps: id, parent, words.
fn sqlite_plan(db: &rusqlite::Connection, text: &str) -> Vec<(i64, i64, String)> {
    let mut plan =
        db.prepare(&format!("explain query plan {text}")).unwrap_or_else(|e| panic!("{e}: {text}"));
    let mut rows = plan.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("a step") {
        steps.push((row.get_unwrap(0), row.get_unwrap(1), row.get_unwrap(3)));
    }
    steps
}

/// What compares everything reads each row once, and looks up the others that belong to it: within another row's turn
/// nothing of a workspace may be read whole.
fn comparison_of_sqlite(plan: &[(i64, i64, String)]) -> Option<String> {
    let within: BTreeSet<i64> =
        plan.iter().filter(|(_, _, step)| step.starts_with("CORRELATED ")).map(|(id, ..)| *id).collect();
    let mut begun = BTreeSet::new();
    for (_, parent, step) in plan {
        let Some(rest) = step.strip_prefix("SEARCH ").or_else(|| step.strip_prefix("SCAN ")) else {
            continue;
        };
        let inner = !begun.insert(*parent) || within.contains(parent);
        let large = LARGE
            .iter()
            .any(|table| rest.contains(&format!(" {table}_")) || rest.contains(&format!("_{table}_")));
        let bounds = ALL_OF
            .iter()
            .chain(&["(workspace_id=? AND webhook_id=?)", "(workspace_id=? AND webhook_id=? AND state=?)"]);
        if inner && large && bounds.into_iter().any(|bounds| step.ends_with(bounds)) {
            return Some(step.clone());
        }
    }
    None
}

/// What is looked up where all of a workspace is read, or all of a kind or a status there.
const ALL_OF: [&str; 4] = [
    "(workspace_id=?)",
    "(workspace_id=? AND kind=?)",
    "(workspace_id=? AND status=?)",
    "(workspace_id=? AND kind=? AND status=?)",
];

/// Whether a statement ends after so many rows, as far as its words tell.
fn is_limited(text: &str) -> bool {
    text.contains(" limit ")
}

/// Whether a workspace's part of this index may be read by such a statement.
fn may_be_read(index: &str, limited: bool) -> bool {
    FEW.contains(&index) || limited && IN_ORDER.contains(&index)
}

fn fault_of_sqlite(plan: &[(i64, i64, String)], walks: bool, limited: bool) -> Option<String> {
    // What is read from a subquery, or from a list of values, is no table.
    let derived: BTreeSet<&str> = plan
        .iter()
        .filter_map(|(_, _, step)| {
            step.strip_prefix("CO-ROUTINE ").or_else(|| step.strip_prefix("MATERIALIZE "))
        })
        .chain(["CONSTANT", "json_each"])
        .collect();
    // Along the list of a gram nothing may be sorted either, up to the last who is asked for.
    let hits = plan.iter().find(|(_, _, step)| step == "MATERIALIZE hits").map(|(id, ..)| *id);
    for (_, parent, step) in plan {
        if step.starts_with("USE TEMP B-TREE") && Some(*parent) == hits {
            return Some(step.clone());
        }
        if let Some(rest) = step.strip_prefix("SCAN ") {
            let what = rest.split(' ').next().unwrap_or_default();
            let list = rest.contains(" VIRTUAL TABLE ");
            // A server holds few workspaces; which they are is asked for two at most.
            let workspaces = rest.contains(" sqlite_autoindex_workspaces_1");
            if !derived.contains(what) && !list && !workspaces {
                return Some(step.clone());
            }
        }
        // Without a query the index of texts is read whole.
        if step.contains(" text_index VIRTUAL TABLE ") && !step.contains(":M") {
            return Some(step.clone());
        }
        let index =
            step.split_once(" INDEX ").map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
        let of = index.trim_start_matches("sqlite_autoindex_");
        if step.starts_with("SEARCH ")
            && ALL_OF.iter().any(|bounds| step.ends_with(bounds))
            && LARGE.iter().any(|table| of.strip_prefix(table).is_some_and(|rest| rest.starts_with('_')))
            && !may_be_read(index, limited)
        {
            return Some(step.clone());
        }
        // All answers that are kept, of a day at most, are forgotten when somebody is deleted.
        let of_a_day = step.starts_with("SEARCH answers ");
        if step.starts_with("SEARCH ") && step.ends_with(" USING PRIMARY KEY (workspace_id=?)") && !of_a_day {
            return Some(step.clone());
        }
        // The rows of a page are put in order once more, outside; inside nothing may be sorted.
        if walks && step.starts_with("USE TEMP B-TREE") && (*parent != 0 || derived.len() == 2) {
            let steps: Vec<_> = plan.iter().map(|(_, _, step)| step.as_str()).collect();
            return Some(steps.join(" / "));
        }
    }
    None
}

#[test]
fn planted_faults_of_plans_are_found() {
    let step = |parent, words: &str| (1, parent, words.to_owned());
    for (plan, walks) in [
        (vec![step(0, "SCAN p")], false),
        (vec![step(0, "SCAN people USING COVERING INDEX people_by_name")], false),
        (vec![step(0, "SEARCH g USING PRIMARY KEY (workspace_id=?)")], false),
        (vec![step(0, "SEARCH p USING INDEX sqlite_autoindex_people_1 (workspace_id=?)")], false),
        (vec![step(0, "SEARCH g USING INDEX grams_near (workspace_id=? AND kind=?)")], false),
        (vec![step(0, "CO-ROUTINE x"), step(3, "USE TEMP B-TREE FOR ORDER BY"), step(0, "SCAN x")], true),
        (vec![step(0, "USE TEMP B-TREE FOR ORDER BY")], true),
        (vec![step(0, "MATERIALIZE hits"), step(1, "USE TEMP B-TREE FOR ORDER BY")], false),
        (vec![step(0, "SCAN text_index VIRTUAL TABLE INDEX 32:<")], false),
    ] {
        assert!(fault_of_sqlite(&plan, walks, true).is_some(), "{plan:?}");
    }
    let page = vec![
        step(0, "CO-ROUTINE x"),
        step(3, "SEARCH p USING COVERING INDEX people_by_name (workspace_id=? AND kind=?)"),
        step(0, "SCAN x"),
        step(0, "USE TEMP B-TREE FOR ORDER BY"),
    ];
    assert_eq!(fault_of_sqlite(&page, true, true), None);
    assert!(fault_of_sqlite(&page, true, false).is_some(), "a count of everybody");
    let counted = "SEARCH p USING COVERING INDEX people_status_name (workspace_id=? AND kind=? AND status=?)";
    assert!(fault_of_sqlite(&[step(0, counted)], false, false).is_some());
    let compared = |bounds: &str| {
        let each = (2, 0, "SEARCH d USING INDEX deliveries_log (workspace_id=?)".to_owned());
        let with = (9, 7, format!("SEARCH e USING INDEX deliveries_state ({bounds})"));
        comparison_of_sqlite(&[each, (7, 0, "CORRELATED SCALAR SUBQUERY 1".to_owned()), with])
    };
    assert!(compared("workspace_id=? AND webhook_id=? AND state=?").is_some(), "each with all");
    assert_eq!(compared("workspace_id=? AND webhook_id=? AND subject_id=?"), None);
    assert!(fault_of_postgres("Limit\n  ->  Seq Scan on people p\n", true).is_some());
    assert!(
        fault_of_postgres("Limit\n  ->  Index Scan using people_pkey on people p\n        Filter: x\n", true)
            .is_some()
    );
    let one = "Index Scan using people_pkey on people p\n  Index Cond: (a = b)\n";
    assert_eq!(fault_of_postgres(one, false), None);
    let whole = |line: &str| {
        fault_of_postgres(&format!("Limit\n  ->  {line}\n        Index Cond: (workspace_id = $1)\n"), true)
    };
    assert!(whole("Index Scan Backward using people_pkey on people p  (cost=0.17..1.00)").is_some());
    assert!(whole("Bitmap Index Scan on sessions_open  (cost=0.17..1.00)").is_some());
    let of_a_kind =
        "Index Scan using people_pkey on people p\n  Index Cond: ((workspace_id = $1) AND (kind = $2))\n";
    assert!(fault_of_postgres(of_a_kind, true).is_some());
    assert_eq!(whole("Index Only Scan using people_by_name on people p  (cost=0.17..1.00)"), None);
    assert_eq!(whole("Index Scan using teams_pkey on teams t  (cost=0.17..1.00)"), None);
    let of_a_status = "Index Only Scan using people_status_name on people p\n  \
                       Index Cond: ((workspace_id = $1) AND (kind = $2) AND (status = 'active'::text))\n";
    assert!(fault_of_postgres(of_a_status, false).is_some(), "a count of all who are active");
    assert_eq!(fault_of_postgres(of_a_status, true), None);
}

/// What the test below looks at is how the store's own connections plan.
#[tokio::test]
async fn connections_of_the_store_plan_as_the_test_of_plans_does() {
    const SET: Sql = Sql::both(
        "select name || ' = ' || setting from pg_settings where name in ('plan_cache_mode', 'enable_seqscan', \
         'enable_hashjoin', 'enable_mergejoin', 'max_parallel_workers_per_gather', 'jit') order by name",
    )
    .named("settings");
    let database = Database::postgres(Ready::Migrated).await;
    let mut rx = database.store.reader().await.expect("a reader");
    let set = rx.all(&SET, &[], |row| row.get::<String>(0)).await.expect("the settings are read");
    assert_eq!(set.len(), 6, "{set:?}");
    for line in set {
        assert!(PLANNING.contains(&format!("set {line}")), "{line} is not of {PLANNING}");
    }
}

/// Some rows in each table and each index, of which the catalog says that they are a hundred thousand: an empty table is
/// planned as one that costs nothing, whatever is read of it. Of the values all that is learned is that a workspace has
/// every row, that words are a few, and that an id is one of a hundred thousand. Constraints go, so that any rows will do.
const GROWN: &str = "do $$
    declare
        name regclass;
        made record;
        columns text;
        chosen text;
    begin
        set local session_replication_role = replica;
        for made in
            select conrelid::regclass as name, conname from pg_constraint
            where contype in ('c', 'f') and connamespace = 'public'::regnamespace
        loop
            execute format('alter table %s drop constraint %I', made.name, made.conname);
        end loop;
        for name in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
            select string_agg(quote_ident(attname), ', '), string_agg(
                case when attnotnull then '' else 'case when random() < 0.5 then ' end ||
                case
                    when attname = 'workspace_id' then 'cast(md5(''one'') as uuid)'
                    when attname = 'status' and atttypid = 'text'::regtype then '(array[''active'', ''invited'', ''deactivated''])[1 + r % 3]'
                    when attname = 'state' then '''pending'''
                    when attname = 'role' then '(array[''owner'', ''member''])[1 + r % 2]'
                    when attname = 'kind' then '(array[''user'', ''customer''])[1 + r % 2]'
                    when attname = 'actor' then '''token'''
                    when atttypid = 'uuid'::regtype then 'gen_random_uuid()'
                    when atttypid = 'bytea'::regtype then 'decode(md5(r::text), ''hex'')'
                    when atttypid = 'text'::regtype then 'r::text'
                    when atttypid = 'boolean'::regtype then 'true'
                    when atttypid = 'integer[]'::regtype then 'array[r]'
                    else 'case when random() < 0.5 then 0 else r end'
                end ||
                case when attnotnull then '' else ' end' end, ', ')
            into columns, chosen from pg_attribute
            where attrelid = name and attnum > 0 and not attisdropped and attgenerated = '';
            execute format('alter table %s set (autovacuum_enabled = off)', name);
            execute format('insert into %s (%s) overriding system value select %s from generate_series(0, 299) r \
                on conflict do nothing', name, columns, chosen);
        end loop;
        analyze;
        update pg_class set reltuples = 100000, relpages = pg_relation_size(oid) / 8192
        where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace;
    end $$";

/// Indexes in which the rows above have left nothing, so that a plan would take them to cost nothing.
const EMPTY: &str = "select relname::text from pg_class where relkind = 'i' and relnamespace = 'public'::regnamespace \
    and relam = (select oid from pg_am where amname = 'btree') and pg_relation_size(oid) <= 8192";

#[tokio::test]
async fn no_request_scans_on_postgres() {
    let database = Database::postgres(Ready::Migrated).await;
    let Target::Postgres(url) = &database.target else { unreachable!("it is PostgreSQL") };
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("it connects");
    tokio::spawn(connection);
    client.batch_execute(GROWN).await.expect("the tables look grown");
    let empty = client.query(EMPTY, &[]).await.expect("the indexes");
    let empty: Vec<String> = empty.iter().map(|row| row.get(0)).collect();
    assert!(empty.is_empty(), "{empty:?}");
    client.batch_execute(PLANNING).await.expect("it is set");
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for asked in on_request_paths(Engine::Postgres).into_iter().filter(|asked| !is_apart(asked)) {
        seen += 1;
        let text = asked.sql.text(Engine::Postgres);
        let values = (1..100).take_while(|number| text.contains(&format!("${number}"))).count();
        let values = vec!["null"; values].join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let explain = format!("prepare s as {text}; explain execute s{values}; deallocate s");
        let plan = client.simple_query(&explain).await.unwrap_or_else(|e| panic!("{e:?}: {text}"));
        let lines: Vec<&str> = plan
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            })
            .collect();
        if let Some(fault) = fault_of_postgres(&lines.join("\n"), is_limited(text)) {
            wrong.push(format!("{}: {fault}\n{text}", asked.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// Whether nothing is looked up but the workspace, and a kind of people, which is bound, or a status.
fn is_of_a_workspace(bound: &str) -> bool {
    let Some(bounds) = bound.strip_prefix("Index Cond: ") else { return false };
    bounds.split(" AND ").all(|bound| {
        let bound = bound.trim_start_matches('(');
        ["workspace_id = ", "kind = $", "status = "].iter().any(|of| bound.starts_with(of))
    })
}

/// Whether an index is one of a table that grows, and not one of those that may be read.
fn is_whole_and_large(line: &str, limited: bool) -> bool {
    let Some((_, named)) = line.split_once(" using ").or_else(|| line.split_once("Bitmap Index Scan on "))
    else {
        return true;
    };
    let index = named.split(' ').next().unwrap_or_default();
    let large = LARGE.iter().any(|table| index.strip_prefix(table).is_some_and(|rest| rest.starts_with('_')));
    large && !may_be_read(index, limited)
}

/// A scan of a table, of a whole index, or of all that a workspace has in a table that grows.
fn fault_of_postgres(plan: &str, limited: bool) -> Option<String> {
    let lines: Vec<_> = plan.lines().map(|line| line.trim_start_matches([' ', '-', '>'])).collect();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("Seq Scan on ") {
            return Some((*line).to_owned());
        }
        let indexed =
            ["Index Scan ", "Index Only Scan ", "Bitmap Index Scan "].iter().any(|s| line.starts_with(s));
        let bounded = lines.get(at + 1).is_some_and(|next| next.starts_with("Index Cond: "));
        // A server holds few workspaces, each with a host or two; which they are is asked for two at most.
        let few = line.contains(" workspaces_pkey ") || line.contains(" hosts_host ");
        if indexed && !bounded && !few {
            return Some((*line).to_owned());
        }
        if indexed
            && lines.get(at + 1).is_some_and(|next| is_of_a_workspace(next))
            && is_whole_and_large(line, limited)
        {
            return Some(format!("{line} / {}", lines[at + 1]));
        }
    }
    None
}

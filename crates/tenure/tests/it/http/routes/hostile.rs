//! Texts that would run in a careless page, in every place where somebody can type: no page, in whatever part of it,
//! makes more of them than text, and no export makes a formula of them (ASVS 5.0 1.2.1, 1.2.10, 1.3.4).

use std::collections::BTreeMap;

use domain::{
    id::{ItemId, PersonId},
    item::{MessageKind, Part},
    lifecycle::Grounds,
    person::Kind,
    role::Role,
};
use tenure::{
    import::uploads::Sent,
    ops::{
        self,
        items::{Input, Tags},
        projects,
    },
};

use super::{CASES, Of, any_name, both_engines, call, reading::faults};
use crate::support::{
    http::{Browser, Page, Site},
    world::{World, address},
};

/// The table of texts; the browser's tests use it too.
fn payloads(list: &str) -> Vec<String> {
    let all: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../../browser/support/payloads.json")).expect("JSON");
    let texts = all[list].as_array().expect("a list").iter();
    texts.map(|text| text.as_str().expect("a text").to_owned()).collect()
}

/// Texts put together, as many as fit into a name each time.
fn names(list: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    for text in payloads(list) {
        if names[names.len() - 1].chars().count() + text.chars().count() > 150 {
            names.push(String::new());
        }
        let end = names.len() - 1;
        let longer = format!("{} {text}", names[end]);
        longer.trim_start().clone_into(&mut names[end]);
    }
    names
}

/// What stands for the parameters of paths, all of it called so.
struct Hostile {
    things: BTreeMap<&'static str, String>,
    name: String,
    member: String,
    customer: String,
    item: (ItemId, i64),
}

impl Hostile {
    fn of(&self, of: Of) -> Option<String> {
        self.things.get(format!("{of:?}").as_str()).cloned()
    }
}

async fn renamed(world: &World, person: PersonId, name: &str) {
    let (ctx, input) =
        (world.ctx(), ops::profile::Input { name: Some(world.name(name)), ..Default::default() });
    let edited = world.write(async move |tx| ops::profile::edit(tx, &ctx, person, input.clone()).await).await;
    edited.expect("a name that is taken");
}

/// Somebody of a kind with this name; their address is harmless.
async fn somebody(world: &World, kind: Kind, name: &str) -> (PersonId, String) {
    let plain = any_name("Plain");
    let who = world.joined_to(kind, &plain).await;
    renamed(world, who.person, name).await;
    (who.person, address(&plain))
}

async fn made(world: &World, name: &str, text: &str) -> Hostile {
    let (user, member) = somebody(world, Kind::User, name).await;
    let (off, _) = somebody(world, Kind::User, name).await;
    let (customer, in_portal) = somebody(world, Kind::Customer, name).await;
    let (gone, _) = somebody(world, Kind::Customer, name).await;
    let (team, organization) = (world.team(name).await, world.organization(name, "").await);
    world.join(team, user).await.expect("a member");
    world.group_of(organization, customer).await;
    let item = item(world, [user, off, customer], (name, text)).await;
    let token = hostile_token(world, None, name).await;
    hostile_token(world, Some(user), name).await;
    hostile_token(world, Some(off), name).await;
    for person in [off, gone] {
        let ctx = world.ctx();
        let grounds = Grounds { reason: Some(text.chars().take(2_000).collect()), review_on: None };
        let input = ops::deactivation::Input { grounds, version: None, ..Default::default() };
        let done =
            world.write(async move |tx| ops::deactivation::deactivate(tx, &ctx, person, input.clone()).await);
        done.await.expect("a deactivation");
    }
    let things = BTreeMap::from([
        ("Nothing", String::new()),
        ("Active", user.to_string()),
        ("Deactivated", off.to_string()),
        ("Customer", customer.to_string()),
        ("GoneCustomer", gone.to_string()),
        ("Team", team.to_string()),
        ("Token", token.row.token.id.to_string()),
        ("Organization", organization.to_string()),
        ("Project", project_of(world, item.0).await),
        ("Item", item.1.to_string()),
        ("Request", item.1.to_string()),
        ("View", view(world, Kind::User, name).await),
        ("CustomerView", view(world, Kind::Customer, name).await),
        ("TicketView", view(world, domain::item::ItemKind::Ticket, name).await),
        ("TaskView", view(world, domain::item::ItemKind::Task, name).await),
        ("Upload", upload(world, Kind::User, name)),
        ("CustomerUpload", upload(world, Kind::Customer, name)),
    ]);
    Hostile { things, name: name.to_owned(), member, customer: in_portal, item }
}

/// A token of this name, and what it did on the record.
async fn hostile_token(world: &World, person: Option<PersonId>, name: &str) -> ops::tokens::Made {
    let scopes = domain::token::Scope::ALL.into_iter();
    let scopes = scopes.filter(|scope| person.is_none() || !scope.is_for_administrators());
    let life = domain::token::Life::default();
    let input = ops::tokens::Input::new(person, world.name(name), scopes.collect(), life);
    let made = world.make_token(world.cli(), input).await;
    let input = world.ticket("By a token");
    world.make(world.with_token(&made), input).await.expect("a ticket");
    if person.is_none() {
        let ctx = world.with_token(&made);
        let team = world.name(&any_name("Team"));
        let created = world.write(async move |tx| ops::teams::create(tx, &ctx, team.clone()).await);
        created.await.expect("a team");
    }
    made
}

async fn project_of(world: &World, item: ItemId) -> String {
    let row = tenure::store::items::load(&mut world.reader().await, world.ws, item).await.expect("a read");
    row.and_then(|row| row.item.project).expect("a project").to_string()
}

/// An item with all that can be typed into one, and a line of history for each.
async fn item(
    world: &World,
    [user, off, customer]: [PersonId; 3],
    (name, text): (&str, &str),
) -> (ItemId, i64) {
    let (ctx, label, about) = (world.ctx(), world.name(name), text.to_owned());
    let project = world.write(async move |tx| projects::create(tx, &ctx, label.clone(), about.clone()).await);
    let tags: Vec<String> = name.split(',').map(|tag| tag.chars().take(50).collect()).collect();
    let input = Input {
        description: text.to_owned(),
        project: Some(project.await.expect("a project")),
        requester: Some(customer),
        assignees: vec![user, off],
        followers: vec![customer],
        tags: Tags::parse(&tags.join(","), &world.app.config.limits).expect("tags"),
        ..world.ticket(name)
    };
    let made = world.make(world.ctx(), input).await.expect("a ticket");
    let edit = ops::items::Edit { title: Some(world.title(&format!("{name}."))), ..Default::default() };
    world.edit_item(world.ctx(), made.0, edit).await.expect("an edit");
    world.say(world.ctx(), made.0, MessageKind::Note, text).await.expect("a note");
    let mention = format!("{text}\n\n@{}", world.row(user).await.person.email);
    world.say(world.ctx(), made.0, MessageKind::Reply, &mention).await.expect("a reply");
    world.attach(world.ctx(), made.0, MessageKind::Reply, name, b"<script>alert(1)</script>").await;
    world.take(world.ctx(), made.0, user, Part::Assignee).await.expect("a part");
    made
}

async fn view(world: &World, of: impl Into<tenure::store::views::Grid>, name: &str) -> String {
    let (of, ctx, name) = (of.into(), world.ctx(), world.name(name));
    let saved = world.write(async move |tx| ops::views::save(tx, &ctx, of, name.clone(), "q=x".into()).await);
    saved.await.expect("a view").to_string()
}

/// A file to be imported: its name, a row to take, and one that is wrong.
fn upload(world: &World, kind: Kind, name: &str) -> String {
    let receiving = world.app.uploads.receive(&world.sys).expect("a file");
    let cell = name.replace('"', "\"\"");
    let rows = format!("Name,Email\n\"{cell}\",{}\n\"{cell}\",\"{cell}\"\n", address(&any_name("New")));
    std::fs::write(receiving.path(), &rows).expect("it is written");
    let by = (domain::id::Id::from_uuid(world.sys.uuid7()), name.to_owned());
    let sent = Sent {
        workspace: world.ws,
        kind,
        name: name.to_owned(),
        bytes: rows.len() as u64,
        by,
        at: world.sys.now(),
    };
    let upload = world.app.uploads.keep(receiving, sent);
    let bad = tenure::import::BadRows::open(9, Some(&upload.errors())).expect("a file");
    drop(bad.close());
    upload.id.to_string()
}

fn judged(path: &str, page: &Page) {
    assert!(!page.status.is_server_error(), "{path}: {}", page.text);
    let kind = page.headers.get("content-type").map_or("", |kind| kind.to_str().expect("text"));
    if kind.starts_with("text/html") {
        assert_eq!(faults(&page.text), Vec::<String>::new(), "{path}");
        let policy = page.headers.get("content-security-policy").expect("a policy").to_str().expect("text");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
    }
    let sniffs = page.headers.get("x-content-type-options").map(|value| value.to_str().expect("text"));
    assert_eq!(sniffs, Some("nosniff"), "{path}");
}

/// Whether a page shows a text, as text.
fn shows(page: &Page, text: &str) -> bool {
    let plain =
        page.text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'");
    plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#38;", "&")
        .contains(text)
}

/// Every page that there is, of all that is called so; answers how many show the name.
async fn every_page(browsers: [&Browser; 3], hostile: &Hostile) -> usize {
    let mut shown = 0;
    for case in CASES.iter().filter(|case| case.0 == "GET") {
        let Some(something) = hostile.of(case.3) else { continue };
        for browser in browsers {
            let page = call(browser, case, &something).await;
            judged(case.1, &page);
            shown += usize::from(shows(&page, &hostile.name));
        }
    }
    shown
}

/// What is searched for, chosen from, filtered by and led back to.
async fn every_answer(browser: &Browser, hostile: &Hostile) {
    let typed: String = form_urlencoded::byte_serialize(hostile.name.as_bytes()).collect();
    let (number, team) = (hostile.item.1, &hostile.things["Team"]);
    for path in [
        format!("/users?q={typed}"),
        format!("/customers?q={typed}"),
        format!("/users?group=team&sort={typed}"),
        format!("/tickets?status=all&q={typed}"),
        format!("/tickets?tag={typed}"),
        format!("/tickets?status={typed}"),
        format!("/tasks?back={typed}"),
        format!("/items/{number}/assignees?q={typed}"),
        format!("/items/{number}/followers?q={typed}"),
        format!("/items/{number}/requester?q={typed}"),
        format!("/items/{number}/history"),
        format!("/teams/{team}?q={typed}"),
        format!("/handovers/new?from={}&back={typed}", hostile.things["Deactivated"]),
        format!("/audit?action={typed}"),
        format!("/audit?person={}", hostile.things["Deactivated"]),
        format!("/sign-in?next={typed}"),
        format!("/portal/sign-in?next={typed}"),
        format!("/{typed}"),
    ] {
        judged(&path, &browser.get(&path).await);
    }
    let item = hostile.item.0.to_string();
    let asked =
        [("list", "ticket"), ("query", ""), ("item", &item), ("step", "search"), ("q", &hostile.name)];
    for deed in ["assign", "follow", "project", "handover"] {
        let fields = [&asked[..], &[("deed", deed), ("back", &hostile.name)]].concat();
        judged("/work/bulk", &browser.post("/work/bulk", &fields).await);
    }
    // What a form refuses it shows again.
    for (path, field) in [
        ("/users/new", "email"),
        ("/customers/new", "email"),
        ("/tickets/new", "requester"),
        ("/teams", "name"),
        ("/me/tokens", "days"),
        ("/settings/tokens", "scope"),
        ("/settings/scim", "scope"),
        ("/organizations", "domains"),
        ("/me", "time_zone"),
        ("/sign-in", "email"),
    ] {
        let fields = [("name", hostile.name.as_str()), (field, &hostile.name), ("title", "")];
        judged(path, &browser.post(path, &fields).await);
    }
}

both_engines! {
    /// ASVS 5.0 1.2.1, 1.3.4.
    async fn asvs_1_2_1_what_people_type_is_text_on_every_page(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let text = payloads("markdown").join("\n\n");
        let owner = site.signed_in("olga.owner@acme.example").await;
        for name in names("names") {
            let hostile = made(&world, &name, &text).await;
            let (member, customer) = (site.signed_in(&hostile.member).await, site.in_portal(&hostile.customer).await);
            let shown = every_page([&owner, &member, &customer], &hostile).await;
            assert!(shown >= 60, "the pages show what was typed: {shown} of {name:?}");
            every_answer(&owner, &hostile).await;
        }
        // The name of the workspace stands on all of them.
        let (ctx, workspace) = (world.ctx(), world.workspace().await);
        let settings = ops::workspace::Settings {
            name: world.name(&names("names")[0]),
            language: "en".into(),
            time_zone: "UTC".into(),
            sessions: workspace.sessions,
            version: workspace.version,
        };
        world.write(async move |tx| ops::workspace::change(tx, &ctx, settings.clone()).await).await.expect("a name");
        for path in ["/mine", "/users", "/settings", "/sign-in", "/portal/sign-in", "/portal/register"] {
            judged(path, &owner.get(path).await);
            judged(path, &site.browser().get(path).await);
        }
    }

    /// A file that somebody sent is saved, never run: ASVS 5.0 5.4.1.
    async fn asvs_5_4_1_a_file_of_any_name_is_given_out_to_be_saved(store: Store) {
        let world = World::new(store, 20).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in("olga.owner@acme.example").await;
        let (id, number) = world.assigned("A lamp", &[]).await;
        for name in payloads("names").into_iter().chain(payloads("formulas")) {
            let file = world.attach(world.ctx(), id, MessageKind::Reply, &name, b"<script>alert(1)</script>").await;
            let page = owner.get(&format!("/items/{number}/attachments/{file}")).await;
            assert!(page.status.is_success(), "{name:?}: {page:?}");
            let header = |name: &str| page.headers.get(name).expect(name).to_str().expect("text").to_owned();
            assert_eq!((header("content-type").as_str(), header("x-content-type-options").as_str()), ("application/octet-stream", "nosniff"));
            let saved = header("content-disposition");
            assert!(saved.starts_with("attachment;"), "{name:?}: {saved}");
            assert!(!saved.contains(['\r', '\n', '<', '>']) && saved.matches('"').count() <= 2, "{name:?}: {saved}");
        }
    }

    /// ASVS 5.0 1.2.10.
    async fn asvs_1_2_10_no_export_holds_a_formula(store: Store) {
        let world = World::new(store, 200).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in("olga.owner@acme.example").await;
        let mut batch = Vec::new();
        let mut uploads = Vec::new();
        for (index, name) in payloads("formulas").into_iter().enumerate() {
            // Names of teams and the like are each one's own; blanks before them are dropped.
            let name = format!("{name} {index}");
            let hostile = made(&world, &name, &name).await;
            batch.push(hostile.things["Active"].parse::<PersonId>().expect("an id"));
            uploads.extend([format!("/users/import/{}", hostile.things["Upload"]), format!("/customers/import/{}", hostile.things["CustomerUpload"])]);
        }
        let admin = world.joined_as(&any_name("Adm"), Role::Administrator).await;
        renamed(&world, admin.person, "=1+1").await;
        let ctx = world.by(admin);
        let input = ops::bulk::Input {
            kind: Kind::User,
            whom: ops::bulk::Whom::Ids(batch),
            deed: domain::bulk::Deed::Deactivate(Grounds { reason: Some("=1+1".into()), review_on: None }),
            add_licenses: false,
            past_brake: true,
            fingerprint: None,
            count: None,
            most: 100,
        };
        let id = world.write(async move |tx| ops::bulk::begin(tx, &ctx, input.clone()).await).await.expect("it begins").batch;
        let (sys, ws) = (world.sys.clone(), world.ws);
        world.write(async move |tx| ops::bulk::work(tx, &sys, ws, id).await).await.expect("a piece");
        let mut paths = vec![
            "/users.csv".to_owned(),
            "/customers.csv".into(),
            "/audit.csv".into(),
            format!("/bulk/{id}/results.csv"),
            "/api/v1/users.csv".into(),
            "/api/v1/customers.csv".into(),
        ];
        for path in &uploads {
            // The rows that are wrong are written when the file is looked at.
            assert!(owner.get(path).await.status.is_success(), "{path}");
            paths.push(format!("{path}/errors.csv"));
        }
        let csv = CASES.iter().filter(|case| case.0 == "GET" && case.1.rsplit('.').next() == Some("csv")).count();
        assert_eq!(csv, 8, "every export is looked at");
        for path in paths {
            let page = owner.get(&path).await;
            assert!(page.status.is_success(), "{path}: {}", page.text);
            let mut held = 0;
            let mut rows = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(page.text.as_bytes());
            for cell in rows.records().flat_map(|row| row.expect("CSV").iter().map(str::to_owned).collect::<Vec<_>>()) {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{path}: {cell:?}");
                held += usize::from(cell.starts_with('\''));
            }
            // In the list of what is wrong with a file stand places and our own words.
            assert!(held > 0 || path.ends_with("/errors.csv"), "{path} holds what would be a formula, made harmless: {}", page.text);
        }
    }
}

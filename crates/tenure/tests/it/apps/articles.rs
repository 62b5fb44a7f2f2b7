//! Articles: written, ordered, found, published and deleted.

use domain::{Refusal, article::ArticleState, id::ArticleId, role::Role};
use tenure::{
    Error, Result,
    ops::{
        self,
        articles::{Edit, Section, Step},
        items::{Edited, Title},
    },
};

use crate::support::{
    both_engines,
    world::{World, any_name, not_found, refused},
};

async fn edit(world: &World, id: ArticleId, edit: Edit) -> Result<Edited> {
    let ctx = world.ctx();
    world.write(async move |tx| ops::articles::edit(tx, &ctx, id, edit.clone()).await).await
}

async fn step(world: &World, id: ArticleId, step: Step) -> bool {
    let ctx = world.ctx();
    world.write(async move |tx| ops::articles::step(tx, &ctx, id, step).await).await.expect("a step")
}

fn titled(world: &World, title: &str) -> Edit {
    let title = Title::parse(title, &world.app.config.limits).expect("a title");
    Edit { title: Some(title), ..Edit::default() }
}

fn into_section(world: &World, section: &str) -> Edit {
    let section = Section::parse(section, &world.app.config.limits).expect("a section");
    Edit { section: Some(section), ..Edit::default() }
}

async fn listed(world: &World) -> Vec<String> {
    let all = ops::articles::list(&mut world.reader().await, &world.ctx()).await.expect("a list");
    all.into_iter().map(|article| format!("{}: {}", article.section, article.title)).collect()
}

async fn found(world: &World, query: &str) -> Vec<String> {
    let all = ops::articles::find(&mut world.reader().await, &world.ctx(), query).await.expect("a search");
    all.into_iter().map(|article| article.title).collect()
}

async fn at(world: &World, slug: &str) -> Result<ArticleId> {
    Ok(ops::articles::at(&mut world.reader().await, &world.ctx(), slug).await?.id)
}

both_engines! {
    async fn an_address_follows_the_title_and_those_of_before_lead_on(store: Store) {
        let world = World::new(store, 3).await;
        let (id, slug) = world.publish(world.ctx(), "Reset your password", "Account", "Press it.").await;
        assert_eq!(slug, "reset-your-password");
        let (other, taken) = world.publish(world.ctx(), "Reset your password!", "Account", "No.").await;
        assert_eq!(taken, "reset-your-password-2");
        edit(&world, id, titled(&world, "Set a new password")).await.expect("an edit");
        assert_eq!(world.found_article(id).await.slug, "set-a-new-password");
        for slug in ["reset-your-password", "set-a-new-password"] {
            assert_eq!(at(&world, slug).await.expect("found"), id, "{slug}");
        }
        // Back to the first: the address is still its own, and nobody else's.
        edit(&world, id, titled(&world, "Reset your password")).await.expect("an edit");
        assert_eq!(world.found_article(id).await.slug, "reset-your-password");
        edit(&world, other, titled(&world, "Set a new password")).await.expect("an edit");
        assert_eq!(world.found_article(other).await.slug, "set-a-new-password-2");
        assert_eq!(not_found(at(&world, "nothing").await), "article");
        let beside = world.beside(3).await;
        assert_eq!(not_found(at(&beside, "reset-your-password").await), "article");
        world.check().await;
    }

    async fn an_edit_made_from_an_older_state_does_nothing(store: Store) {
        let world = World::new(store, 3).await;
        let (id, _) = world.publish(world.ctx(), "Printing", "Office", "Press Print.").await;
        let first = Edit { version: Some(1), body: Some("Press the button.".into()), ..Edit::default() };
        assert_eq!(edit(&world, id, first.clone()).await.expect("saved"), Edited { changed: true, version: 2 });
        assert!(matches!(edit(&world, id, first).await, Err(Error::Stale)));
        let same = Edit { body: Some("Press the button.".into()), ..titled(&world, "Printing") };
        assert!(!edit(&world, id, same).await.expect("nothing").changed);
        let draft = Edit { state: Some(ArticleState::Draft), ..Edit::default() };
        edit(&world, id, draft).await.expect("taken back");
        let (lines, people) = ops::articles::history(&mut world.reader().await, &world.ctx(), id, None, 50)
            .await
            .expect("lines");
        let fields: Vec<_> = lines.iter().map(|line| line.field.as_str()).collect();
        assert_eq!(fields, ["state", "body", "state", "created"]);
        assert_eq!(people.len(), 1);
        world.check().await;
    }

    async fn articles_stand_in_the_order_of_their_section(store: Store) {
        let world = World::new(store, 3).await;
        let mut ids = Vec::new();
        for (title, section) in [("A", "Office"), ("B", "Office"), ("C", "OFFICE"), ("D", "Account")] {
            ids.push(world.publish(world.ctx(), title, section, "Text.").await.0);
        }
        let expected = ["Office: A", "Office: B", "Office: C", "Account: D"];
        assert_eq!(listed(&world).await, expected, "a section keeps the spelling it has, and a new one stands last");
        assert!(step(&world, ids[2], Step::Up).await);
        assert!(step(&world, ids[2], Step::Up).await);
        assert!(!step(&world, ids[2], Step::Up).await, "it is the first already");
        assert!(step(&world, ids[0], Step::Down).await);
        assert!(!step(&world, ids[0], Step::Down).await);
        assert_eq!(listed(&world).await, ["Office: C", "Office: B", "Office: A", "Account: D"]);
        edit(&world, ids[2], into_section(&world, "account")).await.expect("moved");
        assert_eq!(listed(&world).await, ["Office: B", "Office: A", "Account: D", "Account: C"]);
        let section = async |name: &str, step| {
            let (ctx, name) = (world.ctx(), name.to_owned());
            world.write(async move |tx| ops::articles::step_section(tx, &ctx, &name, step).await).await
        };
        assert!(section("Account", Step::Up).await.expect("a step"));
        assert!(!section("Account", Step::Up).await.expect("it is the first already"));
        assert_eq!(not_found(section("Nowhere", Step::Up).await), "section");
        assert_eq!(listed(&world).await, ["Account: D", "Account: C", "Office: B", "Office: A"]);
        world.check().await;
    }

    async fn a_search_finds_any_part_of_title_and_text_of_what_is_published(store: Store) {
        let world = World::new(store, 3).await;
        world.publish(world.ctx(), "Paper", "Office", "How to **print** on both sides: 50% less.").await;
        let (id, _) = world.publish(world.ctx(), "Printing photos", "Office", "Use [shiny](https://x.example/matte) paper.").await;
        let (draft, _) = world.publish(world.ctx(), "Secret prints", "Office", "Not yet.").await;
        let back = Edit { state: Some(ArticleState::Draft), ..Edit::default() };
        edit(&world, draft, back).await.expect("a draft");
        for (query, expected) in [
            ("PRINT", &["Printing photos", "Paper"][..]),
            ("paper print", &["Paper", "Printing photos"]),
            ("rint", &["Printing photos", "Paper"]),
            ("50%", &["Paper"]),
            ("5_%", &[]),
            ("%", &["Paper"]),
            ("matte", &[]),
            ("secret", &[]),
            ("a b c d e f g", &[]),
            ("shiny\0paper", &["Printing photos"]),
        ] {
            assert_eq!(found(&world, query).await, expected, "{query}");
        }
        edit(&world, id, titled(&world, "Photos")).await.expect("an edit");
        assert_eq!(found(&world, "print").await, ["Paper"]);
    }

    async fn a_deleted_article_leaves_nothing_but_its_entries_in_the_log(store: Store) {
        let world = World::new(store, 3).await;
        let (id, slug) = world.publish(world.ctx(), "Printing", "Office", "Press Zxcvb.").await;
        let delete = async |version| {
            let ctx = world.ctx();
            world.write(async move |tx| ops::articles::delete(tx, &ctx, id, version).await).await
        };
        assert!(matches!(delete(Some(7)).await, Err(Error::Stale)));
        assert_eq!(delete(Some(1)).await.expect("deleted"), "Printing");
        assert_eq!(not_found(delete(None).await), "article");
        assert_eq!(not_found(at(&world, &slug).await), "article");
        for (table, rows) in world.dump().await {
            assert!(!rows.iter().any(|row| row.contains("zxcvb")), "{table}");
        }
        // Its address is free again.
        assert_eq!(world.publish(world.ctx(), "Printing", "Office", "Press.").await.1, slug);
        world.check().await;
    }

    async fn rule_07_articles_of_somebody_deleted_stay_without_their_name(store: Store) {
        let world = World::new(store, 3).await;
        let ada = world.joined_as("Zenobia Quill", Role::Member).await;
        let (id, _) = world.publish(world.by(ada), "Printing", "Office", "Press Print.").await;
        assert_eq!(world.found_article(id).await.author.map(|author| author.id), Some(ada.person));
        let plan = ops::deletion::plan(&mut world.reader().await, &world.ctx(), ada.person).await;
        assert_eq!(plan.expect("a plan").held.articles, 1);
        world.delete(ada.person).await.expect("a delete");
        let left = world.found_article(id).await;
        assert_eq!((left.author, left.title.as_str()), (None, "Printing"));
        for (table, rows) in world.dump().await {
            assert!(!rows.iter().any(|row| row.contains("zenobia")), "{table}");
        }
        world.check().await;
    }

    async fn customers_and_deactivated_users_write_no_articles(store: Store) {
        let world = World::new(store, 5).await;
        let (ada, gone) = (world.member().await, world.member().await);
        let cleo = world.customer_as(&any_name("Cus")).await;
        world.deactivate(gone.person).await.expect("a deactivation");
        let (id, _) = world.publish(world.by(ada), "Printing", "Office", "Press Print.").await;
        let before = world.dump().await;
        for (who, wanted) in [(gone, Refusal::ActorDeactivated), (cleo, Refusal::DeskOnly)] {
            let (ctx, input) = (world.by(who), world.article("Mine", "Office", "No."));
            let tried = world.write(async move |tx| ops::articles::create(tx, &ctx, input.clone()).await).await;
            assert_eq!(refused(tried), wanted);
            let ctx = world.by(who);
            let tried = world.write(async move |tx| ops::articles::delete(tx, &ctx, id, None).await).await;
            assert_eq!(refused(tried), wanted);
            let ctx = world.by(who);
            let tried = world.write(async move |tx| ops::articles::step(tx, &ctx, id, Step::Up).await).await;
            assert_eq!(refused(tried), wanted);
            let seen = ops::articles::show(&mut world.reader().await, &world.by(who), id).await;
            assert_eq!(refused(seen), wanted);
        }
        assert!(crate::support::world::changed_tables(&before, &world.dump().await).is_empty());
    }
}

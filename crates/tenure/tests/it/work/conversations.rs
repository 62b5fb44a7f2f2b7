//! Conversations: who writes and reads what, mentions, and what stays of somebody who is deleted.

use domain::{
    Refusal,
    id::{AttachmentId, ItemId, PersonId},
    item::{Access, ItemStatus, MessageKind, Part},
    person::Kind,
};
use tenure::{
    Error, Result,
    ctx::Ctx,
    ops::{
        items::{self, Request},
        messages::{self, Added, Body, Conversation},
    },
    store::attachments::NewAttachment,
    text::markdown,
};

use crate::support::{
    both_engines,
    world::{Who, World, any_name, changed_tables, not_found, refused},
};

impl World {
    pub(crate) async fn say(&self, ctx: Ctx, id: ItemId, kind: MessageKind, text: &str) -> Result<Added> {
        let body = Body::parse(text, &self.app.config.limits)?;
        self.write(async move |tx| messages::add(tx, &ctx, id, kind, body.clone()).await).await
    }

    /// Sends a message with a file.
    pub(crate) async fn attach(
        &self,
        ctx: Ctx,
        id: ItemId,
        kind: MessageKind,
        name: &str,
        bytes: &[u8],
    ) -> AttachmentId {
        let file = AttachmentId::from_uuid(self.sys.uuid7());
        let mut kept = self.app.attachments.receive(self.ws, file).await.expect("a file");
        kept.take(bytes).await.expect("it is written");
        kept.finish().await.expect("it is on disk");
        let new = NewAttachment {
            id: file,
            name: name.into(),
            media_type: "application/octet-stream",
            size: i64::try_from(bytes.len()).expect("a size"),
            digest: kept.digest(),
        };
        let body = Body::beside_files("", &self.app.config.limits).expect("a body");
        let added = self.write(async move |tx| {
            messages::add_with(tx, &ctx, id, (kind, body.clone()), std::slice::from_ref(&new)).await
        });
        added.await.expect("a message");
        kept.keep();
        file
    }

    /// The latest messages as this actor sees them.
    pub(crate) async fn talk(&self, ctx: &Ctx, number: i64) -> Conversation {
        let mut rx = self.reader().await;
        let found = items::find(&mut rx, ctx, number).await.expect("an item");
        let seen = messages::conversation(&mut rx, ctx, (&found.row, found.access), None, 100).await;
        seen.expect("a conversation")
    }

    async fn email(&self, person: PersonId) -> String {
        self.row(person).await.person.email
    }
}

/// A ticket that a customer has requested.
async fn requested(world: &World, by: Who) -> (ItemId, i64) {
    let (ctx, input) =
        (world.by(by), Request { title: world.title("It does not print"), description: String::new() });
    world.write(async move |tx| items::request(tx, &ctx, input.clone()).await).await.expect("a request")
}

fn bodies(conversation: &Conversation) -> Vec<&str> {
    conversation.messages.iter().map(|message| message.body.as_str()).collect()
}

both_engines! {
    async fn rule_08_customers_read_replies_and_never_notes(store: Store) {
        let world = World::new(store, 3).await;
        let (cleo, other) = (world.customer_as(&any_name("Cus")).await, world.customer_as(&any_name("Cus")).await);
        let (id, number) = requested(&world, cleo).await;
        for (kind, text) in [(MessageKind::Reply, "Which printer?"), (MessageKind::Note, "Again."), (MessageKind::Reply, "Try now.")] {
            world.later(std::time::Duration::from_mins(1));
            world.say(world.ctx(), id, kind, text).await.expect("a message");
        }
        assert_eq!(bodies(&world.talk(&world.ctx(), number).await), ["Which printer?", "Again.", "Try now."]);
        assert_eq!(bodies(&world.talk(&world.by(cleo), number).await), ["Which printer?", "Try now."]);
        assert_eq!(refused(world.say(world.by(cleo), id, MessageKind::Note, "x").await), Refusal::DeskOnly);
        assert_eq!(not_found(world.say(world.by(other), id, MessageKind::Reply, "x").await), "item");
        assert_eq!(refused(world.say(world.cli(), id, MessageKind::Reply, "x").await), Refusal::NotSignedIn);
        world.check().await;
        // In pages, from the latest back.
        let mut rx = world.reader().await;
        let found = items::find(&mut rx, &world.ctx(), number).await.expect("an item");
        let (ctx, of) = (world.ctx(), (&found.row, Access::Desk));
        let last = messages::conversation(&mut rx, &ctx, of, None, 2).await.expect("a page");
        assert_eq!(bodies(&last), ["Again.", "Try now."]);
        let first = messages::conversation(&mut rx, &ctx, of, last.earlier, 2).await.expect("a page");
        assert_eq!((bodies(&first), first.earlier), (vec!["Which printer?"], None));
    }

    async fn a_customers_reply_brings_back_what_was_finished(store: Store) {
        let world = World::new(store, 3).await;
        let cleo = world.customer_as(&any_name("Cus")).await;
        let (id, number) = requested(&world, cleo).await;
        world.set_item(id, ItemStatus::Done).await;
        let noted = world.say(world.ctx(), id, MessageKind::Note, "They may come back.").await.expect("a note");
        assert_eq!(noted.status, ItemStatus::Done);
        let said = world.say(world.by(cleo), id, MessageKind::Reply, "It is broken again.").await.expect("a reply");
        assert_eq!(said.status, ItemStatus::Open);
        let page = world.show(&world.ctx(), number).await.expect("a page");
        assert_eq!((page.row.item.status, page.row.messages), (ItemStatus::Open, 2));
        world.check().await;
    }

    async fn rule_01_a_reply_by_somebody_just_deactivated_is_refused(store: Store) {
        let world = World::new(store, 3).await;
        let (ada, cleo) = (world.member().await, world.customer_as(&any_name("Cus")).await);
        let (id, number) = requested(&world, cleo).await;
        for who in [ada, cleo] {
            let ctx = world.by(who);
            world.deactivate(who.person).await.expect("a deactivation");
            let before = world.dump().await;
            let said = world.say(ctx, id, MessageKind::Reply, "Half written").await;
            assert_eq!(refused(said), Refusal::ActorDeactivated);
            assert!(changed_tables(&before, &world.dump().await).is_empty());
        }
        assert_eq!(bodies(&world.talk(&world.ctx(), number).await), [""; 0]);
    }

    async fn rule_05_a_deactivated_person_is_not_mentioned(store: Store) {
        let world = World::new(store, 4).await;
        let (ada, off) = (world.member().await, world.deactivated().await);
        let cleo = world.customer_as(&any_name("Cus")).await;
        let (id, number) = requested(&world, cleo).await;
        let (hers, theirs, customers) =
            (world.email(ada.person).await, world.email(off.person).await, world.email(cleo.person).await);
        let before = world.dump().await;
        for text in [format!("Ask @{theirs}."), format!("Ask {}.", markdown::token(off.person))] {
            let said = world.say(world.ctx(), id, MessageKind::Reply, &text).await;
            assert_eq!(refused(said), Refusal::DeactivatedGetsNothingNew);
        }
        let said = world.say(world.ctx(), id, MessageKind::Note, &format!("Ask @{customers}")).await;
        assert_eq!(refused(said), Refusal::UsersOnly, "customers see no notes");
        assert!(changed_tables(&before, &world.dump().await).is_empty());
        // What is quoted, or stands in code or in another address, mentions nobody: what she wrote before she left can be quoted.
        let quoted = format!("> ask @{theirs}\n\n`@{theirs}` and http://x.example/@{theirs}\n\n```\n@{theirs}\n```");
        let said = world.say(world.ctx(), id, MessageKind::Note, &quoted).await.expect("a note");
        assert_eq!(said.mentioned, []);
        assert_eq!(bodies(&world.talk(&world.ctx(), number).await), [quoted.as_str()]);
        let text = format!("Ask @{} or @nobody@acme.example, not me@{hers}.", hers.to_uppercase());
        let said = world.say(world.ctx(), id, MessageKind::Note, &text).await.expect("a note");
        assert_eq!(said.mentioned, [ada.person]);
        let kept = format!("Ask {} or @nobody@acme.example, not me@{hers}.", markdown::token(ada.person));
        let talk = world.talk(&world.ctx(), number).await;
        assert_eq!(bodies(&talk)[1..], [kept.as_str()]);
        assert_eq!(talk.mention(ada.person).map(|brief| brief.id), Some(ada.person));
        let mine = messages::mentions(&mut world.reader().await, &world.by(ada), None, 10).await.expect("lines");
        assert_eq!(mine.iter().map(|line| line.number).collect::<Vec<_>>(), [number]);
        // A customer's text mentions nobody: an address would tell whose it is.
        let text = format!("@{hers} {}", markdown::token(ada.person));
        let said = world.say(world.by(cleo), id, MessageKind::Reply, &text).await;
        assert_eq!(said.expect("a reply").mentioned, []);
        world.check().await;
    }

    async fn rule_07_messages_of_somebody_deleted_stay_readable_without_their_name(store: Store) {
        let world = World::new(store, 4).await;
        let (ada, cleo) = (world.joined_as("Zenobia Quill", domain::role::Role::Member).await, world.customer_as("Yolanda Brick").await);
        let (id, number) = requested(&world, cleo).await;
        world.give(world.ctx(), id, cleo.person, Part::Follower).await.expect("a part");
        let address = world.email(ada.person).await;
        world.say(world.ctx(), id, MessageKind::Reply, &format!("@{address} knows.")).await.expect("a reply");
        world.say(world.by(ada), id, MessageKind::Reply, "I do.").await.expect("a reply");
        world.say(world.by(cleo), id, MessageKind::Reply, "Thank you.").await.expect("a reply");
        let mut kinds = Vec::new();
        for who in [ada, cleo] {
            let plan = tenure::ops::deletion::plan(&mut world.reader().await, &world.ctx(), who.person).await;
            assert_eq!(plan.expect("a plan").held.messages, 1);
            world.delete(who.person).await.expect("a delete");
            world.check().await;
        }
        let talk = world.talk(&world.ctx(), number).await;
        for message in &talk.messages {
            kinds.push((message.author.is_some(), message.author_kind));
        }
        assert_eq!(kinds, [(true, Kind::User), (false, Kind::User), (false, Kind::Customer)]);
        assert_eq!(bodies(&talk)[1..], ["I do.", "Thank you."]);
        assert!(talk.mentioned.is_empty());
        for (table, rows) in world.dump().await {
            assert!(!rows.iter().any(|row| row.contains("zenobia") || row.contains("yolanda")), "{table}");
        }
    }

    async fn an_empty_message_and_one_that_is_too_long_name_the_field(store: Store) {
        let world = World::new(store, 2).await;
        let (id, _) = world.assigned("A printer", &[]).await;
        for text in [" \n ".to_owned(), "x".repeat(100_001)] {
            let said = world.say(world.ctx(), id, MessageKind::Reply, &text).await;
            let Err(Error::Invalid(fields)) = said else { panic!("{said:?}") };
            assert_eq!(fields[0].field, "body");
        }
    }
}

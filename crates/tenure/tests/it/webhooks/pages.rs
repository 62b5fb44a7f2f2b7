//! Webhooks on the pages of the desk.

use std::time::Duration;

use domain::{id::WebhookId, item::ItemStatus, webhook::topics};
use reqwest::StatusCode;

use super::Receiver;
use crate::{
    http::OWNER,
    support::{both_engines, http::Site, world::World},
    tokens::pages::form_id,
};

const HERE: &str = "/settings/webhooks";

/// Where a page that shows a secret leads to.
fn page_of(id: WebhookId) -> String {
    format!("{HERE}/{id}")
}

both_engines! {
    async fn a_form_that_is_sent_again_makes_no_second_webhook_and_no_second_secret(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let id = form_id(&owner.get(HERE).await.text);
        let fields = [("id", id.as_str()), ("name", "Directory"), ("url", "http://127.0.0.1:9/in"), ("what", "all")];
        let made = owner.post(HERE, &fields).await;
        assert!(made.status == StatusCode::OK && made.text.contains(">whsec_"), "{made:?}");
        let again = owner.post(HERE, &fields).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.text.contains("The webhook Directory was made already") && !again.text.contains("whsec_"), "{again:?}");
        assert_eq!(owner.get(HERE).await.text.matches("<bdi>Directory</bdi>").count(), 1);

        // A new secret replaces the one that the question was asked about, and no other.
        let path = format!("{HERE}/{id}/secret");
        let asked = owner.get(&path).await.text;
        let (_, mark) = asked.split_once("name=\"_version\" value=\"").expect("the mark of the present secret");
        let mark = &mark[..mark.find('"').expect("closed")];
        let rotated = owner.post(&path, &[("_version", mark)]).await;
        assert!(rotated.status == StatusCode::OK && rotated.text.contains(">whsec_"), "{rotated:?}");
        let row = world.webhook_row(id.parse().expect("an id")).await;
        let repeat = owner.post(&path, &[("_version", mark)]).await;
        assert!(repeat.status == StatusCode::CONFLICT && !repeat.text.contains("whsec_"), "{repeat:?}");
        assert!(repeat.text.contains("was given a new secret already"), "{repeat:?}");
        assert_eq!(world.webhook_row(row.id).await, row, "the former one goes on signing");

        assert!(owner.submit(&format!("{HERE}/{id}/deletion"), &[]).await.text.contains("The webhook is deleted."));
        let gone = owner.post(HERE, &fields).await;
        assert!(gone.status == StatusCode::CONFLICT && gone.text.contains("It has been deleted since."), "{gone:?}");
    }

    async fn all_of_a_group_is_chosen_at_once(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let form = owner.get(HERE).await.text;
        assert!(form.contains("Person activated <code>person.activated</code>"), "{form}");
        let id = form_id(&form);
        let fields = [
            ("id", id.as_str()), ("name", "Some"), ("url", "http://127.0.0.1:9/in"),
            ("what", "some"), ("group", "groups"), ("topic", "person.deactivated"),
        ];
        assert_eq!(owner.post(HERE, &fields).await.status, StatusCode::OK);
        let row = world.webhook_row(id.parse().expect("an id")).await;
        let wanted: Vec<&str> = topics().into_iter()
            .filter(|topic| topic.starts_with("team.") || topic.starts_with("organization.") || *topic == "person.deactivated")
            .collect();
        let mut chosen: Vec<&str> = row.topics.words().collect();
        chosen.sort_unstable();
        assert_eq!(chosen, wanted);
        let refused = owner.post(HERE, &[("name", "None"), ("url", "http://127.0.0.1:9/"), ("what", "some"), ("group", "bogus")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn the_log_says_what_each_is_about_and_what_was_answered(store: Store) {
        let world = World::with_hooks(store, 10).await;
        let site = Site::of(&world).await;
        let owner = site.signed_in(OWNER).await;
        let receiver = Receiver::start().await;
        let url = receiver.url();
        let id = world.webhook(&url, &["item.changed", "person.deactivated", "person.deleted", "team.created"]).await.webhook.id;
        receiver.answers(500);
        let (stays, goes) = (world.member().await, world.member().await);
        let ticket = world.assigned("Printer jams", &[]).await.0;
        world.set_item(ticket, ItemStatus::Open).await;
        world.deactivate(stays.person).await.expect("deactivated");
        world.delete(goes.person).await.expect("deleted");
        world.team("Night shift").await;
        world.send().await;
        let name = world.row(stays.person).await.person.name;
        let log = owner.get(&page_of(id)).await.text;
        for part in ["Printer jams", &format!("{name} (Deactivated)"), "Deleted user", "Night shift", "500 Internal Server Error"] {
            assert!(log.contains(part), "{part}: {log}");
        }
        let delivery = world.log(id).await[0].clone();
        let page = owner.get(&format!("{}/deliveries/{}", page_of(id), delivery.id)).await.text;
        assert!(page.contains(&format!("<bdi>{url}</bdi>")), "the whole address: {page}");
        let raw = delivery.body.replace('"', "&#34;");
        assert!(page.contains(&format!(">{raw}</textarea>")), "the bytes that are signed: {page}");

        // After an hour of failures it is said where administrators look, and no longer once something arrives.
        let marked = async || owner.get("/users").await.text.contains("title=\"1 to attend to\"");
        assert!(!marked().await, "a receiver may be starting anew");
        world.later(Duration::from_secs(3_700));
        assert!(marked().await);
        assert!(owner.get(HERE).await.text.contains("Webhooks <span class=\"mark-count\""));
        receiver.answers(200);
        world.send().await;
        assert!(!marked().await);
    }
}

//! Invariant 2: of 1,000 activations for the last license, asked of two nodes at once, one succeeds.

use reqwest::{Method, StatusCode};

use super::{Nodes, OWNER};

/// How many clients each node has at once.
const CLIENTS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_2_of_1000_activations_at_two_nodes_one_gets_the_last_license() {
    let nodes = Nodes::new(2).await;
    let world = &nodes.world;
    let crowd = world.crowd(1_000).await;
    let owner = nodes.sites[0].signed_in(OWNER).await;
    let mut clients = tokio::task::JoinSet::new();
    for (number, people) in crowd.chunks(1_000_usize.div_ceil(2 * CLIENTS)).enumerate() {
        let browser = owner.twin().towards(&nodes.sites[number % 2].url);
        let people = people.to_vec();
        clients.spawn(async move {
            let mut won = Vec::new();
            for person in &people {
                let path = format!("/api/v1/users/{person}/deactivation");
                let page = browser.send(browser.request(Method::DELETE, &path)).await;
                if page.status == StatusCode::OK {
                    won.push(*person);
                } else {
                    assert_eq!(page.status, StatusCode::CONFLICT, "{page:?}");
                    assert_eq!(page.json()["type"], "/problems/licenses-exhausted", "{page:?}");
                }
            }
            (people.len(), won)
        });
    }
    let (mut asked, mut won) = (0, Vec::new());
    while let Some(client) = clients.join_next().await {
        let (people, more) = client.expect("a client ends well");
        asked += people;
        won.extend(more);
    }
    assert_eq!((asked, won.len()), (1_000, 1), "one gets it: {won:?}");
    assert!(world.row(won[0]).await.person.status.is_active());
    assert_eq!(world.workspace().await.licenses.used, 2);
    assert_eq!(nodes.number("select count(*) from audit where action = 'person.activated'").await, 1);
    world.check().await;
}

//! Workspaces beside each other.

use domain::{Refusal, workspace::begin};
use proptest::prelude::*;

#[test]
fn the_first_workspace_needs_no_host_and_every_one_beside_it_does() {
    assert_eq!(begin([], "Acme", false), Ok(()));
    assert_eq!(begin([], "Acme", true), Ok(()));
    let lost = |names: &[&str], itself| {
        Err(Refusal::WorkspaceNeedsHost { lost: names.iter().map(ToString::to_string).collect(), itself })
    };
    assert_eq!(begin([("Acme", true)], "Beta", true), Ok(()));
    assert_eq!(begin([("Acme", true)], "Acme", true), Ok(()), "names may be the same");
    assert_eq!(begin([("Acme", true)], "Beta", false), lost(&["Beta"], true));
    assert_eq!(begin([("Acme", false)], "Beta", true), lost(&["Acme"], false));
    assert_eq!(begin([("Acme", false), ("Gamma", true)], "Beta", false), lost(&["Acme", "Beta"], true));
}

proptest! {
    #[test]
    fn of_several_workspaces_none_is_ever_without_a_host(hosts in prop::collection::vec(any::<bool>(), 0..20)) {
        let mut begun: Vec<(String, bool)> = Vec::new();
        for (number, has_host) in hosts.into_iter().enumerate() {
            let name = format!("W{number}");
            if begin(begun.iter().map(|(name, has)| (name.as_str(), *has)), &name, has_host).is_ok() {
                begun.push((name, has_host));
            }
        }
        prop_assert!(begun.len() < 2 || begun.iter().all(|(_, has_host)| *has_host));
    }
}

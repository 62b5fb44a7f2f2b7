//! A life from the first day to the last.

use domain::role::Role;
use tenure::ops::{activation::Way, sign_in::SignedIn};

use crate::support::{
    both_engines,
    world::{PASSWORD, World, address},
};

both_engines! {
    async fn a_life_from_invitation_to_delete(store: Store) {
        let world = World::new(store, 3).await;
        let ada = world.joined_as("Ada Adams", Role::Member).await;
        let signed_in = world.sign_in(&address("Ada Adams"), PASSWORD).await.expect("right credentials");
        assert!(matches!(signed_in, SignedIn::Opened(_)));
        world.check().await;
        let receipt = world.deactivate(ada.person).await.expect("a deactivation");
        assert_eq!((receipt.sessions_ended, receipt.license_freed), (2, true));
        world.check().await;
        let signed_in = world.sign_in(&address("Ada Adams"), PASSWORD).await.expect("right credentials");
        assert!(matches!(signed_in, SignedIn::Deactivated { .. }));
        let receipt = world.activate(ada.person, Way::Free).await.expect("an activation");
        assert_eq!((receipt.owned, receipt.used), (3, 2));
        world.check().await;
        world.undo(receipt.undo.expect("a step")).await.expect("an undo");
        world.check().await;
        world.activate(ada.person, Way::Free).await.expect("an activation");
        world.delete(ada.person).await.expect("a delete");
        assert!(world.found(ada.person).await.is_none());
        world.check().await;
    }
}

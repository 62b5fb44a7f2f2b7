//! Search finds what the rule in memory finds, in every order and by every way.

use domain::{person::Kind, role::Role};
use tenure::store::{
    grid::{BuiltinView, GridQuery, Sort},
    picker,
};

use super::crowd::{Crowd, Dice, now, pieces};
use super::pages::{WAYS, check};
use crate::support::both_engines;

both_engines! {
    async fn search_finds_any_part_word_starts_and_single_characters_of_cjk(store: Store) {
        let crowd = Crowd::new(&store, 70, 31).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        let mut dice = Dice(32);
        let (mut found, mut nothing) = (0, 0);
        for (number, q) in pieces(&crowd, &mut dice).into_iter().enumerate() {
            let view = BuiltinView::ALL[number % 2];
            let sort = Sort::ALL[number % Sort::ALL.len()];
            let grouped = number % 5 == 0;
            let query = GridQuery { q, view, sort, limit: 20, grouped, ..GridQuery::new(Kind::User) };
            match crowd.counted(&query) {
                0 => nothing += 1,
                _ => found += 1,
            }
            for way in WAYS {
                check(&mut rx, &workspace, &crowd, &query, way).await;
            }
        }
        assert!(found > 40 && nothing > 3, "{found} found somebody, {nothing} nobody");
    }

    async fn the_picker_offers_who_can_give_up_a_license(store: Store) {
        let crowd = Crowd::new(&store, 90, 44).await;
        let mut rx = store.reader().await.expect("a reader");
        let workspace = crowd.workspace(&mut rx).await;
        for q in ["", "ada", "a", "李", "nobody"] {
            let query = GridQuery {
                view: BuiltinView::Active, sort: Sort::LastSignIn, q: q.into(), ..GridQuery::new(Kind::User)
            };
            let all: Vec<_> = crowd.expected(&query).into_iter().map(|(id, _)| id).collect();
            let owner = crowd.people[0].id;
            let not = all.iter().copied().filter(|id| *id != owner).take(2).collect::<Vec<_>>();
            let mut expected: Vec<_> =
                all.into_iter().filter(|id| *id != owner && !not.contains(id)).collect();
            expected.truncate(picker::OFFERED);
            let rows = picker::to_deactivate(&mut rx, &workspace, q, &not, now()).await.expect("an offer");
            let offered: Vec<_> = rows.iter().map(|row| row.row.person.id).collect();
            assert_eq!(offered, expected, "{q}");
            assert!(rows.iter().all(|row| row.row.person.role != Role::Owner));
            assert!(rows.iter().map(|row| row.row.last_sign_in).is_sorted());
        }
    }
}

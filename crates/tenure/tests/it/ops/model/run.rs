//! A step of the model, done with the real ops.

use super::*;

impl Twin {
    fn real(&self, before: &Workspace, target: u8) -> PersonId {
        self.people[&before.target(target).id]
    }

    /// Does the step with the real ops. `None` when there is nothing to do it with.
    pub(super) async fn run(
        &self,
        ctx: Ctx,
        before: &Workspace,
        op: &Op,
        today: jiff::civil::Date,
    ) -> Option<Result<Came>> {
        let world = &self.world;
        Some(match *op {
            Op::Wait { .. } => return None,
            Op::Expire => {
                let ctx = world.job();
                world
                    .write(async move |tx| ops::invitation::expire_due(tx, &ctx).await)
                    .await
                    .map(|_| Came::Done)
            }
            Op::Invite { existing, role, add } => {
                // Where it is refused, the model has nobody new: any address that is nobody's will do.
                let new = self.model.people().find(|person| before.find(person.id).is_none());
                let (name, email) = new
                    .map_or(("Nobody", "nobody@example.com"), |new| (new.name.as_str(), new.email.as_str()));
                let email = existing.map_or(email, |n| before.target(n).email.as_str()).to_owned();
                let name = world.name(name);
                let input = ops::invitation::Input {
                    email,
                    name,
                    joining: Joining::User { role, teams: Vec::new() },
                    add_license: add,
                };
                world
                    .write(async move |tx| ops::invitation::invite(tx, &ctx, input.clone()).await)
                    .await
                    .map(|receipt| Came::Invited(receipt.person, receipt.secret))
            }
            Op::SendAgain { target, add } => {
                let id = self.real(before, target);
                world
                    .write(async move |tx| ops::invitation::send_again(tx, &ctx, id, add).await)
                    .await
                    .map(|receipt| Came::Invited(receipt.person, receipt.secret))
            }
            Op::Accept { target } => {
                let secret = self.secrets.get(&self.real(before, target))?.clone();
                let (ctx, name) =
                    (world.visitor(world.owner.person), world.name(&before.target(target).name));
                world
                    .write(async move |tx| {
                        let from = ops::sessions::From::default();
                        ops::invitation::accept(tx, &ctx, &secret, name.clone(), "a hash", &from).await
                    })
                    .await
                    .map(|_| Came::Done)
            }
            Op::Withdraw { target } => {
                let id = self.real(before, target);
                let outcome =
                    world.write(async move |tx| ops::invitation::withdraw(tx, &ctx, id).await).await;
                outcome.map(|_| Came::Done)
            }
            Op::Delete { target } => {
                let id = self.real(before, target);
                let input = ops::deletion::Input {
                    email: before.target(target).email.clone(),
                    version: None,
                    seen: None,
                };
                world
                    .write(async move |tx| ops::deletion::delete(tx, &ctx, id, input.clone()).await)
                    .await
                    .map(|_| Came::Done)
            }
            Op::Deactivate { target, review_in } => {
                let (id, grounds) = (self.real(before, target), grounds(today, review_in));
                let input = ops::deactivation::Input { grounds, version: None, ..Default::default() };
                world
                    .write(async move |tx| ops::deactivation::deactivate(tx, &ctx, id, input.clone()).await)
                    .await
                    .map(|receipt| Came::Step(receipt.changed, receipt.undo))
            }
            Op::Review { target, review_in } => {
                let (id, on) = (self.real(before, target), grounds(today, review_in).review_on);
                let outcome =
                    world.write(async move |tx| ops::review::change(tx, &ctx, id, on, None).await).await;
                outcome.map(Came::Changed)
            }
            Op::Activate { target, way } => {
                let id = self.real(before, target);
                let way = match way {
                    WayChoice::Free => ops::activation::Way::Free,
                    WayChoice::Add => ops::activation::Way::Add,
                    WayChoice::Swap(other) => ops::activation::Way::Swap {
                        other: self.real(before, other),
                        grounds: Grounds::default(),
                    },
                };
                world.activate_by(ctx, id, way).await.map(|receipt| Came::Step(receipt.changed, receipt.undo))
            }
            Op::Undo { step } => {
                let (step, _) = self.steps[before.nth_last(step)?];
                world.write(async move |tx| ops::undo::undo(tx, &ctx, step).await).await.map(|_| Came::Done)
            }
            ref other => self.run_other(ctx, before, other).await?,
        })
    }

    /// Roles, licenses, teams, names.
    async fn run_other(&self, ctx: Ctx, before: &Workspace, op: &Op) -> Option<Result<Came>> {
        let world = &self.world;
        let team = |team: u8| self.teams[&before.teams[usize::from(team) % before.teams.len()]];
        Some(match *op {
            Op::ChangeRole { target, role } => {
                let id = self.real(before, target);
                let outcome =
                    world.write(async move |tx| ops::roles::change(tx, &ctx, id, role, None).await).await;
                outcome.map(Came::Changed)
            }
            Op::Transfer { target } => {
                let id = self.real(before, target);
                let outcome = world
                    .write(async move |tx| ops::roles::transfer_ownership(tx, &ctx, id, None).await)
                    .await;
                outcome.map(Came::Changed)
            }
            Op::Own { owned } => world
                .write(async move |tx| ops::licenses::own(tx, &ctx, owned).await)
                .await
                .map(|_| Came::Done),
            Op::Join { target, team: to } => {
                let (id, team) = (self.real(before, target), team(to));
                world
                    .write(async move |tx| ops::teams::join(tx, &ctx, team, id).await)
                    .await
                    .map(|_| Came::Done)
            }
            Op::Leave { target, team: from } => {
                let (id, team) = (self.real(before, target), team(from));
                world
                    .write(async move |tx| ops::teams::leave(tx, &ctx, team, id).await)
                    .await
                    .map(|_| Came::Done)
            }
            Op::Rename { target } => {
                let id = self.real(before, target);
                // When it is refused, the model has no new name: any other than the present one will do.
                let new = self.model.find(before.target(target).id).expect("still there").person.clone();
                let email = if new.email == before.target(target).email {
                    "other@example.com".into()
                } else {
                    new.email
                };
                let input = ops::profile::Input {
                    name: Some(world.name(&new.name)),
                    email: Some(email),
                    ..Default::default()
                };
                world
                    .write(async move |tx| ops::profile::edit(tx, &ctx, id, input.clone()).await)
                    .await
                    .map(|_| Came::Done)
            }
            _ => return None,
        })
    }
}

fn grounds(today: jiff::civil::Date, review_in: Option<i8>) -> Grounds {
    Grounds {
        reason: review_in.map(|days| format!("back in {days} days")),
        review_on: review_in
            .map(|days| today.saturating_add(SignedDuration::from_hours(24 * i64::from(days)))),
    }
}

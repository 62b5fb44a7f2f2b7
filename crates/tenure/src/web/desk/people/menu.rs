//! What can be done with a person: only what the rules would let the reader do, asked of the rules.

use domain::{
    Refusal,
    actor::Authority,
    customer, invitation,
    license::Licenses,
    lifecycle::{self, Grounds, Outcome, Way},
    part,
    person::{Person, StatusWord},
    role::Role,
};
use jiff::{Timestamp, civil::Date};

use crate::{ops, store::people::PersonRow, web::view::people::Action};

/// What decides about a menu.
pub(super) struct Reader<'a> {
    /// Who reads.
    pub authority: &'a Authority,
    /// The licenses.
    pub licenses: &'a Licenses,
    /// The moment.
    pub now: Timestamp,
    /// Today in the workspace.
    pub today: Date,
}

/// The role that somebody's could be changed to.
pub(super) fn other_role(person: &Person) -> Role {
    if person.role == Role::Member { Role::Administrator } else { Role::Member }
}

impl Reader<'_> {
    fn administers(&self) -> bool {
        self.authority.may_administer().is_ok()
    }

    /// The actions on a person, in the order of the menu, but for looking at them.
    pub(super) fn actions(&self, row: &PersonRow, in_a_group: bool) -> Vec<Action> {
        let person = &row.person;
        let mut actions = Vec::new();
        if !self.administers() {
            // What members may do with their own account stands on their own page.
            return actions;
        }
        let who = self.authority;
        let mut offer = |possible: bool, action| {
            if possible {
                actions.push(action);
            }
        };
        offer(part::edit_profile(who, person, false).is_ok(), Action::Edit);
        offer(
            matches!(part::change_role(who, person, other_role(person)), Ok(Outcome::Changed(_))),
            Action::Role,
        );
        // Of a deactivated customer it can only be taken away.
        let moves = customer::join_organization(who, person).is_ok()
            || (in_a_group && customer::leave_organization(who, person).is_ok());
        offer(moves, Action::Organization);
        offer(part::make_link(who, person).is_ok(), Action::PasswordLink);
        let active = person.status.is_active();
        offer(active && part::end_sessions(who, person).is_ok(), Action::Sessions);
        offer(part::edit_profile(who, person, false).is_ok(), Action::Export);
        offer(self.can_send_again(person), Action::SendAgain);
        offer(self.can_be_converted(person), Action::Convert);
        offer(self.can_be_deactivated(person), Action::Deactivate);
        offer(self.can_be_activated(person), Action::Activate);
        offer(lifecycle::review(who, person, ops::review::date(person), self.today).is_ok(), Action::Review);
        let dismissal = lifecycle::dismiss_return(who, person, row.return_asked);
        offer(matches!(dismissal, Ok(Outcome::Changed(_))), Action::DismissReturn);
        offer(lifecycle::delete(who, person).is_ok(), Action::Delete);
        offer(invitation::withdraw(who, person).is_ok(), Action::Withdraw);
        actions
    }

    fn can_be_deactivated(&self, person: &Person) -> bool {
        let outcome = lifecycle::deactivate(self.authority, person, Grounds::default(), self.now, self.today);
        matches!(outcome, Ok(Outcome::Changed(_)))
    }

    /// With no license free there are other ways than a free one.
    fn can_be_activated(&self, person: &Person) -> bool {
        let outcome =
            lifecycle::activate(self.authority, person, self.licenses, Way::Free, self.now, self.today);
        matches!(outcome, Ok(Outcome::Changed(_)) | Err(Refusal::LicensesExhausted { .. }))
    }

    /// With no license free one can be added.
    fn can_be_converted(&self, person: &Person) -> bool {
        let outcome = customer::convert(self.authority, person, self.licenses, false);
        matches!(outcome, Ok(_) | Err(Refusal::LicensesExhausted { .. }))
    }

    fn can_send_again(&self, person: &Person) -> bool {
        let outcome = invitation::send_again(self.authority, person, self.licenses, false, self.now);
        matches!(outcome, Ok(_) | Err(Refusal::LicensesExhausted { .. }))
    }

    /// Why less can be done than one might think.
    pub(super) fn guard_note(&self, person: &Person) -> Option<String> {
        if !self.administers() || person.status.word() == StatusWord::Invited {
            return None;
        }
        let deactivation = lifecycle::may_be_deactivated(self.authority, person).err();
        let deletion = lifecycle::delete(self.authority, person).err();
        deactivation.or(deletion).map(|refusal| refusal.to_string())
    }
}

//! What a person is given and loses: teams, roles, ownership, links, parts in items and projects (rules 2, 5 and 9).

use crate::{
    actor::{Actor, Authority},
    item::{self, Part},
    lifecycle::Outcome,
    person::{Kind, Person, StatusWord},
    refusal::Refusal,
    role::Role,
};

/// Rule 5: a deactivated person is given nothing new: no team, item, project or mention.
pub fn may_receive(target: &Person) -> Result<(), Refusal> {
    match target.status.word() {
        StatusWord::Deactivated => Err(Refusal::DeactivatedGetsNothingNew),
        StatusWord::Active | StatusWord::Invited => Ok(()),
    }
}

/// Whether a person may be put into a team: users only.
pub fn join_team(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    authority.may_administer()?;
    if target.kind != Kind::User {
        return Err(Refusal::UsersOnly);
    }
    may_receive(target)
}

/// Whether somebody may be given a part in an item or a project: assignees are users, followers are both. A customer
/// may follow an item that they may read, themself; whoever asks knows that they may.
pub fn give(authority: &Authority, target: &Person, part: Part) -> Result<(), Refusal> {
    match item::may_work(authority) {
        Err(Refusal::DeskOnly) if part == Part::Follower && authority.is(target) => {}
        outcome => outcome?,
    }
    if part == Part::Assignee && target.kind != Kind::User {
        return Err(Refusal::UsersOnly);
    }
    may_receive(target)
}

/// Whether a part may be taken away: by whoever works at the desk, whatever the person's status (rule 2), and one's
/// own following by oneself.
pub fn take(authority: &Authority, target: &Person, part: Part) -> Result<(), Refusal> {
    match item::may_work(authority) {
        Err(Refusal::DeskOnly) if part == Part::Follower && authority.is(target) => Ok(()),
        outcome => outcome,
    }
}

/// Whether somebody may be made the requester of an item: by whoever works at the desk anybody who may be given
/// something; a customer themself.
pub fn request(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    match item::may_work(authority) {
        Err(Refusal::DeskOnly) if authority.is(target) => {}
        outcome => outcome?,
    }
    may_receive(target)
}

/// Whether the role may change. A deactivated person's role may be lowered (rule 2: others may
/// remove a part; rule 7: an administrator is made a member before being deleted), never raised.
pub fn change_role(authority: &Authority, target: &Person, role: Role) -> Result<Outcome<Role>, Refusal> {
    authority.may_administer()?;
    if role == Role::Owner {
        return Err(Refusal::RoleNotGiven { role });
    }
    if target.role == Role::Owner {
        return Err(Refusal::OwnerByTransferOnly);
    }
    if target.role == role {
        return Ok(Outcome::Unchanged);
    }
    if target.kind != Kind::User {
        return Err(Refusal::RoleNotGiven { role });
    }
    if authority.is(target) {
        return Err(Refusal::OwnRole);
    }
    if role > target.role {
        may_receive(target)?;
    }
    Ok(Outcome::Changed(role))
}

/// Whether ownership may pass to this person: by the owner, or at the machine (rule 9); only to an
/// active user. The former owner becomes an administrator.
pub fn transfer_ownership(authority: &Authority, target: &Person) -> Result<Outcome<()>, Refusal> {
    authority.may_act()?;
    match (&authority.actor, &authority.person) {
        (Actor::Cli { .. }, _) => {}
        (Actor::Person { .. }, Some(person)) if person.role == Role::Owner => {}
        _ => return Err(Refusal::OwnerOnly),
    }
    if target.role == Role::Owner {
        return Ok(Outcome::Unchanged);
    }
    if target.kind != Kind::User || !target.status.is_active() {
        return Err(Refusal::NewOwnerNotActive);
    }
    Ok(Outcome::Changed(()))
}

/// Whether a set-password link may be made for this person. The owner's is made by the owner or at
/// the machine: whoever holds the link becomes them.
pub fn make_link(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    authority.may_administer()?;
    match target.status.word() {
        StatusWord::Deactivated => return Err(Refusal::DeactivatedGetsNoLink),
        StatusWord::Invited => return Err(Refusal::InvitedIsSentAgain),
        StatusWord::Active => {}
    }
    owner_only_by_owner(authority, target)
}

/// Whether somebody's profile may be edited: by the person, or by an administrator; the owner's
/// email address (which is the owner's way in) only by the owner or at the machine.
pub fn edit_profile(authority: &Authority, target: &Person, changes_email: bool) -> Result<(), Refusal> {
    authority.may_act()?;
    if matches!(authority.actor, Actor::Visitor { .. }) {
        return Err(Refusal::NotSignedIn);
    }
    if changes_email || !authority.is(target) {
        // Members do not change their address themselves: it names the account.
        authority.may_administer()?;
    }
    if changes_email {
        owner_only_by_owner(authority, target)?;
    }
    Ok(())
}

/// Whether sessions of this person may be ended: one's own, or anybody's by an administrator.
pub fn end_sessions(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    authority.may_act()?;
    if authority.is(target) {
        return Ok(());
    }
    authority.may_administer()
}

fn owner_only_by_owner(authority: &Authority, target: &Person) -> Result<(), Refusal> {
    let at_the_machine = matches!(authority.actor, Actor::Cli { .. });
    if target.role == Role::Owner && !authority.is(target) && !at_the_machine {
        return Err(Refusal::OwnerByOwnerOnly);
    }
    Ok(())
}

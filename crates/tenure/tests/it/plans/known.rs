//! What is known of tables, indexes and statements, and no plan tells.

/// Tables that grow with the people or with time.
pub(super) const LARGE: &[&str] = &[
    "attachments",
    "audit",
    "audit_personal",
    "batch_people",
    "changes",
    "deliveries",
    "delivery_attempts",
    "events",
    "grams",
    "handover_items",
    "holdings",
    "item_grams",
    "item_people",
    "item_tags",
    "items",
    "mentions",
    "messages",
    "organization_members",
    "project_people",
    "license_spans",
    "links",
    "people",
    "pictures",
    "sessions",
    "step_changes",
    "steps",
    "team_members",
    "texts",
    "tokens",
];

/// Indexes whose part of a workspace, or of a status there, may be read in order by a statement that has a limit.
pub(super) const IN_ORDER: &[&str] = &[
    "audit_at",
    "audit_seq",
    "audit_tokens",
    // Of a workspace those that were not revoked.
    "tokens_kind",
    "items_by_updated",
    "items_by_number",
    "items_by_due",
    "items_by_priority",
    "items_unassigned",
    "people_by_name",
    "people_near",
    "people_by_email",
    "people_by_sign_in",
    "people_by_created",
    "people_deactivated",
    "people_status_name",
    "people_status_email",
    "people_status_sign_in",
    "people_status_created",
    "license_spans_since",
    "license_spans_until",
    "people_teamless",
    "people_orgless",
    "people_never",
    "events_place",
];

/// Indexes that hold few rows of a workspace.
pub(super) const FEW: &[&str] = &[
    // One.
    "sqlite_autoindex_audit_heads_1",
    "audit_heads_pkey",
    // The last alone.
    "sqlite_autoindex_events_1",
    // What waits a moment for its seal, or its place.
    "audit_unsealed",
    "events_waiting",
    // Syncs that the brake stopped.
    "tokens_stopped",
    // One, administrators, those who asked, the invited.
    "people_owner",
    "people_trusted",
    "people_returns",
    "people_reviews",
    "people_invitations",
];

/// What may read all of a table, or of a workspace: a statement, or all of a module.
pub(super) const APART: &[(&str, &str)] = &[
    ("tenure::ops::invariants::", "`doctor` compares everything"),
    ("tenure::store::grams::COUNT", "`doctor`, too"),
    ("tenure::store::batches::DUE", "a job: the bulk actions that are not at their end"),
    ("tenure::store::departures::WORKSPACES", "a job: the few that have just left"),
    ("tenure::store::events::WAITING_WORKSPACES", "a job: what waits a moment for its place"),
    ("tenure::store::listing::DUE_WORKSPACES", "a job: the invited"),
    ("tenure::store::listing::UNSEALED_WORKSPACES", "a job: what waits a moment for its seal"),
    ("tenure::store::webhooks::BEHIND", "a job: the webhooks of a server"),
    ("tenure::store::webhooks::DUE", "a job: the webhooks of a server"),
    ("tenure::store::deliveries::PENDING", "`/metrics`: what is yet to be delivered"),
    ("tenure::store::links::VOID_EVERY", "after a backup was restored"),
    ("tenure::store::sessions::END_EVERY", "after a backup was restored"),
    ("tenure::store::tokens::SUSPEND_EVERY", "after a backup was restored"),
    ("tenure::store::sessions::END_IDLE", "a job: the sessions that are open"),
    ("tenure::store::workspaces::NEIGHBOURS", "a new workspace: those of a server"),
];

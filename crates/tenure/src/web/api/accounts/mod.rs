//! Accounts of users and customers: coming, changing and going, one at a time and many. What a user and a customer have
//! in common is one handler.

pub(super) mod end;
pub(super) mod invite;
pub(super) mod profile;

use domain::{id::PersonId, person::Kind};
use utoipa::OpenApi;

use super::{
    answer::{Answer, IfMatch},
    people,
    query::Query,
};
use crate::{
    app::App,
    ctx::Ctx,
    error::Result,
    web::{
        routes::Routes,
        session::{
            Access::{Administrator, User},
            Session,
        },
    },
};

/// The description of accounts.
#[derive(OpenApi)]
#[openapi(paths(
    invite::invite_user,
    invite::add_customer,
    invite::send_invitation_again,
    invite::send_invitation_of_customer_again,
    invite::withdraw_invitation,
    invite::withdraw_invitation_of_customer,
    invite::make_password_link,
    invite::make_password_link_of_customer,
    profile::edit_user,
    profile::edit_customer,
    profile::edit_me,
    profile::set_role,
    profile::transfer_ownership,
    end::delete_user,
    end::delete_customer,
    end::of_user,
    end::of_customer,
    end::end_sessions_of_user,
    end::end_sessions_of_customer,
    end::convert,
    end::undo,
))]
pub(super) struct Described;

/// The routes of accounts.
pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/v1/users", Administrator, invite::invite_user)
        .post("/api/v1/customers", Administrator, invite::add_customer)
        .post("/api/v1/users/{id}/invitation", Administrator, invite::send_invitation_again)
        .post("/api/v1/customers/{id}/invitation", Administrator, invite::send_invitation_of_customer_again)
        .delete("/api/v1/users/{id}/invitation", Administrator, invite::withdraw_invitation)
        .delete("/api/v1/customers/{id}/invitation", Administrator, invite::withdraw_invitation_of_customer)
        .post("/api/v1/users/{id}/password-link", Administrator, invite::make_password_link)
        .post("/api/v1/customers/{id}/password-link", Administrator, invite::make_password_link_of_customer)
        .patch("/api/v1/users/{id}", Administrator, profile::edit_user)
        .patch("/api/v1/customers/{id}", Administrator, profile::edit_customer)
        .patch("/api/v1/me", User, profile::edit_me)
        .put("/api/v1/users/{id}/role", Administrator, profile::set_role)
        .put("/api/v1/ownership", Administrator, profile::transfer_ownership)
        .post("/api/v1/users/{id}/deletion", Administrator, end::delete_user)
        .post("/api/v1/customers/{id}/deletion", Administrator, end::delete_customer)
        .get("/api/v1/users/{id}/sessions", Administrator, end::of_user)
        .get("/api/v1/customers/{id}/sessions", Administrator, end::of_customer)
        .delete("/api/v1/users/{id}/sessions", Administrator, end::end_sessions_of_user)
        .delete("/api/v1/customers/{id}/sessions", Administrator, end::end_sessions_of_customer)
        .post("/api/v1/customers/{id}/conversion", Administrator, end::convert)
        .post("/api/v1/undo/{step}", Administrator, end::undo)
}

/// A request about one person, of whatever kind its path says.
pub(super) struct About {
    app: App,
    session: Session,
    kind: Kind,
    id: PersonId,
    wanted: IfMatch,
    query: Query,
}

impl About {
    async fn of(
        (app, session): (App, Session),
        (kind, text): (Kind, &str),
        (wanted, query): (IfMatch, Query),
    ) -> Result<Self> {
        let id = people::id_of(&app, &session, kind, text).await?;
        Ok(Self { app, session, kind, id, wanted, query })
    }

    fn ctx(&self) -> Ctx {
        self.session.ctx.clone()
    }

    /// Whether it is a dry run; no other parameter is known.
    fn dry_run(&self) -> Answer<bool> {
        self.query.only(&["dry_run"])?;
        Ok(self.query.flag("dry_run")?)
    }
}

/// Two handlers, of users and of customers, that differ in nothing but their paths.
macro_rules! of_both {
    ($(
        $(#[doc = $doc:literal])*
        $method:ident $core:ident($body:ident) -> $answer:ident, $status:literal $done:literal, $problems:ident, [$($extra:tt)*]:
        $user:ident at $user_path:literal, $customer:ident at $customer_path:literal;
    )*) => {$(
        of_both!(@one $(#[doc = $doc])* $method $core($body) -> $answer, $status $done, $problems, [$($extra)*]:
            $user at $user_path, User, "users", "The user.");
        of_both!(@one $(#[doc = $doc])* $method $core($body) -> $answer, $status $done, $problems, [$($extra)*]:
            $customer at $customer_path, Customer, "customers", "The customer.");
    )*};
    (@one $(#[doc = $doc:literal])* $method:ident $core:ident($body:ident) -> $answer:ident, $status:literal $done:literal,
        $problems:ident, [$($extra:tt)*]: $name:ident at $path:literal, $kind:ident, $tag:literal, $who:literal) => {
        $(#[doc = $doc])*
        #[utoipa::path(
            $method, path = $path, tag = $tag,
            params(("id" = String, Path, format = Uuid, description = $who), $($extra)*),
            request_body(content = $body, description = "What is asked for."),
            responses((status = $status, description = $done, body = $answer), $problems),
            security(("session" = []))
        )]
        pub(in crate::web::api) async fn $name(
            State(app): State<App>,
            session: Session,
            Path(text): Path<String>,
            wanted: IfMatch,
            query: Query,
            Body(asked): Body<$body>,
        ) -> Answer {
            let about = About::of((app, session), (Kind::$kind, &text), (wanted, query)).await?;
            $core(&about, asked).await
        }
    };
}
use of_both;

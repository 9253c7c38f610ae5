//! `/_local`: what tests control. Only who has the admin token may.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use scout_auth::{Clock as _, SystemClock};
use serde::Serialize;

use crate::api::Server;
use crate::api::answer::{Answer, json};
use crate::api::body;
use crate::api::manager::Admin;
use crate::controls::{Controls, Fault, Then};
use crate::event::{Actor, Change, Draft};
use crate::problem::Problem;
use crate::random;
use crate::snapshot::Organization;

/// In seconds.
const CENTURY: i64 = 100 * 366 * 86_400;

/// The last second of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

#[derive(Serialize)]
struct OrganizationView<'a> {
    id: &'a str,
    name: &'a str,
}

impl<'a> OrganizationView<'a> {
    fn of(organization: &'a Organization) -> Self {
        Self { id: &organization.id, name: &organization.name }
    }
}

#[derive(Serialize)]
struct OrganizationsView<'a> {
    organizations: Vec<OrganizationView<'a>>,
}

/// `GET /_local/organizations`
pub(super) async fn organizations(State(server): State<Arc<Server>>, _: Admin) -> Answer {
    let snapshot = server.journal.snapshot();
    let organizations = snapshot.organizations().map(|own| OrganizationView::of(own)).collect();
    json(StatusCode::OK, &OrganizationsView { organizations })
}

/// `POST /_local/organizations`: one more, apart from the others.
pub(super) async fn create_organization(
    State(server): State<Arc<Server>>,
    _: Admin,
    body::Change { mut members, .. }: body::Change,
) -> Answer {
    let name = members.text("name")?;
    members.end()?;
    let id = random::id("org_")?;
    let draft = organization_draft(&id, name.as_deref().unwrap_or(&id));
    let snapshot = server.journal.write(move |_| Ok(vec![draft.clone()])).await?;
    json(StatusCode::CREATED, &OrganizationView::of(snapshot.organization(&id).ok_or(Problem::Internal)?))
}

#[derive(Serialize)]
struct ClockView {
    now: u64,
    offset: i64,
}

impl ClockView {
    fn of(controls: &Controls) -> Self {
        Self { now: controls.now(), offset: controls.offset() }
    }
}

/// `GET /_local/clock`
pub(super) async fn clock(Admin { organization }: Admin) -> Answer {
    json(StatusCode::OK, &ClockView::of(&organization.controls))
}

/// `POST /_local/clock`: `offset` to the system's clock, or `now`, or `advance` by so much; in seconds. The
/// clock goes on from there.
pub(super) async fn set_clock(Admin { organization }: Admin, body::Change { mut members, .. }: body::Change) -> Answer {
    let offset = members.integer("offset", -CENTURY..=CENTURY)?;
    let now = members.integer("now", 0..=LAST_SECOND)?;
    let advance = members.integer("advance", -CENTURY..=CENTURY)?;
    members.end()?;
    let controls = &organization.controls;
    let offset = match (offset, now, advance) {
        (Some(offset), None, None) => offset,
        (None, Some(now), None) => now - i64::try_from(SystemClock.now().unix).unwrap_or(0),
        (None, None, Some(advance)) => controls.offset().saturating_add(advance),
        _ => return Err(Problem::member("offset", "one of offset, now and advance is required")),
    };
    controls.set_offset(offset);
    json(StatusCode::OK, &ClockView::of(controls))
}

/// `POST /_local/fail`: the `next` requests (1), or those of them whose path begins with `path`, wait for
/// `delay` seconds, and then fail with `status`, with `retry_after` or not, or with a connection that is cut
/// (`close`).
pub(super) async fn fail(Admin { organization }: Admin, body::Change { mut members, .. }: body::Change) -> Answer {
    let status = members.integer("status", 400..=599)?;
    let retry_after = members.integer("retry_after", 0..=86_400)?;
    let is_cut = members.flag("close")?.unwrap_or(false);
    let delay = members.seconds("delay", 60.0)?.unwrap_or_default();
    let times = members.integer("next", 1..=1_000_000)?.unwrap_or(1);
    let path = members.text("path")?.unwrap_or_default();
    members.end()?;
    let then = match (status, is_cut) {
        (Some(status), false) => Then::Status(number(status)?, retry_after.map(number).transpose()?),
        (None, _) if retry_after.is_some() => return Err(Problem::member("retry_after", "it needs a status")),
        (None, true) => Then::Close,
        (None, false) if !delay.is_zero() => Then::Answer,
        _ => return Err(Problem::member("status", "either status, close or delay is required")),
    };
    organization.controls.add_fault(Fault { path, times: number(times)?, delay, then });
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn number<T: TryFrom<i64>>(number: i64) -> Result<T, Problem> {
    T::try_from(number).map_err(|_| Problem::Internal)
}

/// `GET /_local/requests`: the last 1000, or fewer if they have more than 8 MiB, the oldest first.
pub(super) async fn requests(Admin { organization }: Admin) -> Answer {
    json(StatusCode::OK, &organization.controls.requests())
}

/// `POST /_local/reset`: no credential, no legacy key, no fault, no recorded request, and the system's time.
/// The audit trail goes on.
pub(super) async fn reset(State(server): State<Arc<Server>>, Admin { organization }: Admin) -> Answer {
    organization.controls.reset();
    let draft = Draft {
        organization: organization.id.clone(),
        time: organization.controls.now(),
        actor: Actor::system(),
        request: None,
        change: Change::OrganizationReset,
    };
    server.journal.write(move |_| Ok(vec![draft.clone()])).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A new organisation.
pub(crate) fn organization_draft(id: &str, name: &str) -> Draft {
    Draft {
        organization: id.to_owned(),
        time: Controls::default().now(),
        actor: Actor::system(),
        request: None,
        change: Change::OrganizationCreated { name: name.to_owned() },
    }
}

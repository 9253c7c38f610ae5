//! What the answers about a credential and about a legacy key have in common.

use serde::Serialize;

use crate::api::answer::utc;
use crate::event::Actor;
use crate::snapshot::{Life, Organization};

/// From its creation to its deletion.
#[derive(Serialize)]
pub(super) struct LifeView<'a> {
    created_by: &'a Actor,
    updated_by: &'a Actor,
    created_at: String,
    updated_at: String,
    /// The organisation.
    parent: &'a str,
    status: &'static str,
    successor: Option<&'a str>,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

impl<'a> LifeView<'a> {
    pub(super) fn of(life: &'a Life, organization: &'a Organization) -> Self {
        Self {
            created_by: &life.created_by,
            updated_by: &life.updated_by,
            created_at: utc(life.created_at),
            updated_at: utc(life.updated_at),
            parent: &organization.id,
            status: life.status(organization.controls.now()),
            successor: life.successor.as_deref(),
            expires_at: life.expires_at.map(utc),
            last_used_at: life.last_used().map(utc),
        }
    }
}

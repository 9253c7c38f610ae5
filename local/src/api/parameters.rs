//! What the path and the query of a request say.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The id in the path. One that is no text is one that nothing has.
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = Path::from_request_parts(head, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| Problem::NotFound)
    }
}

/// The query, with those of its parameters that the path knows.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Problem> {
        let wrong = Problem::Invalid { place: ["query", ""], text: "a parameter has not the form that it must have" };
        let query = Query::from_request_parts(head, state).await;
        query.map(|Query(parameters)| Self(parameters)).map_err(|_| wrong)
    }
}

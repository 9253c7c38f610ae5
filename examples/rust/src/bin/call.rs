//! Calls the Scout API and prints what it answers:
//!
//! ```sh
//! cargo run --bin call /v2/workflows
//! ```
//!
//! `SCOUT_PRIVATE_KEY` and `SCOUT_CREDENTIAL_ID` are the credential, as Scout issued it. `SCOUT_URL`
//! is another server to call, for example one for tests.

use std::error::Error;
use std::sync::Arc;

use scout_auth::{Environment, Settings, Signer};
use ureq::Agent;
use ureq::http::Response;
use ureq::tls::TlsConfig;

fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::var("SCOUT_URL").unwrap_or_else(|_| "https://api.scoutos.com".to_owned());
    let path = std::env::args().nth(1).ok_or("usage: call PATH")?;
    // The token goes to this origin and to no other.
    let settings = Settings { allowed_origins: Some(vec![server.clone()]), ..Settings::default() };
    let signer = Signer::from_environment(&Environment::process(), settings)?;
    let mut response = get(&signer, &format!("{server}{path}"))?;
    print!("{}", response.body_mut().read_to_string()?);
    if response.status().is_success() { Ok(()) } else { Err(response.status().to_string().into()) }
}

/// Sends a GET request, and sends it once more if a 401 can be answered: the clock was wrong, or
/// the credential was replaced.
fn get(signer: &Signer, url: &str) -> Result<Response<ureq::Body>, Box<dyn Error>> {
    let agent = agent();
    let send = |authorization: &str| agent.get(url).header("Authorization", authorization).call();
    let authorization = signer.authorization_for(url)?;
    let response = send(&authorization)?;
    // A date beside an Age comes from a cache.
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let date = if header("Age").is_none() { header("Date") } else { None };
    if response.status() == 401 && signer.rejected(&authorization, date) {
        return Ok(send(&signer.authorization_for(url)?)?);
    }
    Ok(response)
}

fn agent() -> Agent {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    Agent::config_builder()
        .tls_config(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build())
        .http_status_as_error(false)
        // The header is for this URL, and not for where a redirect leads.
        .max_redirects(0)
        .build()
        .into()
}

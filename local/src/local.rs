//! `Local`: a running server.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use scout_auth::PublicKey;
use zeroize::Zeroizing;

use crate::admin_token::AdminToken;
use crate::api::{self, Hosts, Issue, Manager, Refusals, Server};
use crate::authentication::Subject;
use crate::event::Actor;
use crate::journal::{Journal, OpenError};
use crate::problem::Problem;
use crate::random;
use crate::server::{self, Serving};
use crate::store::{Memory, Store};

/// The name of the organisation that is there from the start.
const DEFAULT: &str = "default";

/// So many connections are open at once, unless the user says otherwise.
const CONNECTIONS: usize = 1024;

/// How long a stop waits for the store.
const GRACE: Duration = Duration::from_secs(5);

/// How a server is to be.
pub struct Options {
    /// Where it listens. Port 0 is any free one.
    pub address: SocketAddr,
    /// Where credentials and the audit trail are kept.
    pub store: Box<dyn Store>,
    /// What whoever manages it presents.
    pub admin_token: AdminToken,
    /// What the claim `sub` must be.
    pub subject: Subject,
    /// No answer says why a request is refused, as a real server would not.
    pub is_opaque: bool,
    /// Takes lines for people: what goes wrong with the store.
    pub tell: Box<dyn Fn(&str) + Send>,
    /// Takes a line for each request: method, path without query, status, milliseconds, and if there are any
    /// the caller's id and the code of the refusal. A path is what the caller sent: it may contain any character.
    pub log: Option<Box<dyn Fn(String) + Send + Sync>>,
    /// The most connections that are open at once, at least 1. Others wait for one to end. Each is an open file.
    pub connections: usize,
}

impl Options {
    /// A server in memory on any free port of this machine, with this admin token.
    pub fn new(admin_token: AdminToken) -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            store: Box::new(Memory::default()),
            admin_token,
            subject: Subject::default(),
            is_opaque: false,
            tell: Box::new(|_| {}),
            log: None,
            connections: CONNECTIONS,
        }
    }
}

/// A running server. It needs a tokio runtime with time and input/output.
pub struct Local {
    address: SocketAddr,
    server: Arc<Server>,
    serving: Serving,
    organization: String,
}

/// Why a server cannot start.
#[derive(Debug)]
pub struct StartError(Cause);

#[derive(Debug)]
enum Cause {
    Address(io::Error),
    Open(OpenError),
    Random,
}

impl Local {
    /// Opens the store and the socket, and serves.
    ///
    /// # Errors
    /// If the store or the address cannot be used.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { address, store, admin_token, subject, is_opaque, tell, log, connections } = options;
        let journal = Journal::open(store, tell).map_err(|error| StartError(Cause::Open(error)))?;
        let organization = default_organization(&journal).await?;
        let (listener, address) = server::open(address).await.map_err(|error| StartError(Cause::Address(error)))?;
        let server = Arc::new(Server {
            journal,
            admin: admin_token.check(),
            hosts: Hosts::of(address),
            subject,
            is_opaque,
            refusals: Refusals::default(),
            log,
        });
        let serving = Serving::start(listener, api::router(&server), connections);
        Ok(Self { address, server, serving, organization })
    }

    /// The base URL: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL of the page Settings → API Keys. It asks for the admin token, unless that follows as
    /// `#admin_token=…`.
    pub fn page(&self) -> String {
        format!("http://{}{}", self.address, api::PAGE)
    }

    /// The id of the organisation of requests that name none.
    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// Creates a credential in that organisation. Returns the JSON that the API answers: `credential`, and
    /// `private_key` if no public key is given. It is a credential file.
    ///
    /// # Errors
    /// As the API refuses: for example [`CreateError::KEY_IN_USE`].
    pub async fn create(&self, credential: NewCredential) -> Result<Zeroizing<String>, CreateError> {
        let NewCredential { name, roles, id, public_key } = credential;
        let snapshot = self.server.journal.snapshot();
        let organization = snapshot.organization(&self.organization).ok_or(CreateError(Problem::Internal))?;
        let manager = Manager { organization: Arc::clone(organization), actor: Actor::system() };
        let issue = Issue { name: Some(name), roles, id, public_key, ..Issue::default() };
        let issued = issue.carry_out(&self.server.journal, &manager, None).await.map_err(CreateError)?;
        let text = issued.json().map_err(CreateError)?;
        // serde_json writes UTF-8 alone.
        Ok(Zeroizing::new(std::str::from_utf8(&text).unwrap_or_default().to_owned()))
    }

    /// Answers requests, without a connection.
    pub(crate) fn router(&self) -> axum::Router {
        api::router(&self.server)
    }

    /// Accepts nothing more, lets running answers end within five seconds, and closes the store.
    pub async fn stop(self) {
        let closed = self.server.journal.closed();
        self.serving.stop().await;
        drop(self.server);
        let _ = tokio::time::timeout(GRACE, closed).await;
    }
}

/// A credential for [`Local::create`].
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// What it is for.
    pub name: String,
    /// `admin`, `member`, or others.
    pub roles: Vec<String>,
    /// Its id; without one, it gets a new one.
    pub id: Option<String>,
    /// Its public key; without one, a key pair is made.
    pub public_key: Option<PublicKey>,
}

/// Why a credential cannot be created.
#[derive(Clone, Copy, Debug)]
pub struct CreateError(Problem);

impl CreateError {
    /// A credential has or had this public key.
    pub const KEY_IN_USE: &str = "ERR_LOCAL_KEY_IN_USE";

    /// The stable name, as the API answers it.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// What to do about it: one clause.
    pub fn help(&self) -> &'static str {
        self.0.help()
    }
}

impl fmt::Display for CreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail())
    }
}

impl std::error::Error for CreateError {}

async fn default_organization(journal: &Journal) -> Result<String, StartError> {
    let id = random::id("org_").map_err(|_| StartError(Cause::Random))?;
    let draft = api::organization_draft(&id, DEFAULT);
    let snapshot = journal.write(move |snapshot| {
        Ok(if snapshot.default_organization().is_none() { vec![draft.clone()] } else { Vec::new() })
    });
    let failed = |_| StartError(Cause::Open(OpenError::Write));
    let snapshot = snapshot.await.map_err(failed)?;
    Ok(snapshot.default_organization().map(|organization| organization.id.clone()).unwrap_or_default())
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Address(error) => write!(f, "the address to listen on cannot be used: {error}"),
            Cause::Open(error) => error.fmt(f),
            Cause::Random => f.write_str("the system has no random numbers"),
        }
    }
}

impl std::error::Error for StartError {}

//! `credentials`: manages the credentials of a local Scout.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ArgMatches;
use hyper::Method;
use scout_auth::{CredentialFile, PrivateKey, PublicKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::arguments::{FORCE, GRACE_PERIOD, ID, JSON, NEW_NAME, OUT, PUBLIC_KEY, ROLE, SCOPE};
use crate::commands::import;
use crate::failure::Failure;
use crate::host::Host;
use crate::input;
use crate::words::ascii;

/// Calls to the server.
mod server;

/// The audit trail.
mod audit;

use server::Server;

const PATH: &str = "/v2/organizations/credentials";

/// What is shown of a credential.
#[derive(Deserialize)]
struct Credential {
    id: String,
    kid: String,
    name: Option<String>,
    status: String,
    roles: Option<Vec<String>>,
    scopes: Option<Vec<Scope>>,
    last_used_at: Option<String>,
    expires_at: Option<String>,
}

/// A method and a pattern of paths.
#[derive(Deserialize, Serialize)]
struct Scope {
    method: String,
    path: String,
}

#[derive(Deserialize)]
struct List {
    credentials: Vec<Credential>,
}

/// `scout-auth credentials`
pub(crate) fn credentials(matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    let server = Server::of(matches, host)?;
    let id = matches.try_get_one::<String>(ID).ok().flatten();
    let path = id.map_or_else(|| Ok(PATH.to_owned()), |id| path_of(id))?;
    match name {
        "create" | "rotate" => issue(&server, &path, matches, host),
        "list" => {
            let answer = server.call(Method::GET, &path, None)?;
            show(&answer, &table(server::read::<List>(&answer)?.credentials), matches, host)
        }
        "show" => one(&server.call(Method::GET, &path, None)?, matches, host),
        "rename" => {
            let name = matches.get_one::<String>(NEW_NAME);
            one(&server.call(Method::PATCH, &path, Some(&json!({ "name": name })))?, matches, host)
        }
        "scope" => {
            let scopes = Some(scopes(matches)?).filter(|scopes| !scopes.is_empty());
            one(&server.call(Method::PATCH, &path, Some(&json!({ "scopes": scopes })))?, matches, host)
        }
        "enable" | "disable" => {
            let body = json!({ "enabled": name == "enable" });
            one(&server.call(Method::PATCH, &path, Some(&body))?, matches, host)
        }
        "delete" => {
            let force = if matches.get_flag(FORCE) { "?force=true" } else { "" };
            server.call(Method::DELETE, &format!("{path}{force}"), None)?;
            if matches.get_flag(JSON) { host.print("{}\n") } else { host.print("deleted\n") }
        }
        "audit" => audit::audit(&server, matches, host),
        // The command line knows no others.
        _ => Err(scout_auth::Error::Internal.into()),
    }
}

/// The path of a credential. An id is text of a user, and must not lead to another path.
fn path_of(id: &str) -> Result<String, Failure> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    if id.is_empty() || id.starts_with('.') || !id.bytes().all(is_plain) {
        return Err(Failure::usage("this is no credential id", "take it from scout-auth credentials list"));
    }
    Ok(format!("{PATH}/{id}"))
}

/// What the credential may do. Without any, everything.
fn scopes(matches: &ArgMatches) -> Result<Vec<Scope>, Failure> {
    let wrong = || Failure::usage("this is no scope", "use a method and a path, such as 'GET /v2/workflows/**'");
    let scope = |text: &String| {
        let (method, path) = text.split_once(' ').ok_or_else(wrong)?;
        Ok(Scope { method: method.to_owned(), path: path.to_owned() })
    };
    matches.get_many(SCOPE).into_iter().flatten().map(scope).collect()
}

/// `create` and `rotate`: shows the private key once, or writes the credential file.
fn issue(server: &Server, path: &str, matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut body = json!({});
    let out = matches.get_one::<PathBuf>(OUT);
    if let Some(out) = out
        && out.symlink_metadata().is_ok()
    {
        return Err(import::is_there());
    }
    if let Some(file) = matches.get_one::<PathBuf>(PUBLIC_KEY) {
        body["public_key"] = public_key(&input::key_file(file, host)?)?.into();
    }
    let answer = if let Ok(Some(name)) = matches.try_get_one::<String>(NEW_NAME) {
        body["name"] = name.as_str().into();
        body["roles"] = matches.get_many::<String>(ROLE).into_iter().flatten().cloned().collect();
        let scopes = scopes(matches)?;
        if !scopes.is_empty() {
            body["scopes"] = json!(scopes);
        }
        server.call(Method::POST, path, Some(&body))?
    } else {
        body["grace_period_hours"] = matches.get_one::<f64>(GRACE_PERIOD).copied().into();
        server.call(Method::POST, &format!("{path}/rotate"), Some(&body))?
    };
    let issued: Issued = server::read(&answer)?;
    match (issued.private_key, out) {
        (Some(_), Some(out)) => {
            let file = CredentialFile::parse(answer.as_bytes())?;
            import::write_new(out, &file)?;
            let written = json!({ "path": out.to_string_lossy(), "credential_id": file.credential_id, "kid": issued.credential.kid });
            show(&written.to_string(), &issued.credential.lines(), matches, host)
        }
        (Some(key), None) if !matches.get_flag(JSON) => {
            let Credential { id, kid, .. } = issued.credential;
            let lines = format!("SCOUT_PRIVATE_KEY={key}\nSCOUT_CREDENTIAL_ID={id}\nSCOUT_KID={kid}\n");
            host.deliver(&Zeroizing::new(lines))
        }
        _ => show(&answer, &issued.credential.lines(), matches, host),
    }
}

/// The answer to a creation.
#[derive(Deserialize)]
struct Issued<'a> {
    credential: Credential,
    #[serde(borrow)]
    private_key: Option<&'a str>,
}

/// The public key of a key file, private or public, in the form that Scout shows.
fn public_key(text: &[u8]) -> Result<String, Failure> {
    let key = match PrivateKey::parse(text) {
        Err(scout_auth::Error::KeyIsPublic) => PublicKey::parse(text)?,
        key => key?.public_key().clone(),
    };
    Ok(URL_SAFE_NO_PAD.encode(key.to_der()))
}

fn one(answer: &str, matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    show(answer, &server::read::<Credential>(answer)?.lines(), matches, host)
}

/// Prints what the server answered, or the lines for people.
fn show(answer: &str, lines: &str, matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    if !matches.get_flag(JSON) {
        return host.print(lines);
    }
    // The whole capacity at once: with a private key in it, a growing text would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(6 * answer.len() + 1));
    text.push_str(&Zeroizing::new(ascii(answer)));
    text.push('\n');
    host.print(&text)
}

impl Credential {
    /// The name, in which nothing controls a terminal.
    fn name(&self) -> String {
        let name = ascii(&Value::from(self.name.as_deref().unwrap_or_default()).to_string());
        name.trim_matches('"').to_owned()
    }

    fn roles(&self) -> String {
        ascii(&self.roles.as_deref().unwrap_or_default().join(","))
    }

    fn lines(&self) -> String {
        let expires = self.expires_at.as_ref().map_or_else(String::new, |time| format!("until          {time}\n"));
        let scope = |Scope { method, path }: &Scope| ascii(&format!("may            {method} {path}")) + "\n";
        let scopes: String = self.scopes.iter().flatten().map(scope).collect();
        format!(
            "credential id  {}\nkid            {}\nname           {}\nroles          {}\n{scopes}status         {}\n{expires}last used      {}\n",
            self.id,
            self.kid,
            self.name(),
            self.roles(),
            self.status,
            self.last_used_at.as_deref().unwrap_or("never"),
        )
    }
}

/// A line for each credential, in columns.
fn table(credentials: Vec<Credential>) -> String {
    let head = ["ID", "NAME", "ROLES", "STATUS", "KID", "LAST USED"].map(str::to_owned);
    let rows = credentials.into_iter().map(|own| {
        let (name, roles, last) = (own.name(), own.roles(), own.last_used_at.unwrap_or_else(|| "never".to_owned()));
        [own.id, name, roles, own.status, own.kid, last]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let widths: Vec<_> = (0..6).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

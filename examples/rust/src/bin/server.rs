//! A service that answers only to requests with a valid Scout token:
//!
//! ```sh
//! cargo run --bin server public-keys.json 8080
//! ```
//!
//! The file holds the public keys of the credentials that may call: one key, or a JWK set.

use std::error::Error;

use scout_auth::{Claims, Verifier};
use tiny_http::{Header, Request, Response, Server};

/// Why a request is refused: the answer's text, and its `WWW-Authenticate` (RFC 6750 §3).
type Refusal = (String, String);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(port)) = (arguments.next(), arguments.next()) else {
        return Err("usage: server KEYS PORT".into());
    };
    let verifier = Verifier::parse(std::fs::read(file)?)?;
    let server = Server::http(format!("127.0.0.1:{port}")).map_err(|error| error.to_string())?;
    println!("listening on http://{}", server.server_addr());
    for request in server.incoming_requests() {
        let answer = match authenticate(&verifier, &request) {
            Ok(claims) => Response::from_string(format!("hello, {}\n", claims.credential_id)),
            Err((text, challenge)) => {
                let header = Header::from_bytes("WWW-Authenticate", challenge).map_err(|()| "a header")?;
                Response::from_string(text).with_status_code(401).with_header(header)
            }
        };
        // A caller that has hung up needs no answer.
        let _ = request.respond(answer);
    }
    Ok(())
}

/// The claims of the token in the header `Authorization`.
fn authenticate(verifier: &Verifier, request: &Request) -> Result<Claims, Refusal> {
    let header = request.headers().iter().find(|header| header.field.equiv("Authorization"));
    let value = header.map_or("", |header| header.value.as_str());
    let token = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        return Err(("send a token in the header Authorization\n".to_owned(), "Bearer".to_owned()));
    };
    verifier.verify(token.trim()).map_err(|error| {
        // The text contains nothing of the token, so it may be shown.
        let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{}\"", error.code());
        (format!("{error}\n"), challenge)
    })
}

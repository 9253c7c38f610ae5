//! A client program in Rust, with ureq. See tests/README.md.

use std::error::Error;
use std::io;
use std::sync::RwLock;
use std::thread;
use std::time::Duration;

use scout_auth::{Settings, Signer};
use ureq::Agent;

const THREADS: usize = 8;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // ureq does not count the port among what makes an origin.
        .max_redirects(0)
        .max_idle_connections_per_host(THREADS);
    let client = Client { agent: config.build().into(), current: RwLock::new(None) };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| client.serve());
        }
    });
}

struct Client {
    agent: Agent,
    current: RwLock<Option<Signer>>,
}

impl Client {
    /// Each thread takes a line when it is free.
    fn serve(&self) {
        let mut line = String::new();
        while io::stdin().read_line(&mut line).is_ok_and(|length| length > 0) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let answer = self.answer(&words[1..]).unwrap_or_else(|error| match error.downcast::<scout_auth::Error>() {
                Ok(error) => error.code().to_owned(),
                Err(error) => error.to_string(),
            });
            println!("{} {answer}", words[0]);
            line.clear();
        }
    }

    fn answer(&self, words: &[&str]) -> Result<String> {
        let signer = match words {
            ["follow", _, path, lifetime, margin] => {
                let seconds = |word: &str| word.parse().map(Duration::from_secs).map(Some);
                let (lifetime, refresh_margin) = (seconds(lifetime)?, seconds(margin)?);
                Signer::from_file(*path, Settings { lifetime, refresh_margin, ..Settings::default() })?
            }
            _ => return self.request(words),
        };
        *self.current.write().unwrap() = Some(signer);
        Ok("ok".to_owned())
    }

    fn request(&self, words: &[&str]) -> Result<String> {
        let &[method, url, ref body @ ..] = words else { return Err("no URL".into()) };
        let send = |authorization: &str| match method {
            "GET" => self.agent.get(url).header("Authorization", authorization).call(),
            _ => self.agent.post(url).header("Authorization", authorization).send(body.concat()),
        };
        let signer = self.current.read().unwrap().clone().ok_or("no signer")?;
        let authorization = signer.authorization_for(url)?;
        let mut response = send(&authorization)?;
        let date = response.headers().get("Date").and_then(|date| date.to_str().ok());
        if response.status() == 401 && signer.rejected(&authorization, date) {
            response = send(&signer.authorization_for(url)?)?;
        }
        // Read to the end, so that the connection can be used again.
        response.body_mut().read_to_vec()?;
        Ok(response.status().as_str().to_owned())
    }
}

//! The kit for tests of other programs.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use scout_auth::{Settings, Signer};
use scout_auth_local::LocalScout;

type Result = std::result::Result<(), Box<dyn std::error::Error>>;

fn run(test: impl Future<Output = Result>) -> Result {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(test)
}

/// The status of a request, and what the header `Date` says.
async fn send(scout: &LocalScout, authorization: String) -> (u16, String) {
    let address = scout.url().replace("http://", "");
    let sent = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        let head = format!("GET /v2/workflows HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        stream.write_all(format!("{head}Authorization: {authorization}\r\n\r\n").as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    });
    let answer = sent.await.expect("it ends");
    let date = answer.lines().find_map(|line| line.strip_prefix("date: ")).expect("a date").to_owned();
    (answer[9..12].parse().expect("a status"), date)
}

/// As clients do: a 401 is answered with one more request.
async fn status(scout: &LocalScout, signer: &Signer) -> u16 {
    let authorization = || signer.authorization_for(&scout.url()).expect("a token").clone();
    let sent = authorization();
    let (status, date) = send(scout, sent.clone()).await;
    if status == 401 && signer.rejected(&sent, Some(&date)) { send(scout, authorization()).await.0 } else { status }
}

#[test]
fn time_passes_for_the_server_and_its_signers() -> Result {
    run(async {
        let scout = LocalScout::start().await?;
        let signer = scout.signer(&scout.create_credential("test", &["member"]).await?)?;
        let first = signer.authorization()?.clone();
        assert_eq!(status(&scout, &signer).await, 200);
        scout.advance(3600).await?;
        assert_eq!(send(&scout, first).await.0, 401);
        assert_eq!(status(&scout, &signer).await, 200);
        assert_eq!(signer.clock_offset(), 0);
        scout.skew(1800).await?;
        assert_eq!(status(&scout, &signer).await, 200);
        assert!((1798..=1802).contains(&signer.clock_offset()));
        let statuses: Vec<_> = scout.requests().await?.iter().map(|request| request["status"].clone()).collect();
        assert_eq!(statuses, [200, 401, 200, 401, 200]);
        scout.stop().await;
        Ok(())
    })
}

#[test]
fn a_rotation_is_followed_and_failures_come_on_demand() -> Result {
    run(async {
        let scout = LocalScout::start().await?;
        let old = scout.create_credential("test", &["member"]).await?;
        let signer = scout.signer(&old)?;
        assert_eq!(status(&scout, &signer).await, 200);
        scout.fail(401, 1).await?;
        assert_eq!(status(&scout, &signer).await, 200);
        let new = scout.rotate(&old).await?;
        assert_eq!((new.name.as_str(), &new.file), ("test-v2", &old.file));
        scout.disable(&old).await?;
        assert_eq!(status(&scout, &signer).await, 200);
        assert_eq!(signer.credential_id(), new.id);
        scout.fail(503, 1).await?;
        assert_eq!(status(&scout, &signer).await, 503);
        let settings = Settings { header_kid: Some("A".repeat(43)), ..Settings::default() };
        assert_eq!(status(&scout, &scout.signer_with(&new, settings)?).await, 401);
        let refused = scout.create_credential("", &[]).await.expect_err("no role");
        assert!(refused.to_string().contains("ERR_LOCAL_INVALID"), "{refused}");
        scout.stop().await;
        assert!(!new.file.exists());
        Ok(())
    })
}

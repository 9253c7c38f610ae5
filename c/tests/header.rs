//! The header is what cbindgen makes of the source, and its codes are core's table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use scout_auth_core::Error;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const HEADER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/include/scout_auth.h");

/// `SCOUT_WRITE_HEADER=1 cargo test -p scout-auth-c --test header` writes it again.
#[test]
fn the_committed_header_matches_the_source() {
    let generated = generate();
    if env::var_os("SCOUT_WRITE_HEADER").is_some() {
        fs::write(HEADER, &generated).unwrap();
    }
    let committed = fs::read_to_string(HEADER).unwrap();
    assert!(committed == generated, "include/scout_auth.h is out of date: run this test with SCOUT_WRITE_HEADER=1");
}

#[test]
fn the_codes_of_the_header_are_the_table_of_core() {
    let codes: BTreeMap<String, u16> = generate()
        .lines()
        .filter_map(|line| line.strip_prefix("#define SCOUT_ERR_"))
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, number)| (format!("ERR_{name}"), number.parse().unwrap()))
        .collect();
    let table: BTreeMap<_, _> = Error::TABLE.iter().map(|row| (row.name.to_owned(), row.number)).collect();
    assert_eq!(codes, table);
}

fn generate() -> String {
    let mut config = cbindgen::Config::from_file(format!("{ROOT}/cbindgen.toml")).unwrap();
    let after_includes = config.after_includes.get_or_insert_default();
    *after_includes = format!("{}{}{after_includes}", version(), codes());
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in ["ffi", "error", "key", "token", "settings", "signer", "api_key", "verifier", "environment", "event"] {
        builder = builder.with_src(format!("{ROOT}/src/{file}.rs"));
    }
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    String::from_utf8(header).unwrap()
}

fn version() -> String {
    format!(
        "
/* The version of this header; scout_version() is that of the library that is loaded. */
#define SCOUT_VERSION \"{version}\"
#define SCOUT_VERSION_MAJOR {major}
#define SCOUT_VERSION_MINOR {minor}
#define SCOUT_VERSION_PATCH {patch}

/* To compare: SCOUT_VERSION_NUMBER >= 0x010200 is version 1.2.0 or later. */
#define SCOUT_VERSION_NUMBER                                                                       \\
    (SCOUT_VERSION_MAJOR << 16 | SCOUT_VERSION_MINOR << 8 | SCOUT_VERSION_PATCH)
",
        version = env!("CARGO_PKG_VERSION"),
        major = env!("CARGO_PKG_VERSION_MAJOR"),
        minor = env!("CARGO_PKG_VERSION_MINOR"),
        patch = env!("CARGO_PKG_VERSION_PATCH"),
    )
}

fn codes() -> String {
    let mut codes =
        String::from("\n/* The codes: keys 1xx, tokens 2xx, arguments and configuration 3xx, internal 9xx. */\n");
    for row in Error::TABLE {
        writeln!(codes, "\n/** {} */\n#define SCOUT_{} {}", row.summary, row.name, row.number).unwrap();
    }
    codes
}

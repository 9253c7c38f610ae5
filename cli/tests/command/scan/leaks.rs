//! The forms in which a key leaks, and what text goes through on its way into a repository.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use scout_auth::PrivateKey;
use serde_json::{Value, json};

/// Every form of the key: its name and its text.
pub(crate) fn forms(key: &PrivateKey) -> Vec<(&'static str, Vec<u8>)> {
    let (pkcs8, issued, pem, jwk) = (key.to_der(), key.to_base64url(), key.to_pem(), key.to_jwk());
    let pkcs1 = pkcs1(&pkcs8);
    let jwk_value: Value = serde_json::from_str(&jwk).expect("JSON");
    let credential = json!({ "private_key": *issued, "credential_id": "cred_123", "kid": key.kid().as_str() });
    let with_jwk = json!({ "credential_id": "cred_123", "jwk": jwk_value });
    let answer = json!({ "credential": { "id": "cred_123", "kid": key.kid().as_str() }, "private_key": *issued });
    let env = format!("# Scout\nSCOUT_CREDENTIAL_ID=cred_123\nSCOUT_PRIVATE_KEY={}\n", *issued);
    let pkcs1_pem = armoured("RSA PRIVATE KEY", &pkcs1);
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("base64url", text(&issued)),
        ("base64url with padding", text(&URL_SAFE.encode(&*pkcs8))),
        ("base64", text(&STANDARD.encode(&*pkcs8))),
        ("base64url of PKCS#1", text(&URL_SAFE_NO_PAD.encode(&pkcs1))),
        ("base64 of PKCS#1", text(&STANDARD.encode(&pkcs1))),
        ("PEM", text(&pem)),
        ("PEM of PKCS#1", text(&pkcs1_pem)),
        ("JWK", text(&jwk)),
        ("JWK for people", text(&format!("{jwk_value:#}"))),
        ("JWK set", text(&json!({ "keys": [{ "kty": "EC", "crv": "P-256" }, jwk_value] }).to_string())),
        (".env", text(&env)),
        ("credential file", text(&credential.to_string())),
        ("credential file for people", text(&format!("{credential:#}"))),
        ("credential file with a JWK", text(&with_jwk.to_string())),
        ("answer of the API", text(&answer.to_string())),
        ("data URI", text(&format!("data:application/octet-stream;base64,{}", STANDARD.encode(&*pkcs8)))),
        ("base64 of base64url", text(&STANDARD.encode(&*issued))),
        ("base64 of PEM", text(&STANDARD.encode(&*pem))),
        ("base64 of PEM of PKCS#1", text(&STANDARD.encode(&pkcs1_pem))),
        ("base64url of a JWK", text(&URL_SAFE_NO_PAD.encode(&*jwk))),
        ("base64 of .env", text(&STANDARD.encode(&env))),
        ("base64 of a credential file", text(&STANDARD_NO_PAD.encode(credential.to_string()))),
        ("base64 of a header", text(&STANDARD.encode(format!("Bearer {}", *issued)))),
        ("base64 behind one byte", text(&STANDARD.encode([b"\x04", &pkcs8[..]].concat()))),
        ("base64 behind two bytes", text(&STANDARD.encode([b"\x04\x00", &pkcs8[..]].concat()))),
        ("DER", pkcs8.to_vec()),
        ("DER of PKCS#1", pkcs1),
    ]
}

/// The PKCS#1 key within a PKCS#8 key, which ends it: RFC 5958 §2.
fn pkcs1(pkcs8: &[u8]) -> Vec<u8> {
    let at = pkcs8.windows(2).skip(8).position(|bytes| bytes == [0x30, 0x82]).expect("a SEQUENCE");
    pkcs8[8 + at..].to_vec()
}

fn armoured(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", wrapped(&STANDARD.encode(der), 64))
}

/// Text in lines of that many characters.
pub(crate) fn wrapped(text: &str, width: usize) -> String {
    let lines: Vec<&str> = text.as_bytes().chunks(width).map(|line| str::from_utf8(line).expect("ASCII")).collect();
    lines.join("\n")
}

type Wrapping = (&'static str, fn(&str) -> Vec<u8>);

/// What text goes through.
pub(crate) const WRAPPINGS: &[Wrapping] = &[
    ("nothing", |text| text.into()),
    ("lines of Windows", |text| text.replace('\n', "\r\n").into()),
    ("a shell's variable", |text| format!("export KEY=\"{text}\" # scout\necho done\n").into()),
    ("a log", |text| format!("2026-11-25T22:00:00Z INFO [worker-1] loaded {text} in 3 ms\n").into()),
    ("a JSON string", |text| json!({ "a": text, "b": 1 }).to_string().into()),
    ("JSON in JSON", |text| json!({ "body": json!({ "a": text }).to_string() }).to_string().into()),
    ("JSON that escapes more", |text| json!(text).to_string().replace('/', "\\/").replace('+', "\\u002b").into()),
    ("a notebook", |text| {
        let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        format!("{:#}", json!({ "cells": [{ "cell_type": "code", "source": lines }] })).into()
    }),
    ("YAML", |text| format!("secret: |\n{}\nnext: 1\n", each_line(text, "    ", "")).into()),
    ("comments of a shell", |text| each_line(text, "# ", "").into()),
    ("comments of C", |text| format!("/*\n{}\n */", each_line(text, " * ", "")).into()),
    ("comments of Rust", |text| each_line(text, "    /// ", "").into()),
    ("a mail", |text| each_line(text, "> > ", "").into()),
    ("a diff", |text| format!("@@ -1,2 +1,3 @@\n{}\n", each_line(text, "+", "")).into()),
    ("a diff that removes", |text| format!("@@ -1,2 +1,3 @@\n{}\n", each_line(text, "-", "")).into()),
    ("git log", |text| format!("commit 1\n\n{}\n", each_line(text, "    ", "")).into()),
    ("strings that Python joins", |text| format!("key = (\n{}\n)", each_line(&quotable(text), "    '", "\\n'")).into()),
    ("strings that JavaScript joins", |text| each_line(&quotable(text), "  '", "\\n' +").into()),
    ("strings that PHP joins", |text| each_line(&quotable(text), "  . '", "'").into()),
    ("strings that C joins", |text| each_line(&text.replace('"', "\\\""), "\"", "\\n\"").into()),
    ("lines of a shell", |text| text.replace('\n', "\\\n").into()),
    ("escaped line breaks", |text| text.replace('\n', "\\n").into()),
    ("spaces for line breaks", |text| text.replace('\n', " ").into()),
    ("a URL", |text| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let code = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        format!("https://example.com/?q={}", text.bytes().map(code).collect::<String>()).into()
    }),
    ("HTML", |text| {
        let text = text.replace('"', "&quot;").replace('+', "&#43;").replace('/', "&#x2F;");
        format!("<pre>{}</pre>", text.replace('\n', "<br/>\n")).into()
    }),
    ("XML", |text| format!("<key value='{}'/>", text.replace('\n', "&#10;").replace('"', "&#34;")).into()),
    ("quoted-printable", |text| {
        let lines = text.lines().map(|line| soft_lines(&line.replace('=', "=3D")).join("=\r\n"));
        lines.collect::<Vec<_>>().join("\r\n").into()
    }),
    ("lines of 64 characters", |text| long_lines(text, 64).into()),
    ("lines of 76 characters", |text| long_lines(text, 76).replace('\n', "\r\n").into()),
    ("UTF-16", |text| [&[0xff, 0xfe][..], &utf16(text, u16::to_le_bytes)].concat()),
    ("UTF-16 of the other order", |text| [&[0xfe, 0xff][..], &utf16(text, u16::to_be_bytes)].concat()),
    ("UTF-16 without a mark", |text| utf16(text, u16::to_le_bytes)),
    ("a minified line", |text| {
        let code = "function(a,b){return a+b},".repeat(300);
        format!("{code}\"{}\",{code}", text.replace('"', "\\\"").replace('\n', "\\n")).into()
    }),
];

/// What binary data goes through.
pub(crate) fn around_binary(der: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let noise: Vec<u8> = (0..1_200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![
        ("nothing", der.to_vec()),
        ("bytes before and behind", [&noise[..1000], der, &noise[..1000]].concat()),
        ("a large file", [&noise[..1_048_000], der, &noise].concat()),
    ]
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).expect("a digit"));
    bytes.iter().flat_map(digits).collect()
}

fn each_line(text: &str, before: &str, behind: &str) -> String {
    text.lines().map(|line| format!("{before}{line}{behind}")).collect::<Vec<_>>().join("\n")
}

fn quotable(text: &str) -> String {
    text.replace('\'', "\\'")
}

/// Breaks what base64 programs break: long words alone in a line.
fn long_lines(text: &str, width: usize) -> String {
    let is_word = |line: &str| line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte));
    text.lines()
        .map(|line| if is_word(line) { wrapped(line, width) } else { line.to_owned() })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Lines of at most 75 characters that end within long words: a name that a line break cuts is not found.
fn soft_lines(mut text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    while text.len() > 80 {
        let is_long = |at: &usize| text.as_bytes()[at - 5..at + 5].iter().all(u8::is_ascii_alphanumeric);
        let (line, rest) = text.split_at((30..=75).rev().find(is_long).unwrap_or(75));
        lines.push(line);
        text = rest;
    }
    lines.push(text);
    lines
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

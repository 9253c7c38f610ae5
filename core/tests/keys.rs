//! Keys as people have them: what is mended, what is refused and why, what is written.

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use common::{KEY, KEY_TEXT, openssl, openssl_text};
use scout_auth::{Error, PrivateKey, PublicKey, der_to_pem, kid, pem_to_der};

/// Every form of docs/keys.md gives the same key.
#[test]
fn a_private_key_is_read_in_every_form_that_people_paste() {
    let der = KEY.to_der();
    let pem = KEY.to_pem();
    let text = KEY_TEXT.as_str();
    let standard = STANDARD.encode(&*der);
    let pkcs1 = openssl(&["rsa", "-traditional", "-outform", "DER"], pem.as_bytes());
    let pkcs1_pem = openssl_text(&["rsa", "-traditional"], pem.as_bytes());
    let wrapped = standard.as_bytes().chunks(76).map(str).collect::<Vec<_>>().join("\n");
    let body = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let armoured_url = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----");
    let forms: &[(&str, String)] = &[
        ("as issued", text.to_owned()),
        ("base64url with padding", URL_SAFE.encode(&*der)),
        ("standard base64", standard.clone()),
        ("standard base64 without padding", standard.trim_end_matches('=').to_owned()),
        ("standard base64 in lines", wrapped),
        ("PKCS#1 as base64url", URL_SAFE_NO_PAD.encode(&pkcs1)),
        ("PKCS#8 PEM", pem.to_string()),
        ("PKCS#1 PEM", pkcs1_pem.clone()),
        ("JWK", KEY.to_jwk().to_string()),
        ("PEM with CRLF", pem.replace('\n', "\r\n")),
        ("PEM with CR", pem.replace('\n', "\r")),
        ("PEM with literal \\n", pem.replace('\n', "\\n")),
        ("PEM with literal \\r\\n", pem.replace('\n', "\\r\\n")),
        ("PEM with \\n escaped twice", pem.replace('\n', "\\\\n")),
        ("PEM with line continuations", pem.replace('\n', "\\\n")),
        ("PEM with spaces for newlines", pem.replace('\n', " ")),
        ("PEM without newlines", pem.replace('\n', "")),
        ("PEM indented", pem.replace('\n', "\n    ")),
        ("PKCS#1 PEM with spaces for newlines", pkcs1_pem.replace('\n', " ")),
        ("PEM armour around base64url", armoured_url),
        ("PEM body on one line", format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")),
        ("PEM with text before it", format!("Bag Attributes\n    friendlyName: x\n{}", *pem)),
        ("white space around", format!(" \t\n{text}\r\n \n")),
        ("double quotes", format!("\"{text}\"")),
        ("single quotes", format!("'{text}'")),
        ("quoted PEM with literal \\n", format!("\"{}\"", pem.replace('\n', "\\n"))),
        ("assignment", format!("SCOUT_PRIVATE_KEY={text}")),
        ("assignment of padded base64", format!("SCOUT_PRIVATE_KEY={standard}")),
        ("export", format!("export SCOUT_PRIVATE_KEY={text}\n")),
        ("export with quotes", format!("export SCOUT_PRIVATE_KEY=\"{text}\"")),
        ("assignment with spaces", format!("SCOUT_PRIVATE_KEY = '{text}'")),
        ("assignment of quoted PEM", format!("KEY=\"{}\"", pem.replace('\n', "\\n"))),
        ("quotes around an assignment", format!("'KEY={text}'")),
        ("byte order mark", format!("\u{feff}{text}")),
        ("byte order mark before PEM", format!("\u{feff}{}", *pem)),
        ("data: URI of DER", format!("data:application/pkcs8;base64,{standard}")),
        ("data: URI of PEM", format!("data:application/x-pem-file;base64,{}", STANDARD.encode(&*pem))),
        ("data: URI of a JWK", format!("data:;base64,{}", STANDARD.encode(&*KEY.to_jwk()))),
        ("data: URI of base64url", format!("DATA:,{text}")),
        ("plain data: URI of PEM", format!("data:application/x-pem-file,{}", *pem)),
        ("plain data: URI of a JWK", format!("data:application/json,{}", *KEY.to_jwk())),
        ("JWK with white space", KEY.to_jwk().replace(',', " ,\n ")),
    ];
    for (name, form) in forms {
        let key = PrivateKey::parse(form).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(*key.to_der() == *der, "{name}: another key");
        assert_eq!(*der_to_pem(form).unwrap(), *pem, "{name}");
        assert_eq!(*pem_to_der(form).unwrap(), text, "{name}");
        assert_eq!(kid(form).unwrap(), KEY.kid(), "{name}");
    }
    for (name, form) in [("PKCS#8", &der[..]), ("PKCS#1", &pkcs1)] {
        assert!(*PrivateKey::from_der(form).unwrap().to_der() == *der, "{name} DER");
        assert!(*PrivateKey::parse(form).unwrap().to_der() == *der, "{name} DER as bytes");
    }
}

#[test]
fn a_public_key_is_read_in_every_form_that_people_paste() {
    let public = KEY.public_key();
    let pkcs1 = openssl_text(&["rsa", "-pubin", "-RSAPublicKey_out"], public.to_pem());
    let forms: &[(&str, String)] = &[
        ("as shown", public.to_base64url()),
        ("standard base64", STANDARD.encode(public.to_der())),
        ("SPKI PEM", public.to_pem()),
        ("PKCS#1 PEM", pkcs1.clone()),
        ("JWK", public.to_jwk()),
        ("PEM with literal \\n", public.to_pem().replace('\n', "\\n")),
        ("assignment", format!("export SCOUT_PUBLIC_KEY='{}'", public.to_base64url())),
    ];
    for (name, form) in forms {
        assert_eq!(PublicKey::parse(form).as_ref(), Ok(public), "{name}");
        assert_eq!(PrivateKey::parse(form).unwrap_err(), Error::KeyIsPublic, "{name}");
        assert_eq!(*der_to_pem(form).unwrap(), public.to_pem(), "{name}");
        assert_eq!(kid(form).unwrap(), KEY.kid(), "{name}");
    }
    assert_eq!(PublicKey::from_der(&public.to_der()).as_ref(), Ok(public));
    assert_eq!(PublicKey::parse(KEY_TEXT.as_str()).unwrap_err(), Error::KeyIsPrivate);
}

#[test]
fn what_is_no_usable_private_key_is_refused_by_name() {
    let text = KEY_TEXT.as_str();
    let pem = KEY.to_pem();
    let cut = |count: usize| text[..text.len() - count].to_owned();
    let generated = |arguments: &[&str]| openssl_text(arguments, "");
    let encrypted = openssl_text(&["pkcs8", "-topk8", "-passout", "pass:x"], pem.as_bytes());
    let legacy_encrypted = openssl_text(&["rsa", "-traditional", "-aes128", "-passout", "pass:x"], pem.as_bytes());
    let certificate =
        openssl_text(&["req", "-x509", "-key", "/dev/stdin", "-subj", "/CN=x", "-days", "1"], pem.as_bytes());
    let request = openssl_text(&["req", "-new", "-key", "/dev/stdin", "-subj", "/CN=x"], pem.as_bytes());
    let dsa = generated(&["dsaparam", "-genkey", "-noout", "1024"]);
    let small = generated(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-quiet"]);
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJzY291dCJ9.c2ln";
    let cases: &[(&str, String, &str)] = &[
        ("nothing", String::new(), "ERR_KEY_EMPTY"),
        ("white space", " \n".into(), "ERR_KEY_EMPTY"),
        ("empty quotes", "\"\"".into(), "ERR_KEY_EMPTY"),
        ("data: URIs within each other", "data:,".repeat(10_000), "ERR_KEY_ENCODING"),
        ("a sentence", "this is not a key".into(), "ERR_KEY_ENCODING"),
        ("a word", "hello".into(), "ERR_KEY_ENCODING"),
        ("another script", text.replacen('A', "\u{410}", 1), "ERR_KEY_ENCODING"),
        ("mixed alphabets", format!("{}+/-_", &text[..400]), "ERR_KEY_ENCODING"),
        ("too much padding", format!("{text}==="), "ERR_KEY_ENCODING"),
        ("a bundle", text.repeat(50), "ERR_KEY_TEXT_TOO_LONG"),
        ("encoded twice", STANDARD.encode(text), "ERR_KEY_ENCODED_TWICE"),
        ("PEM encoded again", STANDARD.encode(&*pem), "ERR_KEY_ENCODED_TWICE"),
        ("cut by one character", cut(1), "ERR_KEY_TRUNCATED"),
        ("cut by two characters", cut(2), "ERR_KEY_TRUNCATED"),
        ("cut by half", cut(text.len() / 2), "ERR_KEY_TRUNCATED"),
        ("PEM without its end", pem[..pem.len() - 10].to_owned(), "ERR_KEY_TRUNCATED"),
        ("PEM without its last line", pem[..pem.len() - 26].to_owned(), "ERR_KEY_TRUNCATED"),
        ("without its first characters", text[4..].to_owned(), "ERR_KEY_STRUCTURE"),
        ("one byte more", URL_SAFE_NO_PAD.encode([&KEY.to_der()[..], &[0]].concat()), "ERR_KEY_TRAILING_DATA"),
        ("PEM and more text", format!("{}PS: keep it safe", *pem), "ERR_KEY_TRAILING_DATA"),
        ("two blocks", format!("{}{}", *pem, *pem), "ERR_KEY_PEM_BLOCKS"),
        ("key and certificate", format!("{}{certificate}", *pem), "ERR_KEY_PEM_BLOCKS"),
        ("certificate and key", format!("{certificate}{}", *pem), "ERR_KEY_PEM_BLOCKS"),
        ("the wrong label", pem.replace("PRIVATE", "RSA PRIVATE"), "ERR_KEY_PEM_LABEL"),
        ("labels that differ", pem.replace("END ", "END RSA "), "ERR_KEY_PEM"),
        ("PEM without BEGIN", pem[28..].to_owned(), "ERR_KEY_PEM"),
        ("JWK without a brace", KEY.to_jwk()[..600].to_owned(), "ERR_KEY_JWK"),
        ("JWK of three primes", KEY.to_jwk().replacen('{', "{\"oth\":null,", 1), "ERR_KEY_MULTI_PRIME"),
        ("JWK set", format!("{{\"keys\":[{}]}}", *KEY.to_jwk()), "ERR_KEY_JWK"),
        ("public key", KEY.public_key().to_base64url(), "ERR_KEY_IS_PUBLIC"),
        ("certificate", certificate.clone(), "ERR_KEY_IS_CERTIFICATE"),
        ("certificate as base64", pem_body(&certificate), "ERR_KEY_IS_CERTIFICATE"),
        ("certificate request", request.clone(), "ERR_KEY_FORMAT"),
        ("certificate request as base64", pem_body(&request), "ERR_KEY_FORMAT"),
        ("OpenSSH private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl".into(), "ERR_KEY_IS_OPENSSH"),
        ("OpenSSH public key", "ssh-rsa AAAAB3NzaC1yc2E user@host".into(), "ERR_KEY_IS_OPENSSH"),
        ("encrypted PKCS#8", encrypted.clone(), "ERR_KEY_IS_ENCRYPTED"),
        ("encrypted PKCS#8 as base64", pem_body(&encrypted), "ERR_KEY_IS_ENCRYPTED"),
        ("encrypted PKCS#1", legacy_encrypted, "ERR_KEY_IS_ENCRYPTED"),
        ("legacy key", "sk_live_9f86d081884c7d659a2feaa0c55ad015".into(), "ERR_KEY_IS_LEGACY"),
        ("token", token.into(), "ERR_KEY_IS_TOKEN"),
        ("variable", "$SCOUT_PRIVATE_KEY".into(), "ERR_KEY_FORMAT"),
        ("PuTTY key", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none".into(), "ERR_KEY_FORMAT"),
        ("PGP key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n".into(), "ERR_KEY_FORMAT"),
        ("EC key", generated(&["ecparam", "-name", "prime256v1", "-genkey", "-noout"]), "ERR_KEY_ALGORITHM"),
        (
            "EC key in PKCS#8",
            generated(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            "ERR_KEY_ALGORITHM",
        ),
        ("Ed25519 key", generated(&["genpkey", "-algorithm", "ED25519"]), "ERR_KEY_ALGORITHM"),
        ("Ed25519 key as base64", pem_body(&generated(&["genpkey", "-algorithm", "ED25519"])), "ERR_KEY_ALGORITHM"),
        ("RSA-PSS key", generated(&["genpkey", "-algorithm", "RSA-PSS", "-quiet"]), "ERR_KEY_ALGORITHM"),
        ("DSA key", dsa.clone(), "ERR_KEY_ALGORITHM"),
        ("DSA key as base64", pem_body(&dsa), "ERR_KEY_ALGORITHM"),
        ("weak key", small, "ERR_KEY_TOO_SMALL"),
    ];
    for (name, form, code) in cases {
        let error = PrivateKey::parse(form).expect_err(name);
        assert_eq!(error.code(), *code, "{name}");
    }
}

#[test]
fn what_is_not_text_is_refused() {
    let utf16: Vec<u8> = KEY_TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&utf16[..], b"\xff\xfe", b"\0\0\0"] {
        assert_eq!(PrivateKey::parse(bytes).unwrap_err(), Error::KeyEncoding);
    }
}

/// Scout's page, Step 1: `derToPem`, plus the final newline that files end with.
#[test]
fn pem_is_what_openssl_writes() {
    for bits in [2048, 3072, 4096] {
        let key = PrivateKey::generate(bits).unwrap();
        let public = key.public_key();
        assert_eq!(*key.to_pem(), openssl_text(&["pkcs8", "-topk8", "-nocrypt"], key.to_pem().as_bytes()));
        assert_eq!(
            *key.to_der(),
            openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], key.to_pem().as_bytes())
        );
        assert_eq!(public.to_pem(), openssl_text(&["pkey", "-pubout"], key.to_pem().as_bytes()));
        assert_eq!(public.to_der(), openssl(&["pkey", "-pubout", "-outform", "DER"], key.to_pem().as_bytes()));
        let [signature, file] = [tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap()];
        std::fs::write(signature.path(), key.sign(b"message").unwrap()).unwrap();
        std::fs::write(file.path(), public.to_pem()).unwrap();
        let [signature, file] = [signature.path().to_str().unwrap(), file.path().to_str().unwrap()];
        openssl(&["dgst", "-sha256", "-verify", file, "-signature", signature], b"message");
    }
}

#[test]
fn keys_that_openssl_makes_come_back_with_their_own_bytes() {
    for bits in ["2048", "3072", "4096"] {
        let option = format!("rsa_keygen_bits:{bits}");
        let pem = openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &option, "-quiet"], b"");
        let der = openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], &pem);
        let key = PrivateKey::from_der(&der).unwrap();
        assert!(*key.to_der() == der, "{bits} bits");
        assert_eq!(key.bits().to_string(), bits);
    }
}

#[test]
fn keys_are_generated_in_four_sizes() {
    for bits in [0, 1024, 2047, 2049, 16384] {
        assert_eq!(PrivateKey::generate(bits).unwrap_err(), Error::KeySize);
    }
    assert_eq!(PrivateKey::generate(3072).unwrap().bits(), 3072);
}

#[test]
fn a_jwk_set_gives_its_rsa_keys() {
    let jwk = KEY.public_key().to_jwk();
    let set = format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","x":"","y":""}},{jwk}]}}"#);
    assert_eq!(PublicKey::parse_set(&set).unwrap(), [KEY.public_key().clone()]);
    assert_eq!(PublicKey::parse_set(r#"{"keys":[{"kty":"oct","k":""}]}"#).unwrap_err(), Error::KeySetEmpty);
    for wrong in [jwk.as_str(), &format!("[[{jwk}]]"), r#"{"keys":[["RSA","AQAB","AQAB"]]}"#, "[]"] {
        assert_eq!(PublicKey::parse_set(wrong).unwrap_err(), Error::KeyJwk, "{wrong}");
    }
    let secret = format!(r#"{{"keys":[{}]}}"#, *KEY.to_jwk());
    assert_eq!(PublicKey::parse_set(&secret).unwrap_err(), Error::KeyIsPrivate);
    let longest = set.clone() + &" ".repeat(64 * 1024 - set.len());
    assert!(PublicKey::parse_set(&longest).is_ok());
    assert_eq!(PublicKey::parse_set(&format!("{longest} ")).unwrap_err(), Error::KeyTextTooLong);
}

#[test]
fn public_keys_are_equal_when_both_numbers_are() {
    let key = KEY.public_key();
    let other_e = PublicKey::parse(key.to_jwk().replace("AQAB", "Aw")).unwrap();
    let other_n = PrivateKey::generate(2048).unwrap().public_key().clone();
    assert_eq!(*key, PublicKey::parse(key.to_pem()).unwrap());
    assert_ne!(*key, other_e);
    assert_ne!(*key, other_n);
}

fn pem_body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

fn str(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

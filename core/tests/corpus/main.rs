//! scratch
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scout_auth::*;
use serde_json::Value;
fn read(f: &dyn Fn(bool) -> Result<String>) -> String {
    match f(true) {
        Err(Error::KeyIsPublic) => match f(false) {
            Ok(k) => format!("pub {k}"),
            Err(e) => e.code().to_string(),
        },
        Err(e) => {
            let e2 = f(false).err().map(|e| e.code());
            format!(
                "{}{}",
                e.code(),
                if e2 == Some(e.code()) || e2 == Some("ERR_KEY_IS_PRIVATE") {
                    String::new()
                } else {
                    format!(" PUB:{e2:?}")
                }
            )
        }
        Ok(k) => format!("priv {k}"),
    }
}
fn sign(k: &PrivateKey) -> String {
    match k.sign(b"corpus-check") {
        Ok(s) => URL_SAFE_NO_PAD.encode(s)[..8].to_string(),
        Err(e) => e.code().to_string(),
    }
}
fn der(b: &[u8]) -> String {
    read(&|p| {
        if p {
            PrivateKey::from_der(b).map(|k| format!("{} {} {}", k.bits(), k.kid(), sign(&k)))
        } else {
            PublicKey::from_der(b).map(|k| format!("{} {}", k.bits(), k.kid()))
        }
    })
}
fn text(b: &[u8]) -> String {
    read(&|p| {
        if p {
            PrivateKey::parse(b).map(|k| format!("{} {} {}", k.bits(), k.kid(), sign(&k)))
        } else {
            PublicKey::parse(b).map(|k| format!("{} {}", k.bits(), k.kid()))
        }
    })
}
fn main() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let s = |v: &Value| v.as_str().unwrap_or("").to_string();
    for d in ["aws-lc", "derived_keys", "openssl", "pki-types", "pyca", "rfc", "rustcrypto"] {
        let m: Value = serde_json::from_slice(&std::fs::read(root.join(d).join("manifest.json")).unwrap()).unwrap();
        for c in m["cases"].as_array().unwrap() {
            let b = std::fs::read(root.join(d).join(c["file"].as_str().unwrap())).unwrap();
            let (a, t) = if c["form"] == "der" {
                (der(&b), text(URL_SAFE_NO_PAD.encode(&b).as_bytes()))
            } else {
                (text(&b), String::new())
            };
            let pem = der_to_pem(&b).map(|_| "ok").unwrap_or_else(|e| e.code());
            println!(
                "K\t{}\t{d}/{}\t{}\t{}\t{a}\t{}\tpem:{pem}",
                s(&c["expect"]),
                s(&c["file"]),
                s(&c["reason"]),
                c["policy"],
                if t == a { String::new() } else { t }
            );
        }
    }
    for f in ["derived_jwk/manifest.json", "derived_jwk/b64url_der.json"] {
        let m: Value = serde_json::from_slice(&std::fs::read(root.join(f)).unwrap()).unwrap();
        for c in m["cases"].as_array().unwrap() {
            let t = c["jwk_text"].as_str().or(c["text"].as_str()).map(|t| t.to_string()).unwrap_or_else(|| {
                std::fs::read_to_string(root.join("derived_jwk").join(c["file"].as_str().unwrap())).unwrap()
            });
            println!(
                "J\t{}\t{}\t{}\t{}\t{}",
                s(&c["expect"]),
                s(&c["id"]),
                s(&c["policy"]),
                s(&c["why"]),
                text(t.as_bytes())
            );
        }
    }
    let key = PublicKey::parse(std::fs::read(root.join("rfc/keys/rfc7515_a2.spki.pem")).unwrap()).unwrap();
    let v = Verifier::new([key.clone()]).with_leeway(std::time::Duration::ZERO).unwrap();
    let m: Value = serde_json::from_slice(&std::fs::read(root.join("jwt_derived/manifest.json")).unwrap()).unwrap();
    for c in m["cases"].as_array().unwrap() {
        let t = c["token"].as_str().map(|t| t.to_string()).unwrap_or_else(|| {
            std::fs::read_to_string(root.join("jwt_derived").join(c["token_file"].as_str().unwrap())).unwrap()
        });
        let r = v.verify_at(&t, 1800000000).map(|_| "ok").unwrap_or_else(|e| e.code());
        let sig = t
            .rsplit_once('.')
            .and_then(|(m, s)| URL_SAFE_NO_PAD.decode(s).ok().map(|s| key.verify(m.as_bytes(), &s).unwrap()));
        println!(
            "T\t{}\t{}\t{}\t{}\t{}\t{r}\t{sig:?}",
            s(&c["expect_jws"]),
            s(&c["expect_jwt"]),
            s(&c["id"]),
            s(&c["policy"]),
            s(&c["why"]).chars().take(60).collect::<String>()
        );
    }
}

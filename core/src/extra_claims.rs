//! The claims that a user adds to a token: `roles` and further claims.

use crate::encoding::json;
use crate::error::{Error, Result};

/// The most roles, and the longest name of a role in characters.
const MAX_ROLES: usize = 16;
const MAX_ROLE: usize = 64;

/// The most text that both may take in a token, in bytes.
const MAX_EXTRA: usize = 4096;

/// The claims of every token (Scout's page, JWT Claims Reference), `nbf`, and the one that the
/// setting `roles` makes.
const RESERVED: [&str; 6] = ["iss", "sub", "iat", "exp", "nbf", "roles"];

/// The members that follow `exp`: empty, or a comma and JSON members without white space. `claims`
/// is the text of a JSON object; its members keep their order.
///
/// Errors: `Roles`, `Claims`.
pub(crate) fn extra_claims(roles: Option<&[String]>, claims: Option<&str>) -> Result<String> {
    let mut text = String::new();
    if let Some(roles) = roles {
        if !(1..=MAX_ROLES).contains(&roles.len()) || !roles.iter().all(|role| is_role(role)) {
            return Err(Error::Roles);
        }
        text.push_str(",\"roles\":");
        text.push_str(&serde_json::to_string(roles).map_err(|_| Error::Internal)?);
    }
    if let Some(claims) = claims {
        let members = compact(claims).ok_or(Error::Claims)?;
        if !members.is_empty() {
            text.push(',');
            text.push_str(&members);
        }
    }
    if text.len() > MAX_EXTRA { Err(Error::Claims) } else { Ok(text) }
}

/// Visible ASCII (VCHAR, RFC 5234 appendix B.1).
fn is_role(name: &str) -> bool {
    (1..=MAX_ROLE).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The members of a JSON object in one form for all languages: no white space, strings and numbers
/// as `serde_json` writes them. `None` if the text is not a strict JSON object or has a reserved name.
fn compact(claims: &str) -> Option<String> {
    // Before it is read: white space and escapes may be long, but not without a bound.
    if claims.len() > 8 * MAX_EXTRA {
        return None;
    }
    let mut is_reserved = false;
    json::members(claims.as_bytes(), |name, _| is_reserved |= RESERVED.contains(&name))?;
    if is_reserved {
        return None;
    }
    let mut object = Vec::with_capacity(claims.len());
    let mut from = serde_json::Deserializer::from_str(claims);
    serde_transcode::transcode(&mut from, &mut serde_json::Serializer::new(&mut object)).ok()?;
    let object = String::from_utf8(object).ok()?;
    Some(object.strip_prefix('{')?.strip_suffix('}')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> Result<String> {
        extra_claims(Some(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()), None)
    }

    #[test]
    fn roles_are_an_array_of_one_to_sixteen_names() {
        assert_eq!(roles(&["member"]).unwrap(), r#","roles":["member"]"#);
        assert_eq!(roles(&["a\"b", "c"]).unwrap(), r#","roles":["a\"b","c"]"#);
        assert!(roles(&["r"; 16]).is_ok());
        for wrong in [&[][..], &[""], &["a b"], &["é"], &["r"; 17], &[&"r".repeat(65)]] {
            assert_eq!(roles(wrong), Err(Error::Roles), "{wrong:?}");
        }
    }

    #[test]
    fn claims_keep_their_order_and_lose_their_white_space() {
        let claims = "{ \"b\" : [1, 2.50, null],\n\"a\": {\"x\": \"\\u00e9\\/\"} }";
        assert_eq!(extra_claims(None, Some(claims)).unwrap(), ",\"b\":[1,2.5,null],\"a\":{\"x\":\"é/\"}");
        assert_eq!(extra_claims(None, Some("{}")).unwrap(), "");
    }

    #[test]
    fn claims_that_a_signer_decides_or_that_are_not_strict_json_are_refused() {
        for reserved in RESERVED {
            assert_eq!(extra_claims(None, Some(&format!("{{\"{reserved}\":1}}"))), Err(Error::Claims), "{reserved}");
        }
        for wrong in
            ["", "[]", "1", "{\"a\":1,\"a\":2}", "{\"\\u0069ss\":1}", "{\"a\":1}x", "{\"a\":{\"b\":1,\"b\":1}}"]
        {
            assert_eq!(extra_claims(None, Some(wrong)), Err(Error::Claims), "{wrong}");
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_EXTRA));
        assert_eq!(extra_claims(None, Some(&long)), Err(Error::Claims));
    }
}

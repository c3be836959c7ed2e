//! Message authentication codes of hooks.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

/// The hash functions that a hook can use.
pub(super) const ALGORITHMS: [&str; 3] = ["sha256", "sha384", "sha512"];

/// The code of a body in hexadecimal digits; nothing if the algorithm is unknown.
pub(super) fn sign(algorithm: &str, secret: &str, body: &[u8]) -> Option<String> {
    match algorithm {
        "sha256" => code::<Hmac<Sha256>>(secret, body),
        "sha384" => code::<Hmac<Sha384>>(secret, body),
        "sha512" => code::<Hmac<Sha512>>(secret, body),
        _ => None,
    }
}

/// Whether a header's value is the code of the body, with or without `algorithm=` before it.
pub(super) fn is_valid(algorithm: &str, secret: &str, body: &[u8], header: &str) -> bool {
    let given = header.strip_prefix(algorithm);
    let given = given
        .and_then(|rest| rest.strip_prefix('='))
        .unwrap_or(header);
    // A stand-in on the user's own machine has no secret to protect from timing.
    sign(algorithm, secret, body).is_some_and(|code| given.eq_ignore_ascii_case(&code))
}

fn code<M: Mac + KeyInit>(secret: &str, body: &[u8]) -> Option<String> {
    let mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).ok()?;
    let bytes = mac.chain_update(body).finalize().into_bytes();
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text never fails.
        let _ = write!(digits, "{byte:02x}");
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_rfc_4231() {
        // Test case 2.
        let body = b"what do ya want for nothing?";
        let code = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign("sha256", "Jefe", body).as_deref(), Some(code));
        assert!(
            sign("sha512", "Jefe", body)
                .unwrap()
                .starts_with("164b7a7bfcf819e2")
        );
        assert_eq!(sign("md5", "Jefe", body), None);
        assert!(is_valid("sha256", "Jefe", body, code));
        assert!(is_valid("sha256", "Jefe", body, &format!("sha256={code}")));
        assert!(!is_valid("sha256", "jefe", body, code));
        assert!(!is_valid("sha256", "Jefe", b"", code));
    }
}

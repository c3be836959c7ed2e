//! Signatures of hook requests.

use std::fmt::Write as _;

use deploykit_core::{Call, Error, Payload, Result, Secret};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha224, Sha256, Sha384, Sha512};

use super::{Hook, HookId, HookTriggerResponse, Hooks};
use crate::dispatched::Dispatched;

/// Signs requests to incoming hooks, and verifies those of outgoing ones.
///
/// A signature is the HMAC of the request's body with the hook's secret, in hexadecimal.
///
/// ```
/// use deploykit_devopness::hooks::HookSigner;
///
/// let signer = HookSigner::new("sha256", "X-Hub-Signature-256", "the hook's secret")?;
/// let signature = signer.sign(b"{}");
/// assert!(signer.verify(b"{}", &signature));
/// assert!(!signer.verify(b"{ }", &signature));
/// # Ok::<(), deploykit_devopness::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HookSigner {
    algorithm: Algorithm,
    header_name: String,
    secret: Secret,
}

#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

impl HookSigner {
    /// A signer for a hook with this hash function (`sha224`, `sha256`, `sha384` or `sha512`), header and secret.
    ///
    /// # Errors
    ///
    /// If the hash function is another one, or the secret is empty.
    pub fn new(
        algorithm: &str,
        header_name: impl Into<String>,
        secret: impl Into<Secret>,
    ) -> Result<Self> {
        let algorithm = match algorithm.to_ascii_lowercase().as_str() {
            "sha224" => Algorithm::Sha224,
            "sha256" => Algorithm::Sha256,
            "sha384" => Algorithm::Sha384,
            "sha512" => Algorithm::Sha512,
            _ => {
                return Err(Error::invalid_input(
                    "secret_algorithm",
                    "is none that is supported",
                ));
            }
        };
        let secret = secret.into();
        if secret.is_blank() {
            return Err(Error::invalid_input("secret", "is empty"));
        }
        Ok(Self {
            algorithm,
            header_name: header_name.into(),
            secret,
        })
    }

    /// The signer of a hook that was just added: its secret is shown this once.
    ///
    /// # Errors
    ///
    /// If the hook asks for no signature, or as [`new`](Self::new).
    pub fn of(hook: &Hook) -> Result<Self> {
        let (Some(algorithm), Some(header_name), Some(secret)) = (
            &hook.secret_algorithm,
            &hook.secret_header_name,
            &hook.secret,
        ) else {
            return Err(Error::invalid_input(
                "hook",
                "asks for no signature, or hides its secret",
            ));
        };
        Self::new(algorithm, header_name, secret.clone())
    }

    /// Name of the header that carries the signature.
    pub fn header_name(&self) -> &str {
        &self.header_name
    }

    /// The signature of a body.
    pub fn sign(&self, body: &[u8]) -> String {
        match self.algorithm {
            Algorithm::Sha224 => hex(&self.mac::<Hmac<Sha224>>(body).finalize().into_bytes()),
            Algorithm::Sha256 => hex(&self.mac::<Hmac<Sha256>>(body).finalize().into_bytes()),
            Algorithm::Sha384 => hex(&self.mac::<Hmac<Sha384>>(body).finalize().into_bytes()),
            Algorithm::Sha512 => hex(&self.mac::<Hmac<Sha512>>(body).finalize().into_bytes()),
        }
    }

    /// Whether the signature is the body's, compared in constant time. The hash function's own name may stand
    /// before it (`sha256=` for a hook with `sha256`), and nothing else.
    pub fn verify(&self, body: &[u8], signature: &str) -> bool {
        let signature = signature.trim();
        let digits = signature
            .strip_prefix(self.algorithm.name())
            .and_then(|rest| rest.strip_prefix('='))
            .unwrap_or(signature);
        let Some(claimed) = bytes(digits) else {
            return false;
        };
        match self.algorithm {
            Algorithm::Sha224 => self
                .mac::<Hmac<Sha224>>(body)
                .verify_slice(&claimed)
                .is_ok(),
            Algorithm::Sha256 => self
                .mac::<Hmac<Sha256>>(body)
                .verify_slice(&claimed)
                .is_ok(),
            Algorithm::Sha384 => self
                .mac::<Hmac<Sha384>>(body)
                .verify_slice(&claimed)
                .is_ok(),
            Algorithm::Sha512 => self
                .mac::<Hmac<Sha512>>(body)
                .verify_slice(&claimed)
                .is_ok(),
        }
    }

    fn mac<M: Mac + KeyInit>(&self, body: &[u8]) -> M {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mac = M::new_from_slice(self.secret.expose().as_bytes()).expect("any length will do");
        mac.chain_update(body)
    }
}

impl Hooks {
    /// Triggers an incoming hook that requires a signature, with a JSON body for its variables.
    ///
    /// `POST /hooks/{hook_id}/trigger` (triggerHook). Errors: 403, 404, 422.
    pub fn trigger_signed<T: Payload + ?Sized>(
        &self,
        hook_id: impl Into<HookId>,
        body: &T,
        signer: &HookSigner,
    ) -> Call<Dispatched<HookTriggerResponse>> {
        self.trigger(hook_id)
            .map_request(|request| match serde_json::to_vec(body) {
                Ok(bytes) => request
                    .json(body)
                    .header(signer.header_name(), &signer.sign(&bytes)),
                Err(error) => request.refuse("body", &error.to_string()),
            })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(
        String::with_capacity(2 * bytes.len()),
        |mut digits, byte| {
            // Writing to a string does not fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        },
    )
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    const BODY: &[u8] = b"what do ya want for nothing?";

    fn signer(algorithm: &str) -> HookSigner {
        HookSigner::new(algorithm, "X-Signature", "Jefe").unwrap()
    }

    #[test]
    fn signatures_are_those_of_the_standard() {
        for (algorithm, signature) in [
            (
                "sha224",
                "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
            ),
            (
                "sha256",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                "sha384",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            ),
            (
                "sha512",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd\
                 caeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            let signer = signer(algorithm);
            assert_eq!(signer.sign(BODY), signature);
            assert!(signer.verify(BODY, signature));
            assert!(signer.verify(BODY, &format!("{algorithm}={}", signature.to_uppercase())));
        }
    }

    #[test]
    fn what_is_no_signature_of_the_body_is_refused() {
        let signer = signer("sha256");
        let signature = signer.sign(BODY);
        assert!(!signer.verify(b"another body", &signature));
        for forged in [
            "",
            "sha256=",
            "zz",
            &signature[1..],
            &signature[..62],
            &format!("{signature}00"),
            &format!("md5={signature}"),
            &format!("sha512={signature}"),
            &format!("anything at all={signature}"),
            &format!("={signature}"),
            &format!("sha256=sha256={signature}"),
            &format!("sha256 {signature}"),
            "é0",
        ] {
            assert!(!signer.verify(BODY, forged), "{forged}");
        }
    }

    #[test]
    fn unknown_algorithms_and_empty_secrets_are_refused() {
        assert!(HookSigner::new("md5", "X-Signature", "secret").is_err());
        assert!(HookSigner::new("sha256", "X-Signature", " ").is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", signer("sha256")).contains("Jefe"));
    }
}

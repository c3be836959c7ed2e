//! What Edgegap's errors tell beyond the general.

use deploykit_core::Error;

use crate::RequestId;

/// Questions that only make sense for an error of Edgegap.
///
/// ```
/// use deploykit_edgegap::ErrorExt as _;
///
/// # fn report(error: deploykit_edgegap::Error) {
/// if let Some(deployment) = error.deployment() {
///     eprintln!("{error}, but the deployment {deployment} exists");
/// }
/// # }
/// ```
pub trait ErrorExt {
    /// The deployment that exists in spite of the error: a 422 of a deploy call names it, and so does an
    /// answer that could not be decoded otherwise. It can be looked at and stopped.
    fn deployment(&self) -> Option<RequestId>;

    /// The service knows no such deployment: 404, or the 400 with which it answers to ids it never gave.
    fn is_unknown_deployment(&self) -> bool;

    /// 410: it has already ended.
    fn is_gone(&self) -> bool;
}

impl ErrorExt for Error {
    fn deployment(&self) -> Option<RequestId> {
        match self.api().and_then(|api| api.get("request_id")) {
            Some(id) => Some(id.into()),
            None => text_after(self.body()?, "request_id"),
        }
    }

    fn is_unknown_deployment(&self) -> bool {
        let named = || {
            let said = self.raw_body();
            said.is_some_and(|said| said.expose().to_ascii_lowercase().contains("request id"))
        };
        self.is_not_found() || (self.status() == Some(400) && named())
    }

    fn is_gone(&self) -> bool {
        self.status() == Some(410)
    }
}

/// The text under a key, in a body that is no whole JSON.
fn text_after(body: &str, key: &str) -> Option<RequestId> {
    let (_, rest) = body.split_once(&format!("\"{key}\""))?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let (id, _) = value.strip_prefix('"')?.split_once('"')?;
    (!id.is_empty()).then(|| id.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_a_damaged_body_unless_it_is_cut_itself() {
        let found = |body| text_after(body, "request_id");
        assert_eq!(found(r#"{"request_id" : "a69f", "mess"#).unwrap(), "a69f");
        assert_eq!(found(r#"{"request_id":"a69"#), None);
        assert_eq!(found(r#"{"request_id":null}"#), None);
        assert_eq!(found("<html>"), None);
    }
}

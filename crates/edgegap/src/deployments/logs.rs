//! What a container has written.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deploykit_core::{Secret, de};
use serde::{Deserialize, Deserializer};

deploykit_core::model! {
    /// The log of a container.
    pub struct ContainerLogs {
        /// The log; [`text`](Self::text) decodes it where that is needed.
        logs: Option<String>,
        /// How the log is encoded: `utf-8`, or `base64`.
        encoding: Option<String>,
        /// The log of the container that crashed before this one.
        crash_logs: Option<String>,
        /// How that one crashed.
        crash_data: Option<CrashData> as crash,
        /// Where the stored log can be fetched. Whoever has the address can read it.
        logs_link: Option<Secret>,
    }
}

impl ContainerLogs {
    /// The log as text.
    pub fn text(&self) -> Cow<'_, str> {
        let logs = self.logs.as_deref().unwrap_or_default();
        let is_base64 = |encoding: &str| encoding.eq_ignore_ascii_case("base64");
        if !self.encoding.as_deref().is_some_and(is_base64) {
            return logs.into();
        }
        match STANDARD.decode(logs.trim()) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
            Err(_) => logs.into(),
        }
    }
}

deploykit_core::model! {
    /// How a container crashed.
    pub struct CrashData {
        /// Exit code of its program.
        exit_code: Option<i64> as de::number,
        /// What happened.
        message: Option<String>,
        /// How often it was started again.
        restart_count: Option<i64> as de::number,
    }
}

/// Some servers write "nothing" as an empty list.
fn crash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CrashData>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    if !value.is_object() {
        return Ok(None);
    }
    serde_json::from_value(value)
        .map(Some)
        .map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_address_of_a_stored_log_is_not_shown() {
        let json = r#"{"logs_link":"https://storage.example.com/log?signature=canary"}"#;
        let logs: ContainerLogs = serde_json::from_str(json).unwrap();
        assert!(!format!("{logs:?}").contains("canary"));
        assert_eq!(
            serde_json::to_value(&logs).unwrap()["logs_link"],
            "https://storage.example.com/log?signature=canary"
        );
    }

    #[test]
    fn only_a_log_that_says_so_is_decoded() {
        let text = |json: &str| {
            serde_json::from_str::<ContainerLogs>(json)
                .unwrap()
                .text()
                .into_owned()
        };
        assert_eq!(text(r#"{"logs":"aGk=","encoding":"utf-8"}"#), "aGk=");
        assert_eq!(text(r#"{"logs":"aGk=","encoding":"BASE64"}"#), "hi");
        assert_eq!(text(r#"{"logs":"not so!","encoding":"base64"}"#), "not so!");
        assert_eq!(text(r#"{"logs":null}"#), "");
    }
}

//! Addresses of a service, where they stand in texts: links lead back to whom one has asked.

use std::io;

use bytes::Bytes;
use serde_json::Value;

use super::fixture::{ORIGIN, SOCKETS};

/// Scheme, host and port, as they stand in links; with those of its WebSockets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// The address to which requests go.
    http: String,
    /// What stands in texts for it, each with whether it is of a WebSocket.
    said: Vec<(String, bool)>,
    /// The path before all others.
    prefix: String,
}

impl Origin {
    /// The origin of an address such as `https://api.example.com` or `https://example.com/api`.
    pub(crate) fn of(address: &str) -> io::Result<Self> {
        let bad = |problem: &str| {
            let text = format!("the service's address {address} is none: {problem}");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        };
        let uri: http::Uri = address
            .parse()
            .map_err(|_| bad("such as https://api.example.com is meant"))?;
        let authority = uri.authority().ok_or_else(|| bad("it has no host"))?;
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(bad("a credential or parameters have no place there"));
        }
        let scheme = match uri.scheme_str() {
            Some(scheme @ ("http" | "https")) => scheme,
            _ => return Err(bad("it begins with https:// or http://")),
        };
        let mut said = Vec::new();
        for (scheme, is_socket) in [
            ("https", false),
            ("http", false),
            ("wss", true),
            ("ws", true),
        ] {
            said.push((format!("{scheme}://{authority}"), is_socket));
        }
        Ok(Self {
            http: format!("{scheme}://{authority}"),
            said,
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// This server, by the name that a client has for it.
    pub(crate) fn here(host: &str) -> Self {
        Self {
            http: format!("http://{host}"),
            said: vec![
                (format!("http://{host}"), false),
                (format!("ws://{host}"), true),
            ],
            prefix: String::new(),
        }
    }

    /// What stands for a service in fixtures.
    pub(crate) fn anonymous() -> Self {
        Self {
            http: ORIGIN.to_owned(),
            said: vec![(ORIGIN.to_owned(), false), (SOCKETS.to_owned(), true)],
            prefix: String::new(),
        }
    }

    /// The address of a path and its query there.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("{}{}{target}", self.http, self.prefix)
    }

    /// The text with another origin in the place of this one.
    pub(crate) fn replaced(&self, text: &str, by: &Self) -> String {
        let mut text = text.to_owned();
        for (said, is_socket) in &self.said {
            let with = match is_socket {
                true => by.http.replacen("http", "ws", 1),
                false => by.http.clone(),
            };
            let said = format!("{said}{}", self.prefix);
            text = replace_whole(&text, &said, &with);
            // As PHP writes it into JSON.
            let escaped = |text: &str| text.replace('/', r"\/");
            text = replace_whole(&text, &escaped(&said), &escaped(&with));
        }
        text
    }

    /// The same in bytes, if they are text.
    pub(crate) fn replaced_bytes(&self, bytes: &[u8], by: &Self) -> Bytes {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.replaced(text, by).into(),
            Err(_) => Bytes::copy_from_slice(bytes),
        }
    }

    /// The same in all texts of a value.
    pub(crate) fn replace_in(&self, value: &mut Value, by: &Self) {
        match value {
            Value::String(text) => *text = self.replaced(text, by),
            Value::Array(values) => values
                .iter_mut()
                .for_each(|value| self.replace_in(value, by)),
            Value::Object(fields) => {
                fields
                    .values_mut()
                    .for_each(|value| self.replace_in(value, by));
            }
            _ => {}
        }
    }
}

/// Replaces an origin that isn't the beginning of another: `http://a.example` in `http://a.example.org`.
fn replace_whole(text: &str, origin: &str, with: &str) -> String {
    if !text.contains(origin) {
        return text.to_owned();
    }
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(origin) {
        let (before, found) = rest.split_at(at);
        let after = &found[origin.len()..];
        let goes_on = |letter: char| letter.is_ascii_alphanumeric() || ".-:_".contains(letter);
        // A full stop at the end of a sentence isn't told apart; the address stays then.
        let same = after.chars().next().is_none_or(|letter| !goes_on(letter));
        replaced += before;
        replaced += if same { with } else { origin };
        rest = after;
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_another_origin_and_back() {
        let upstream = Origin::of("https://api.example.com/v").unwrap();
        let here = Origin::here("127.0.0.1:7080");
        let text = r#"{"a":"https://api.example.com/v/x?y","b":"https://api.example.com.evil/v","c":"wss://api.example.com/v"}"#;
        let seen = upstream.replaced(text, &here);
        assert_eq!(
            seen,
            r#"{"a":"http://127.0.0.1:7080/x?y","b":"https://api.example.com.evil/v","c":"ws://127.0.0.1:7080"}"#
        );
        assert_eq!(upstream.url("/x?y"), "https://api.example.com/v/x?y");
        let recorded = here.replaced(&seen, &Origin::anonymous());
        assert!(
            recorded.contains("http://service.invalid/x?y"),
            "{recorded}"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_in_words() {
        for address in [
            "",
            "api.example.com",
            "ftp://a",
            "https://u:p@a",
            "https://a/?b=c",
            "http://",
        ] {
            let error = Origin::of(address).unwrap_err().to_string();
            assert!(error.contains("is none: "), "{error}");
        }
    }
}

//! What a server said besides the value: error bodies, rate limits, request ids.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use serde_json::Value;

/// What the server said with an error status.
///
/// The body is read in any of its states: a JSON object with a message, code and field errors; other JSON;
/// or no JSON at all (a proxy's page, a plain text). The status is kept in every case.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApiError {
    message: Option<String>,
    code: Option<String>,
    fields: BTreeMap<String, Vec<String>>,
    json: Option<Value>,
}

impl ApiError {
    /// Reads a body.
    pub(crate) fn read(body: &str) -> Self {
        let Ok(json) = serde_json::from_str::<Value>(body) else {
            return Self {
                message: plain_text(body),
                ..Self::default()
            };
        };
        let text = |key: &str| json.get(key).and_then(one_text);
        let message = ["error_description", "error", "message", "msg", "detail"]
            .into_iter()
            .find_map(text)
            .or_else(|| one_text(&json));
        let code = ["code", "type", "name"].into_iter().find_map(text);
        let fields = json
            .get("errors")
            .and_then(Value::as_object)
            .map(|fields| {
                fields
                    .iter()
                    .map(|(field, problems)| (field.clone(), texts(problems)))
                    .collect()
            })
            .unwrap_or_default();
        Self {
            message,
            code,
            fields,
            json: Some(json),
        }
    }

    /// The server's message, in one line.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The server's error code, where it gives one.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What is wrong with each field of the request.
    pub fn fields(&self) -> &BTreeMap<String, Vec<String>> {
        &self.fields
    }

    /// The whole body, where it was JSON.
    pub fn json(&self) -> Option<&Value> {
        self.json.as_ref()
    }

    /// A top-level text of the body, for what only one service sends (`resource`, `url`, `request_id`).
    pub fn get(&self, key: &str) -> Option<&str> {
        self.json.as_ref()?.get(key)?.as_str()
    }

    /// One line for people: the message, else the field errors.
    pub(crate) fn line(&self) -> String {
        let mut line = self.message.clone().unwrap_or_default();
        for (field, problems) in &self.fields {
            if !line.is_empty() {
                line.push_str("; ");
            }
            line.push_str(field);
            line.push_str(": ");
            line.push_str(&problems.join(", "));
        }
        if let Some(resource) = self.get("resource") {
            line = format!("{resource} {line}");
        }
        line
    }
}

fn one_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => plain_text(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            plain_text(&items.join("; "))
        }
        _ => None,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// A text as one line of at most 300 characters; a page of HTML is named, not quoted.
fn plain_text(text: &str) -> Option<String> {
    const LONGEST: usize = 300;

    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let start = text.get(..64).unwrap_or(text).to_ascii_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") {
        return Some("an HTML page".to_owned());
    }
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > LONGEST {
            line = line.chars().take(LONGEST).collect();
            line.push('…');
            break;
        }
    }
    Some(line)
}

/// State of a service's rate limit, from its `X-RateLimit-*` or `RateLimit-*` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Calls allowed in the window.
    pub limit: u64,
    /// Calls left in the window.
    pub remaining: u64,
    /// When the window ends.
    pub reset: SystemTime,
}

impl RateLimit {
    /// Reads the headers: all three, or nothing.
    pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        let number = |name: &str| {
            [format!("x-ratelimit-{name}"), format!("ratelimit-{name}")]
                .iter()
                .find_map(|name| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok())
        };
        if !headers
            .keys()
            .any(|name| name.as_str().contains("ratelimit-"))
        {
            return None;
        }
        let reset = number("reset")?;
        // An epoch, or a number of seconds: no window is 30 years long.
        let reset = if reset > 1_000_000_000 {
            UNIX_EPOCH.checked_add(Duration::from_secs(reset))?
        } else {
            now.checked_add(Duration::from_secs(reset))?
        };
        Some(Self {
            limit: number("limit")?,
            remaining: number("remaining")?,
            reset,
        })
    }

    /// How long until the window ends, if nothing is left in it.
    pub(crate) fn spent_for(&self, now: SystemTime) -> Option<Duration> {
        (self.remaining == 0).then(|| self.reset.duration_since(now).unwrap_or_default())
    }
}

/// Reads `Retry-After`: seconds (fractions too), or an HTTP date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    parse_retry_after(headers.get(http::header::RETRY_AFTER)?.to_str().ok()?, now)
}

fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    // Beyond a year it makes no difference, and sums of durations must not overflow.
    const LONGEST: f64 = 365.0 * 24.0 * 3600.0;

    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds.clamp(-1.0, LONGEST)).ok();
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let delay = at.duration_since(now).unwrap_or_default();
    Some(delay.min(Duration::from_secs_f64(LONGEST)))
}

/// The id that the server gave to the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "request-id", "x-correlation-id"]
        .into_iter()
        .find_map(|name| headers.get(name)?.to_str().ok())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> ApiError {
        ApiError::read(body)
    }

    #[test]
    fn reads_every_documented_error_body() {
        for (body, line) in [
            (r#"{"error":"Invalid credentials"}"#, "Invalid credentials"),
            (r#"{"resource":"app","error":"not found"}"#, "app not found"),
            (
                r#"{"errors":{"app":["missing field"]}}"#,
                "app: missing field",
            ),
            ("Retry later", "Retry later"),
            (r#"{"status":404,"msg":"Not Found"}"#, "Not Found"),
            (r#""token expired""#, "token expired"),
            (
                r#"{"error":"invalid_grant","error_description":"expired"}"#,
                "expired",
            ),
            (r#"{"message":["a","b"]}"#, "a; b"),
            ("App x not found.\n", "App x not found."),
            (
                "<!DOCTYPE html><html><body>Bad gateway</body></html>",
                "an HTML page",
            ),
            ("", ""),
            ("[]", ""),
            (
                r#"{"message":"bad","errors":{"name":"taken"}}"#,
                "bad; name: taken",
            ),
        ] {
            assert_eq!(read(body).line(), line, "{body}");
        }
    }

    #[test]
    fn keeps_code_fields_and_what_is_special() {
        let error = read(r#"{"error":"no","code":"region_disabled","url":"https://x"}"#);
        assert_eq!(error.code(), Some("region_disabled"));
        assert_eq!(error.get("url"), Some("https://x"));
        let error = read(r#"{"errors":{"a":["x","y"],"b":"z"}}"#);
        assert_eq!(error.fields()["a"], ["x", "y"]);
        assert_eq!(error.fields()["b"], ["z"]);
    }

    #[test]
    fn long_texts_are_cut() {
        assert!(read(&"word ".repeat(1000)).line().chars().count() <= 301);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let read = |text| parse_retry_after(text, now);
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read(" 0.5 "), Some(Duration::from_millis(500)));
        assert_eq!(
            read("Sun, 06 Nov 1994 08:50:37 GMT"),
            Some(Duration::from_secs(60))
        );
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:00 GMT"),
            Some(Duration::ZERO),
            "a date in the past means now"
        );
        assert_eq!(read("1e19"), read("99999999999999999999"));
        assert!(read("1e19") < Some(Duration::from_secs(1 << 40)), "cut");
        assert_eq!(read("-1"), None);
        assert_eq!(read("NaN"), None);
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn rate_limit_is_all_three_headers_or_none() {
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-limit", "2500".parse().unwrap());
        headers.insert("x-ratelimit-remaining", "0".parse().unwrap());
        assert_eq!(RateLimit::read(&headers, now), None);
        headers.insert("x-ratelimit-reset", "1800000060".parse().unwrap());
        let limit = RateLimit::read(&headers, now).unwrap();
        assert_eq!(limit.spent_for(now), Some(Duration::from_secs(60)));
        headers.insert("x-ratelimit-reset", "30".parse().unwrap());
        let limit = RateLimit::read(&headers, now).unwrap();
        assert_eq!(limit.spent_for(now), Some(Duration::from_secs(30)));
        headers.insert("x-ratelimit-limit", "many".parse().unwrap());
        assert_eq!(RateLimit::read(&headers, now), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,400}", seconds in any::<u64>()) {
            let _ = ApiError::read(&text).line();
            let now = UNIX_EPOCH + Duration::from_secs(seconds >> 32);
            let _ = parse_retry_after(&text, now);
        }

        #[test]
        fn whole_seconds_are_read_as_they_are(seconds in 0u64..1 << 24) {
            prop_assert_eq!(
                parse_retry_after(&seconds.to_string(), UNIX_EPOCH),
                Some(Duration::from_secs(seconds))
            );
        }
    }
}

//! What a server said besides the value: error bodies, rate limits, request ids.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use serde_json::Value;

use crate::answers::show::{LONGEST_LINE, one_line};
use crate::sending::redact::Redactor;

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
    /// Reads a body, as the server sent it. What is kept of it is for people: it has no secret.
    pub(crate) fn read(body: &[u8], redactor: &Redactor) -> Self {
        let Ok(json) = serde_json::from_str::<Value>(&String::from_utf8_lossy(body)) else {
            return Self {
                message: plain_text(&redactor.clean_body(body)),
                ..Self::default()
            };
        };
        let clean = |value: &Value| plain_text(&redactor.clean(&one_text(value)?));
        let text = |key: &str| json.get(key).and_then(clean);
        let message = ["error_description", "error", "message", "msg", "detail"]
            .into_iter()
            .find_map(text)
            .or_else(|| clean(&json));
        let code = ["code", "type", "name"].into_iter().find_map(text);
        let fields = json
            .get("errors")
            .and_then(Value::as_object)
            .map(|fields| {
                fields
                    .iter()
                    .map(|(field, problems)| {
                        let problems = texts(problems)
                            .into_iter()
                            .map(|text| redactor.clean(&text));
                        (redactor.clean(field), problems.collect())
                    })
                    .collect()
            })
            .unwrap_or_default();
        Self {
            message,
            code,
            fields,
            json: Some(without_secrets(json, redactor)),
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
        one_line(&line, LONGEST_LINE)
    }
}

fn without_secrets(json: Value, redactor: &Redactor) -> Value {
    match json {
        Value::String(text) => redactor.clean(&text).into(),
        Value::Array(items) => items
            .into_iter()
            .map(|item| without_secrets(item, redactor))
            .collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (redactor.clean(&key), without_secrets(value, redactor)))
            .collect(),
        other => other,
    }
}

fn one_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            items.join("; ")
        }
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
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
        line.push_str(&one_line(&word, LONGEST + 1));
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
    /// Reads the headers: all three, or nothing. A window that would last for more than a year is none.
    pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        if !headers
            .keys()
            .any(|name| name.as_str().contains("ratelimit-"))
        {
            return None;
        }
        let text = |name: &str| {
            [format!("x-ratelimit-{name}"), format!("ratelimit-{name}")]
                .iter()
                .find_map(|name| headers.get(name)?.to_str().ok())
        };
        let number = |name: &str| text(name)?.trim().parse().ok();
        let reset = after(text("reset")?.trim().parse().ok()?, headers, now)?;
        Some(Self {
            limit: number("limit")?,
            remaining: number("remaining")?,
            reset: now.checked_add(reset).filter(|_| reset <= YEAR)?,
        })
    }

    /// How long until the window ends, if nothing is left in it.
    pub(crate) fn spent_for(&self, now: SystemTime) -> Option<Duration> {
        (self.remaining == 0).then(|| self.reset.duration_since(now).unwrap_or_default())
    }
}

/// Beyond this it makes no difference, and sums of durations must not overflow.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Reads `Retry-After`: seconds (fractions too), an HTTP date, or an epoch; a year at the most.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    let text = text.trim();
    let delay = match text.parse::<f64>() {
        Ok(seconds) => after(seconds, headers, now)?,
        Err(_) => until(httpdate::parse_http_date(text).ok()?, headers, now),
    };
    Some(delay.min(YEAR))
}

/// How long a number in a header means: seconds from now, or an epoch in seconds, milliseconds or finer.
fn after(number: f64, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    // No delay is 30 years long, and no epoch in seconds is as late as the year 5138.
    const EPOCHS: f64 = 1e9;
    const FINER: f64 = 1e11;

    let mut seconds = number;
    for _ in 0..3 {
        if seconds > FINER {
            seconds /= 1000.0;
        }
    }
    let duration = Duration::try_from_secs_f64(seconds.clamp(-1.0, FINER)).ok()?;
    match seconds > EPOCHS {
        true => Some(until(UNIX_EPOCH.checked_add(duration)?, headers, now)),
        false => Some(duration),
    }
}

/// How long until a point in time that a header names. The server's clock counts, as its `Date` tells it; ours
/// does if the server tells none, or one that can't be meant.
fn until(at: SystemTime, headers: &HeaderMap, now: SystemTime) -> Duration {
    let clock = headers
        .get(http::header::DATE)
        .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let since = |clock| at.duration_since(clock).unwrap_or_default();
    match clock.map(since).filter(|delay| *delay <= YEAR) {
        Some(delay) => delay,
        None => since(now),
    }
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
        ApiError::read(body.as_bytes(), &Redactor::default())
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

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (
                http::HeaderName::from_static(name),
                value.parse::<http::HeaderValue>().unwrap(),
            )
        };
        pairs.iter().map(pair).collect()
    }

    fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
        retry_after(&headers(&[("retry-after", text)]), now)
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
        for endless in ["1e19", "1e300", "inf", "999999999", "99999999999999999999"] {
            assert_eq!(read(endless), Some(YEAR), "{endless}");
        }
        assert_eq!(read("Fri, 31 Dec 9999 23:59:59 GMT"), Some(YEAR));
        for none in ["-1", "-inf", "NaN", "soon", ""] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    /// 15 January 2027, 08:00:00 UTC.
    const NOW: Duration = Duration::from_secs(1_800_000_000);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_servers_own_clock_counts() {
        let now = UNIX_EPOCH + NOW;
        // Our clock is a day behind the server's, a day before it, or stands at 1970.
        for ours in [now - 1440 * MINUTE, now + 1440 * MINUTE, UNIX_EPOCH] {
            let date = ("date", "Fri, 15 Jan 2027 08:00:00 GMT");
            for value in [
                "Fri, 15 Jan 2027 08:01:00 GMT",
                "1800000060",
                "1800000060000",
            ] {
                let asked = headers(&[date, ("retry-after", value)]);
                assert_eq!(retry_after(&asked, ours), Some(MINUTE), "{value}");
            }
            let limit = headers(&[
                date,
                ("x-ratelimit-limit", "10"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1800000060"),
            ]);
            let limit = RateLimit::read(&limit, ours).unwrap();
            assert_eq!(limit.spent_for(ours), Some(MINUTE));
            assert_eq!(limit.reset, ours + MINUTE);
        }
        // A date that cannot be meant leaves our own clock.
        for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "yesterday"] {
            let asked = headers(&[("date", date), ("retry-after", "1800000060")]);
            assert_eq!(retry_after(&asked, now), Some(MINUTE), "{date}");
        }
    }

    #[test]
    fn a_reset_is_seconds_or_any_epoch_and_never_absurd() {
        let now = UNIX_EPOCH + NOW;
        let read = |reset: &str| {
            let limit = headers(&[
                ("ratelimit-limit", "10"),
                ("ratelimit-remaining", "0"),
                ("ratelimit-reset", reset),
            ]);
            RateLimit::read(&limit, now)?.spent_for(now)
        };
        for reset in [
            "60",
            " 60.0 ",
            "1800000060",
            "1800000060000",
            "1800000060000000",
        ] {
            assert_eq!(read(reset), Some(MINUTE), "{reset}");
        }
        assert_eq!(read("1700000000"), Some(Duration::ZERO));
        let absurd = [
            "18446744073709551615",
            "99999999999",
            "999999999",
            "1e300",
            "-60",
            "NaN",
            "soon",
        ];
        for reset in absurd {
            assert_eq!(read(reset), None, "{reset}");
        }
    }

    #[test]
    fn rate_limit_is_all_three_headers_or_none() {
        let now = UNIX_EPOCH + NOW;
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-limit", "2500".parse().unwrap());
        headers.insert("x-ratelimit-remaining", "0".parse().unwrap());
        assert_eq!(RateLimit::read(&headers, now), None);
        headers.insert("x-ratelimit-reset", "30".parse().unwrap());
        let limit = RateLimit::read(&headers, now).unwrap();
        assert_eq!(limit.spent_for(now), Some(MINUTE / 2));
        headers.insert("x-ratelimit-limit", "many".parse().unwrap());
        assert_eq!(RateLimit::read(&headers, now), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,400}") {
            let _ = read(&text).line();
        }

        #[test]
        fn no_header_asks_for_more_than_a_year(
            value in "[ -~]{0,30}|[0-9]{1,40}(\\.[0-9]{0,9})?|-?[0-9]{1,3}e[0-9]{1,3}",
            date in "[ -~]{0,30}|Fri, 15 Jan [0-9]{4} 08:00:00 GMT",
            seconds in any::<u32>(),
        ) {
            let now = UNIX_EPOCH + Duration::from_secs(u64::from(seconds));
            let headers = headers(&[
                ("date", &date),
                ("retry-after", &value),
                ("x-ratelimit-limit", "10"),
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", &value),
            ]);
            prop_assert!(retry_after(&headers, now).unwrap_or_default() <= YEAR);
            let limit = RateLimit::read(&headers, now);
            prop_assert!(limit.and_then(|limit| limit.spent_for(now)).unwrap_or_default() <= YEAR);
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

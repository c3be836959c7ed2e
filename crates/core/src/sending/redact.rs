//! Takes out of a text what was sent and must not be shown, because servers quote what they get.
//!
//! What is hidden:
//! - the credential, as it was given and as it stands in the header, from [`CREDENTIAL`] characters on;
//! - every [`Secret`] that the body, the form or the query holds, wherever it stands in them: serializing a
//!   `Secret` notes it, so no type can forget one;
//! - what a caller's header carries, what fills a secret path, what a base URL's path and a server's signed
//!   address hold.
//!
//! All but the credential only if it [`tells`] more than an ordinary word does: a variable's value may be `page`,
//! and "page not found" must stay readable.
//!
//! Each is found as it is, in whatever case, and escaped for JSON, percent-encoded, with HTML entities, in two
//! of these at once, and in base64 ([`views`](self::views)). Nothing of this is done unless there is an error.

mod views;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use crate::models::secret::Secret;
use crate::sending::origin;

/// What stands in a secret's place.
const REDACTED: &str = "[redacted]";

/// A shorter credential is none, and would be found everywhere.
pub(crate) const CREDENTIAL: usize = 4;

/// How much of an answer's body an error keeps.
pub(crate) const LONGEST_BODY: usize = 64 << 10;

/// Knows what one call must not show.
#[derive(Default)]
pub(crate) struct Redactor {
    /// In lower case: a host is quoted so.
    hidden: Vec<Secret>,
}

impl Redactor {
    /// Hides what an address holds that a redirect led to: stores sign theirs.
    pub(crate) fn at(mut self, base: &Url, url: &Url) -> Self {
        if !origin::same(base, url) {
            for part in parts(url) {
                self.hide_if_it_tells(part.expose());
            }
        }
        self
    }

    pub(crate) fn hide(&mut self, text: &str, shortest: usize) {
        let text = text.trim();
        if text.len() >= shortest {
            self.hidden.push(Secret::new(text.to_ascii_lowercase()));
        }
    }

    /// Hides a text, and those of its parts that servers quote alone: the lines of a key, the segments and
    /// values of an address.
    pub(crate) fn hide_if_it_tells(&mut self, text: &str) {
        let text = text.trim();
        if tells(text) {
            self.hide(text, 1);
        }
        if text.contains('\n') {
            let lines = text.lines().map(str::trim);
            for line in lines.filter(|line| tells(line) && !line.starts_with("-----")) {
                self.hide(line, 1);
            }
        }
        if let Ok(url) = Url::parse(text) {
            for part in parts(&url).iter().map(Secret::expose) {
                if tells(part) {
                    self.hide(part, 1);
                }
            }
        }
    }

    /// The text without what is hidden.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.clean_up_to(text, text.len())
    }

    /// A body without what is hidden, cut at 64 KiB. What stands across the cut is found too.
    pub(crate) fn clean_body(&self, body: &[u8]) -> String {
        // Each byte may be an escape of an escape.
        const LONGEST_SPELLING: usize = 36;

        let longest = self.hidden.iter().map(|secret| secret.expose().len()).max();
        let beyond = LONGEST_SPELLING * longest.unwrap_or(0);
        let window = body.len().min(LONGEST_BODY.saturating_add(beyond));
        self.clean_up_to(&String::from_utf8_lossy(&body[..window]), LONGEST_BODY)
    }

    /// The headers without what is hidden; those that are secrets themselves are marked.
    pub(crate) fn clean_headers(&self, headers: &HeaderMap) -> HeaderMap {
        let mut clean = headers.clone();
        for (name, value) in &mut clean {
            // Not only ASCII: a byte beyond must not hide the rest.
            let text = String::from_utf8_lossy(value.as_bytes());
            if !self.spans(&text).is_empty()
                && let Ok(shown) = HeaderValue::try_from(self.clean(&text))
            {
                *value = shown;
            }
            value.set_sensitive(name == header::SET_COOKIE);
        }
        clean
    }

    /// Cleans the text and cuts it at this byte of what it was.
    fn clean_up_to(&self, text: &str, end: usize) -> String {
        let mut end = end.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut clean = String::with_capacity(end);
        let mut done = 0;
        for (from, to) in self.spans(text) {
            if from >= end {
                break;
            }
            clean.push_str(&text[done..from]);
            clean.push_str(REDACTED);
            done = to;
        }
        clean.push_str(text.get(done..end).unwrap_or_default());
        clean
    }

    /// Where the text holds what is hidden, in any spelling; in order, and apart from each other.
    fn spans(&self, text: &str) -> Vec<(usize, usize)> {
        if self.hidden.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        views::each(text.as_bytes(), &mut |view| {
            for secret in &self.hidden {
                view.find(secret.expose().as_bytes(), &mut found);
            }
        });
        found.sort_unstable();
        let mut spans: Vec<(usize, usize)> = Vec::new();
        for (from, to) in found {
            match spans.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => spans.push((from, to)),
            }
        }
        spans
    }
}

/// Whether a text is more than a word that any message may hold: at least 8 characters, or 6 with letters and
/// digits; and not a single word, which is up to 20 letters in one case, the first aside.
fn tells(text: &str) -> bool {
    const WORD: usize = 20;

    let length = text.chars().count();
    let letters = text.chars().all(char::is_alphabetic);
    let tail = text.chars().skip(1);
    let one_case = tail.clone().all(char::is_lowercase) || !text.chars().any(char::is_lowercase);
    if letters && one_case && length <= WORD {
        return false;
    }
    let mixed = text.chars().any(char::is_alphabetic) && text.chars().any(char::is_numeric);
    length >= 8 || (length >= 6 && mixed)
}

/// Whether a header of the caller's may be a key: all but those that say what a message is.
pub(crate) fn may_be_secret(name: &HeaderName) -> bool {
    const PLAIN: [HeaderName; 5] = [
        header::ACCEPT,
        header::ACCEPT_LANGUAGE,
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::USER_AGENT,
    ];
    !PLAIN.contains(name)
}

/// What of an address may be secret alone: user and password, segments and values.
pub(crate) fn parts(url: &Url) -> Vec<Secret> {
    let user = [url.username(), url.password().unwrap_or_default()];
    let encoded = user.into_iter().chain(url.path().split('/'));
    let mut parts: Vec<_> = encoded.map(decoded).collect();
    parts.extend(url.query_pairs().map(|(_, value)| Secret::from(&*value)));
    parts
}

/// A segment as it was before it was encoded.
pub(crate) fn decoded(segment: &str) -> Secret {
    let text = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
    Secret::from(&*text)
}

#[cfg(test)]
#[path = "redact/tests.rs"]
mod tests;

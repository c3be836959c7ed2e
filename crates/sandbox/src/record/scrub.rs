//! Takes secrets out of what is recorded.
//!
//! A secret is known by where it stands: a header, a field, a parameter whose name says so, the value of an
//! environment variable, the password in an address. From then on it is known by itself: wherever else it
//! appears, before or after, it is replaced as well, always by the same `secret-1`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::fixture::Fixture;

/// Words that make a name a secret's, in small letters without `-` and `_`.
const WORDS: [&str; 14] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "privatekey",
    "accesskey",
    "credential",
    "signature",
    "cookie",
    "authorization",
    "jwt",
    "otp",
];

/// Names that are a secret's as a whole.
const NAMES: [&str; 5] = ["pwd", "pass", "auth", "bearer", "sig"];

/// Last words of names that tell about a secret without giving it.
const ABOUT: [&str; 18] = [
    "type", "id", "ids", "name", "count", "at", "in", "url", "uri", "status", "length", "limit",
    "expiry", "expires", "ttl", "hint", "required", "date",
];

/// Shorter values are replaced where they stand, and not searched for elsewhere: they'd be found in other words.
const SEARCHED: usize = 6;

/// The same for the values of variables, which may be plain words.
const SEARCHED_VARIABLE: usize = 16;

/// What stands for a secret, with a number after it.
pub(crate) const PLACEHOLDER: &str = "secret-";

/// The secrets so far.
#[derive(Debug, Default)]
pub(crate) struct Scrubber {
    /// Names that the user gave.
    named: Vec<String>,
    /// Each secret and what stands for it.
    known: BTreeMap<String, String>,
    /// What is searched for in texts, and what stands for it: secrets that are long enough, and short ones
    /// with what is around them.
    searched: BTreeMap<String, String>,
}

impl Scrubber {
    pub(crate) fn new(named: &[String]) -> Self {
        let named = named.iter().map(|name| plain(name)).collect();
        Self {
            named,
            ..Self::default()
        }
    }

    /// Takes the secrets out. Gives whether there were new ones, which may stand in earlier exchanges as well.
    pub(crate) fn scrub(&mut self, fixture: &mut Fixture) -> bool {
        let before = self.known.len();
        self.learn_headers(&fixture.request.headers);
        self.learn_headers(&fixture.response.headers);
        for (name, value) in &fixture.request.query {
            self.learn_value(name, value, false);
        }
        self.learn_body(&fixture.request.body, &fixture.request.headers);
        self.learn_body(&fixture.response.body, &fixture.response.headers);
        self.replace_in(fixture);
        self.known.len() > before
    }

    /// Replaces what is known, and what stands where a secret does.
    pub(crate) fn replace_in(&self, fixture: &mut Fixture) {
        let Fixture {
            request, response, ..
        } = fixture;
        request.path = self.replaced(&request.path);
        fixture.operation = self.replaced(&fixture.operation);
        fixture.documented = self.replaced(&fixture.documented);
        for (name, value) in &mut request.query {
            self.replace_value(name, value, false);
        }
        for (headers, body) in [
            (&mut request.headers, &mut request.body),
            (&mut response.headers, &mut response.body),
        ] {
            match body {
                Value::String(form) if is_form(headers) => *form = self.replaced_form(form),
                body => self.replace_value("", body, false),
            }
            for (name, value) in headers {
                *value = self.replaced_header(name, value);
            }
        }
    }

    /// Notes a secret that is searched for elsewhere if it has so many letters.
    fn learn_if_long(&mut self, value: &str, searched: usize) {
        if value.is_empty() || is_placeholder(value) {
            return;
        }
        let next = self.known.len() + 1;
        let known = self.known.entry(value.to_owned());
        let placeholder = known.or_insert_with(|| format!("{PLACEHOLDER}{next}"));
        if value.len() >= searched {
            for encoded in encodings(value) {
                self.searched.insert(encoded, placeholder.clone());
            }
            self.searched.insert(value.to_owned(), placeholder.clone());
        }
    }

    fn learn(&mut self, value: &str) {
        self.learn_if_long(value, SEARCHED);
    }

    /// Notes a secret that stands in a text between these.
    fn learn_between(&mut self, before: &str, value: &str, after: &str) {
        self.learn(&percent_decode_str(value).decode_utf8_lossy());
        self.learn(value);
        if let Some(placeholder) = self.known.get(value) {
            let replaced = format!("{before}{placeholder}{after}");
            let found = format!("{before}{value}{after}");
            self.searched.insert(found, replaced);
        }
    }

    fn learn_headers(&mut self, headers: &BTreeMap<String, String>) {
        for (name, value) in headers {
            match name.as_str() {
                "authorization" | "proxy-authorization" => self.learn_credential(value),
                "cookie" => self.learn_cookies(value),
                // A cookie's name and value come first, then what tells about it.
                "set-cookie" => self.learn_cookies(value.split(';').next().unwrap_or_default()),
                name if self.is_secret(name) => self.learn(value),
                _ => self.learn_text(value),
            }
        }
    }

    /// The value after the scheme; of Basic, also what it is made of.
    fn learn_credential(&mut self, value: &str) {
        let (scheme, secret) = value.split_once(' ').unwrap_or(("", value));
        self.learn(secret.trim());
        if scheme.eq_ignore_ascii_case("basic")
            && let Ok(decoded) = STANDARD.decode(secret.trim())
            && let Some((_, password)) = String::from_utf8_lossy(&decoded).split_once(':')
        {
            self.learn(password);
        }
    }

    fn learn_cookies(&mut self, cookies: &str) {
        for cookie in cookies.split(';') {
            let (_, value) = cookie.split_once('=').unwrap_or(("", cookie));
            self.learn(value.trim());
        }
    }

    fn learn_body(&mut self, body: &Value, headers: &BTreeMap<String, String>) {
        match body {
            Value::String(form) if is_form(headers) => {
                for (name, value) in pairs(form) {
                    match is_variable(&name) {
                        true => self.learn_if_long(&value, SEARCHED_VARIABLE),
                        false => self.learn_value(&name, &Value::from(value), false),
                    }
                }
            }
            body => self.learn_value("", body, false),
        }
    }

    fn learn_value(&mut self, name: &str, value: &Value, in_environment: bool) {
        let in_environment = in_environment || is_environment(name);
        match value {
            Value::String(text) if self.is_secret(name) => self.learn(text),
            Value::String(text) => self.learn_text(text),
            Value::Number(number) if self.is_named(name) => self.learn(&number.to_string()),
            Value::Array(values) => {
                for value in values {
                    self.learn_value(name, value, in_environment);
                }
            }
            Value::Object(fields) => {
                if let Some(secret) = self.value_of_variable(fields, in_environment) {
                    self.learn_if_long(&secret, SEARCHED_VARIABLE);
                }
                for (name, value) in fields {
                    self.learn_value(name, value, in_environment);
                }
            }
            _ => {}
        }
    }

    /// The value in an object of a name and a value, if it is a variable's or its name is a secret's.
    fn value_of_variable(
        &self,
        fields: &serde_json::Map<String, Value>,
        in_environment: bool,
    ) -> Option<String> {
        let field = |wanted: &str| {
            let mut found = fields.iter();
            let found = found.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.and_then(|(_, value)| value.as_str())
        };
        let name = field("name").or_else(|| field("key"))?;
        let value = field("value")?;
        (in_environment || self.is_secret(name)).then(|| value.to_owned())
    }

    /// Passwords in addresses, and parameters of addresses.
    fn learn_text(&mut self, text: &str) {
        for (at, _) in text.match_indices("://") {
            let rest = &text[at + 3..];
            let address = &rest[..rest
                .find([' ', '"', '\'', '<', '>', '\n'])
                .unwrap_or(rest.len())];
            let (authority, _) =
                address.split_at(address.find(['/', '?']).unwrap_or(address.len()));
            if let Some((user, _)) = authority.rsplit_once('@') {
                match user.split_once(':') {
                    Some((_, password)) => self.learn_between(":", password, "@"),
                    None => self.learn_between("//", user, "@"),
                }
            }
            let query = address.split_once('?').map_or("", |(_, query)| query);
            for pair in query.split(['&', '#']) {
                if let Some((name, value)) = pair.split_once('=')
                    && self.is_secret(name)
                {
                    self.learn_between(&format!("{name}="), value, "");
                }
            }
        }
    }

    fn is_named(&self, name: &str) -> bool {
        self.named.contains(&plain(name))
    }

    /// Whether what stands under this name is a secret.
    fn is_secret(&self, said: &str) -> bool {
        let name = plain(said);
        if self.named.contains(&name) || NAMES.contains(&name.as_str()) {
            return true;
        }
        WORDS.iter().any(|word| name.contains(word)) && !ABOUT.contains(&last_word(said).as_str())
    }

    fn replace_value(&self, name: &str, value: &mut Value, in_environment: bool) {
        let in_environment = in_environment || is_environment(name);
        match value {
            Value::String(text) => {
                *text = match self.known.get(text) {
                    Some(placeholder) if self.is_secret(name) => placeholder.clone(),
                    _ => self.replaced(text),
                };
            }
            Value::Number(number) if self.is_named(name) => {
                if let Some(placeholder) = self.known.get(&number.to_string()) {
                    *value = Value::from(placeholder.as_str());
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.replace_value(name, value, in_environment);
                }
            }
            Value::Object(fields) => {
                let secret = self.value_of_variable(fields, in_environment);
                for (name, value) in fields.iter_mut() {
                    match secret.as_ref().and_then(|secret| self.known.get(secret)) {
                        Some(placeholder) if name.eq_ignore_ascii_case("value") => {
                            *value = Value::from(placeholder.as_str());
                        }
                        _ => self.replace_value(name, value, in_environment),
                    }
                }
            }
            _ => {}
        }
    }

    fn replaced_header(&self, name: &str, value: &str) -> String {
        let replaced = |secret: &str| match self.known.get(secret.trim()) {
            Some(placeholder) => placeholder.clone(),
            None => self.replaced(secret),
        };
        match name {
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, secret)) => format!("{scheme} {}", replaced(secret)),
                None => replaced(value),
            },
            "cookie" | "set-cookie" => {
                let cookie = |cookie: &str| match cookie.split_once('=') {
                    Some((name, secret)) => format!("{name}={}", replaced(secret)),
                    None => replaced(cookie),
                };
                value.split(';').map(cookie).collect::<Vec<_>>().join(";")
            }
            name if self.is_secret(name) => replaced(value),
            _ => self.replaced(value),
        }
    }

    fn replaced_form(&self, form: &str) -> String {
        let one = |(name, value): (String, String)| {
            let value = match self.known.get(&value) {
                Some(placeholder) if self.is_secret(&name) || is_variable(&name) => {
                    placeholder.clone()
                }
                _ => self.replaced(&value),
            };
            (name, value)
        };
        let replaced: Vec<(String, String)> = pairs(form).into_iter().map(one).collect();
        serde_urlencoded::to_string(replaced).unwrap_or_default()
    }

    /// The text without what is searched for. The longest first: one may be a part of another.
    fn replaced(&self, text: &str) -> String {
        let found = |(secret, _): &(&String, &String)| text.contains(secret.as_str());
        let mut found: Vec<_> = self.searched.iter().filter(found).collect();
        found.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
        let replace = |text: String, (secret, placeholder): (&String, &String)| {
            text.replace(secret.as_str(), placeholder)
        };
        found.into_iter().fold(text.to_owned(), replace)
    }
}

/// What stands for a secret, as a whole.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let number = text.strip_prefix(PLACEHOLDER);
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// A value as it stands in addresses and in forms.
fn encodings(value: &str) -> [String; 2] {
    const IN_ADDRESSES: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    let form = serde_urlencoded::to_string([("", value)]).unwrap_or_default();
    [
        utf8_percent_encode(value, IN_ADDRESSES).to_string(),
        form.trim_start_matches('=').to_owned(),
    ]
}

fn is_form(headers: &BTreeMap<String, String>) -> bool {
    let kind = headers.get("content-type");
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn pairs(form: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(form).unwrap_or_default()
}

/// Whether a form's field is the value of a variable: `Envs.0.Value`.
fn is_variable(name: &str) -> bool {
    is_environment(name) && name.to_ascii_lowercase().ends_with("value")
}

/// The last word of `access_token`, `access-token`, `accessToken`, in small letters.
fn last_word(name: &str) -> String {
    let mut word = String::new();
    let mut after_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || letter.is_uppercase() && after_small {
            word.clear();
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        after_small = letter.is_lowercase();
    }
    word
}

/// A name as it is compared.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether variables stand under this name, whose values are secrets more often than not.
fn is_environment(name: &str) -> bool {
    let name = plain(name);
    name.starts_with("env") && !name.starts_with("environment") || name.contains("variable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whether_they_hold_a_secret_or_tell_about_one() {
        let scrubber = Scrubber::new(&["Project-Key".to_owned()]);
        for name in [
            "token",
            "access_token",
            "X-Auth-Token",
            "apiKey",
            "API_KEY",
            "clientSecret",
            "passwordPlain",
            "X-Amz-Signature",
            "project_key",
            "pwd",
        ] {
            assert!(scrubber.is_secret(name), "{name}");
        }
        for name in [
            "token_type",
            "tokenId",
            "secret_name",
            "password_expires_at",
            "credential_id",
            "key",
            "author",
            "passport",
            "environment",
            "www-authenticate",
        ] {
            assert!(!scrubber.is_secret(name), "{name}");
        }
    }

    #[test]
    fn short_secrets_are_replaced_where_they_stand_only() {
        let mut scrubber = Scrubber::default();
        let json = serde_json::json!({
            "operation": "o", "request": {"method": "GET", "path": "/abc", "headers":
                {"authorization": "Bearer abc", "cookie": "a=1; b=abc"}},
            "response": {"status": 200, "body": {"password": "abc", "name": "abc"}},
        });
        let mut fixture: Fixture = serde_json::from_value(json).unwrap();
        assert!(scrubber.scrub(&mut fixture));
        let token = &scrubber.known["abc"];
        assert_eq!(fixture.request.path, "/abc");
        assert_eq!(
            fixture.request.headers["authorization"],
            format!("Bearer {token}")
        );
        let cookie = &fixture.request.headers["cookie"];
        assert_eq!(*cookie, format!("a={}; b={token}", scrubber.known["1"]));
        assert_eq!(fixture.response.body["password"], token.as_str());
        assert_eq!(fixture.response.body["name"], "abc");
        assert!(!scrubber.scrub(&mut fixture), "nothing is learnt twice");
    }
}

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

type Spelling = fn(&str) -> String;

fn hiding(secrets: &[&str]) -> Redactor {
    let mut redactor = Redactor::default();
    for secret in secrets {
        redactor.hide_if_it_tells(secret);
    }
    redactor
}

/// As PHP writes it.
fn php(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap().replace('/', r"\/");
    let mut escaped = String::new();
    for unit in json[1..json.len() - 1].encode_utf16() {
        match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(byte) => escaped.push(char::from(byte)),
            None => write!(escaped, "\\u{unit:04x}").unwrap(),
        }
    }
    escaped
}

/// As Go writes it.
fn go(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap();
    ['&', '<', '>', '\'']
        .iter()
        .fold(json[1..json.len() - 1].to_owned(), |json, c| {
            json.replace(*c, &format!("\\u{:04X}", u32::from(*c)))
        })
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn form(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).unwrap()[1..].to_owned()
}

fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('/', "&#x2F;")
}

fn basic(text: &str) -> String {
    STANDARD.encode(format!("user:{text}"))
}

const SPELLINGS: [(&str, Spelling); 9] = [
    ("itself", str::to_owned),
    ("lower case", str::to_ascii_lowercase),
    ("PHP", php),
    ("Go", go),
    ("percent", percent),
    ("form", form),
    ("HTML", html),
    ("Basic", basic),
    ("base64url", |text| URL_SAFE_NO_PAD.encode(text)),
];

/// Those that may lie on top of any other.
const ESCAPES: [(&str, Spelling); 5] = [
    ("PHP", php),
    ("Go", go),
    ("percent", percent),
    ("form", form),
    ("HTML", html),
];

const PEM: &str = "-----BEGIN KEY-----\nMIIE/vgIBADANBg+kqhkiG9w0BA\nQEF7x==\n-----END KEY-----\n";

#[test]
fn a_secret_is_found_however_the_server_spells_it() {
    for secret in [
        "pa/ss \"wö\\rd\" & <co>'s 🚀",
        PEM,
        "%41%2f+x%20y",
        "a&amp;b\\u0041/",
    ] {
        let redactor = hiding(&[secret]);
        let secret = secret.trim();
        for (one, spell) in SPELLINGS {
            let quoted = format!("the value »{}« is wrong", spell(secret));
            // The user before a password in Basic is no secret.
            let hidden = if one == "Basic" {
                "dXNlcj[redacted]"
            } else {
                REDACTED
            };
            assert_eq!(
                redactor.clean(&quoted),
                format!("the value »{hidden}« is wrong"),
                "{one}"
            );
            for (other, again) in ESCAPES {
                let quoted = again(&spell(secret));
                let clean = redactor.clean(&quoted);
                assert!(clean.contains(REDACTED), "{one} in {other}: {quoted}");
                let left = clean.replace(REDACTED, "");
                assert!(left.len() < 12, "{one} in {other}: {clean}");
            }
        }
    }
}

#[test]
fn ordinary_words_stay() {
    let words = [
        "page",
        "password",
        "Production",
        "INTERNAL",
        "8080",
        "v1.2",
        "1234567",
        "x",
    ];
    let redactor = hiding(&words);
    let said = "Internal: page 8080 of production has no password x, v1.2 wants 1234567";
    assert_eq!(redactor.clean(said), said);
    for telling in [
        "hunter2",
        "12345678",
        "correct horse",
        "canary-one",
        "qWeRtYuI",
        "abcdefghijklmnopqrstu",
        "tk-us-1a",
        "pässwörd!",
    ] {
        assert!(tells(telling), "{telling}");
    }
}

#[test]
fn a_credential_is_found_though_it_is_a_word() {
    let mut redactor = Redactor::default();
    redactor.hide("word", CREDENTIAL);
    redactor.hide("x", CREDENTIAL);
    assert_eq!(redactor.clean("a word, x"), "a [redacted], x");
}

#[test]
fn parts_that_servers_quote_alone_are_found() {
    let redactor = hiding(&[
        PEM,
        "https://joe:hunter22@hooks.example.com/services/T0000/B0AB12cd?token=s3cr3t-token&page=2",
    ]);
    assert_eq!(
        redactor.clean("line 2: MIIE/vgIBADANBg+kqhkiG9w0BA, after -----BEGIN KEY-----"),
        "line 2: [redacted], after -----BEGIN KEY-----"
    );
    assert_eq!(
        redactor.clean("hooks.example.com: /services/T0000/B0AB12cd, page 2, joe:hunter22"),
        "hooks.example.com: /services/T0000/[redacted], page 2, joe:[redacted]"
    );
}

#[test]
fn a_secret_across_the_cut_of_the_body_is_found() {
    let secret = "s3cr3t/".repeat(20);
    let redactor = hiding(&[&secret]);
    for before in (LONGEST_BODY - 300..LONGEST_BODY + 4).step_by(7) {
        for spelled in [
            secret.clone(),
            php(&secret),
            percent(&secret),
            STANDARD.encode(&secret),
        ] {
            let body = format!("{}\u{e9} {spelled} and more", " ".repeat(before));
            let clean = redactor.clean_body(body.as_bytes());
            assert!(clean.len() <= LONGEST_BODY + REDACTED.len());
            let left = clean.trim_start().replace(REDACTED, "");
            assert!("\u{e9}  and more".starts_with(&left), "{left:?}");
        }
    }
    let long = vec![0xff; 3 * LONGEST_BODY];
    assert!(redactor.clean_body(&long).len() <= LONGEST_BODY);
}

#[test]
fn secrets_that_touch_or_overlap_are_one() {
    let redactor = hiding(&["abc-def-1", "def-1-ghi"]);
    assert_eq!(
        redactor.clean("abc-def-1-ghi abc-def-1"),
        "[redacted] [redacted]"
    );
    assert_eq!(redactor.clean("é abc-def-1é"), "é [redacted]é");
}

proptest! {
    #[test]
    fn any_secret_is_found_in_any_two_spellings(
        secret in "\\PC{1,20}[0-9A-Z]{8}\\PC{1,20}",
        one in 0usize..9,
        other in 0usize..5,
        around in "[a-z .,:]{0,9}",
    ) {
        let secret = secret.trim();
        let spelled = ESCAPES[other].1(&SPELLINGS[one].1(secret));
        let clean = hiding(&[secret]).clean(&format!("{around} {spelled} {around}"));
        prop_assert!(clean.contains(REDACTED), "{} in {}: {}", SPELLINGS[one].0, ESCAPES[other].0, clean);
    }

    #[test]
    fn any_text_is_cleaned_without_a_panic(
        text in "(\\PC|[\\\\%&+;#u0-9a-f]){0,60}",
        secret in "\\PC{0,12}",
    ) {
        let clean = hiding(&[&secret]).clean(&text);
        if !text.to_ascii_lowercase().contains(&secret.trim().to_ascii_lowercase()) && clean == text {
            return Ok(());
        }
        prop_assert!(!tells(secret.trim()) || clean.contains(REDACTED) || secret.trim().is_empty());
    }

    #[test]
    fn nothing_hidden_changes_nothing(text in "\\PC{0,60}") {
        prop_assert_eq!(Redactor::default().clean(&text), text);
    }
}

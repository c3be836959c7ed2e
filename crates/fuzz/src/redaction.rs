//! What a server quotes of what it was sent.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use deploykit_core::{Call, Endpoint, Error, Method, Payload, Secret, Text};
use serde::Serialize;

use crate::server::{Server, TOKEN, parts, run};

const ADD: Endpoint = Endpoint::new("addThing", Method::POST, "/things");

#[derive(Serialize)]
struct Thing {
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    key: Option<Secret>,
}

impl Payload for Thing {}

type Spelling = fn(&str) -> String;

/// By what stands after an `@` in the template.
const SPELLINGS: [(u8, Spelling); 8] = [
    (b's', str::to_owned),
    (b'l', str::to_ascii_lowercase),
    (b'j', json),
    (b'p', php),
    (b'%', percent),
    (b'f', form),
    (b'h', html),
    (b'b', |text| STANDARD.encode(text)),
];

/// The text after a prefix that no message has; then a template of the server's answer, in which `@` and one or two
/// letters stand for the secret so spelled, and `@t` for the credential.
pub fn redaction(data: &[u8]) {
    let [secret, template] = parts(data);
    let secret = String::from_utf8_lossy(secret);
    let secret = format!("zq9-key{}", secret.trim_end());
    let body = filled(template, &secret);
    let quoted = String::from_utf8_lossy(&body).replace(['\n', '\r'], " ");
    let server = Server::new(400, body)
        .header("x-request-id", &filled(b"@s", &secret))
        .header("x-quoted", quoted.as_bytes());
    let client = server.client();
    let key = Some(Secret::from(&*secret));
    let thing = Thing {
        parts: vec![Part { key: None }, Part { key }],
    };
    let call: Call<Text> = client.call(client.request(&ADD).json(&thing));
    let error = run(call.send()).expect_err("it is no success");
    let shown = shown(&error);
    let lowercase = shown.to_ascii_lowercase();
    for secret in [&*secret, TOKEN] {
        for (_, spelled) in SPELLINGS {
            let spelled = spelled(secret);
            assert!(!shown.contains(&spelled), "{spelled:?} in {shown}");
        }
        // In another case, base64 is another text.
        for spelled in [str::to_owned, json, php, percent, form, html] {
            let spelled = spelled(secret).to_ascii_lowercase();
            assert!(!lowercase.contains(&spelled), "{spelled:?} in {shown}");
        }
        let address = URL_SAFE_NO_PAD.encode(secret);
        assert!(!shown.contains(&address), "{address:?} in {shown}");
    }
}

/// All that an error tells.
fn shown(error: &Error) -> String {
    let headers: Vec<_> = error.headers().iter().collect();
    let api = error.api();
    let texts = [
        error.to_string(),
        format!("{error:?}"),
        error.report(),
        error.body().unwrap_or_default().to_owned(),
        error.request_id().unwrap_or_default().to_owned(),
        format!("{headers:?} {api:?}"),
        api.and_then(|api| api.message())
            .unwrap_or_default()
            .to_owned(),
    ];
    texts.join("\n")
}

fn filled(template: &[u8], secret: &str) -> Vec<u8> {
    let spelling = |sign: u8| SPELLINGS.iter().find(|(known, _)| *known == sign);
    let mut body = Vec::new();
    let mut rest = template;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match rest {
            [b't', after @ ..] if *first == b'@' => {
                body.extend_from_slice(TOKEN.as_bytes());
                rest = after;
            }
            [one, after @ ..] if *first == b'@' && spelling(*one).is_some() => {
                let (_, spell) = spelling(*one).expect("it was found");
                let mut spelled = spell(secret);
                rest = after;
                if let [two, after @ ..] = rest
                    && let Some((_, again)) = spelling(*two)
                {
                    spelled = again(&spelled);
                    rest = after;
                }
                body.extend_from_slice(spelled.as_bytes());
            }
            _ => body.push(*first),
        }
    }
    body
}

fn json(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a text is JSON");
    json[1..json.len() - 1].to_owned()
}

/// As PHP writes it.
fn php(text: &str) -> String {
    let escape = |unit: u16| match char::from_u32(unit.into()) {
        Some('/') => r"\/".to_owned(),
        Some(c) if c.is_ascii() => c.to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    json(text).encode_utf16().map(escape).collect()
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn form(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).expect("a text is a form")[1..].to_owned()
}

fn html(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

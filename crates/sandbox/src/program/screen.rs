//! What is shown once everything is ready.

use std::io::{self, Write as _};

use serde_json::{Map, Value, json};

/// A service that is ready.
pub(crate) struct Ready {
    pub(crate) name: &'static str,
    pub(crate) base_url: String,
    pub(crate) token: String,
    pub(crate) version: Option<&'static str>,
    /// What a newcomer needs besides.
    pub(crate) hints: Value,
}

/// Shows all of it, for people or as a line of JSON. Whoever doesn't listen any more has seen enough.
pub(crate) fn show(ready: &[Ready], control: &str, as_json: bool) {
    let text = match as_json {
        true => line(ready, control),
        false => page(ready, control),
    };
    print(&text);
}

/// Says a line.
#[cfg(feature = "record")]
pub(crate) fn say(line: &str) {
    print(&format!("{line}\n"));
}

fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn line(ready: &[Ready], control: &str) -> String {
    let service = |one: &Ready| {
        let shown = json!({
            "base_url": one.base_url, "token": one.token, "version": one.version, "hints": one.hints,
        });
        (one.name.to_owned(), shown)
    };
    let services: Map<String, Value> = ready.iter().map(service).collect();
    let all = json!({"services": services, "control": {"base_url": control}});
    format!("{all}\n")
}

fn page(ready: &[Ready], control: &str) -> String {
    let mut page = String::new();
    for one in ready {
        let version = one.version.map(|version| format!("  version: {version}"));
        page += &format!(
            "{:<10} {}  token: {}{}\n",
            one.name,
            one.base_url,
            one.token,
            version.unwrap_or_default()
        );
        for (name, value) in one.hints.as_object().into_iter().flatten() {
            let value = match value {
                Value::Null => continue,
                Value::String(text) if *text == one.token => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            page += &format!("{:<10}   {}: {value}\n", "", name.replace('_', " "));
        }
    }
    page + &format!(
        "{:<10} {control}  a page for people, and all by HTTP\n",
        "control"
    )
}

/// Says what went wrong, or what is to be known.
#[expect(clippy::print_stderr, reason = "a program says what is wrong")]
pub(crate) fn tell(text: &str) {
    eprintln!("{text}");
}

//! That no answer is read but by core's `model!`: what derives or implements `Deserialize` by hand stands in a list,
//! with its reason.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::Path;

const SENT: &str = "only sent; read by tests of its spelling";
const SHAPES: &str = "comes in several shapes; each of them bends";
const FRAME: &str = "a frame or line of a stream; what cannot be read is kept as it came";
const AS_IT_CAME: &str = "differs by kind; kept as it came, and read field by field";
const INSIDE: &str = "is read inside of the crate alone, which bends for it";

const BY_HAND: &[(&str, &str, &str)] = &[
    ("tideways", "Minute", SENT),
    ("tideways", "Decommission", SENT),
    ("tideways", "Link", SHAPES),
    ("tideways", "List", SHAPES),
    ("scalingo", "Wire", FRAME),
    ("scalingo", "Key", FRAME),
    ("scalingo", "Data", FRAME),
    ("scalingo", "Started", FRAME),
    ("scalingo", "NoFields", SENT),
    ("scalingo", "NewOneOff", SENT),
    ("scalingo", "NewVariables", SENT),
    ("scalingo", "Scale", SENT),
    ("scalingo", "AnyDatabaseUser", SHAPES),
    ("scalingo", "AnyRestoration", SHAPES),
    ("scalingo", "Claims", INSIDE),
    ("scalingo", "EventData", AS_IT_CAME),
    ("edgegap", "User", SENT),
    ("edgegap", "MetricsQuery", SENT),
    ("edgegap", "EnvironmentVariable", SENT),
    ("edgegap", "Webhook", SENT),
    ("edgegap", "Resources", SENT),
    ("edgegap", "PlacedPlayer", SENT),
    ("edgegap", "LogStorage", SENT),
    ("edgegap", "BulkStop", SENT),
    ("edgegap", "BulkStopFilter", SENT),
    ("edgegap", "RelayPlayer", SENT),
    ("edgegap", "PlaceFilter", SENT),
    ("edgegap", "Filter", SENT),
    ("devopness", "Field", INSIDE),
    ("devopness", "TemplateInputs", SENT),
    ("devopness", "Input", SENT),
    ("devopness", "ActionResource", SHAPES),
    ("devopness", "Recorded", SHAPES),
    ("tsuru", "NewVariables", SENT),
    ("tsuru", "NewVariable", SENT),
    ("tsuru", "SetEnv", SENT),
    ("tsuru", "VariableNames", SENT),
    ("tsuru", "Variables", SHAPES),
    ("tsuru", "Healer", SHAPES),
    ("tsuru", "HealerMap", SHAPES),
    ("tsuru", "BoundVariables", SHAPES),
    ("tsuru", "List", SHAPES),
    ("tsuru", "UserOrEmail", SHAPES),
    ("tsuru", "Event", FRAME),
    ("tsuru", "QuotaItems", SHAPES),
];

#[test]
fn what_is_not_read_by_model_has_a_reason() {
    let mut found = BTreeSet::new();
    for service in ["tideways", "scalingo", "edgegap", "devopness", "tsuru"] {
        let src = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("crates")
            .join(service)
            .join("src");
        walk(&src, &mut |source| {
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(
                !code.contains("deny_unknown_fields"),
                "{service} refuses what is new"
            );
            for name in derived(code).chain(implemented(code)) {
                found.insert((service, name));
            }
        });
    }
    let listed: BTreeSet<_> = BY_HAND
        .iter()
        .map(|(service, name, _)| (*service, (*name).to_owned()))
        .collect();
    assert_eq!(listed.len(), BY_HAND.len());
    let new: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(
        new.is_empty(),
        "read these with `model!`, or give a reason in tests/models.rs: {new:?}"
    );
    assert!(gone.is_empty(), "no longer there: {gone:?}");
}

fn walk(folder: &Path, each: &mut dyn FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, each);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            each(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The types that derive `Deserialize`, outside of the macros that do it for them.
fn derived(code: &str) -> impl Iterator<Item = String> {
    code.split("derive(").skip(1).filter_map(|after| {
        let (traits, rest) = after.split_once(')')?;
        if !traits.split(',').any(|name| name.trim() == "Deserialize") {
            return None;
        }
        let mut words = rest.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.find(|word| matches!(*word, "struct" | "enum"))?;
        words.next().map(str::to_owned)
    })
}

fn implemented(code: &str) -> impl Iterator<Item = String> {
    let lines = code
        .lines()
        .filter(|line| line.trim_start().starts_with("impl"));
    lines.filter_map(|line| {
        let (_, name) = line.split_once("Deserialize<'de> for ")?;
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        // In a macro it has no name yet.
        (end > 0).then(|| name[..end].to_owned())
    })
}

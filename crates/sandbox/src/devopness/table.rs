//! The operations of the documentation, with their examples and the rules for their bodies.
//!
//! `examples/` holds, for each version, a row for each operation and an example of each model. Operations that
//! keep no state answer these examples; those that do take the names of their fields from them.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::version::Version;

/// All operations and models of a version.
pub(super) fn table(version: Version) -> &'static Table {
    static OLD: LazyLock<Table> =
        LazyLock::new(|| Table::read(include_str!("examples/2025-11.json")));
    static NEW: LazyLock<Table> =
        LazyLock::new(|| Table::read(include_str!("examples/2026-08.json")));
    match version {
        Version::V2025_11 => &OLD,
        Version::V2026_08 => &NEW,
    }
}

/// See [`table`].
pub(super) struct Table {
    rows: Vec<Row>,
    models: HashMap<String, Model>,
}

/// One operation.
pub(super) struct Row {
    method: String,
    segments: Vec<String>,
    /// The status of a success.
    pub(super) status: u16,
    /// What it answers, or what the list that it answers is made of.
    pub(super) model: Option<String>,
    pub(super) list: bool,
    /// Whether the list comes in pages, with a `Link` header.
    pub(super) pages: bool,
    /// Whether it starts an action and names it in a header.
    pub(super) action: bool,
    /// Whether it needs no token.
    pub(super) public: bool,
    /// The answer's text, if that is no JSON.
    pub(super) text: Option<String>,
    /// The rules of the request's body, if it has one.
    pub(super) fields: Option<Vec<Value>>,
}

/// What a type of answer looks like.
#[derive(Default)]
pub(super) struct Model {
    pub(super) example: Value,
    optional: HashSet<String>,
    nullable: HashSet<String>,
}

/// What a path leads to.
pub(super) enum Found<'a> {
    /// The operation, and the values of its placeholders in order.
    Row(&'static Row, Vec<&'a str>),
    /// Operations with other methods only.
    OtherMethod,
    Nothing,
}

impl Table {
    #[expect(
        clippy::expect_used,
        reason = "the file is a part of this program, and every test reads it"
    )]
    fn read(file: &str) -> Self {
        let file: Value = serde_json::from_str(file).expect("the examples are JSON");
        let rows = file["rows"].as_array().into_iter().flatten();
        let models = file["models"].as_object().into_iter().flatten();
        Self {
            rows: rows.map(Row::read).collect(),
            models: models
                .map(|(name, model)| (name.clone(), Model::read(model)))
                .collect(),
        }
    }

    /// Finds the operation. Where several fit, the one with the most literal segments is meant:
    /// `/users/me` is no user's id.
    pub(super) fn find<'a>(&'static self, method: &str, path: &[&'a str]) -> Found<'a> {
        let fitting = || self.rows.iter().filter(|row| row.fits(path));
        let best = fitting()
            .filter(|row| row.method == method)
            .max_by_key(|row| row.literals());
        match best {
            Some(row) => Found::Row(row, row.arguments(path)),
            None if fitting().next().is_some() => Found::OtherMethod,
            None => Found::Nothing,
        }
    }

    /// The model of that name; an empty one if there is none.
    pub(super) fn model(&self, name: &str) -> &Model {
        static NONE: LazyLock<Model> = LazyLock::new(Model::default);
        self.models.get(name).unwrap_or(&NONE)
    }
}

impl Row {
    fn read(row: &Value) -> Self {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let flag = |name: &str| row[name] == true;
        let path = text("path").unwrap_or_default();
        Self {
            method: text("method").unwrap_or_default(),
            segments: path.split('/').skip(1).map(str::to_owned).collect(),
            status: row["status"]
                .as_u64()
                .and_then(|status| status.try_into().ok())
                .unwrap_or(200),
            model: text("model"),
            list: flag("list"),
            pages: flag("pages"),
            action: flag("action"),
            public: flag("public"),
            text: text("text"),
            fields: row["fields"].as_array().cloned(),
        }
    }

    fn fits(&self, path: &[&str]) -> bool {
        self.segments.len() == path.len()
            && self.segments.iter().zip(path).all(|(own, given)| {
                is_placeholder(own) && !given.is_empty() || own.as_str() == *given
            })
    }

    fn literals(&self) -> usize {
        self.segments.len() - self.placeholders().count()
    }

    fn arguments<'a>(&self, path: &[&'a str]) -> Vec<&'a str> {
        self.placeholders().map(|at| path[at]).collect()
    }

    fn placeholders(&self) -> impl Iterator<Item = usize> {
        (0..self.segments.len()).filter(|&at| is_placeholder(&self.segments[at]))
    }

    /// The path's segments, with `*` for each placeholder.
    pub(super) fn shape(&self) -> Vec<&str> {
        let segments = self.segments.iter().map(String::as_str);
        segments
            .map(|own| if is_placeholder(own) { "*" } else { own })
            .collect()
    }

    /// The names of the body's fields.
    pub(super) fn field_names(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().flatten();
        fields.filter_map(|field| field["name"].as_str())
    }
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{')
}

impl Model {
    fn read(model: &Value) -> Self {
        let names = |name: &str| -> HashSet<String> {
            let names = model[name].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Self {
            example: model["example"].clone(),
            optional: names("optional"),
            nullable: names("nullable"),
        }
    }

    /// The example's fields; none if it is no object.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.example.as_object().into_iter().flat_map(Map::iter)
    }

    /// Whether the field may be left out.
    pub(super) fn is_optional(&self, field: &str) -> bool {
        self.optional.contains(field)
    }

    /// Whether the field may be null.
    pub(super) fn is_nullable(&self, field: &str) -> bool {
        self.nullable.contains(field)
    }

    /// The fields of this model that `whole` has; the example's value for those that it hasn't.
    pub(super) fn cut(&self, whole: &Value) -> Value {
        let fields = self
            .fields()
            .filter_map(|(name, example)| match whole.get(name) {
                Some(value) => Some((name.clone(), value.clone())),
                None if self.is_optional(name) => None,
                None => Some((name.clone(), example.clone())),
            });
        Value::Object(fields.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &[&str]) -> String {
        match table(Version::default()).find(method, path) {
            Found::Row(row, _) => row.shape().join("/"),
            Found::OtherMethod => "other method".to_owned(),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn all_operations_are_there() {
        for (version, count) in [(Version::V2025_11, 206), (Version::V2026_08, 232)] {
            let table = table(version);
            assert_eq!(table.rows.len(), count);
            for row in &table.rows {
                let known = row.model.iter().all(|name| table.models.contains_key(name));
                assert!(known, "{:?}", row.segments);
            }
        }
    }

    #[test]
    fn the_most_literal_template_wins() {
        assert_eq!(found("GET", &["users", "me"]), "users/me");
        assert_eq!(found("GET", &["users", "johndoe"]), "users/*");
        assert_eq!(
            found("GET", &["pipelines", "1", "hooks"]),
            "pipelines/*/hooks"
        );
        assert_eq!(
            found("GET", &["pipelines", "application", "1"]),
            "pipelines/*/*"
        );
        assert_eq!(found("GET", &["users", ""]), "nothing");
        assert_eq!(found("PATCH", &["users", "me"]), "other method");
    }
}

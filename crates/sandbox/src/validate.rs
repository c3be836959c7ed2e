//! Checks of a JSON body's fields. What is wrong is collected; how it is said is the service's own.

use serde_json::Value;

/// The checks of one JSON object.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Value,
    problems: Vec<(String, Problem)>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It is required, and missing, null or an empty string.
    Missing,
    /// It is there, but of another type than this.
    Not(Kind),
}

/// The JSON types that fields can be required to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    String,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// Whether the value is of this type.
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Kind::String => value.is_string(),
            Kind::Integer => value.is_i64() || value.is_u64(),
            Kind::Number => value.is_number(),
            Kind::Boolean => value.is_boolean(),
            Kind::Array => value.is_array(),
            Kind::Object => value.is_object(),
        }
    }

    /// The type's name in small letters.
    pub fn name(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Array => "array",
            Kind::Object => "object",
        }
    }
}

impl<'a> Fields<'a> {
    /// Checks the fields of `object`. If it isn't an object, it has no fields.
    pub fn of(object: &'a Value) -> Self {
        Self {
            object,
            problems: Vec::new(),
        }
    }

    /// The field must be there and of this type.
    pub fn required(mut self, name: &str, kind: Kind) -> Self {
        match self.object.get(name) {
            None | Some(Value::Null) => self.problem(name, Problem::Missing),
            Some(Value::String(text)) if text.is_empty() => self.problem(name, Problem::Missing),
            Some(value) if !kind.admits(value) => self.problem(name, Problem::Not(kind)),
            Some(_) => {}
        }
        self
    }

    /// The field must be of this type if it is there and not null.
    pub fn optional(mut self, name: &str, kind: Kind) -> Self {
        match self.object.get(name) {
            Some(value) if !value.is_null() && !kind.admits(value) => {
                self.problem(name, Problem::Not(kind));
            }
            _ => {}
        }
        self
    }

    /// The end of the checks.
    ///
    /// # Errors
    /// All problems, in the order of the checks, each with its field's name.
    pub fn check(self) -> Result<(), Vec<(String, Problem)>> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(self.problems)
        }
    }

    fn problem(&mut self, name: &str, problem: Problem) {
        self.problems.push((name.to_owned(), problem));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_problems_are_collected() {
        let body = json!({"name": "", "port": 1.5, "tags": [], "on": null});
        let problems = Fields::of(&body)
            .required("name", Kind::String)
            .required("port", Kind::Integer)
            .required("tags", Kind::Array)
            .required("gone", Kind::Object)
            .optional("on", Kind::Boolean)
            .optional("tags", Kind::Object)
            .check();
        let expected = vec![
            ("name".to_owned(), Problem::Missing),
            ("port".to_owned(), Problem::Not(Kind::Integer)),
            ("gone".to_owned(), Problem::Missing),
            ("tags".to_owned(), Problem::Not(Kind::Object)),
        ];
        assert_eq!(problems, Err(expected));
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        let body = json!([1]);
        let problems = Fields::of(&body).required("a", Kind::Number).check();
        assert_eq!(problems, Err(vec![("a".to_owned(), Problem::Missing)]));
    }
}

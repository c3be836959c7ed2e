//! Variables of the environment that set a client up.

use crate::answers::error::{Error, Result};

/// A variable's value; none if it is not set, blank, or no text.
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

/// A variable's value.
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), naming the variable, if it is not set, blank, or no text.
pub fn required(name: &str) -> Result<String> {
    optional(name).ok_or_else(|| Error::invalid_input(name, "is not set in the environment"))
}

/// What a builder cannot do without.
///
/// # Errors
///
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), naming the setter, and the variable that `from_env` reads, if
/// there is one.
pub fn given<T>(value: Option<T>, setter: &str, variable: Option<&str>) -> Result<T> {
    value.ok_or_else(|| {
        let instead = match variable {
            Some(variable) => format!(", or set {variable} and call `from_env`"),
            None => String::new(),
        };
        Error::invalid_input(setter, format!("is missing: call `.{setter}(…)`{instead}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named() {
        let name = "DEPLOYKIT_TEST_THAT_NOBODY_SETS";
        assert_eq!(optional(name), None);
        assert!(required(name).unwrap_err().to_string().contains(name));
        assert_eq!(optional("PATH"), std::env::var("PATH").ok());
    }
}

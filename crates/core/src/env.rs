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

//! What is refused before it is sent.

use deploykit_core::{Error, Result};

/// Refuses a body that lacks a field which another one asks for.
pub(crate) fn required<T>(field: &str, value: Option<&T>, because: &str) -> Result<()> {
    match value {
        Some(_) => Ok(()),
        None => Err(Error::invalid_input(
            field,
            format_args!("is required {because}"),
        )),
    }
}

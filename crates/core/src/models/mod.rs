//! What models are made of.

pub mod de;
pub(crate) mod ids;
pub(crate) mod model;
pub(crate) mod open_enum;
pub(crate) mod secret;
pub(crate) mod time;
pub(crate) mod written;

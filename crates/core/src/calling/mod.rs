//! What is called: the table, a request as a value, and the call that sends it.

pub(crate) mod call;
pub(crate) mod composite;
#[cfg(feature = "dispatch")]
pub mod dispatch;
pub(crate) mod endpoint;
pub(crate) mod multipart;
pub(crate) mod payload;
pub(crate) mod request;
pub(crate) mod source;
pub(crate) mod streamed;
pub(crate) mod table;

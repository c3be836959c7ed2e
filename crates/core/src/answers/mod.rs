//! What comes back: values, lists in pages, streams, states waited for, and errors.

pub(crate) mod answer;
pub(crate) mod error;
pub(crate) mod items;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod page;
pub(crate) mod raw;
pub(crate) mod save;
pub(crate) mod show;
pub(crate) mod unreadable;
pub(crate) mod wait;

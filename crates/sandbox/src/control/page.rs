//! The page for people: plain files in the binary.

use crate::reply::Reply;

pub(super) fn index() -> Reply {
    let page = include_str!("page/index.html");
    Reply::bytes(200, "text/html; charset=utf-8", page)
}

pub(super) fn script() -> Reply {
    let script = include_str!("page/page.js");
    Reply::bytes(200, "text/javascript; charset=utf-8", script)
}

pub(super) fn style() -> Reply {
    let style = include_str!("page/page.css");
    Reply::bytes(200, "text/css; charset=utf-8", style)
}

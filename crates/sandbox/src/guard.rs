//! Who may talk to the server: programs on this machine, and the hosts that were named.
//!
//! A page in a browser may send requests to any address, also to this machine; by DNS rebinding it can even read
//! the answers. Both say so: the `Host` is then the page's own name, or the `Origin` is.

use std::net::IpAddr;

use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};

use crate::reply::Reply;

/// How much of a strange name is repeated.
const QUOTED: usize = 100;

/// What is let in.
#[derive(Debug)]
pub(crate) struct Guard {
    /// Further names of hosts; `*` is any.
    pub(crate) allowed: Vec<String>,
    /// Where the server listens.
    pub(crate) address: IpAddr,
    /// Whether browsers may read the answers.
    pub(crate) cors: bool,
}

impl Guard {
    /// The refusal of a request that isn't for this server, or comes from a page elsewhere.
    pub(crate) fn refusal(&self, head: &Parts) -> Option<Reply> {
        let host = head.headers.get(header::HOST);
        if host.is_some_and(is_plain)
            && head.uri.host().is_none()
            && !head.headers.contains_key(header::ORIGIN)
        {
            return None;
        }
        if host.is_none() && head.version >= Version::HTTP_11 {
            return Some(Reply::own(400, "The Host header is missing.\n", "no host"));
        }
        let host = host.map(host_of);
        let strange_host = [head.uri.host().map(str::to_owned), host.clone()]
            .into_iter()
            .flatten()
            .find(|host| !self.lets_in(host) && !self.is_address(host))
            .map(|host| ("Host", host));
        // A page of this server itself may ask, by whichever name it was found.
        let strange_origin = head
            .headers
            .get(header::ORIGIN)
            .map(origin_of)
            .filter(|origin| !self.lets_in(origin) && host.as_ref() != Some(origin))
            .map(|origin| ("Origin", origin));
        let (what, name) = strange_host.or(strange_origin)?;
        let name: String = name.chars().take(QUOTED).collect();
        let text = format!(
            "This stand-in answers programs on its own machine only: the {what} \"{name}\" is no loopback address. \
             If it is meant to be reached by that name: --allow-host, or Builder::allow_host.\n"
        );
        Some(Reply::own(403, text, "host not allowed"))
    }

    fn lets_in(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let bare = bare(&name);
        let named = |allowed: &String| allowed == "*" || allowed.eq_ignore_ascii_case(bare);
        name == "localhost"
            || name.ends_with(".localhost")
            || bare
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback())
            || self.allowed.iter().any(named)
    }

    /// Whether a server that listens to others is asked by its address: no page is found by one.
    fn is_address(&self, host: &str) -> bool {
        !self.address.is_loopback() && bare(host).parse::<IpAddr>().is_ok()
    }

    /// The answer to a browser that asks whether it may send a request.
    pub(crate) fn preflight(&self, head: &Parts) -> Option<Reply> {
        let asked = head.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
        if !self.cors
            || head.method != Method::OPTIONS
            || !head.headers.contains_key(header::ORIGIN)
        {
            return None;
        }
        let mut reply = Reply::empty(204).header("access-control-max-age", "600");
        let allowed = &mut reply.headers;
        allowed.insert(header::ACCESS_CONTROL_ALLOW_METHODS, asked.clone());
        if let Some(headers) = head.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            allowed.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
        }
        Some(reply)
    }

    /// Lets the page that asked read the answer.
    pub(crate) fn let_read(&self, origin: Option<HeaderValue>, answer: &mut HeaderMap) {
        let Some(origin) = origin.filter(|_| self.cors) else {
            return;
        };
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let all = HeaderValue::from_static("*");
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, all);
        answer.append(header::VARY, HeaderValue::from_static("origin"));
    }
}

/// Whether a `Host` is what nearly all of them are.
fn is_plain(header: &HeaderValue) -> bool {
    let host = header.as_bytes();
    let port = host
        .strip_prefix(b"127.0.0.1")
        .or_else(|| host.strip_prefix(b"localhost"));
    port.is_some_and(|port| match port {
        [] => true,
        [b':', port @ ..] => port.iter().all(u8::is_ascii_digit),
        _ => false,
    })
}

/// The host of a `Host` header, without its port; what can't be read stands for itself.
fn host_of(header: &HeaderValue) -> String {
    match Authority::try_from(header.as_bytes()) {
        Ok(authority) => authority.host().to_owned(),
        Err(_) => shown(header),
    }
}

/// The host of an `Origin` header; what has none, such as `null`, stands for itself.
fn origin_of(header: &HeaderValue) -> String {
    let uri = Uri::try_from(header.as_bytes()).ok();
    let host = uri.as_ref().and_then(Uri::host);
    host.map_or_else(|| shown(header), str::to_owned)
}

/// An address of IPv6 without its brackets.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn shown(header: &HeaderValue) -> String {
    String::from_utf8_lossy(header.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(host: &str, origin: Option<&str>) -> Parts {
        let request = http::Request::get("/").header("host", host);
        let request = match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        };
        request.body(()).unwrap().into_parts().0
    }

    fn guard(address: &str, allowed: &[&str]) -> Guard {
        Guard {
            allowed: allowed.iter().map(|&name| name.to_owned()).collect(),
            address: address.parse().unwrap(),
            cors: false,
        }
    }

    #[test]
    fn loopback_is_let_in_by_each_of_its_names() {
        let guard = guard("127.0.0.1", &[]);
        for host in [
            "localhost:7001",
            "LOCALHOST.",
            "app.localhost",
            "127.0.0.1:7001",
            "127.8.9.1",
            "[::1]:7001",
        ] {
            assert!(guard.refusal(&head(host, None)).is_none(), "{host}");
            let origin = format!("http://{host}");
            let page = head("localhost", Some(&origin));
            assert!(guard.refusal(&page).is_none(), "{origin}");
        }
    }

    #[test]
    fn pages_from_elsewhere_are_refused() {
        let guard = guard("127.0.0.1", &["sandbox"]);
        for host in [
            "evil.example",
            "evil.example:7001",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "192.168.1.7",
            "127.0.0.1@evil.example",
            "",
        ] {
            let refused = guard.refusal(&head(host, None));
            assert_eq!(refused.unwrap().status(), 403, "{host}");
        }
        for origin in [
            "https://evil.example",
            "http://192.168.1.7",
            "null",
            "file://",
        ] {
            let refused = guard.refusal(&head("127.0.0.1", Some(origin)));
            assert_eq!(refused.unwrap().status(), 403, "{origin}");
        }
        let named = head("SANDBOX:7001", Some("http://sandbox:7001"));
        assert!(guard.refusal(&named).is_none());
    }

    #[test]
    fn who_listens_to_others_is_asked_by_address_but_not_by_any_name() {
        let guard = guard("0.0.0.0", &[]);
        let by_address = head("172.17.0.2:7001", Some("http://172.17.0.2:7001"));
        assert!(guard.refusal(&by_address).is_none());
        let from_elsewhere = head("172.17.0.2:7001", Some("http://203.0.113.5"));
        assert!(guard.refusal(&from_elsewhere).is_some());
        assert!(guard.refusal(&head("evil.example", None)).is_some());
    }

    #[test]
    fn the_name_in_the_address_counts_too() {
        let (mut parts, ()) = http::Request::get("http://evil.example/")
            .header("host", "localhost")
            .body(())
            .unwrap()
            .into_parts();
        assert!(guard("127.0.0.1", &[]).refusal(&parts).is_some());
        parts.uri = Uri::from_static("/");
        parts.headers.remove("host");
        let refused = guard("127.0.0.1", &[]).refusal(&parts);
        assert_eq!(refused.unwrap().status(), 400);
    }
}

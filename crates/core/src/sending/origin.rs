//! Which addresses may see the credential.

use url::Url;

/// Whether the address has the base's scheme, host and port.
pub(crate) fn same(base: &Url, url: &Url) -> bool {
    base.scheme() == url.scheme()
        && base.host() == url.host()
        && base.port_or_known_default() == url.port_or_known_default()
}

/// Whether a WebSocket address may see the credential of a client with this base: the base's own host and
/// port (`ws` for `http`, `wss` for `https`), or, over `wss` and its usual port, a host below one of the
/// `allowed` domains.
pub fn stream_is_allowed(base: &Url, url: &Url, allowed: &[&str]) -> bool {
    let scheme = match base.scheme() {
        "http" => "ws",
        _ => "wss",
    };
    let no_userinfo = url.username().is_empty() && url.password().is_none();
    let own = url.scheme() == scheme
        && url.host() == base.host()
        && url.port_or_known_default() == base.port_or_known_default();
    let named = url.scheme() == "wss"
        && url.port_or_known_default() == Some(443)
        && url.domain().is_some_and(|host| {
            allowed.iter().any(|domain| {
                host == *domain
                    || host
                        .strip_suffix(domain)
                        .is_some_and(|rest| rest.ends_with('.'))
            })
        });
    no_userinfo && (own || named)
}

/// A signed address, if it may be sent to: by TLS, unless the base does without too.
pub(crate) fn signed(base: &Url, address: &str) -> Option<Url> {
    let plain = base.scheme() == "http";
    let safe = |url: &Url| url.scheme() == "https" || (url.scheme() == "http" && plain);
    Url::parse(address).ok().filter(safe)
}

/// Whether a redirect may lead there without the credential: to the same scheme, or from `http` to `https`.
pub(crate) fn may_leave(base: &Url, url: &Url) -> bool {
    signed(base, url.as_str()).is_some() && url.username().is_empty() && url.password().is_none()
}

/// The address without what may be secret: user, query and fragment, and what of its path is not the template's.
///
/// A base URL's own path may be a secret, and so may be what a server's address has in its.
pub(crate) fn shown(url: &Url, template: &str) -> String {
    let origin = url.origin().ascii_serialization();
    let path = url.path();
    let fits = |own: &&str| {
        let mut pairs = own.split('/').zip(template.split('/'));
        pairs.all(|(segment, name)| name.contains('{') || segment == name)
    };
    // As many segments as the template has.
    let own = template.matches('/').count().checked_sub(1);
    let own = own.and_then(|last| path.rmatch_indices('/').nth(last));
    match own.map(|(at, _)| &path[at..]).filter(fits) {
        Some(own) if own.len() == path.len() => format!("{origin}{own}"),
        Some(own) => format!("{origin}/…{own}"),
        None if path.len() > 1 => format!("{origin}/…"),
        None => origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_the_same_scheme_host_and_port_is_the_same_origin() {
        let base = url("https://api.example.com/v1");
        assert!(same(
            &base,
            &url("https://api.example.com:443/other?page=2")
        ));
        for foreign in [
            "http://api.example.com/v1",
            "https://api.example.com:8443/v1",
            "https://api.example.com.evil.net/v1",
            "https://evil.net/api.example.com",
        ] {
            assert!(!same(&base, &url(foreign)), "{foreign}");
        }
    }

    #[test]
    fn streams_go_to_the_own_host_or_an_allowed_domain() {
        let base = url("https://api.osc-fr1.scalingo.com");
        let ok = |text| stream_is_allowed(&base, &url(text), &["scalingo.com"]);
        assert!(ok("wss://deployments.scalingo.com/apps/x"));
        assert!(ok("wss://api.osc-fr1.scalingo.com/apps/x"));
        for foreign in [
            "ws://deployments.scalingo.com/apps/x",
            "wss://deployments.scalingo.com:9000/apps/x",
            "wss://evil.com/apps/x",
            "wss://notscalingo.com/apps/x",
            "wss://scalingo.com.evil.com/apps/x",
            "wss://user:pass@deployments.scalingo.com/apps/x",
            "https://deployments.scalingo.com/apps/x",
        ] {
            assert!(!ok(foreign), "{foreign}");
        }
        let local = url("http://127.0.0.1:7001");
        let ok = |text| stream_is_allowed(&local, &url(text), &["scalingo.com"]);
        assert!(ok("ws://127.0.0.1:7001/apps/x"));
        assert!(!ok("ws://127.0.0.1:7002/apps/x"));
    }

    #[test]
    fn shown_addresses_hold_no_secret() {
        for (address, template, text) in [
            (
                "https://u:p@host/v1/apps/x?token=canary#canary",
                "/v1/apps/{app}",
                "https://host/v1/apps/x",
            ),
            (
                "https://host:8443/canary/v1/apps/x",
                "/v1/apps/{app}",
                "https://host:8443/…/v1/apps/x",
            ),
            ("https://host/canary/x", "/v1/apps/{app}", "https://host/…"),
            ("https://host/canary", "/v1/apps/{app}", "https://host/…"),
            ("https://host/canary", "", "https://host/…"),
            ("https://host/", "", "https://host"),
        ] {
            assert_eq!(shown(&url(address), template), text);
        }
    }
}

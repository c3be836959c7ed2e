//! All crates are built by the same hand: what `builder()`, `new()` and the re-exports look like.

use deploykit::edgegap::SelfStop;
use deploykit::edgegap::matchmaker::Matchmaker;
use deploykit::edgegap::server_browser::ServerBrowser;
use deploykit::{Error, devopness, edgegap, scalingo, tideways, tsuru};

/// What every crate has at its front door.
macro_rules! front_door {
    ($($service:ident)+) => {$(
        #[allow(unused_imports, reason = "that they are there is the test")]
        pub mod $service {
            use deploykit::$service::core;
            use deploykit::$service::{
                Body, Call, Client, ClientBuilder, Error, ErrorKind, Http, Nullable, Page, Pages,
                Progress, Quota, Response, Result, RetryPolicy, Secret, Streamed, Text, Time, Wait,
                WaitError,
            };

            /// The general settings have one name and one type everywhere.
            pub fn set(builder: ClientBuilder) -> ClientBuilder {
                builder
                    .base_url("http://127.0.0.1:1")
                    .token("abc")
                    .timeout(std::time::Duration::from_secs(1))
                    .total_timeout(std::time::Duration::from_secs(2))
                    .retry(RetryPolicy::never())
                    .http(Http::new())
                    .own_limits()
            }
        }
    )+};
}

mod doors {
    front_door!(devopness edgegap scalingo tideways tsuru);
}

#[track_caller]
fn names<T: std::fmt::Debug>(built: Result<T, Error>, setter: &str, variable: Option<&str>) {
    let Err(error) = built else {
        panic!("it needs no `{setter}`");
    };
    assert!(error.is_invalid());
    let text = error.to_string();
    let call = format!("`{setter}` is missing: call `.{setter}(…)`");
    assert!(text.contains(&call), "{text}");
    match variable {
        Some(variable) => assert!(text.contains(&format!("set {variable} and call")), "{text}"),
        None => assert!(!text.contains("from_env"), "{text}"),
    }
}

#[test]
fn what_is_missing_is_named_with_its_setter_and_variable() {
    let scalingo = scalingo::Client::builder().build();
    names(scalingo, "token", Some("SCALINGO_API_TOKEN"));
    let edgegap = edgegap::Client::builder().build();
    names(edgegap, "token", Some("EDGEGAP_API_TOKEN"));
    let devopness = devopness::Client::builder().build();
    names(devopness, "token", Some("DEVOPNESS_API_TOKEN"));
    let tideways = tideways::Client::builder().organization("acme").build();
    names(tideways, "token", Some("TIDEWAYS_TOKEN"));
    let tideways = tideways::Client::builder().token("abc").build();
    names(tideways, "organization", Some("TIDEWAYS_ORGANIZATION"));
    let tsuru = tsuru::Client::builder().token("abc").build();
    names(tsuru, "target", Some("TSURU_TARGET"));
    let tsuru = tsuru::v1::Client::builder().token("abc").build();
    names(tsuru, "target", Some("TSURU_TARGET"));

    names(Matchmaker::builder().token("x").build(), "base_url", None);
    let browser = ServerBrowser::builder().base_url("http://x").build();
    names(browser, "token", None);
    let stop = SelfStop::builder().token("x").build();
    names(stop, "url", Some("ARBITRIUM_DELETE_URL"));
    let stop = SelfStop::builder().deployment("a", 1).build();
    names(stop, "token", Some("ARBITRIUM_DELETE_TOKEN"));
}

#[test]
fn the_general_settings_are_the_same_everywhere() {
    doors::devopness::set(devopness::Client::builder())
        .build()
        .unwrap();
    doors::edgegap::set(edgegap::Client::builder())
        .build()
        .unwrap();
    doors::scalingo::set(scalingo::Client::builder())
        .build()
        .unwrap();
    doors::tsuru::set(tsuru::Client::builder()).build().unwrap();
    let tideways = tideways::Client::builder().organization("acme");
    doors::tideways::set(tideways).build().unwrap();
}

#[test]
fn new_takes_what_a_service_cannot_do_without() {
    devopness::Client::new("abc").unwrap();
    edgegap::Client::new("abc").unwrap();
    scalingo::Client::new("abc").unwrap();
    tideways::Client::new("abc", "acme").unwrap();
    tsuru::Client::new("tsuru.example.com", "abc").unwrap();
    tsuru::v1::Client::new("tsuru.example.com", "abc").unwrap();
    Matchmaker::at("http://127.0.0.1:1", "abc").unwrap();
    ServerBrowser::at("http://127.0.0.1:1", "abc").unwrap();
    SelfStop::new("https://api.edgegap.com/v1/self/stop/a/1", "abc").unwrap();

    assert!(devopness::Client::new("").is_err());
    assert!(edgegap::Client::new("token ").is_err());
    assert!(scalingo::Client::new(" ").is_err());
    assert!(tideways::Client::new("abc", " ").is_err());
    assert!(tsuru::v1::Client::new("tsuru", "").is_err());
}

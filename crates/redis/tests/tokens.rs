//! One exchange of Scalingo's API token for several programs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::Arc;

use common::RedisServer;
use deploykit_core::memory::Recorder;
use deploykit_core::{Error, ErrorKind, Exchanged, Secret, StoredToken, TokenStore as _};
use deploykit_redis::{RedisTokens, TokenKey};
use deploykit_scalingo::Client;
use futures::future::join_all;
use serde_json::json;

const KEY: &str = "q3Zv0Yw0b8f6mC1m7o0uXo5mQm8i2n9rT4sV6yB1dEg=";
const OTHER: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn tokens(server: &RedisServer, key: &str) -> Arc<RedisTokens> {
    let limits = server.limits().build().unwrap();
    limits.tokens(&TokenKey::new(key).unwrap())
}

/// What a program of its own would make.
fn client(service: &Recorder, tokens: Arc<RedisTokens>) -> Client {
    Client::builder()
        .token("tk-us-canary-api")
        .token_in(tokens)
        .transport(service.clone())
        .own_limits()
        .build()
        .unwrap()
}

#[tokio::test]
async fn programs_share_one_exchange_and_redis_cannot_read_it() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let service = Recorder::new();
    let bearer = json!({ "token": "canary-bearer" });
    service.answers("POST", "/v1/tokens/exchange", 200, bearer);
    service.answers("GET", "/v1/apps", 200, json!({ "apps": [] }));
    let clients: Vec<_> = (0..8)
        .map(|_| client(&service, tokens(&server, KEY)))
        .collect();
    let calls = clients.iter().map(|it| it.apps().list().into_future());
    for apps in join_all(calls).await {
        assert!(apps.unwrap().is_empty());
    }
    assert_eq!(service.count("POST", "/v1/tokens/exchange"), 1);
    let asked = service.requests();
    let used = |it: &&deploykit_core::memory::Recorded| {
        it.headers["authorization"] == "Bearer canary-bearer"
    };
    assert_eq!(asked.iter().filter(used).count(), 8);

    let mut connection = server.connection();
    let _: () = redis::cmd("SAVE").query(&mut connection).unwrap();
    let all = std::fs::read(server.dir.path().join("dump.rdb")).unwrap();
    let has = |text: &str| all.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(has("sealed") && has("{deploykit:"));
    for secret in ["canary", "tk-us", KEY, "scalingo"] {
        assert!(!has(secret), "{secret}");
    }

    // With another key, and without Redis, there is another exchange.
    client(&service, tokens(&server, OTHER))
        .apps()
        .list()
        .await
        .unwrap();
    assert_eq!(service.count("POST", "/v1/tokens/exchange"), 2);
    drop(server);
    clients[0].apps().list().await.unwrap();
    assert_eq!(
        service.count("POST", "/v1/tokens/exchange"),
        2,
        "it is known here"
    );
}

#[tokio::test]
async fn a_token_is_kept_for_its_time_and_a_refused_one_is_not_given_again() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let (one, other) = (tokens(&server, KEY), tokens(&server, KEY));
    let name = one.name("https://auth", &"api".into());
    assert_eq!(other.name("https://auth", &"api".into()), name);
    assert!(matches!(
        one.get(&name, None).await.unwrap(),
        StoredToken::Exchange
    ));
    assert!(matches!(
        other.get(&name, None).await.unwrap(),
        StoredToken::Wait
    ));
    one.put(&name, None).await.unwrap();
    assert!(matches!(
        other.get(&name, None).await.unwrap(),
        StoredToken::Exchange
    ));
    let fresh = Exchanged {
        token: "first".into(),
        lifetime: std::time::Duration::from_secs(100),
    };
    other.put(&name, Some(&fresh)).await.unwrap();
    let StoredToken::Known(kept) = one.get(&name, Some(&"older".into())).await.unwrap() else {
        panic!("it is kept");
    };
    assert_eq!(kept.token, Secret::from("first"));
    assert!((95..=100).contains(&kept.lifetime.as_secs()));
    let mut connection = server.connection();
    let key = format!("{name}:token");
    let left: i64 = redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap();
    assert!((95_000..=100_000).contains(&left), "{left}");
    // Moved to another name, it cannot be opened.
    let stolen = one.name("https://auth", &"another".into());
    let moved = format!("{stolen}:token");
    let _: i64 = redis::cmd("COPY")
        .arg(&key)
        .arg(&moved)
        .query(&mut connection)
        .unwrap();
    assert!(one.get(&stolen, None).await.is_err());

    let refused = Secret::from("first");
    assert!(matches!(
        one.get(&name, Some(&refused)).await.unwrap(),
        StoredToken::Exchange
    ));
    assert!(matches!(
        other.get(&name, Some(&refused)).await.unwrap(),
        StoredToken::Wait
    ));
}

#[test]
fn a_key_is_32_bytes_in_base64_and_never_shown() {
    let key = TokenKey::new(format!(" {KEY}\n")).unwrap();
    assert_eq!(format!("{key:?}"), "[redacted]");
    for bad in ["", "password", "q3Zv0Yw0b8f6mC1m7o0uXg==", &KEY[..40]] {
        let error: Error = TokenKey::new(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}

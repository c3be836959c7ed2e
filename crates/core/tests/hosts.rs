//! Several hosts and credentials under one client, signed addresses, redirects to files, and files on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::Arc;

use bytes::Bytes;
use common::{Answers, GET, Server, adds};
use deploykit_core::memory::{Memory, reply};
use deploykit_core::{
    Call, Client, Endpoint, ErrorKind, Method, Outcome, Raw, Secret, Token, TransportError,
};
use futures::StreamExt;
use futures::stream;
use tempfile::TempDir;

const FILE: Endpoint = Endpoint::new("downloadThing", Method::GET, "/v1/things/file").leaves();
const SIGNED: Endpoint = Endpoint::new("putThing", Method::PUT, "").public();

#[tokio::test(start_paused = true)]
async fn another_host_gets_its_own_credential_and_no_other() {
    let server = Server::new([Answers(200, r#"{"id":7}"#)]);
    let client = server.client();
    let token = Arc::new(Token::bearer("other-token").unwrap());
    let other = client.elsewhere("https://db.example.com", token).unwrap();
    for client in [&client, &other] {
        let call: Call<serde_json::Value> = client.call(client.request(&GET).segment("id", &7));
        call.await.unwrap();
    }
    let sent = server.sent();
    assert_eq!(sent[0].url, "https://api.example.com/v1/things/7");
    assert_eq!(
        sent[0].authorization.as_deref(),
        Some("Bearer canary-token")
    );
    assert_eq!(sent[1].url, "https://db.example.com/v1/things/7");
    assert_eq!(sent[1].authorization.as_deref(), Some("Bearer other-token"));
    let token = Arc::new(Token::bearer("x").unwrap());
    assert!(client.elsewhere("db.example.com", token).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_a_file_elsewhere_is_followed_without_the_credential() {
    let moved = || {
        adds(
            "location",
            "https://files.example.org/a?sig=canary",
            Answers(302, ""),
        )
    };
    let server = Server::new([moved(), Answers(200, "PDF")]);
    let client = server.client();
    let call: Call<Raw> = client.call(client.request(&FILE));
    assert_eq!(call.await.unwrap().0, "PDF");
    let sent = server.sent();
    assert!(sent[0].authorization.is_some());
    assert_eq!(sent[1].url, "https://files.example.org/a?sig=canary");
    assert_eq!(sent[1].authorization, None);

    // Not without TLS, not with a user in it; and not for rows that do not say so.
    for (endpoint, to) in [
        (&FILE, "http://files.example.org/a"),
        (&FILE, "https://user:canary@files.example.org/a"),
        (&FILE, "file:///etc/passwd"),
        (&common::LIST, "https://files.example.org/a"),
    ] {
        let server = Server::new([adds("location", to, Answers(302, ""))]);
        let client = server.client();
        let call: Call<Raw> = client.call(client.request(endpoint));
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Origin, "{to}");
        assert!(!error.report().contains("canary"));
        assert_eq!(server.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_signed_address_gets_no_credential_and_is_not_quoted() {
    let server = Server::new([Answers(403, "<Error>canary/sig is wrong</Error>")]);
    let client = server.client();
    let address = Secret::from("https://store.example.org/x?sig=canary%2Fsig");
    let request = client.signed(&SIGNED, &address).unwrap();
    let error = client.send(request).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    assert!(!error.report().contains("canary"), "{}", error.report());
    assert_eq!(server.sent()[0].authorization, None);
    for bad in ["", "http://store.example.org/x", "ftp://x/", "/x"] {
        let refused = client.signed(&SIGNED, &Secret::from(bad)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Origin, "{bad}");
    }
}

/// Answers with these pieces, then with what `end` is.
fn sends(end: Option<Outcome>, length: Option<&'static str>) -> Client {
    let transport = Memory::new(move |_| async move {
        let mut answer = reply(200, "");
        if let Some(length) = length {
            answer
                .headers
                .insert("content-length", length.parse().unwrap());
        }
        let pieces = ["abc", "defg"].map(|piece| Ok(Bytes::from(piece)));
        let end = end.map(|outcome| Err(TransportError::new(outcome, "reset")));
        answer.body = stream::iter(pieces.into_iter().chain(end)).boxed();
        Ok(answer)
    });
    let builder = Client::builder("https://api.example.com").transport(transport);
    builder.build().unwrap()
}

#[tokio::test]
async fn a_body_is_written_piece_by_piece_and_takes_its_place_at_the_end() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("whole");
    std::fs::write(&target, "before").unwrap();
    let client = sends(None, Some("7"));
    let streaming = client.stream(client.request(&FILE)).await.unwrap();
    let mut saving = streaming.save_to(&target);
    let mut seen = Vec::new();
    while let Some(saved) = saving.next().await {
        let saved = saved.unwrap();
        assert_eq!(saved.total, Some(7));
        seen.push(saved.bytes);
        if seen.len() < 3 {
            assert_eq!(std::fs::read(&target).unwrap(), b"before");
        }
    }
    assert_eq!(seen, [3, 7, 7]);
    assert_eq!(std::fs::read(&target).unwrap(), b"abcdefg");
    assert!(!folder.path().join("whole.part").exists());
}

#[tokio::test]
async fn a_broken_download_leaves_the_target_and_no_partial_file() {
    let folder = TempDir::new().unwrap();
    let target = folder.path().join("broken");
    let partial = folder.path().join("broken.part");
    std::fs::write(&target, "before").unwrap();
    for (end, length, kind) in [
        (Some(Outcome::Interrupted), None, ErrorKind::Interrupted),
        (None, Some("9"), ErrorKind::Interrupted),
    ] {
        let client = sends(end, length);
        let streaming = client.stream(client.request(&FILE)).await.unwrap();
        let error = streaming.save_to(&target).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(std::fs::read(&target).unwrap(), b"before");
        assert!(!partial.exists());
    }
    let client = sends(None, None);
    let streaming = client.stream(client.request(&FILE)).await.unwrap();
    let mut saving = streaming.save_to(&target);
    saving.next().await.unwrap().unwrap();
    assert!(partial.exists());
    drop(saving);
    assert!(!partial.exists(), "a dropped one cleans up");
    let streaming = client.stream(client.request(&FILE)).await.unwrap();
    let nowhere = streaming
        .save_to(folder.path().join("no/such/folder"))
        .await;
    assert!(nowhere.unwrap_err().to_string().contains("`path`"));
}

#[tokio::test(start_paused = true)]
async fn a_download_that_stalls_ends() {
    let transport = Memory::new(|_| async {
        let mut answer = reply(200, "");
        answer.body = stream::pending().boxed();
        Ok(answer)
    });
    let client = Client::builder("https://api.example.com").transport(transport);
    let client = client.build().unwrap();
    let streaming = client.stream(client.request(&FILE)).await.unwrap();
    let folder = TempDir::new().unwrap();
    let saving = streaming.save_to(folder.path().join("stalled"));
    assert_eq!(saving.await.unwrap_err().kind(), ErrorKind::Timeout);
}

//! Secrets are seen by nobody but the server they are meant for.

use std::fmt::Write;

use deploykit::scalingo::{Archive, Client, NewDeployment, NoFields, Source};
use deploykit::{Error, ErrorKind};
use deploykit_sandbox::scalingo::Scalingo;
use deploykit_sandbox::{MetaStyle, Running};
use futures::TryStreamExt;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::support::*;

const API_TOKEN: &str = "tk-us-canary-api-token";
const CANARIES: [&str; 4] = [
    "canary",
    // The same in Basic.
    "OnRrLXVzLWNhbmFyeS1hcGktdG9rZW4",
    // The signature of the stand-in's addresses, and of its bearers.
    "00000000000000000000000000",
    "c2lnbmVkIGJ5IHRoZSBzYW5kYm94",
];

#[track_caller]
fn clean(shown: &str) {
    for canary in CANARIES {
        assert!(!shown.contains(canary), "{canary} is in: {shown}");
    }
}

#[track_caller]
fn clean_error(error: &Error) {
    clean(&error.to_string());
    clean(&format!("{error:?} {error:#?}"));
    clean(&error.report());
    clean(error.body().unwrap_or_default());
    clean(&format!("{:?}", error.api()));
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        clean(&format!("{cause} {cause:?}"));
        source = cause.source();
    }
}

async fn secret_sandbox() -> Running<Scalingo> {
    start(sandbox().api_token(API_TOKEN)).await
}

#[tokio::test]
async fn nothing_secret_is_shown_by_what_can_be_printed() {
    let sandbox = secret_sandbox().await;
    let builder = builder(&sandbox);
    clean(&format!("{builder:?} {builder:#?}"));
    clean(&format!("{:?}", Client::builder().bearer("canary")));
    let client = builder.build().unwrap();
    clean(&format!("{client:?} {client:#?} {:#?}", client.core()));
    let with_bearer = Client::builder().bearer("canary").build().unwrap();
    clean(&format!("{with_bearer:?} {:#?}", with_bearer.core()));

    let new = NewDeployment::new("https://canary@example.com/a?token=canary").git_ref("v1");
    let call = client.deployments().trigger(APP, &new);
    clean(&format!("{new:?} {call:?} {call:#?} {:?}", call.request()));
    let list = client.deployments().list(APP);
    clean(&format!("{list:?} {:?}", client.deployments()));
    let source: Source = client.sources().create(&NoFields {}).await.unwrap();
    assert!(source.upload_url.expose().contains("000000"), "{source:?}");
    clean(&format!("{source:?} {source:#?}"));
    let answer = client.apps().list().send().await.unwrap();
    clean(&format!("{answer:?}"));
    clean(&format!(
        "{:?} {:?}",
        client.live(APP),
        client.follow(APP, "id")
    ));
    let authorization = client.core().authorization().await.unwrap();
    clean(&format!("{authorization:?}"));
}

/// Echoes whatever it got, with an error status.
async fn echo(status: u16) -> MockServer {
    let server = MockServer::start().await;
    let echo = move |request: &Request| {
        let mut said = format!("{} {}\n", request.method, request.url);
        for (name, value) in &request.headers {
            writeln!(said, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
        said += &String::from_utf8_lossy(&request.body);
        ResponseTemplate::new(status).set_body_string(said)
    };
    Mock::given(matchers::any())
        .respond_with(echo)
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_server_that_echoes_the_token_does_not_put_it_into_the_error() {
    for status in [400, 401, 422, 500] {
        let server = echo(status).await;
        let builder = || {
            Client::builder()
                .base_url(server.uri())
                .retry(deploykit::RetryPolicy::never())
        };
        let with_bearer = builder().bearer("the-canary-bearer").build().unwrap();
        let error = with_bearer.apps().list().await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(
            error.body().unwrap().contains("authorization"),
            "it was an echo"
        );
        clean_error(&error);
        let with_api_token = builder().token(API_TOKEN).build().unwrap();
        let error = with_api_token.apps().list().await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        clean_error(&error);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_does_not_show_what_is_in_it() {
    let sandbox = start(sandbox()).await;
    for body in [
        r#"{"token":["canary"]}"#,
        r#"{"token":7,"x":"canary"}"#,
        "canary",
    ] {
        let exchange = sandbox.faults().on("POST", "/v1/tokens/exchange");
        exchange.body(body).status(200);
        let error = client(&sandbox).apps().list().await.unwrap_err();
        assert!(error.is_decode(), "{error}");
        clean(&format!("{error} {error:?} {}", error.report()));
    }
    let sources = sandbox.faults().on("POST", "/v1/sources");
    sources
        .body(r#"{"source":["https://x/?canary"]}"#)
        .status(201);
    let error = client(&sandbox)
        .sources()
        .create(&NoFields {})
        .await
        .unwrap_err();
    clean(&format!("{error} {error:?} {}", error.report()));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_an_error_and_not_followed() {
    let foreign = MockServer::start().await;
    let sandbox = secret_sandbox().await;
    let to = format!("{}/v1/apps?token=canary", foreign.uri());
    for status in [301, 302, 303, 307, 308] {
        let redirect = sandbox.faults().on("GET", "/v1/apps");
        redirect.header("location", &to).status(status);
        let error = client(&sandbox).apps().list().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Origin, "{error}");
        clean_error(&error);
        let redirect = sandbox.faults().on("POST", "/v1/tokens/exchange");
        redirect.header("location", &to).status(status);
        let error = client(&sandbox).apps().list().await.unwrap_err();
        clean_error(&error);
    }
    assert_eq!(foreign.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_link_to_the_next_page_elsewhere_is_an_error_and_not_followed() {
    let foreign = MockServer::start().await;
    let sandbox = start(sandbox().api_token(API_TOKEN).history(3).without_meta()).await;
    let link = format!("<{}/v1/next?token=canary>; rel=\"next\"", foreign.uri());
    let page = sandbox.faults().on("GET", "/v1/apps/*/deployments");
    page.header("link", &link)
        .body(r#"{"deployments":[{"id":"one"}]}"#)
        .status(200);
    let mut items = client(&sandbox).deployments().list(APP).items();
    assert_eq!(bounded(items.try_next()).await.unwrap().unwrap().id, "one");
    let error = bounded(items.try_next()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Origin, "{error}");
    clean_error(&error);
    assert_eq!(foreign.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn the_bearer_goes_nowhere_but_to_the_api_and_its_stream() {
    let sandbox = start(sandbox().api_token(API_TOKEN).meta(MetaStyle::Echo)).await;
    let client = client(&sandbox);
    let archive = Archive::bytes(vec![0x1f, 0x8b, 8]);
    let deployment = client
        .deployments()
        .deploy_archive(APP, archive)
        .await
        .unwrap();
    Told::by(follow(&client, &deployment.id)).await;
    for sent in sandbox.requests() {
        let scheme = sent
            .header("authorization")
            .and_then(|value| value.split(' ').next());
        let expected = match sent.path.as_str() {
            "/v1/tokens/exchange" => Some("Basic"),
            path if path.starts_with("/v1/") => Some("Bearer"),
            _ => None,
        };
        assert_eq!(scheme, expected, "{} {}", sent.method, sent.path);
        let query = format!("{:?}", sent.query);
        assert!(!query.contains("Bearer") && !query.contains("canary"));
    }
}

#[tokio::test]
async fn a_store_that_echoes_the_signature_does_not_put_it_into_the_error() {
    let server = echo(403).await;
    let client = Client::builder()
        .base_url(server.uri())
        .bearer("x")
        .build()
        .unwrap();
    let source: Source = serde_json::from_value(serde_json::json!({
        "upload_url": format!("{}/up?X-Signature=canary%2F1&X-Expires=600", server.uri()),
        "download_url": format!("{}/up", server.uri()),
    }))
    .unwrap();
    let body = deploykit::core::Body::Bytes("archive".into());
    let error = client.sources().upload(&source, body).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    clean_error(&error);
}

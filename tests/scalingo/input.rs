//! Bad input: an error that names the argument, and not one request.

use deploykit::scalingo::{Client, NewDeployment};
use deploykit::{Error, ErrorKind};

use crate::support::*;

fn refused(error: &Error, argument: &str) {
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    let shown = error.to_string();
    assert!(
        shown.contains(&format!("`{argument}`")),
        "not {argument}: {shown}"
    );
    assert!(!error.may_have_been_sent());
}

#[test]
fn a_client_is_not_built_from_nonsense() {
    let builder = || Client::builder().token("tk-us-test");
    for (builder, argument) in [
        (Client::builder(), "token"),
        (Client::builder().token(""), "token"),
        (Client::builder().token(" \n"), "token"),
        (Client::builder().bearer(""), "bearer"),
        (Client::builder().bearer("two\nlines"), "bearer"),
        (builder().region("osc-fr2"), "region"),
        (builder().region(""), "region"),
        (builder().base_url(""), "base_url"),
        (builder().base_url("ftp://api.example.com"), "base_url"),
        (builder().base_url("file:///etc/passwd"), "base_url"),
        (
            builder().base_url("https://user:password@example.com"),
            "base_url",
        ),
        (builder().base_url("https://example.com?a=b"), "base_url"),
        (builder().base_url("https://"), "base_url"),
        (builder().auth_url("ftp://auth.example.com"), "auth_url"),
        (builder().auth_url(""), "auth_url"),
        (builder().user_agent("two\nlines"), "user_agent"),
    ] {
        refused(&builder.build().unwrap_err(), argument);
    }
    let error = builder().region("osc-fr2").build().unwrap_err().to_string();
    assert!(
        error.contains("osc-fr1") && error.contains("osc-secnum-fr1"),
        "{error}"
    );
}

#[test]
fn addresses_are_taken_in_every_spelling() {
    for (given, base) in [
        (
            "api.osc-fr1.scalingo.com",
            "https://api.osc-fr1.scalingo.com/",
        ),
        (
            "https://api.osc-fr1.scalingo.com/v1/",
            "https://api.osc-fr1.scalingo.com/",
        ),
        ("http://127.0.0.1:7001", "http://127.0.0.1:7001/"),
    ] {
        let client = Client::builder()
            .bearer("x")
            .base_url(given)
            .build()
            .unwrap();
        assert_eq!(client.core().base_url().as_str(), base, "{given}");
    }
    let client = Client::builder()
        .bearer("x")
        .region("osc-secnum-fr1")
        .build()
        .unwrap();
    let base = client.core().base_url().as_str();
    assert_eq!(base, "https://api.osc-secnum-fr1.scalingo.com/");
}

#[tokio::test]
async fn nothing_is_sent_for_an_id_that_is_none() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let (apps, deployments) = (client.apps(), client.deployments());
    let source = NewDeployment::new(SOURCE);
    for bad in [
        "", " ", ".", "..", " .. ", "a\nb", "a\0b", "a\x7fb", "a/b", "../apps", "//x/", "/",
    ] {
        refused(&apps.get(bad).await.unwrap_err(), "app");
        refused(&deployments.list(bad).await.unwrap_err(), "app");
        refused(&deployments.trigger(bad, &source).await.unwrap_err(), "app");
        refused(&deployments.reset_cache(bad).await.unwrap_err(), "app");
        refused(&deployments.get(bad, "id").await.unwrap_err(), "app");
        refused(
            &deployments.get(APP, bad).await.unwrap_err(),
            "deployment_id",
        );
        refused(
            &deployments.output(APP, bad).await.unwrap_err(),
            "deployment_id",
        );
        let lines = deployments.output_lines(APP, bad).await.map(|_| ());
        refused(&lines.unwrap_err(), "deployment_id");
        refused(
            &client.operations().get(APP, bad).await.unwrap_err(),
            "operation_id",
        );
        refused(
            &Told::by(client.follow(bad, "id")).await.error.unwrap(),
            "app",
        );
        refused(
            &Told::by(client.follow(APP, bad)).await.error.unwrap(),
            "deployment_id",
        );
        let watched = futures::StreamExt::next(&mut client.live(bad)).await;
        refused(&watched.unwrap().unwrap_err(), "app");
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[tokio::test]
async fn nothing_is_sent_for_a_deployment_of_nothing() {
    let sandbox = start(sandbox()).await;
    let deployments = client(&sandbox).deployments();
    for (deployment, argument) in [
        (NewDeployment::new(""), "source_url"),
        (NewDeployment::new(" "), "source_url"),
        (NewDeployment::new(SOURCE).git_ref(""), "git_ref"),
        (NewDeployment::new(SOURCE).git_ref("-f"), "git_ref"),
        (NewDeployment::new(SOURCE).git_ref(" --force"), "git_ref"),
    ] {
        let error = deployments.trigger(APP, &deployment).await.unwrap_err();
        refused(&error, argument);
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[tokio::test]
async fn an_odd_id_is_never_another_route() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    for (id, sent) in [
        ("%2e%2e", "%252e%252e"),
        ("a?page=2#x", "a%3Fpage=2%23x"),
        (r"a\b", "a%5Cb"),
    ] {
        sandbox.clear_requests();
        let error = client.apps().get(id).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        let error = client.deployments().get(APP, id).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        let paths: Vec<_> = sandbox
            .requests()
            .iter()
            .filter(|request| !request.path.ends_with("/exchange"))
            .map(|request| request.path.replace("%3D", "="))
            .collect();
        let deployment = format!("/v1/apps/{APP}/deployments/{sent}");
        assert_eq!(paths, [format!("/v1/apps/{sent}"), deployment]);
    }
}

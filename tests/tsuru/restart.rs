//! What acts although it is a GET: restarts, with their output, and healers.

use deploykit::ErrorKind;
use deploykit::tsuru::{Generation, RestartBy, route_is_missing};
use deploykit_sandbox::tsuru::{Era, Tsuru};
use deploykit_sandbox::{Running, Sandbox};
use futures::TryStreamExt;

use crate::{ERAS, builder, client, start};

/// Restarts of an app that arrived, by method.
fn restarts(sandbox: &Running<Tsuru>) -> Vec<String> {
    let requests = sandbox.requests();
    let restarts = requests
        .iter()
        .filter(|sent| sent.path.ends_with("/restart"));
    restarts.map(|sent| sent.method.clone()).collect()
}

#[tokio::test]
async fn a_restart_finds_the_method_of_the_server() {
    for (era, method, sent) in [
        (Era::V0_4, RestartBy::Get, vec!["GET"]),
        (Era::V0_7, RestartBy::Get, vec!["GET", "POST"]),
        (Era::V0_7, RestartBy::Post, vec!["POST"]),
        (Era::V0_4, RestartBy::Post, vec!["POST", "GET"]),
    ] {
        let sandbox = start(Sandbox::tsuru().era(era).app("myapp")).await;
        let tsuru = builder(&sandbox).restart_with(method).build().unwrap();
        tsuru.restart("myapp").await.unwrap().text().await.unwrap();
        assert_eq!(
            restarts(&sandbox),
            sent,
            "{era:?}, beginning with {method:?}"
        );
        assert_eq!(
            sandbox.restarts("myapp"),
            Some(1),
            "{era:?}, beginning with {method:?}"
        );
    }
}

#[tokio::test]
async fn a_restart_that_may_have_begun_is_never_sent_again() {
    let sandbox = start(Sandbox::tsuru().app("myapp")).await;
    let tsuru = client(&sandbox);
    for _ in 0..2 {
        sandbox
            .faults()
            .on("GET", "/apps/myapp/restart")
            .reset_after();
        let error = tsuru.restart("myapp").await.unwrap_err();
        assert!(error.may_have_been_sent(), "{error}");
    }
    assert_eq!(restarts(&sandbox), ["GET", "GET"]);
    sandbox
        .faults()
        .on("GET", "/apps/myapp/restart")
        .status(503);
    assert_eq!(
        tsuru.restart("myapp").await.unwrap_err().status(),
        Some(503)
    );
    assert_eq!(restarts(&sandbox).len(), 3);
    let missing = tsuru.restart("another").await.unwrap_err();
    assert_eq!(
        Generation::of_error(&missing),
        Some(Generation::GetRestarts)
    );
    assert!(missing.is_not_found() && !route_is_missing(&missing));
    assert_eq!(
        restarts(&sandbox).len(),
        4,
        "an app that isn't there is no missing route"
    );
}

#[tokio::test]
async fn the_output_of_a_restart_comes_line_by_line() {
    for json_lines in [false, true] {
        let sandbox = Sandbox::tsuru().app("myapp");
        let sandbox = start(if json_lines {
            sandbox.json_lines()
        } else {
            sandbox
        })
        .await;
        let output = client(&sandbox).restart("myapp").await.unwrap();
        let lines: Vec<_> = output.try_collect().await.unwrap();
        let texts: Vec<_> = lines
            .iter()
            .map(|line| line.text.trim())
            .filter(|line| !line.is_empty())
            .collect();
        assert_eq!(texts.len(), 4, "{texts:?}");
        assert_eq!(texts[3], "---> App successfully restarted");
        assert_eq!(lines[0].at.is_some(), json_lines);
    }
}

#[tokio::test]
async fn a_failure_in_the_output_is_an_error_where_it_can_be_told() {
    let sandbox = start(Sandbox::tsuru().app("myapp").json_lines()).await;
    sandbox.fail_next_restart();
    let mut output = client(&sandbox).restart("myapp").await.unwrap();
    let mut lines = 0;
    let error = loop {
        match output.try_next().await {
            Ok(Some(_)) => lines += 1,
            Ok(None) => panic!("the failure was not told"),
            Err(error) => break error,
        }
    };
    assert_eq!((lines, error.kind()), (3, ErrorKind::Failed));
    assert!(
        error.to_string().contains("the unit did not answer"),
        "{error}"
    );
    assert_eq!(
        (error.status(), error.operation()),
        (Some(200), Some("restartAnApp"))
    );
    assert!(error.may_have_been_sent());
    assert!(output.try_next().await.unwrap().is_none());

    sandbox.fail_next_restart();
    let error = client(&sandbox)
        .apps()
        .restart_by_get("myapp")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Failed, Some(200))
    );

    // Old servers leave it to people.
    let sandbox = start(Sandbox::tsuru().app("myapp")).await;
    sandbox.fail_next_restart();
    let output = client(&sandbox)
        .restart("myapp")
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(output.ends_with("the unit did not answer\n"), "{output}");
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_output_is_an_error_after_what_was_read() {
    let sandbox = start(Sandbox::tsuru().app("myapp")).await;
    sandbox
        .faults()
        .on("GET", "/apps/myapp/restart")
        .truncated_body();
    let mut output = client(&sandbox).restart("myapp").await.unwrap();
    let mut read = String::new();
    let error = loop {
        match output.try_next().await {
            Ok(Some(line)) => read.push_str(&line.text),
            Ok(None) => panic!("the break was not told"),
            Err(error) => break error,
        }
    };
    assert!(read.contains("Restarting"), "{read}");
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn healers_act_once_and_never_again_by_themselves() {
    for era in ERAS {
        let sandbox = start(Sandbox::tsuru().era(era)).await;
        let healers = client(&sandbox).healers();
        for healer in healers.list().await.unwrap() {
            healers.execute(healer.name).await.unwrap();
        }
        assert_eq!(sandbox.healed(), ["app-heal"], "{era:?}");
        sandbox.clear_requests();
        let error = healers.execute("unknown").await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Failed | ErrorKind::Interrupted),
            "{era:?}: {error}"
        );
        assert_eq!(sandbox.requests().len(), 1, "{era:?}");
    }
}

#[tokio::test]
async fn a_handler_that_crashed_is_a_failure_of_every_call() {
    let sandbox = start(Sandbox::tsuru().app("myapp")).await;
    let tsuru = client(&sandbox);
    let crash = "PANIC: runtime error: invalid memory address\n";
    let faults = sandbox.faults();
    faults.on("*", "/**").always().body(crash).status(200);
    let failed = |error: deploykit::Error| assert_eq!(error.kind(), ErrorKind::Failed, "{error}");
    failed(tsuru.teams().remove("x").await.unwrap_err());
    failed(tsuru.users().logout().await.unwrap_err());
    failed(tsuru.services().doc("mysql").await.unwrap_err());
    failed(tsuru.instances().status("x").await.unwrap_err());
    failed(
        tsuru
            .restart("myapp")
            .await
            .unwrap()
            .text()
            .await
            .unwrap_err(),
    );
    // JSON that is none.
    assert!(tsuru.apps().list().await.unwrap_err().is_decode());
}

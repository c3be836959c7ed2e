//! Logs.

use std::time::Duration;

use deploykit::ErrorKind;
use deploykit::tsuru::v1::{LogFilter, NewLogEntry};
use futures::{StreamExt, TryStreamExt};
use tokio::time::timeout;

use crate::{client, start};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_log_is_filtered_and_followed() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    let none = tsuru
        .logs()
        .of_app("myapp", &LogFilter::last(10))
        .await
        .unwrap();
    assert_eq!(none.count().await, 0);
    sandbox.log("myapp", "web", "one");
    sandbox.log("myapp", "worker", "two");
    let said = NewLogEntry::new(["three".to_owned()]).source("CI");
    tsuru.logs().add("myapp", &said).await.unwrap();
    let messages = |filter: LogFilter| {
        let logs = tsuru.logs();
        async move {
            let entries = logs.of_app("myapp", &filter).await.unwrap();
            let entries: Vec<_> = entries.try_collect().await.unwrap();
            entries
                .into_iter()
                .map(|entry| entry.message)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(messages(LogFilter::last(2)).await, ["two", "three"]);
    assert_eq!(messages(LogFilter::last(9).source("web")).await, ["one"]);
    let others = LogFilter::last(9).source("web").invert_source(true);
    assert_eq!(messages(others).await, ["two", "three"]);

    let filter = LogFilter::last(1).source("web");
    let mut log = tsuru.follow_log("myapp", &filter).await.unwrap();
    let mut next = async || timeout(PATIENCE, log.next()).await.unwrap();
    assert_eq!(next().await.unwrap().unwrap().message, "one");
    sandbox.log("myapp", "worker", "four");
    sandbox.log("myapp", "web", "five");
    let entry = next().await.unwrap().unwrap();
    assert_eq!(
        (entry.message.as_str(), entry.unit.as_str()),
        ("five", "myapp-web-0")
    );
    assert!(entry.at.is_some());
}

#[tokio::test]
async fn many_entries_may_come_in_one_line() {
    let sandbox = start(|sandbox| sandbox).await;
    let long = "x".repeat(1000);
    for _ in 0..3000 {
        sandbox.log("myapp", "web", &long);
    }
    let log = client(&sandbox)
        .logs()
        .of_app("myapp", &LogFilter::last(3000))
        .await
        .unwrap();
    let entries: Vec<_> = log.try_collect().await.unwrap();
    assert_eq!(entries.len(), 3000);
    assert!(entries.iter().all(|entry| entry.message.len() == 1000));
}

#[tokio::test]
async fn what_is_no_entry_ends_the_log_with_an_error() {
    let sandbox = start(|sandbox| sandbox).await;
    for (body, kind) in [
        ("[{\"Message\":\"a\"}]\n{broken}\n", ErrorKind::Decode),
        ("[{\"Message\":\"a\"}]\n[{\"Mess", ErrorKind::Interrupted),
    ] {
        sandbox
            .faults()
            .on("GET", "/1.0/apps/myapp/log")
            .body(body)
            .status(200);
        let mut log = client(&sandbox)
            .logs()
            .of_app("myapp", &LogFilter::last(9))
            .await
            .unwrap();
        assert_eq!(log.next().await.unwrap().unwrap().message, "a");
        let error = log.next().await.unwrap().unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (kind, Some("AppLog")),
            "{error}"
        );
        assert!(log.next().await.is_none());
    }
}

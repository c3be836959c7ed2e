//! What else tells of an application: logs, metrics, and who is told of them.

use std::time::Duration;

use deploykit::scalingo::{
    AlertChange, AutoscalerChange, DrainType, EventDetails, LogDrainUrl, LogsQuery, MeasuredType,
    MetricQuery, NewAlert, NewAutoscaler, NewLogDrain, NewNotifier, NewOneOff, NotifierChange,
    NotifierData, Scale,
};
use deploykit_sandbox::Running;
use deploykit_sandbox::scalingo::Scalingo;
use futures::{StreamExt, TryStreamExt};

use crate::support::{
    APP, Told, are_refused_unsent, bounded, builder, client, count, follow, start, trigger,
};
use crate::timeline::{fast, kinds};

async fn next(
    lines: &mut (impl futures::Stream<Item = Result<String, deploykit::Error>> + Unpin),
) -> String {
    let line = bounded(lines.next()).await;
    line.expect("the log goes on").unwrap()
}

fn write(sandbox: &Running<Scalingo>, container: &str, line: &str) {
    sandbox.write_log(APP, container, line).unwrap();
}

#[tokio::test]
async fn a_log_is_followed_from_its_last_lines_on() {
    // A sign of life comes every tenth of a second.
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    assert_eq!(
        client.logs().dump(APP, &LogsQuery::new()).await.unwrap(),
        ""
    );
    for number in 0..3 {
        write(&sandbox, "web-1", &format!("old {number}"));
    }
    let mut all = client
        .logs()
        .stream(APP, &LogsQuery::new().n(2))
        .await
        .unwrap();
    let mut workers = client
        .logs()
        .stream(APP, &LogsQuery::new().n(0).filter("worker|one-off"))
        .await
        .unwrap();
    assert!(next(&mut all).await.ends_with(" [web-1] old 1"));
    assert!(next(&mut all).await.ends_with(" [web-1] old 2"));
    write(&sandbox, "web-2", "  indented");
    assert!(next(&mut all).await.ends_with(" [web-2]   indented"));
    // Longer than a sign of life is away.
    tokio::time::timeout(Duration::from_millis(250), all.next())
        .await
        .unwrap_err();
    write(&sandbox, "worker-1", "new");
    assert!(next(&mut all).await.ends_with(" [worker-1] new"));
    assert!(
        next(&mut workers).await.ends_with(" [worker-1] new"),
        "and nothing of the others"
    );
    // Many at once come one by one, and in order.
    client
        .one_offs()
        .start(APP, &NewOneOff::new("rake").detached(true))
        .await
        .unwrap();
    for lines in [
        &mut all as &mut (dyn futures::Stream<Item = _> + Unpin + Send),
        &mut workers,
    ] {
        let mut lines = lines;
        assert!(next(&mut lines).await.ends_with("running rake"));
        assert!(next(&mut lines).await.ends_with("rake ended with 0"));
    }
    for sent in sandbox.requests() {
        assert!(!sent.path.starts_with("/logs/") || sent.header("authorization").is_none());
    }
}

#[tokio::test]
async fn a_log_that_breaks_off_or_falls_silent_says_so_at_the_end() {
    let sandbox = start(fast().ping_every(Duration::from_secs(3600))).await;
    write(&sandbox, "web-1", "old");
    sandbox.faults().on("GET", "/logs/*").truncated_body();
    let logs = client(&sandbox).logs();
    let cut: Vec<_> = bounded(logs.stream(APP, &LogsQuery::new()).await.unwrap().collect()).await;
    assert_eq!(cut.len(), 2, "{cut:?}");
    assert!(cut[0].as_ref().unwrap().ends_with("[web-1] old"));
    let error = cut[1].as_ref().unwrap_err();
    assert!(error.is_passing(), "{error}");
    assert!(!error.report().contains("token="), "{}", error.report());

    let impatient = builder(&sandbox)
        .idle_timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    let silent: Vec<_> = bounded(
        impatient
            .logs()
            .stream(APP, &LogsQuery::new())
            .await
            .unwrap()
            .collect(),
    )
    .await;
    assert_eq!(silent.len(), 2, "{silent:?}");
    assert!(silent[1].is_err());
    let missing = logs.stream("none", &LogsQuery::new()).await.err().unwrap();
    assert!(missing.is_not_found());
}

#[tokio::test]
async fn archives_of_a_log_are_listed_by_cursor_and_downloaded() {
    let sandbox = start(fast().logs_archives(25)).await;
    let client = client(&sandbox);
    let all: Vec<_> = client
        .logs()
        .archives(APP)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(all.len(), 25);
    assert_eq!(count(&sandbox, "GET", "/logs_archives"), 3);
    assert!(!format!("{all:?}").contains("X-Sig"));
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("7.gz");
    let saved = client
        .logs()
        .download(&all[7])
        .await
        .unwrap()
        .save_to(&file)
        .await
        .unwrap();
    assert_eq!(Some(saved.bytes), all[7].size);
    assert_eq!(std::fs::metadata(&file).unwrap().len(), saved.bytes);
    let sent = sandbox.requests();
    let download = sent
        .iter()
        .find(|sent| sent.path.starts_with("/logs_archives/"))
        .unwrap();
    assert_eq!(download.header("authorization"), None);
}

#[tokio::test]
async fn log_drains_of_apps_and_add_ons_are_added_and_removed() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let drains = client.log_drains();
    let addon = client.addons().list(APP).await.unwrap().remove(0).id;
    let order = NewLogDrain::new(DrainType::OvhGraylog)
        .token("canary-token")
        .host("tag1.logs.ovh.com");
    assert!(!format!("{order:?}").contains("canary"));
    let of_app = drains.add(APP, &order).await.unwrap();
    let papertrail = NewLogDrain::new(DrainType::Papertrail)
        .host("logs.example.com")
        .port("1234");
    let of_addon = drains.add_to_addon(APP, &addon, &papertrail).await.unwrap();
    assert!(!format!("{of_app:?}").contains("canary"));
    let listed = drains.list(APP).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&of_app));
    let listed = drains.list_of_addon(APP, &addon).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&of_addon));
    let wrong = drains
        .remove(APP, &LogDrainUrl::new(of_addon.url.clone()))
        .await
        .unwrap_err();
    assert!(wrong.is_not_found());
    drains
        .remove(APP, &LogDrainUrl::new(of_app.url))
        .await
        .unwrap();
    drains
        .remove_from_addon(APP, &addon, &LogDrainUrl::new(of_addon.url))
        .await
        .unwrap();
    assert!(drains.list(APP).await.unwrap().is_empty());
    let told = client.events().list(APP).await.unwrap().items;
    let expected = [
        "delete_addon_log_drain",
        "delete_log_drain",
        "new_addon_log_drain",
        "new_log_drain",
    ];
    assert_eq!(kinds(&told), expected);
    assert!(!format!("{told:?} {:?}", told[3].details()).contains("canary"));

    // The server's words about a drain quote its token.
    sandbox
        .faults()
        .on("POST", "/v1/apps/*/log_drains")
        .body(r#"{"errors":{"token":["canary-token is invalid"]}}"#)
        .status(422);
    let refused = drains.add(APP, &order).await.unwrap_err();
    assert!(!refused.report().contains("canary"), "{}", refused.report());
}

#[tokio::test]
async fn notifiers_alerts_and_autoscalers_are_made_changed_and_deleted() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let (notifiers, alerts, autoscalers) =
        (client.notifiers(), client.alerts(), client.autoscalers());
    let platforms = client.notification_platforms();
    let webhook = platforms.search("webhook").await.unwrap().remove(0);
    assert_eq!(platforms.get(&webhook.id).await.unwrap(), webhook);
    assert!(platforms.list().await.unwrap().len() > 1);
    let hook = NotifierData::new().webhook_url("https://example.com/canary");
    let order = NewNotifier::new(&webhook.id, "Hook")
        .type_data(hook)
        .selected_event_ids(&webhook.available_event_ids[..1]);
    let notifier = notifiers.create(APP, &order).await.unwrap();
    assert_eq!(notifier.kind.as_deref(), Some("webhook"));
    assert!(!format!("{notifier:?} {order:?}").contains("canary"));
    notifiers.test(APP, &notifier.id).await.unwrap();
    let off = notifiers
        .update(APP, &notifier.id, &NotifierChange::new().active(false))
        .await
        .unwrap();
    assert_eq!(
        (off.active, off.type_data),
        (Some(false), notifier.type_data)
    );
    assert_eq!(
        notifiers.list(APP).await.unwrap().len(),
        2,
        "and the default one"
    );
    assert!(
        notifiers
            .test(APP, "none")
            .await
            .unwrap_err()
            .is_not_found()
    );

    let order = NewAlert::new("web", "cpu", 0.8)
        .lasting(Duration::from_secs(120))
        .notifiers([notifier.id.clone()]);
    let alert = alerts.create(APP, &order).await.unwrap();
    assert_eq!(alert.lasting(), Some(Duration::from_secs(120)));
    let changed = alerts
        .update(APP, &alert.id, &AlertChange::new().limit(0.9))
        .await
        .unwrap();
    assert_eq!(
        (changed.limit, changed.notifiers),
        (Some(0.9), vec![notifier.id.clone()])
    );
    let unknown = alerts
        .create(APP, &NewAlert::new("web", "mood", 1.0))
        .await
        .unwrap_err();
    assert_eq!(unknown.status(), Some(422));
    alerts.delete(APP, &alert.id).await.unwrap();
    assert!(alerts.get(APP, &alert.id).await.unwrap_err().is_not_found());

    let autoscaler = autoscalers
        .create(
            APP,
            &NewAutoscaler::new("web", "rpm_per_container", 150.0, 2, 7),
        )
        .await
        .unwrap();
    let change = AutoscalerChange::new().disabled(true).max_containers(9);
    let changed = autoscalers
        .update(APP, &autoscaler.id, &change)
        .await
        .unwrap();
    assert_eq!(
        (
            changed.disabled,
            changed.max_containers,
            changed.min_containers
        ),
        (Some(true), Some(9), Some(2))
    );
    assert_eq!(autoscalers.list(APP).await.unwrap(), [changed]);
    autoscalers.delete(APP, &autoscaler.id).await.unwrap();
    notifiers.delete(APP, &notifier.id).await.unwrap();
    let told = client.events().list(APP).await.unwrap().items;
    let expected = [
        "delete_notifier",
        "delete_autoscaler",
        "edit_autoscaler",
        "new_autoscaler",
        "delete_alert",
        "new_alert",
        "edit_notifier",
        "new_notifier",
    ];
    assert_eq!(kinds(&told), expected);
    let EventDetails::Autoscaler(details) = told[2].details() else {
        panic!("{:?}", told[2])
    };
    assert_eq!(
        (details.min_containers, details.max_containers),
        (Some(2), Some(9)),
        "texts in events"
    );
}

#[tokio::test]
async fn metrics_and_cron_tasks_are_those_of_what_runs() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let metrics = client.metrics();
    let day = MetricQuery::new().since(24);
    assert!(metrics.now(APP).await.unwrap().is_empty());
    assert!(
        metrics
            .of_type(APP, "cpu", "web", &day)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(client.cron_tasks().list(APP).await.unwrap().jobs.is_empty());
    let deployment = trigger(&client).await;
    Told::by(follow(&client, &deployment.id)).await;
    client
        .containers()
        .scale(APP, &Scale::to("web", 2))
        .await
        .unwrap();
    let now = metrics.now(APP).await.unwrap();
    assert_eq!(
        now.iter()
            .map(|stat| stat.container.as_str())
            .collect::<Vec<_>>(),
        ["web-1", "web-2"]
    );
    let last = MetricQuery::new().last(true);
    let last = metrics.of_type(APP, "cpu", "web", &last).await.unwrap();
    assert_eq!(last.len(), 1);
    let points = metrics
        .of_container(APP, "cpu", "web", 2_u32, &day)
        .await
        .unwrap();
    let times: Vec<_> = points
        .iter()
        .filter_map(|point| point.time.as_ref()?.timestamp())
        .collect();
    assert!(times.is_sorted() && times.len() == points.len());
    assert!(
        points.iter().any(|point| point.value.is_none())
            && points.iter().any(|point| point.value.is_some())
    );
    assert_eq!(
        metrics.of_app(APP, "cpu", &day).await.unwrap_err().status(),
        Some(400)
    );
    let errors = MetricQuery::new().status_code("5XX");
    assert!(
        !metrics
            .of_app(APP, "router", &errors)
            .await
            .unwrap()
            .is_empty()
    );
    for metric in metrics.list().await.unwrap() {
        let web = MeasuredType::new().container_type("web");
        assert!(
            metrics
                .recommended(APP, metric.id, &web)
                .await
                .unwrap()
                .value
                .is_some()
        );
    }
    let table = client.cron_tasks().list(APP).await.unwrap();
    assert_eq!(
        (table.jobs.len(), table.deployment_id),
        (2, Some(deployment.id))
    );
}

#[tokio::test]
async fn bad_input_is_refused_before_any_request() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let (drains, alerts, autoscalers) =
        (client.log_drains(), client.alerts(), client.autoscalers());
    let drain = |drain: NewLogDrain| async move { drains.add(APP, &drain).await.unwrap_err() };
    let refused = [
        (
            drain.clone()(NewLogDrain::new(DrainType::Datadog)).await,
            "token",
        ),
        (
            drain.clone()(NewLogDrain::new(DrainType::Syslog).host("logs.example.com")).await,
            "port",
        ),
        (
            drain.clone()(NewLogDrain::new(DrainType::Syslog).host("a").port("70000")).await,
            "port",
        ),
        (drain(NewLogDrain::new(DrainType::Elk)).await, "url"),
        (
            client
                .log_drains()
                .remove(APP, &LogDrainUrl::new(""))
                .await
                .unwrap_err(),
            "url",
        ),
        (
            alerts
                .create(APP, &NewAlert::new("web", "cpu", f64::NAN))
                .await
                .unwrap_err(),
            "limit",
        ),
        (
            alerts
                .update(APP, "al-1", &AlertChange::new().limit(f64::INFINITY))
                .await
                .unwrap_err(),
            "limit",
        ),
        (
            alerts
                .create(APP, &NewAlert::new(" ", "cpu", 1.0))
                .await
                .unwrap_err(),
            "container_type",
        ),
        (
            autoscalers
                .create(APP, &NewAutoscaler::new("web", "cpu", 0.5, 3, 2))
                .await
                .unwrap_err(),
            "min_containers",
        ),
        (
            client
                .notifiers()
                .create(APP, &NewNotifier::new("x", " "))
                .await
                .unwrap_err(),
            "name",
        ),
        (
            client
                .metrics()
                .of_type(APP, "..", "web", &MetricQuery::new())
                .await
                .unwrap_err(),
            "metric",
        ),
    ];
    are_refused_unsent(refused, &sandbox);
}

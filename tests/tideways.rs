//! Tideways, from the first call to the last server, against its stand-in.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use deploykit::tideways::{
    Client, ClientBuilder, Decommission, Emails, EventType, Granularity, IssueQuery, MetricsQuery,
    NewEvent, Plan, ProjectName, Provision, Scope, SummaryQuery, TraceQuery, stale_servers,
};
use deploykit::{ErrorKind, RetryPolicy};
use deploykit_sandbox::tideways::Tideways;
use deploykit_sandbox::{Builder, Running, Sandbox};
use jiff::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn start(sandbox: Builder<Tideways>) -> Running<Tideways> {
    sandbox.start().await.unwrap()
}

fn client(sandbox: &Running<Tideways>) -> Client {
    builder(sandbox).build().unwrap()
}

fn builder(sandbox: &Running<Tideways>) -> ClientBuilder {
    Client::builder()
        .token(sandbox.token())
        .organization("acme")
        .base_url(sandbox.base_url())
}

#[tokio::test]
async fn a_project_is_created_once_and_its_key_stays() {
    let sandbox = start(Sandbox::tideways()).await;
    let tideways = client(&sandbox);
    let provision = Provision::new("my shop/1");
    let first = tideways.provisioning().provision(&provision).await.unwrap();
    let again = tideways.provisioning().provision(&provision).await.unwrap();
    assert_eq!(first, again);
    assert!(!first.api_key.is_blank());
    let names: Vec<_> = tideways.applications().list().await.unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|application| application.name.as_str())
        .collect();
    assert_eq!(names, ["app1", "my shop/1"]);
    assert!(
        tideways
            .servers()
            .list("my shop/1")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn provisioning_survives_a_lost_answer() {
    let sandbox = start(Sandbox::tideways()).await;
    sandbox.faults().on("POST", "/**").reset_after();
    client(&sandbox)
        .provisioning()
        .provision(&Provision::new("shop"))
        .await
        .unwrap();
    assert_eq!(sandbox.requests().len(), 2);
    assert_eq!(sandbox.projects(), ["app1", "shop"]);
}

#[tokio::test]
async fn only_stale_servers_are_removed() {
    let sandbox = start(
        Sandbox::tideways()
            .alive_server("shop", "alive")
            .silent_server("shop", "gone for a week", 7 * DAY)
            .silent_server("shop", "gone for a month", 31 * DAY)
            .odd_server("shop", "never synced", "0000-00-00 00:00:00")
            .odd_server("shop", "no date", serde_json::Value::Null),
    )
    .await;
    let tideways = client(&sandbox);
    let servers = tideways.servers().list("shop").await.unwrap();
    let stale = stale_servers(&servers, 30 * DAY, Timestamp::now());
    let gone = Decommission::new(stale.iter().map(|server| &server.server));
    assert_eq!(gone.servers().len(), 1);
    let removed = tideways
        .servers()
        .decommission("shop", &gone)
        .await
        .unwrap();
    assert!(removed.is_complete(&gone));
    assert_eq!(
        sandbox.servers("shop"),
        ["alive", "gone for a week", "never synced", "no date"]
    );
    let again = tideways
        .servers()
        .decommission("shop", &gone)
        .await
        .unwrap();
    assert_eq!(
        (again.removed_servers, again.is_complete(&gone)),
        (Some(0), false)
    );
}

#[tokio::test]
async fn a_list_with_gaps_is_a_list() {
    let sandbox = start(
        Sandbox::tideways()
            .gaps(true)
            .silent_server("shop", "a", DAY)
            .silent_server("shop", "b", DAY),
    )
    .await;
    let servers = client(&sandbox).servers();
    servers
        .decommission("shop", &Decommission::new(["a"]))
        .await
        .unwrap();
    let left = servers.list("shop").await.unwrap();
    assert_eq!(
        left.iter()
            .map(|server| server.server.as_str())
            .collect::<Vec<_>>(),
        ["b"]
    );
}

#[tokio::test]
async fn a_removal_whose_answer_was_lost_is_not_repeated() {
    let sandbox = start(Sandbox::tideways()).await;
    sandbox.faults().on("DELETE", "/**").reset_after();
    let gone = Decommission::new(["app2.foo.bar.local"]);
    let error = client(&sandbox)
        .servers()
        .decommission("app1", &gone)
        .await
        .unwrap_err();
    assert!(error.may_have_been_sent());
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn bad_input_is_refused_before_any_request() {
    let sandbox = start(Sandbox::tideways()).await;
    let tideways = client(&sandbox);
    let none: [&str; 0] = [];
    let errors = [
        tideways
            .servers()
            .decommission("app1", &Decommission::new(none))
            .await
            .unwrap_err(),
        tideways
            .servers()
            .decommission("app1", &Decommission::new([" "]))
            .await
            .unwrap_err(),
        tideways.servers().list("..").await.unwrap_err(),
        tideways
            .provisioning()
            .provision(&Provision::new(" "))
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(sandbox.requests().is_empty());
    assert!(
        Client::builder()
            .token("token")
            .organization(" ")
            .build()
            .is_err()
    );
    assert!(
        Client::builder()
            .token(" ")
            .organization("acme")
            .build()
            .is_err()
    );
}

#[tokio::test]
async fn refusals_keep_their_status_and_words() {
    let sandbox = start(Sandbox::tideways()).await;
    let tideways = client(&sandbox);
    let error = tideways.servers().list("unknown").await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.api().unwrap().message(), Some("Not Found"));
    let stranger = Client::builder()
        .token("another")
        .organization("acme")
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    assert!(
        stranger
            .applications()
            .list()
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    let other = Client::builder()
        .token(sandbox.token())
        .organization("other")
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    assert!(
        other
            .applications()
            .list()
            .await
            .unwrap_err()
            .is_forbidden()
    );
    let limited = start(Sandbox::tideways().without_scope()).await;
    assert!(
        client(&limited)
            .applications()
            .list()
            .await
            .unwrap_err()
            .is_forbidden()
    );
}

#[tokio::test]
async fn a_used_up_hour_stops_everybody_until_it_has_passed() {
    let sandbox = start(Sandbox::tideways().quota(Some(2))).await;
    let tideways = client(&sandbox);
    let first = tideways
        .applications()
        .list()
        .send()
        .await
        .unwrap()
        .rate_limit
        .unwrap();
    // The hour of the wall clock may change between two requests; then there is nothing to see.
    let second = tideways
        .applications()
        .list()
        .send()
        .await
        .unwrap()
        .rate_limit
        .unwrap();
    assert_eq!((first.limit, first.remaining), (2, 1));
    if second.remaining == 0 {
        let policy = RetryPolicy {
            longest_wait: Duration::ZERO,
            ..RetryPolicy::default()
        };
        // One call sees whether the pause still holds; the others are told at once.
        for _ in 0..3 {
            let list = tideways.applications().list();
            let error = list.retry(policy).await.unwrap_err();
            assert!(error.is_rate_limited(), "{error}");
            assert!(error.retry_after().unwrap() <= Duration::from_secs(3600));
        }
        assert_eq!(sandbox.requests().len(), 3, "nothing more was sent in vain");
    }
}

#[tokio::test]
async fn a_429_tells_when_the_hour_ends() {
    let sandbox = start(Sandbox::tideways()).await;
    let reset = Timestamp::now().as_second() + 1800;
    sandbox
        .faults()
        .on("GET", "/**")
        .header("x-ratelimit-limit", "2500")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", &reset.to_string())
        .status(429);
    let error = client(&sandbox).applications().list().await.unwrap_err();
    assert!(error.is_rate_limited());
    let wait = error.retry_after().unwrap();
    assert!(
        wait > Duration::from_secs(1700) && wait <= Duration::from_secs(1800),
        "{wait:?}"
    );
    assert_eq!(error.attempts(), 1, "half an hour is not waited for");
}

#[tokio::test(start_paused = true)]
async fn a_plan_paces_calls_on_virtual_time() {
    use deploykit::core::memory::{Memory, reply};

    let calls = Plan::Other.requests_per_hour();
    let tideways = Client::builder()
        .token("token")
        .organization("acme")
        .plan(Plan::Other)
        .transport(Memory::new(|_| async { Ok(reply(200, "[]")) }))
        .build()
        .unwrap();
    let start = tokio::time::Instant::now();
    for _ in 0..calls {
        tideways.applications().list().await.unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(1));
    tideways.applications().list().await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(3600));
}

#[tokio::test]
async fn no_secret_is_shown() {
    let sandbox = start(Sandbox::tideways()).await;
    let token = sandbox.token();
    let built = builder(&sandbox);
    assert!(!format!("{built:?}").contains(&token));
    let tideways = built.build().unwrap();
    let provisioned = tideways
        .provisioning()
        .provision(&Provision::new("shop"))
        .await
        .unwrap();
    let call = tideways.applications().list();
    for shown in [
        format!("{tideways:?}"),
        format!("{provisioned:?}"),
        format!("{call:?}"),
    ] {
        assert!(
            !shown.contains(&token) && !shown.contains(provisioned.api_key.expose()),
            "{shown}"
        );
    }
    let echo = format!("the token {token} is wrong");
    sandbox.faults().on("GET", "/**").body(echo).status(403);
    let error = call.await.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}"), error.report()] {
        assert!(!shown.contains(&token), "{shown}");
    }
}

#[tokio::test]
async fn a_copied_header_value_is_a_token_too() {
    let sandbox = start(Sandbox::tideways()).await;
    let copied = format!(" Bearer {}\n", sandbox.token());
    let tideways = Client::builder()
        .token(copied)
        .organization(" acme ")
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    tideways.applications().list().await.unwrap();
}

/// Runs itself again, as only another process can have other variables.
#[test]
fn token_and_organization_come_from_the_environment() {
    if std::env::var_os("TIDEWAYS_TEST_CHILD").is_some() {
        let call = Client::from_env().unwrap().applications().list();
        assert!(format!("{call:?}").contains("/apps/api/acme/applications"));
        return;
    }
    for (organization, succeeds) in [("acme", true), ("", false)] {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "token_and_organization_come_from_the_environment",
            ])
            .env("TIDEWAYS_TEST_CHILD", "1")
            .env("TIDEWAYS_TOKEN", "token")
            .env("TIDEWAYS_ORGANIZATION", organization)
            .output()
            .unwrap();
        assert_eq!(output.status.success(), succeeds);
    }
}

#[tokio::test]
async fn a_release_is_marked_once_and_compared_with_what_was_before() {
    let sandbox = start(Sandbox::tideways().application("shop")).await;
    let tideways = client(&sandbox);
    let release = tideways.release("shop", "v2").window(10);
    let quiet = release
        .compare("2026-01-01T00:00:00Z".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(quiet.response_time_change(), Some(0.0));
    assert!(quiet.new_issues.is_empty());

    let marked = release
        .mark(sandbox.api_key("shop").unwrap())
        .await
        .unwrap();
    assert_eq!(marked.event.name, "acme/shop");
    assert_eq!(marked.event.releases[0].name, "v2");
    let comparison = release.compare(marked.at).await.unwrap();
    assert_eq!(comparison.before.minutes, 10);
    assert_eq!(comparison.before.requests, Some(600.0));
    assert_eq!(comparison.response_time_change(), Some(0.25));
    assert_eq!(comparison.error_rate_change(), Some(1.0));
    let [issue] = comparison.new_issues.as_slice() else {
        panic!("{:?}", comparison.new_issues);
    };
    assert_eq!(issue.text(), "Payment was refused in v2");

    // Elsewhere nothing was released, and what is not known is not answered for something else.
    let staging = tideways.release("shop", "v2").environment("staging");
    let elsewhere = staging.compare(marked.at).await.unwrap();
    assert_eq!(elsewhere.response_time_change(), Some(0.0));
    let unknown = tideways.release("shop", "v2").environment("stagging");
    let error = unknown.compare(marked.at).await.unwrap_err();
    let told = "there is no environment `stagging`: the answer is for `production`";
    assert!(error.to_string().contains(told), "{error}");
}

#[tokio::test]
async fn an_event_is_never_sent_twice_and_its_key_is_a_secret() {
    let sandbox = start(Sandbox::tideways().application("shop")).await;
    sandbox.faults().on("POST", "/api/events").reset_after();
    let key = sandbox.api_key("shop").unwrap();
    let tideways = deploykit::tideways::Client::builder()
        .events_only()
        .base_url(sandbox.base_url());
    let tideways = tideways.build().unwrap();
    let event = NewEvent::new(key.clone(), "v2", EventType::Release);
    assert!(!format!("{event:?}").contains(&key));
    let error = tideways.events().create(&event).await.unwrap_err();
    assert!(error.may_have_been_sent() && error.attempts() == 1);
    assert!(!format!("{error:?} {}", error.report()).contains(&key));
    assert_eq!(sandbox.events().len(), 1);

    // Other calls need a token and an organization.
    let error = tideways.applications().list().await.unwrap_err();
    assert!(error.is_invalid() && error.attempts() == 0, "{error}");
}

#[tokio::test]
async fn the_newer_calls_are_played() {
    let sandbox = start(Sandbox::tideways().application("shop")).await;
    let tideways = client(&sandbox);
    let token = tideways.token().info().await.unwrap();
    assert!(token.has(&Scope::Errors) && !token.has(&Scope::Cli));
    assert_eq!(token.projects[0].name, "acme/shop");

    let blog = ProjectName::new("blog");
    let created = tideways.provisioning().create(&blog).await.unwrap();
    let again = tideways.provisioning().create(&blog).await.unwrap();
    assert_eq!(created, again);
    assert!(created.api_key().is_some());
    tideways.provisioning().delete(&blog).await.unwrap();
    assert!(
        tideways
            .provisioning()
            .create(&blog)
            .await
            .unwrap_err()
            .is_invalid()
    );

    let team = Emails::new(vec!["ada@example.com".to_owned()]);
    tideways.users().invite(&team).await.unwrap();
    tideways.users().invite(&team).await.unwrap();
    assert_eq!(sandbox.members(), ["ada@example.com"]);
    tideways.users().remove(&team).await.unwrap();
    assert!(sandbox.members().is_empty());

    let metrics = tideways.metrics();
    let hour = MetricsQuery::new().minutes(120);
    let report = metrics.transaction("shop", "1", &hour).await.unwrap();
    assert_eq!(report.by_time.len(), 60);
    let summary = metrics.summary("shop", &SummaryQuery::new()).await.unwrap();
    assert_eq!(summary.by_time.len(), 96);
    let day = metrics.history_by_date("shop", "2026-09-30").await.unwrap();
    let range = day.date_range.unwrap();
    assert_eq!(range.granularity, Granularity::Day);
    let all = tideways.issues().list("shop", &IssueQuery::new()).await;
    assert_eq!(all.unwrap().total_items, Some(1));
    let none = TraceQuery::new().min_response_time_ms(5_000);
    let none = tideways.traces().search("shop", &none).await.unwrap();
    assert!(none.traces.is_empty());
}

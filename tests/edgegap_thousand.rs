//! A thousand game servers, started, awaited and stopped within the documented limits, while one request in
//! twenty meets a fault: on virtual time for the rates, over real sockets for the wire.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it measured"
)]

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploykit::core::memory::{Memory, reply};
use deploykit::core::{Body, HttpRequest, HttpResponse, Outcome, TransportError};
use deploykit::edgegap::{
    Client, ClientBuilder, Deploy, Deployments, Phase, Quota, RequestId, RetryPolicy, StopOutcome,
    Watch, limits,
};
use deploykit_sandbox::edgegap::{self, Edgegap};
use deploykit_sandbox::{Running, Sandbox};
use futures::StreamExt as _;
use futures::future::join_all;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

const SERVERS: usize = 1000;

/// How long a request takes on virtual time, half of it each way.
const LATENCY: Duration = Duration::from_millis(20);

/// When which request arrived, on virtual time.
type Arrivals = Arc<Mutex<Vec<(Instant, String)>>>;

/// Hands requests to the sandbox without a network, and notes when.
fn without_network(sandbox: &Arc<Running<Edgegap>>) -> (Memory, Arrivals) {
    let arrivals = Arrivals::default();
    let (sandbox, noted) = (Arc::clone(sandbox), Arc::clone(&arrivals));
    let transport = Memory::new(move |request| {
        let (sandbox, noted) = (Arc::clone(&sandbox), Arc::clone(&noted));
        async move {
            sleep(LATENCY / 2).await;
            let call = format!("{} {}", request.method, request.url.path());
            noted.lock().unwrap().push((Instant::now(), call));
            let answer = answer(&sandbox, request).await;
            sleep(LATENCY / 2).await;
            answer
        }
    });
    (transport, arrivals)
}

async fn answer(
    sandbox: &Running<Edgegap>,
    request: HttpRequest,
) -> Result<HttpResponse, TransportError> {
    let query = request.url.query().map(|query| format!("?{query}"));
    let target = format!("{}{}", request.url.path(), query.unwrap_or_default());
    let authorization = request
        .headers
        .get("authorization")
        .map(|value| value.to_str().unwrap());
    let body = match request.body {
        Body::Bytes(bytes) => bytes,
        _ => Default::default(),
    };
    match sandbox
        .answer(request.method.as_str(), &target, authorization, body)
        .await
    {
        Some((status, body)) => Ok(reply(status, body)),
        None => Err(TransportError::new(
            Outcome::Interrupted,
            "connection reset",
        )),
    }
}

/// One request in twenty: refused by a proxy, lost on the way there, or lost on the way back.
fn strike_every_twentieth(sandbox: &Running<Edgegap>) -> [deploykit_sandbox::Fault; 3] {
    let plan = |after| sandbox.faults().on("*", "/**").after(after).every(60);
    [
        plan(0).html_error(503),
        plan(20).reset_before(),
        plan(40).reset_after(),
    ]
}

/// Starts a server, however often its answer is lost, and never a second one.
async fn start(deployments: Deployments, number: usize) -> RequestId {
    let tag = tag_of(number);
    for _ in 0..5 {
        match deployments.deploy_tagged(&server(), &tag).await {
            Ok(deployed) => return deployed.request_id,
            Err(error) => assert!(error.may_have_been_sent(), "{}", error.report()),
        }
        if let Some(found) = deployments.find_by_tag(&tag).await.unwrap() {
            return found.request_id;
        }
    }
    panic!("{tag} could not be started");
}

/// The same, but with one look at once: in real time, and as the sandbox lists a server as soon as it has it.
async fn start_in_haste(deployments: Deployments, number: usize) -> RequestId {
    let tag = tag_of(number);
    for _ in 0..5 {
        match deployments.deploy(&server().tag(&tag)).await {
            Ok(deployed) => return deployed.request_id,
            Err(error) => assert!(error.may_have_been_sent(), "{}", error.report()),
        }
        if let Some(found) = deployments.find_by_tag(&tag).await.unwrap() {
            return found.request_id;
        }
    }
    panic!("{tag} could not be started");
}

fn server() -> Deploy {
    Deploy::new("my-app", "v1").user_ip("192.0.2.1")
}

fn tag_of(number: usize) -> String {
    format!("match-{number}")
}

/// Starts, awaits and stops all servers; returns how often each was reported as ready.
async fn play<F>(
    client: &Client,
    mut watch: Watch,
    start: fn(Deployments, usize) -> F,
) -> HashMap<RequestId, usize>
where
    F: Future<Output = RequestId> + Send + 'static,
{
    let (started, mut to_watch) = mpsc::unbounded_channel();
    for number in 0..SERVERS {
        let (deployments, started) = (client.deployments(), started.clone());
        tokio::spawn(async move { started.send(start(deployments, number).await) });
    }
    drop(started);
    let mut reported = HashMap::new();
    let mut stops = Vec::new();
    loop {
        tokio::select! {
            Some(id) = to_watch.recv() => watch.add(id),
            Some((id, outcome)) = watch.next() => {
                let status = outcome.unwrap();
                assert_eq!((status.phase(), status.ports.len()), (Phase::Ready, 1));
                *reported.entry(id.clone()).or_default() += 1;
                let stop = client.deployments().stop(&id);
                stops.push(tokio::spawn(stop.into_future()));
            }
            else => break,
        }
    }
    for stop in join_all(stops).await {
        let outcome = stop.unwrap().unwrap().outcome;
        assert!(matches!(
            outcome,
            StopOutcome::Stopping | StopOutcome::AlreadyGone
        ));
    }
    reported
}

fn assert_all_was_well(sandbox: &Running<Edgegap>, reported: &HashMap<RequestId, usize>) {
    assert_eq!(sandbox.created(), SERVERS, "no server twice, none missing");
    assert_eq!(reported.len(), SERVERS);
    assert!(
        reported.values().all(|&times| times == 1),
        "each reported once"
    );
    assert_eq!(sandbox.rejected(), 0, "no request over a limit");
    let stopped: HashSet<_> = sandbox
        .deployments()
        .iter()
        .map(|one| one["current_status"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        stopped
            .iter()
            .all(|status| matches!(Phase::read(status), Phase::Terminating | Phase::Terminated)),
        "{stopped:?}"
    );
}

/// The share of the allowed rate that was used from the first of these arrivals to the last.
fn used(arrivals: &[Instant], quota: &Quota) -> f64 {
    let burst = quota.calls as usize;
    let windows = (arrivals.len() - burst) as f64 / f64::from(quota.calls);
    let ideal = quota.window.as_secs_f64() * windows;
    ideal / (arrivals[arrivals.len() - 1] - arrivals[0]).as_secs_f64()
}

fn times(arrivals: &Arrivals, wanted: impl Fn(&str) -> bool) -> Vec<Instant> {
    let arrivals = arrivals.lock().unwrap();
    arrivals
        .iter()
        .filter(|(_, call)| wanted(call))
        .map(|(at, _)| *at)
        .collect()
}

fn connect(sandbox: &Running<Edgegap>) -> ClientBuilder {
    Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
}

#[tokio::test(start_paused = true)]
async fn a_thousand_servers_at_the_documented_rate() {
    let sandbox = Arc::new(Sandbox::edgegap().start().await.unwrap());
    let faults = strike_every_twentieth(&sandbox);
    let (transport, arrivals) = without_network(&sandbox);
    let client = connect(&sandbox).transport(transport).build().unwrap();

    let started = Instant::now();
    let watch = client.deployments().watch(Vec::<RequestId>::new());
    let reported = play(&client, watch, start).await;
    let took = started.elapsed();
    assert_all_was_well(&sandbox, &reported);

    let requests = arrivals.lock().unwrap().len();
    let struck: u64 = faults.iter().map(|fault| fault.hits()).sum();
    assert!(
        struck as usize >= requests / 20 - 3,
        "{struck} of {requests} met a fault"
    );
    // The last of the lost ones are started after everybody else: the rate is that of the first thousand.
    let deploys = times(&arrivals, |call| call == "POST /v2/deployments");
    let rate = used(&deploys[..SERVERS], &limits::DEPLOY);
    println!(
        "{SERVERS} servers in {took:.1?} of virtual time: {requests} requests, {struck} faults, {} deploy calls, \
         {:.1} % of 40/s, {} list and {} status calls",
        deploys.len(),
        100.0 * rate,
        times(&arrivals, |call| call == "GET /v1/deployments").len(),
        times(&arrivals, |call| call.starts_with("GET /v1/status")).len(),
    );
    assert!(rate >= 0.95, "{rate}");
}

#[tokio::test(start_paused = true)]
async fn without_lists_a_thousand_are_looked_at_in_turn() {
    let sandbox = Sandbox::edgegap()
        .outcome(edgegap::Outcome::Stuck)
        .without_quotas();
    let sandbox = Arc::new(sandbox.start().await.unwrap());
    let (transport, _) = without_network(&sandbox);
    let quick = connect(&sandbox)
        .transport(transport)
        .without_quotas()
        .build()
        .unwrap();
    let ids = join_all((0..SERVERS).map(|number| start(quick.deployments(), number))).await;

    sandbox
        .faults()
        .on("GET", "/v1/deployments")
        .always()
        .body("{}")
        .status(400);
    let (transport, arrivals) = without_network(&sandbox);
    let client = connect(&sandbox).transport(transport).build().unwrap();
    let mut watch = client
        .deployments()
        .watch(&ids)
        .deadline(Duration::from_secs(600));
    // Two looks at each take 100 s.
    assert!(
        timeout(Duration::from_secs(110), watch.next())
            .await
            .is_err(),
        "none becomes ready"
    );

    let is_look = |call: &str| call.starts_with("GET /v1/status");
    let looks = times(&arrivals, is_look);
    let rate = used(&looks, &limits::STATUS);
    println!("{} looks, {:.1} % of 20/s", looks.len(), 100.0 * rate);
    assert!(rate >= 0.95, "{rate}");
    let mut each = HashMap::<String, usize>::new();
    for (_, call) in arrivals
        .lock()
        .unwrap()
        .iter()
        .filter(|(_, call)| is_look(call))
    {
        *each.entry(call.clone()).or_default() += 1;
    }
    let (fewest, most) = (each.values().min().unwrap(), each.values().max().unwrap());
    assert_eq!(each.len(), SERVERS, "none was left out");
    assert!(most - fewest <= 1, "{fewest} to {most} looks");

    // Others get through meanwhile.
    let other = client.deployments();
    let asked = Instant::now();
    let status = other.status(&ids[0]).into_future();
    tokio::select! {
        status = status => assert!(!status.unwrap().is_ready()),
        _ = watch.next() => panic!("none becomes ready"),
    }
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "{:?}",
        asked.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn clients_of_one_token_can_share_the_limits() {
    let sandbox = Arc::new(Sandbox::edgegap().start().await.unwrap());
    let (transport, arrivals) = without_network(&sandbox);
    let one = connect(&sandbox)
        .transport(transport.clone())
        .build()
        .unwrap();
    let other = connect(&sandbox)
        .transport(transport)
        .share_limits_with(one.core())
        .build()
        .unwrap();
    let id = start(one.deployments(), 0).await;
    let looks = (0..100)
        .flat_map(|_| [&one, &other])
        .map(|client| client.deployments().status(&id));
    for status in join_all(looks.map(|look| look.into_future())).await {
        assert_eq!(status.unwrap().request_id, id);
    }
    assert_eq!(sandbox.rejected(), 0);
    let looks = times(&arrivals, |call| call.starts_with("GET /v1/status"));
    assert_eq!(looks.len(), 200);
    assert!((0.95..=1.0).contains(&used(&looks, &limits::STATUS)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_servers_over_real_sockets() {
    const SPEED: u32 = 10;

    let sandbox = Sandbox::edgegap()
        .speed(f64::from(SPEED))
        .start_time(Duration::from_secs(5));
    let sandbox = sandbox.start().await.unwrap();
    let faults = strike_every_twentieth(&sandbox);
    let hasty = RetryPolicy {
        base: Duration::from_millis(10),
        ..RetryPolicy::default()
    };
    let documented = [limits::DEPLOY, limits::STATUS, limits::LIST];
    let client = documented
        .iter()
        .fold(connect(&sandbox).retry(hasty), |builder, quota| {
            builder.quota(Quota::new(quota.name, quota.calls, quota.window / SPEED))
        });
    let client = client.build().unwrap();

    let watch = client.deployments().watch(Vec::<RequestId>::new());
    let watch = watch.every(Duration::from_secs(2) / SPEED);
    let started = std::time::Instant::now();
    let reported = timeout(
        Duration::from_secs(60),
        play(&client, watch, start_in_haste),
    )
    .await
    .unwrap();
    println!("{SERVERS} servers in {:.1?}", started.elapsed());
    assert_all_was_well(&sandbox, &reported);
    assert!(faults.iter().all(|fault| fault.hits() > 0));
}

//! The matchmaker and the server browser.

use std::time::Duration;

use deploykit::edgegap::matchmaker::{
    Matchmaker, MemberChange, NewBackfill, NewGroupTicket, NewMember, NewTicket, TicketStatus,
};
use deploykit::edgegap::server_browser::{
    AnyReservation, Arrivals, Filter, InstanceChange, InstanceQuery, NewServerInstance, NewSlot,
    Reservation, ServerAddress, ServerBrowser, SlotChange,
};
use deploykit::edgegap::{Deploy, ErrorKind, RetryPolicy};
use deploykit_sandbox::Running;
use deploykit_sandbox::edgegap::Edgegap;
use futures::TryStreamExt as _;
use serde_json::json;

use crate::{connected, sent};

fn matchmaker(sandbox: &Running<Edgegap>) -> Matchmaker {
    Matchmaker::builder()
        .base_url(sandbox.matchmaker_url())
        .token(sandbox.matchmaker_token())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

fn browser(sandbox: &Running<Edgegap>, token: &str) -> ServerBrowser {
    let builder = ServerBrowser::builder()
        .base_url(sandbox.server_browser_url())
        .token(token);
    builder.retry(RetryPolicy::never()).build().unwrap()
}

fn player(ip: &str) -> NewTicket {
    NewTicket::new("duel", json!({"mode": "ranked"})).player_ip(ip)
}

#[tokio::test]
async fn two_players_get_one_server() {
    let (sandbox, _client) = connected(|sandbox| sandbox).await;
    let matchmaker = matchmaker(&sandbox);
    assert!(matchmaker.monitor().await.unwrap().is_healthy());
    assert_eq!(matchmaker.beacons().await.unwrap().count, Some(6));
    let one = matchmaker
        .create_ticket(&player("192.0.2.1"))
        .await
        .unwrap();
    assert_eq!(one.status, TicketStatus::Searching);
    let alone = matchmaker
        .create_ticket(&NewTicket::new("other", json!({})))
        .await
        .unwrap();
    let two = matchmaker
        .create_ticket(&player("192.0.2.2"))
        .await
        .unwrap();
    let (first, longest) = (Duration::from_millis(2), Duration::from_millis(10));
    let wait = |id| matchmaker.assigned(id).every(first, longest);
    let (one, two) = (wait(&one.id).await.unwrap(), wait(&two.id).await.unwrap());
    let address = one.assignment.as_ref().unwrap().address("gameport");
    assert!(address.is_some());
    assert_eq!(address, two.assignment.unwrap().address("gameport"));
    assert_eq!(sandbox.created(), 1);

    assert!(
        matchmaker
            .delete_ticket(&one.id)
            .await
            .unwrap_err()
            .is_conflict()
    );
    matchmaker.delete_ticket(&alone.id).await.unwrap();
    assert!(
        matchmaker
            .ticket(&alone.id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let token = format!("Bearer {}", sandbox.matchmaker_token());
    let wrong = Matchmaker::builder()
        .base_url(sandbox.matchmaker_url())
        .token(token)
        .build()
        .unwrap();
    assert!(wrong.monitor().await.unwrap_err().is_unauthorized());
    for inspected in [
        matchmaker.inspect_tickets().await,
        matchmaker.inspect_matches().await,
    ] {
        assert_eq!(inspected.unwrap().as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn groups_search_when_all_are_ready() {
    let (sandbox, _client) = connected(|sandbox| sandbox).await;
    let matchmaker = matchmaker(&sandbox);
    let member = |ready| NewMember::new("duel", json!({}), ready);
    let host = matchmaker.create_group(&member(true)).await.unwrap();
    let group = host.group_id.clone().unwrap();
    let guest = matchmaker.join_group(&group, &member(false)).await.unwrap();
    let other = matchmaker.join_group(&group, &member(true)).await.unwrap();
    assert_eq!(
        matchmaker.group(&group).await.unwrap().status,
        TicketStatus::Searching
    );
    matchmaker
        .leave_group(&group, &other.member_id)
        .await
        .unwrap();
    matchmaker
        .update_member(&group, &guest.member_id, &MemberChange::new(true))
        .await
        .unwrap();
    let ticket = matchmaker
        .member(&group, &host.member_id)
        .await
        .unwrap()
        .ticket_id;
    assert!(ticket.is_some());
    assert_ne!(
        matchmaker.group(&group).await.unwrap().status,
        TicketStatus::Searching
    );
    assert!(
        matchmaker
            .delete_group(&group)
            .await
            .unwrap_err()
            .is_conflict()
    );
    let players = NewGroupTicket::new(vec![player("192.0.2.1"), player("192.0.2.2")]);
    let tickets = matchmaker
        .create_group_ticket(&players)
        .await
        .unwrap()
        .player_tickets;
    assert_eq!(tickets.len(), 2);
    assert_eq!(tickets[0].group_id, tickets[1].group_id);
}

#[tokio::test]
async fn a_running_server_gets_one_more_player() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let matchmaker = matchmaker(&sandbox);
    let deployments = client.deployments();
    let id = deployments
        .deploy(&Deploy::new("my-app", "v1").user_ip("192.0.2.1"))
        .await
        .unwrap()
        .request_id;
    let ready = deployments
        .ready(&id)
        .every(Duration::from_millis(2), Duration::from_millis(10));
    let status = ready.await.unwrap();
    let room = NewBackfill::on("duel", &status);
    let backfill = matchmaker.create_backfill(&room).await.unwrap();
    let ticket = matchmaker
        .create_ticket(&player("192.0.2.9"))
        .await
        .unwrap();
    assert_eq!(
        ticket.assignment.unwrap().address("gameport"),
        status.address("gameport")
    );
    let found = matchmaker
        .backfill(&backfill.id)
        .await
        .unwrap()
        .assigned_ticket
        .unwrap();
    assert_eq!(found.player_ip.as_deref(), Some("192.0.2.9"));
    matchmaker.delete_backfill(&backfill.id).await.unwrap();
    assert!(
        matchmaker
            .backfill(&backfill.id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert_eq!(sandbox.created(), 1);
}

#[tokio::test]
async fn a_ticket_whose_answer_is_lost_is_not_made_twice() {
    let (sandbox, _client) = connected(|sandbox| sandbox).await;
    let builder = Matchmaker::builder()
        .base_url(sandbox.matchmaker_url())
        .token(sandbox.matchmaker_token());
    let matchmaker = builder.build().unwrap();
    sandbox
        .faults()
        .on("POST", "/matchmaker/tickets")
        .reset_after();
    let error = matchmaker
        .create_ticket(&player("192.0.2.1"))
        .await
        .unwrap_err();
    assert!(error.may_have_been_sent());
    assert_eq!(sent(&sandbox, "POST", "/matchmaker/tickets"), 1);
    let shown = format!("{error} {error:?} {matchmaker:?}");
    assert!(!shown.contains(sandbox.matchmaker_token()), "{shown}");
    let error = matchmaker
        .create_ticket(&NewTicket::new("duel", json!([])))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

fn server() -> ServerAddress {
    let address = json!({"fqdn": "a.example.com", "public_ip": "192.0.2.1", "ports": {}});
    serde_json::from_value(address).unwrap()
}

#[tokio::test]
async fn servers_are_announced_found_and_filled() {
    let (sandbox, _client) = connected(|sandbox| sandbox).await;
    let server_side = browser(&sandbox, sandbox.server_browser_token());
    let player_side = browser(&sandbox, sandbox.server_browser_client_token());
    for number in 0..5 {
        let slots = [NewSlot::new("all", 2)];
        let mode = if number % 2 == 0 { "ranked" } else { "king's" };
        let instance = NewServerInstance::new(format!("server-{number}"), server(), slots)
            .metadata(json!({"mode": mode, "number": number}));
        server_side.create(&instance).await.unwrap();
        assert_eq!(
            player_side.create(&instance).await.unwrap_err().status(),
            Some(403)
        );
    }
    let ranked = InstanceQuery::new().filter(Filter::new().eq("metadata.mode", "ranked"));
    let found: Vec<_> = player_side
        .list(&ranked)
        .per_page(2)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(sent(&sandbox, "GET", "/server-browser/server-instances"), 2);
    let filter = Filter::new()
        .eq("metadata.mode", "king's")
        .more("metadata.number", 1)
        .contains("request_id", "server");
    let query = InstanceQuery::new()
        .filter(filter)
        .order("metadata.number desc");
    let found = player_side.list(&query).await.unwrap().items;
    assert_eq!(
        found
            .iter()
            .map(|one| one.request_id.as_str())
            .collect::<Vec<_>>(),
        ["server-3"]
    );

    player_side
        .reserve("server-0", "all", &Reservation::of(["a", "b"]))
        .await
        .unwrap();
    let error = player_side
        .reserve("server-0", "all", &Reservation::of(["c"]))
        .await
        .unwrap_err();
    assert!(error.is_conflict());
    let slot = server_side
        .update_slot("server-0", "all", &SlotChange::new(2))
        .await
        .unwrap();
    assert_eq!(
        (
            slot.available_seats,
            slot.reserved_seats,
            slot.joinable_seats
        ),
        (Some(4), Some(2), Some(2))
    );
    let confirmed = server_side
        .confirm("server-0", &Arrivals::of(["a", "z"]))
        .await
        .unwrap();
    assert_eq!(confirmed.unknown_user_ids, ["z"]);
    assert_eq!(confirmed.slots[0].accepted_user_ids, ["a"]);
    let seated = player_side
        .reserve_any(&AnyReservation::of("closest", ["d"]))
        .await
        .unwrap();
    assert_eq!(seated.users[0].user_id, "d");

    let changed = InstanceChange::new(json!({"mode": "closed"}));
    assert_eq!(
        server_side
            .update("server-0", &changed)
            .await
            .unwrap()
            .metadata["mode"],
        "closed"
    );
    assert!(
        server_side
            .keep_alive("server-0")
            .await
            .unwrap()
            .expires_at
            .timestamp()
            .is_some()
    );
    server_side.delete("server-0").await.unwrap();
    assert!(
        server_side
            .get("server-0")
            .await
            .unwrap_err()
            .is_not_found()
    );
}

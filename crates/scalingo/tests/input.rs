//! What is refused before it is sent: the error names the argument.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use deploykit_scalingo::core::Payload;
use deploykit_scalingo::{
    AccountChange, AccountDeletion, DataAccessUntil, DomainChange, FirewallRuleKind,
    HdsContactChange, Invitation, InvitationToken, NewDedicatedDatabase, NewDomain,
    NewFirewallRule, NewNetPeering, NewProject, NewScmIntegration, NewSshKey, NewTransfer,
    ScmRepoName, ScmSearch, ScmType, SignUp, Time,
};

fn refused(body: &impl Payload, argument: &str) {
    let error = body.check().unwrap_err();
    assert!(error.is_invalid(), "{error}");
    let shown = error.to_string();
    assert!(shown.contains(&format!("`{argument}`")), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn what_is_wrong_is_named() {
    refused(&NewDomain::new(" "), "name");
    let certificate = "-----BEGIN CERTIFICATE-----";
    refused(&NewDomain::new("a.example").tlscert(certificate), "tlskey");
    refused(&DomainChange::new().tlskey("canary"), "tlscert");
    refused(&Invitation::new(""), "email");
    refused(&InvitationToken::new(" "), "token");
    refused(&NewProject::new(""), "name");
    refused(&NewTransfer::new(""), "invited_user_id");
    refused(&NewSshKey::new("", "ssh-rsa AAAA"), "name");
    refused(&NewSshKey::new("ci", " "), "content");
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----canary";
    refused(&NewSshKey::new("ci", private), "content");
    refused(&AccountChange::new(), "change");
    refused(&AccountChange::new().email("nobody"), "email");
    refused(&AccountChange::new().username(""), "username");
    refused(&AccountChange::new().password(""), "password");
    refused(&AccountDeletion::new(" ").reason("canary"), "token");
    refused(&SignUp::new("nobody", "canary"), "email");
    refused(&SignUp::new("a@example.com", " "), "password");
    refused(&DataAccessUntil::new(), "until");
    refused(&HdsContactChange::new(), "contact");
    refused(&HdsContactChange::new().email("canary"), "email");
    let github = NewScmIntegration::new(ScmType::Github, "https://github.com", "canary");
    refused(&github, "scm_type");
    let gitlab = |url, token: &str| NewScmIntegration::new(ScmType::GitlabSelfHosted, url, token);
    refused(&gitlab("", "canary"), "url");
    refused(&gitlab("https://git.example.com", ""), "access_token");
    refused(&ScmSearch::new(""), "query");
    refused(&ScmRepoName::new(""), "repo_name");
    refused(&NewDedicatedDatabase::new("", "postgresql-ng", "p"), "name");
    refused(&NewDedicatedDatabase::new("db", "", "p"), "technology");
    refused(
        &NewDedicatedDatabase::new("db", "postgresql-ng", ""),
        "plan",
    );
    refused(&NewNetPeering::new(""), "outscale_net_peering_id");
    refused(&NewFirewallRule::new(FirewallRuleKind::Custom), "cidr");
    refused(&NewFirewallRule::new(FirewallRuleKind::Managed), "range_id");
    refused(&NewFirewallRule::new("other"), "type");
}

#[test]
fn what_is_documented_is_taken() {
    let own = NewDomain::new("a.example").tlscert("c").tlskey("k");
    own.check().unwrap();
    DomainChange::new().without_certificate().check().unwrap();
    NewFirewallRule::range("203.0.113.0/24").check().unwrap();
    NewFirewallRule::managed("mr-1").check().unwrap();
    AccountChange::new().email("a@example.com").check().unwrap();
    SignUp::new("a@example.com", "canary").check().unwrap();
    let until = Time::from(jiff::Timestamp::UNIX_EPOCH);
    let until = DataAccessUntil::new().containers_until(until);
    until.check().unwrap();
    HdsContactChange::new().notes("n").check().unwrap();
}

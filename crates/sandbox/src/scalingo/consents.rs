//! What lets people look into an app: consents for the operator, the contact for health data, logs of audits.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Scalingo;
use super::apps::App;
use super::errors;
use super::fields::user;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// How far ahead a consent may end.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

const UNTIL: [&str; 2] = ["databases_until", "containers_until"];

const CONTACT: [&str; 11] = [
    "org_type",
    "name",
    "email",
    "phone_number",
    "company",
    "address_line1",
    "address_line2",
    "address_city",
    "address_zip",
    "address_country",
    "notes",
];

impl Scalingo {
    pub(super) fn consent(&self, app: &App, request: &Request) -> Reply {
        let name = "data_access_consent";
        let known = lock(&app.around).settings.get(name).cloned();
        let new = || {
            json!({
                "app_id": app.id, "user_id": user()["id"], "databases_until": null, "containers_until": null,
            })
        };
        let (status, mut consent) = match (request.method(), known) {
            ("POST", _) => (201, new()),
            (_, None) => return errors::not_found(name),
            ("PATCH", Some(consent)) => (200, consent),
            ("DELETE", Some(_)) => {
                lock(&app.around).settings.remove(name);
                return Reply::empty(204);
            }
            _ => return errors::no_route(),
        };
        let Ok(body) = request.json() else {
            return errors::not_json(request);
        };
        let latest = self.clock().now() + LONGEST;
        for field in UNTIL {
            let Some(until) = body[name].get(field) else {
                continue;
            };
            let at = until.as_str().map(str::parse::<Timestamp>);
            match at {
                Some(Ok(at)) if at > latest => {
                    return errors::field(field, "is more than 30 days ahead");
                }
                Some(Err(_)) => return errors::field(field, "is invalid"),
                None if !until.is_null() => return errors::field(field, "is invalid"),
                _ => consent[field] = until.clone(),
            }
        }
        if request.method() == "POST" {
            let [databases, containers] = UNTIL.map(|field| consent[field].as_str());
            let event = json!({
                "end_at": databases.max(containers),
                "databases": databases.is_some(),
                "containers": containers.is_some(),
            });
            self.event(app, "create_data_access_consent", event);
        }
        let mut around = lock(&app.around);
        around.settings.insert(name.to_owned(), consent.clone());
        Reply::json(status, json!({name: consent}))
    }

    pub(super) fn set_hds_contact(&self, app: &App, request: &Request) -> Reply {
        let name = "hds_contact";
        let Ok(body) = request.json() else {
            return errors::not_json(request);
        };
        let order = &body[name];
        if !order.is_object() {
            return errors::field(name, "missing field");
        }
        let known = lock(&app.around).settings.get(name).cloned();
        let mut contact = known.unwrap_or_else(|| json!({"id": format!("hc{}", &app.id[2..])}));
        for field in CONTACT {
            if let Some(value) = order.get(field) {
                contact[field] = value.clone();
            }
        }
        self.event(app, "edit_hds_contact", contact.clone());
        let mut around = lock(&app.around);
        around.settings.insert(name.to_owned(), contact.clone());
        Reply::json(200, json!({name: contact}))
    }

    pub(super) fn audit_log(&self, app: &App, id: &str) -> Reply {
        let around = lock(&app.around);
        match around.one_offs.iter().find(|one| one.audit_log_id() == id) {
            Some(one_off) => Reply::json(200, one_off.audit_log()),
            None => errors::not_found("audit_log"),
        }
    }
}

/// What was typed and shown, piece by piece.
pub(super) fn audit_log(at: &str, command: &str, exit_code: i64) -> Value {
    let pieces = [
        ("input", format!("{command}\n")),
        ("output", format!("running {command}\r\n")),
        ("output", format!("{command} ended with {exit_code}\r\n")),
    ];
    pieces
        .into_iter()
        .map(|(kind, content)| json!({"time": at, "content": content, "type": kind}))
        .collect()
}

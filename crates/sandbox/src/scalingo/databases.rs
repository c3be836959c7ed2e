//! The database API: another host of the service, here at the same address. Its token belongs to one add-on; that of
//! the regional API is refused.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Scalingo;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// How long a backup, a restoration or an upgrade takes; it is waiting for the first quarter.
const LENGTH: Duration = Duration::from_secs(3);

/// What goes on in the databases.
#[derive(Debug, Clone, Default)]
pub(super) struct Databases {
    works: Vec<Work>,
    users: Vec<(String, Value)>,
    /// Features that are on, each with its add-on.
    features: Vec<(String, String)>,
}

impl Databases {
    pub(super) fn enable(&mut self, addon: &str, feature: &str) {
        self.disable(addon, feature);
        self.features.push((addon.to_owned(), feature.to_owned()));
    }

    pub(super) fn disable(&mut self, addon: &str, feature: &str) {
        self.features
            .retain(|(owner, known)| owner != addon || known != feature);
    }

    fn features(&self, addon: &str) -> Vec<Value> {
        let own = self.features.iter().filter(|(owner, _)| owner == addon);
        own.map(|(_, name)| json!({"name": name, "status": "ACTIVATED"}))
            .collect()
    }
}

#[derive(Debug, Clone)]
struct Work {
    id: String,
    addon: String,
    kind: &'static str,
    began: Instant,
    created_at: String,
    /// The backup that is restored.
    of: Option<String>,
    /// Whether an event tells that it has ended.
    told: bool,
}

impl Scalingo {
    /// Refuses who has no token of an add-on, or, at one's database, another's. It is a 400 here.
    pub(super) fn refuses_database(&self, rest: &[&str], request: &Request) -> Option<Reply> {
        let bearer = request.bearer();
        let owner = bearer.and_then(|bearer| self.auth.addon_of(bearer, self.clock()));
        let accepted = match rest {
            ["databases", addon, ..] => owner.as_deref() == Some(*addon),
            _ => owner.is_some(),
        };
        (!accepted).then(|| Reply::json(400, json!({"error": "unauthorized"})))
    }

    pub(super) fn database_api(&self, rest: &[&str], request: &Request) -> Reply {
        if let Some(refusal) = self.refuses_database(rest, request) {
            return refusal;
        }
        let ["databases", addon, rest @ ..] = rest else {
            return self.database_catalog(rest).example();
        };
        let Some(app_name) = self.app_of(addon) else {
            return Reply::json(404, json!({"error": "Database not found"}));
        };
        match (request.method(), rest) {
            ("GET" | "PATCH", []) => {
                Reply::json(200, json!({"database": self.database(addon, &app_name)}))
            }
            ("GET", ["backups"]) => {
                let works = lock(&self.databases).works.clone();
                let own = works
                    .iter()
                    .rev()
                    .filter(|work| work.addon == *addon && work.kind == "backup");
                let views: Vec<_> = own.map(|work| self.view(work)).collect();
                Reply::json(200, json!({"database_backups": views}))
            }
            ("POST", ["backups"]) => {
                let work = self.begin(addon, "backup", None);
                Reply::json(201, json!({"database_backup": work}))
            }
            ("GET", ["backups", id]) => {
                self.found(addon, "backup", id, "database_backup", "Backup")
            }
            ("GET", ["backups", id, "archive"]) => match self.work(addon, "backup", id) {
                Some(work) if self.view(&work)["status"] == "done" => {
                    let address = format!(
                        "http://{}/backups/{id}.tar.gz?X-Sig={}",
                        request.host(),
                        signature(id)
                    );
                    Reply::json(200, json!({"download_url": address}))
                }
                _ => Reply::json(404, json!({"error": "Backup not found"})),
            },
            ("POST", ["backups", id, "restore"]) => match self.work(addon, "backup", id) {
                Some(_) => {
                    let work = self.begin(addon, "restore", Some((*id).to_owned()));
                    Reply::json(201, json!({"backup_restoration": work}))
                }
                None => Reply::json(404, json!({"error": "Backup not found"})),
            },
            ("GET", ["backup_restorations", id]) => {
                self.found(addon, "restore", id, "backup_restoration", "Restoration")
            }
            ("POST", ["upgrade"]) => {
                let work = self.begin(addon, "operation", None);
                let id = work["id"].as_str().unwrap_or_default();
                let location = format!("http://{}/api/operations/{id}", request.host());
                Reply::json(202, json!({"message": "Upgrading", "operation_id": id}))
                    .header("location", location)
            }
            ("POST", ["pitr", "restore"]) => {
                let work = self.begin(addon, "operation", None);
                Reply::json(201, json!({"operation_id": work["id"]}))
            }
            ("GET", ["operations", id]) => {
                self.found(addon, "operation", id, "operation", "Operation")
            }
            (_, ["users", rest @ ..]) => self.database_users(addon, rest, request),
            (_, ["features" | "action" | "maintenance", ..]) | ("GET", ["pitr", ..]) => {
                self.database_extras(addon, rest, request)
            }
            (_, ["firewall_rules", ..]) => self.around_database(addon, rest, request),
            _ => self.around_database(addon, rest, request).example(),
        }
    }

    fn app_of(&self, addon: &str) -> Option<String> {
        let has = |app: &super::apps::App| {
            lock(&app.around)
                .addons
                .iter()
                .any(|one| one["id"] == addon)
        };
        self.all_apps()
            .into_iter()
            .find(|app| has(app))
            .map(|app| app.name())
    }

    fn database(&self, addon: &str, app_name: &str) -> Value {
        json!({
            "id": addon,
            "resource_id": "my_postgresql_1234",
            "app_name": app_name,
            "plan": "postgresql-starter-512",
            "type_name": "postgresql",
            "readable_version": "15.4.0-1",
            "status": "running",
            "periodic_backups_enabled": true,
            "periodic_backups_scheduled_at": [3],
            "features": lock(&self.databases).features(addon),
            "instances": [],
        })
    }

    fn begin(&self, addon: &str, kind: &'static str, of: Option<String>) -> Value {
        let mut databases = lock(&self.databases);
        let work = Work {
            id: format!("{kind}-{:04}", databases.works.len() + 1),
            addon: addon.to_owned(),
            kind,
            began: self.clock().instant(),
            created_at: timestamp(self.clock().now()),
            of,
            told: false,
        };
        databases.works.push(work.clone());
        drop(databases);
        self.view(&work)
    }

    /// What has ended since it was asked last: add-on, kind of event, and what that tells.
    pub(super) fn ended_works(&self) -> Vec<(String, &'static str, Value)> {
        let mut databases = lock(&self.databases);
        let ended = |work: &mut Work| {
            let view = self.view(work);
            let kind = match (work.kind, view["status"].as_str()) {
                ("backup", Some("done")) => "database_backup_succeeded",
                ("backup", Some("error")) => "database_backup_failed",
                ("operation", Some("finished")) => "upgrade_database",
                _ => return None,
            };
            if std::mem::replace(&mut work.told, true) {
                return None;
            }
            let data = match work.kind {
                "backup" => {
                    json!({"addon_uuid": work.addon, "addon_name": "postgresql", "backup_id": work.id,
                    "backup_method": "manual", "backup_status": view["status"], "started_at": work.created_at})
                }
                _ => {
                    json!({"addon_name": "postgresql", "old_version": "15.4.0", "new_version": "15.5.0"})
                }
            };
            Some((work.addon.clone(), kind, data))
        };
        databases.works.iter_mut().filter_map(ended).collect()
    }

    fn work(&self, addon: &str, kind: &str, id: &str) -> Option<Work> {
        let databases = lock(&self.databases);
        let is_meant = |work: &&Work| work.addon == addon && work.kind == kind && work.id == id;
        databases.works.iter().find(is_meant).cloned()
    }

    fn found(&self, addon: &str, kind: &str, id: &str, key: &str, what: &str) -> Reply {
        match self.work(addon, kind, id) {
            Some(work) => Reply::json(200, json!({key: self.view(&work)})),
            None => Reply::json(404, json!({"error": format!("{what} not found")})),
        }
    }

    fn view(&self, work: &Work) -> Value {
        let age = self.clock().unscaled(self.clock().instant() - work.began);
        // The two kinds of things that happen have different words for it.
        let (waiting, done) = match work.kind {
            "operation" => ("pending", "finished"),
            _ => ("scheduled", "done"),
        };
        let status = match () {
            () if age >= LENGTH && self.knobs.operations_fail => "error",
            () if age >= LENGTH => done,
            () if age >= LENGTH / 4 => "running",
            () => waiting,
        };
        json!({
            "id": work.id,
            "database_id": work.addon,
            "status": status,
            "type": "upgrade",
            "method": "manual",
            "name": format!("{}_my_app", work.id),
            "size": if status == done { archive(&work.id).len() } else { 0 },
            "created_at": work.created_at,
            "source_backup_id": work.of,
        })
    }

    fn database_users(&self, addon: &str, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let mut databases = lock(&self.databases);
        let own =
            |(owner, user): &(String, Value), name: &str| owner == addon && user["name"] == name;
        match (request.method(), rest) {
            ("GET", []) => {
                let own = databases.users.iter().filter(|(owner, _)| owner == addon);
                Reply::json(
                    200,
                    json!({"database-users": own.map(|(_, user)| user).collect::<Vec<_>>()}),
                )
            }
            ("POST", []) => {
                let order = &body["database_user"];
                let Some(name) = order["name"].as_str().filter(|name| name.len() >= 6) else {
                    return errors::field("name", "is too short (minimum is 6 characters)");
                };
                let read_only = order["read_only"] == true;
                let user = json!({"name": name, "read_only": read_only, "protected": false});
                databases.users.push((addon.to_owned(), user.clone()));
                Reply::json(201, with_password(user))
            }
            ("DELETE", [name]) => {
                databases.users.retain(|user| !own(user, name));
                Reply::empty(204)
            }
            (_, [name, ..]) => match databases.users.iter().find(|user| own(user, name)) {
                Some((_, user)) => Reply::json(200, with_password(user.clone())),
                None => Reply::json(404, json!({"error": "User not found"})),
            },
            _ => errors::no_route(),
        }
    }

    /// The store of backups: it knows nothing of tokens.
    pub(super) fn backup_file(&self, name: &str, request: &Request) -> Reply {
        let id = name.trim_end_matches(".tar.gz");
        match () {
            () if request.header("authorization").is_some() => Reply::bytes(
                400,
                "application/xml",
                "<Error><Code>InvalidArgument</Code></Error>",
            ),
            () if request.query("X-Sig") != Some(&signature(id)) => Reply::bytes(
                403,
                "application/xml",
                "<Error><Code>SignatureDoesNotMatch</Code></Error>",
            ),
            () => Reply::bytes(200, "application/gzip", archive(id)),
        }
    }
}

fn with_password(mut user: Value) -> Value {
    user["password"] = json!("made-by-the-sandbox-0123");
    user
}

fn signature(id: &str) -> String {
    format!("signed-{id}")
}

/// What a backup has inside: nothing that can be read.
fn archive(id: &str) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b];
    bytes.extend(id.bytes().cycle().take(200_000));
    bytes
}

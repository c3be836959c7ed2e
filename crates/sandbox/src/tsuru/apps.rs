//! Apps: list, info, create, remove, restart, swap; and their variables.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use serde_json::{Map, Value, json};

use super::Caller;
use super::era::Era;
use super::errors::{Answer, Refusal, refusal};
use super::state::{App, State, Variable, done, json as body, text, unlabelled};
use crate::clock::Clock;
use crate::reply::Reply;
use crate::request::Request;

/// What apps can run on.
pub(super) const PLATFORMS: [&str; 4] = ["python", "java", "ruby20", "static"];

/// How the first servers show a private value.
const MASKED: &str = "*** (private variable)";

const APPS_OF_A_USER: usize = 10;

impl App {
    pub(super) fn new(name: &str, platform: &str, teams: Vec<String>, owner: &str) -> Self {
        Self {
            name: name.to_owned(),
            platform: platform.to_owned(),
            teams,
            owner: owner.to_owned(),
            memory: "0".to_owned(),
            ip: format!("{name}.tsuru.example.com"),
            env: BTreeMap::new(),
            restarts: 0,
        }
    }

    pub(super) fn repository(&self) -> String {
        format!("git@tsuru.example.com:{}.git", self.name)
    }

    fn unit(&self, era: Era) -> Value {
        let name = format!("{}/0", self.name);
        match era {
            Era::Page => json!({"Ip": "10.10.10.10", "Name": name, "State": "started"}),
            Era::V0_2 => json!({
                "Name": name, "Type": self.platform, "Machine": 1, "InstanceId": "i-1",
                "Ip": "10.10.10.10", "State": "started", "QuotaItem": format!("{}-0", self.name),
            }),
            Era::V0_4 => json!({
                "Name": name, "Type": self.platform, "Machine": 1, "InstanceId": "i-1",
                "Ip": "10.10.10.10", "State": "started",
            }),
            Era::V0_7 => json!({
                "Name": name, "AppName": self.name, "Type": self.platform, "Ip": "10.10.10.10",
                "Status": "started",
            }),
        }
    }

    fn view(&self, era: Era) -> Value {
        if era.is_page() {
            return json!({
                "Name": self.name, "Framework": self.platform, "Repository": self.repository(),
                "State": "started", "Units": [self.unit(era)], "Teams": self.teams,
            });
        }
        let mut view = json!({
            "name": self.name, "platform": self.platform, "teams": self.teams,
            "units": [self.unit(era)], "repository": self.repository(), "ip": self.ip,
            "cname": "", "ready": true,
        });
        if era >= Era::V0_4 {
            view["owner"] = self.owner.clone().into();
            view["deploys"] = 0.into();
            view["memory"] = self.memory.clone().into();
            view["swap"] = "0".into();
        }
        if era >= Era::V0_7 {
            view["teamowner"] = self.teams.first().cloned().into();
            view["cname"] = json!([]);
        }
        view
    }
}

impl State {
    pub(super) fn list_apps(&self, caller: Caller<'_>) -> Answer {
        let visible = self
            .apps
            .values()
            .filter(|app| self.is_in(caller.user, &app.teams));
        let views: Vec<Value> = match caller.era {
            Era::Page => visible
                .map(|app| json!({"Ip": app.ip, "Name": app.name, "Units": [app.unit(Era::Page)]}))
                .collect(),
            era => visible.map(|app| app.view(era)).collect(),
        };
        match (caller.era, views.is_empty()) {
            (Era::Page, _) | (_, false) => unlabelled(views.into()),
            (_, true) => Ok(Reply::empty(204)),
        }
    }

    pub(super) fn app_info(&self, name: &str, caller: Caller<'_>, host: &str) -> Answer {
        let view = self.app(name, caller.user)?.view(caller.era).to_string();
        let label = format!("application/json; profile={host}/schema/app");
        Ok(Reply::bytes(200, &label, view))
    }

    pub(super) fn remove_app(&mut self, name: &str, caller: Caller<'_>) -> Answer {
        self.app(name, caller.user)?;
        self.apps.remove(name);
        for instance in self.instances.values_mut() {
            instance.apps.retain(|app| app != name);
        }
        Ok(Reply::text(200, "success\n"))
    }

    pub(super) fn create_app(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let order = body(request, 500, "invalid character in the body")?;
        if ["memory", "swap"]
            .iter()
            .any(|field| order[field].is_number())
        {
            return Err(refusal(
                500,
                "json: cannot unmarshal number into Go value of type string",
            ));
        }
        let (name, platform) = (text(&order, "name"), text(&order, "platform"));
        if !is_app_name(name) {
            return Err(refusal(
                400,
                "Invalid app name, your app should have at most 63 characters, containing only lower \
                 case letters, numbers or dashes, starting with a letter.",
            ));
        }
        if self.apps.contains_key(name) {
            return Err(refusal(
                409,
                format!("there is already an app named {name}."),
            ));
        }
        if !PLATFORMS.contains(&platform) {
            return Err(refusal(500, "Invalid platform"));
        }
        let teams = self.teams_of(caller.user);
        if teams.is_empty() {
            return Err(refusal(
                400,
                "In order to create an app, you should be member of at least one team",
            ));
        }
        if self
            .apps
            .values()
            .filter(|app| app.owner == caller.user)
            .count()
            >= APPS_OF_A_USER
        {
            return Err(refusal(403, "Quota exceeded"));
        }
        let mut app = App::new(name, platform, teams, caller.user);
        if !text(&order, "memory").is_empty() {
            app.memory = text(&order, "memory").to_owned();
        }
        let mut created = json!({"status": "success", "repository_url": app.repository()});
        if caller.era >= Era::V0_4 {
            created["ip"] = app.ip.clone().into();
        }
        self.apps.insert(name.to_owned(), app);
        unlabelled(created)
    }

    pub(super) fn env(&self, name: &str, request: &Request, caller: Caller<'_>) -> Answer {
        let env = &self.app(name, caller.user)?.env;
        let filter: Vec<String> = serde_json::from_slice(request.body()).unwrap_or_default();
        let shown = env
            .iter()
            .filter(|(name, _)| filter.is_empty() || filter.contains(name));
        if caller.era == Era::V0_2 {
            let value = |variable: &Variable| match variable.public {
                true => variable.value.clone().into(),
                false => MASKED.into(),
            };
            let object: Map<String, Value> = shown
                .map(|(name, variable)| (name.clone(), value(variable)))
                .collect();
            return Ok(Reply::json(200, object.into()));
        }
        let list: Vec<Value> = shown
            .map(|(name, variable)| json!({"name": name, "value": variable.value, "public": variable.public}))
            .collect();
        // A list that was never made is null in Go.
        Ok(Reply::json(
            200,
            if list.is_empty() {
                Value::Null
            } else {
                list.into()
            },
        ))
    }

    pub(super) fn set_env(&mut self, name: &str, request: &Request, caller: Caller<'_>) -> Answer {
        let app = self.app_mut(name, caller.user)?;
        let refused = || {
            refusal(
                400,
                "You must provide the environment variables in a JSON object",
            )
        };
        let variables: BTreeMap<String, String> =
            serde_json::from_slice(request.body()).map_err(|_| refused())?;
        for (name, value) in variables {
            let known_private = app.env.get(&name).is_some_and(|variable| !variable.public);
            if !known_private {
                app.env.insert(
                    name,
                    Variable {
                        value,
                        public: true,
                    },
                );
            }
        }
        app.restarts += 1;
        done()
    }

    pub(super) fn delete_env(
        &mut self,
        name: &str,
        request: &Request,
        caller: Caller<'_>,
    ) -> Answer {
        let app = self.app_mut(name, caller.user)?;
        let names: Vec<String> = serde_json::from_slice(request.body()).unwrap_or_default();
        if names.is_empty() {
            return Err(refusal(
                400,
                "You must provide the list of environment variables, in JSON format.",
            ));
        }
        app.env
            .retain(|name, variable| !(variable.public && names.contains(name)));
        app.restarts += 1;
        done()
    }

    pub(super) fn swap(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let name = |parameter| request.query(parameter).unwrap_or_default();
        let one = self.app(name("app1"), caller.user)?.clone();
        let other = self.app(name("app2"), caller.user)?.clone();
        if one.platform != other.platform && request.query("force") != Some("true") {
            return Err(refusal(500, "Apps are not equal."));
        }
        self.app_mut(&one.name, caller.user)?.ip = other.ip;
        self.app_mut(&other.name, caller.user)?.ip = one.ip;
        done()
    }

    /// Counts the restart; the answer follows from [`restart`].
    pub(super) fn begin_restart(&mut self, name: &str, caller: Caller<'_>) -> Result<(), Refusal> {
        self.app_mut(name, caller.user)?.restarts += 1;
        Ok(())
    }
}

fn is_app_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(allowed)
}

/// How a restart is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling {
    /// JSON lines, as servers from 0.8 on write them.
    pub(super) json: bool,
    /// Whether it ends badly; the status is 200 all the same.
    pub(super) fails: bool,
    /// How long it takes in all.
    pub(super) duration: Duration,
}

/// The output of a restart, written while it goes on.
pub(super) fn restart(app: &str, telling: Telling, clock: &Clock) -> Reply {
    let mut pieces = vec![
        "\n ---> Restarting your app\n".to_owned(),
        format!(" ---> Stopping unit {app}/0\n"),
        format!(" ---> Starting unit {app}/0\n"),
    ];
    let failure = "Failed to restart: the unit did not answer";
    match (telling.fails, telling.json) {
        (true, false) => pieces.push(format!("{failure}\n")),
        (true, true) => pieces.push(failure.to_owned()),
        (false, _) => pieces.push(" ---> App successfully restarted\n".to_owned()),
    }
    let last = pieces.len() - 1;
    let (clock, shown) = (clock.clone(), clock.clone());
    let pause = telling.duration / u32::try_from(pieces.len()).unwrap_or(1);
    let line = move |(index, piece): (usize, String)| {
        if !telling.json {
            return piece;
        }
        let mut line = json!({"Message": piece, "Timestamp": shown.now().to_string()});
        if telling.fails && index == last {
            line = json!({"Message": "", "Timestamp": shown.now().to_string(), "Error": piece});
        }
        // A blank line keeps the connection open.
        format!("{line}\n\n")
    };
    let output = stream::iter(pieces.into_iter().enumerate()).then(move |piece| {
        let (clock, text) = (clock.clone(), piece.0);
        let line = line(piece);
        async move {
            if text > 0 {
                clock.sleep(pause).await;
            }
            Ok(Bytes::from(line))
        }
    });
    // Not a media type, and yet what the servers send.
    let label = if telling.json {
        "application/x-json-stream"
    } else {
        "text"
    };
    Reply::stream(200, label, output)
}

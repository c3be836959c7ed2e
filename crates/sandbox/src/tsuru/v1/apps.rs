//! Apps and their units, names, routers and certificates.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::errors::{Answer, Refusal, refusal};
use super::input::Input;
use super::state::{App, State};
use super::{Call, TsuruV1, done, list};
use crate::reply::Reply;

impl App {
    pub(super) fn new(name: &str, document: Value, owner: &str) -> Self {
        Self {
            name: name.to_owned(),
            owner: owner.to_owned(),
            teams: vec![document["teamOwner"].as_str().unwrap_or("admin").to_owned()],
            limit: -1,
            document,
            ..Self::default()
        }
    }

    fn units(&self) -> Vec<Value> {
        let status = if self.stopped { "stopped" } else { "started" };
        let unit = |number| {
            json!({
                "ID": format!("{}-web-{number}", self.name), "Name": format!("{}-web-{number}", self.name),
                "AppName": self.name, "ProcessName": "web", "Type": self.document["platform"],
                "IP": "10.10.10.10", "InternalIP": "", "Status": status, "StatusReason": "",
                "Address": {"Scheme": "http", "Host": "10.10.10.10:8888"}, "Addresses": null,
                "Version": self.version, "Routable": true, "Restarts": 0, "CreatedAt": null, "Ready": true,
            })
        };
        (0..self.units).map(unit).collect()
    }

    fn plan() -> Value {
        json!({"name": "small", "memory": 134_217_728, "cpumilli": 100, "override": {}})
    }

    fn small(&self) -> Value {
        json!({
            "name": self.name, "pool": self.pool(), "teamowner": self.teams.first(), "plan": Self::plan(),
            "units": self.units(), "cname": self.cnames, "ip": self.ip(), "routers": self.routers(),
            "tags": self.document["tags"], "platform": self.document["platform"],
        })
    }

    fn pool(&self) -> &str {
        self.document["pool"].as_str().unwrap_or("local")
    }

    fn ip(&self) -> String {
        format!("{}.tsuru.example.com", self.name)
    }

    fn routers(&self) -> Vec<Value> {
        let own = json!({"name": "none", "type": "none", "opts": {}, "address": self.ip(), "addresses": [self.ip()]});
        std::iter::once(own)
            .chain(self.routers.values().cloned())
            .collect()
    }

    fn whole(&self) -> Value {
        let mut view = self.small();
        for (name, value) in [
            ("description", self.document["description"].clone()),
            ("metadata", self.document["metadata"].clone()),
            ("processes", self.document["processes"].clone()),
            ("teams", json!(self.teams)),
            ("owner", json!(self.owner)),
            ("deploys", json!(self.deploys)),
            ("provisioner", json!("kubernetes")),
            ("routeropts", json!({})),
            ("serviceInstanceBinds", json!([])),
            (
                "autoscale",
                json!(self.autoscale.values().collect::<Vec<_>>()),
            ),
            ("quota", json!({"limit": self.limit, "inuse": self.units})),
        ] {
            view[name] = value;
        }
        view
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(allowed)
}

impl TsuruV1 {
    pub(super) fn apps(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        let stars = call.stars.as_slice();
        Some(match (operation, stars) {
            ("AppList", _) => {
                let is = |name: &str, value: &str| {
                    let wanted = input.texts(name);
                    wanted.is_empty() || wanted.iter().any(|wanted| wanted == value)
                };
                let wanted = |app: &&App| {
                    is("name", &app.name)
                        && is("pool", app.pool())
                        && is("owner", &app.owner)
                        && app.teams.first().is_none_or(|team| is("teamowner", team))
                        && is(
                            "platform",
                            app.document["platform"].as_str().unwrap_or_default(),
                        )
                };
                list(state.apps.values().filter(wanted).map(App::small).collect())
            }
            ("AppCreate", _) => create(state, input, call).and_then(|(name, reply)| {
                let target = ("app", name.as_str());
                state.begin(self.event(call, "app.create", target, Duration::ZERO))?;
                Ok(reply)
            }),
            ("AppGet", [app]) => state.app(app).map(|app| Reply::json(200, app.whole())),
            ("AppUpdate", [app]) => self.update(state, input, call, app),
            ("AppDelete", [app]) => state.app(app).map(|_| ()).and_then(|()| {
                let told =
                    self.operation(state, call, "app.delete", ("app", app), "Removing app")?;
                state.apps.remove(*app);
                Ok(told)
            }),
            ("AppStart" | "AppStop" | "AppRestart", [app]) => {
                self.run_units(state, operation, call, app)
            }
            ("AppRun", [app]) => input.required("command").and_then(|command| {
                state.app(app)?;
                self.operation(
                    state,
                    call,
                    "app.run",
                    ("app", app),
                    &format!("Running {command}"),
                )
            }),
            ("UnitsAdd" | "UnitsRemove", [app]) => {
                self.change_units(state, operation, input, call, app)
            }
            ("killUnit", [app, _]) => state.app(app).and_then(|_| done()),
            ("AppTeamGrant", [app, team]) => state.app(app).and_then(|app| {
                if app.teams.iter().any(|known| known == team) {
                    return Err(refusal(409, "team already have access to this app"));
                }
                app.teams.push((*team).to_owned());
                done()
            }),
            ("AppTeamRevoke", [app, team]) => state.app(app).and_then(|app| {
                if app.teams.first().is_some_and(|owner| owner == team) {
                    return Err(refusal(403, "You can not revoke the access from this team"));
                }
                app.teams.retain(|known| known != team);
                done()
            }),
            ("AppCnameAdd", [app]) => state.app(app).and_then(|app| {
                app.cnames.extend(input.texts("cname"));
                done()
            }),
            ("AppCnameDelete", [app]) => state.app(app).and_then(|app| {
                let gone = input.texts("cname");
                app.cnames.retain(|name| !gone.contains(name));
                done()
            }),
            ("appVersionDelete", [app, _]) => state.app(app).map(|_| ()).and_then(|()| {
                self.operation(state, call, "app.update", ("app", app), "Removing version")
            }),
            ("AppSetRoutable", [app]) => state.app(app).and_then(|_| done()),
            ("appRebuildRoutes", [app]) => state
                .app(app)
                .map(|_| Reply::json(200, json!({"none": {"Added": [], "Removed": []}}))),
            ("AppQuotaGet", [app]) => state
                .app(app)
                .map(|app| Reply::json(200, json!({"limit": app.limit, "inuse": app.units}))),
            ("AppQuotaChange", [app]) => state.app(app).and_then(|app| {
                let limit = input
                    .number("limit")
                    .ok_or_else(|| refusal(400, "invalid limit"))?;
                app.limit = limit;
                done()
            }),
            _ => return self.served(state, operation, input, call),
        })
    }

    /// What serves an app: routers, certificates, scaling.
    fn served(
        &self,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        let answer = |state: &mut State, app: &str| -> Result<Option<Reply>, Refusal> {
            let app = state.app(app)?;
            Ok(Some(match operation {
                "AppRouterList" => Reply::json(200, app.routers().into()),
                "AppRouterAdd" | "AppRouterUpdate" => {
                    let name = input.required("name")?;
                    let router = json!({
                        "name": name, "opts": input.get("opts"), "type": "none", "address": app.ip(),
                    });
                    app.routers.insert(name, router);
                    Reply::empty(200)
                }
                "AppRouterDelete" => match app.routers.remove(call.stars[1]) {
                    Some(_) => Reply::empty(200),
                    None => return Err(refusal(404, "router not found")),
                },
                "AutoScaleInfo" => {
                    return super::list(app.autoscale.values().cloned().collect()).map(Some);
                }
                "AutoScaleAdd" => {
                    app.autoscale
                        .insert(input.text("process"), input.json.clone());
                    Reply::empty(200)
                }
                "AutoScaleSwap" => Reply::empty(200),
                "AutoScaleRemove" => {
                    app.autoscale.remove(&input.text("process"));
                    Reply::empty(200)
                }
                "certificateSet" => {
                    let name = input.required("cname")?;
                    input.required("key")?;
                    let certificate = input.required("certificate")?;
                    if !app.cnames.contains(&name) {
                        return Err(refusal(400, "invalid name"));
                    }
                    app.certificates.entry(name).or_default().0 = certificate;
                    Reply::empty(200)
                }
                "CertificatUnset" | "AppUnsetCertIssuer" => {
                    app.certificates.remove(&input.text("cname"));
                    Reply::empty(200)
                }
                "AppSetCertIssuer" => {
                    let name = input.required("cname")?;
                    app.certificates.entry(name).or_default().1 = input.required("issuer")?;
                    Reply::empty(200)
                }
                "AppGetCertificates" => {
                    let names = app.certificates.iter().map(|(name, (pem, issuer))| {
                        (name.clone(), json!({"certificate": pem, "issuer": issuer}))
                    });
                    let names: serde_json::Map<_, _> = names.collect();
                    Reply::json(200, json!({"routers": {"none": {"cnames": names}}}))
                }
                "AppGetCertificates1_2" => {
                    let names = app
                        .certificates
                        .iter()
                        .map(|(name, (pem, _))| (name.clone(), pem.clone().into()));
                    let names: serde_json::Map<String, Value> = names.collect();
                    Reply::json(200, json!({"none": names}))
                }
                _ => return Ok(None),
            }))
        };
        let served = [
            "AppRouter",
            "AutoScale",
            "certificate",
            "Certificat",
            "AppSetCert",
            "AppUnsetCert",
            "AppGetCert",
        ];
        if !served.iter().any(|prefix| operation.starts_with(prefix)) {
            return None;
        }
        answer(state, call.stars.first()?).transpose()
    }

    fn update(
        self: &Arc<Self>,
        state: &mut State,
        input: &Input,
        call: &Call<'_>,
        app: &str,
    ) -> Answer {
        state.app(app)?;
        let told = self.operation(state, call, "app.update", ("app", app), "Updating app")?;
        let app = state.app(app)?;
        for (field, name) in [
            ("description", "description"),
            ("pool", "pool"),
            ("platform", "platform"),
            ("tags", "tags"),
            ("metadata", "metadata"),
            ("processes", "processes"),
        ] {
            if !input.get(field).is_null() {
                app.document[name] = input.get(field).clone();
            }
        }
        Ok(told)
    }

    fn run_units(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        call: &Call<'_>,
        app: &str,
    ) -> Answer {
        state.app(app)?;
        let (kind, said) = match operation {
            "AppStart" => ("app.update.start", "Starting the app"),
            "AppStop" => ("app.update.stop", "Stopping the app"),
            _ => ("app.update.restart", "Restarting your app"),
        };
        let told = self.operation(state, call, kind, ("app", app), said)?;
        let app = state.app(app)?;
        app.stopped = operation == "AppStop";
        app.restarts += u64::from(operation == "AppRestart");
        Ok(told)
    }

    fn change_units(
        self: &Arc<Self>,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
        app: &str,
    ) -> Answer {
        let invalid = || {
            refusal(
                400,
                "Invalid number of units: the number must be an integer greater than 0.",
            )
        };
        let units = u64::try_from(input.number("units").unwrap_or(0)).unwrap_or(0);
        if units == 0 {
            return Err(invalid());
        }
        let known = state.app(app)?;
        let wanted = match operation {
            "UnitsAdd" => known.units + units,
            _ if units > known.units => return Err(refusal(412, "cannot remove so many units")),
            _ => known.units - units,
        };
        if u64::try_from(known.limit).is_ok_and(|limit| wanted > limit) {
            return Err(refusal(403, "Quota exceeded"));
        }
        let kind = if operation == "UnitsAdd" {
            "app.update.unit.add"
        } else {
            "app.update.unit.remove"
        };
        let told = self.operation(
            state,
            call,
            kind,
            ("app", app),
            &format!("now {wanted} units"),
        )?;
        state.app(app)?.units = wanted;
        Ok(told)
    }
}

/// The app that was made, and what is said of it.
fn create(state: &mut State, input: &Input, call: &Call<'_>) -> Result<(String, Reply), Refusal> {
    let name = input.text("name");
    if !is_name(&name) {
        return Err(refusal(
            400,
            "Invalid app name, your app should have at most 40 characters, containing only lower case \
             letters, numbers or dashes, starting with a letter.",
        ));
    }
    if state.apps.contains_key(&name) {
        return Err(refusal(409, "there is already an app with this name"));
    }
    let platform = input.text("platform");
    let platforms = state.things.get("platforms");
    if !platform.is_empty() && !platforms.is_some_and(|known| known.contains_key(&platform)) {
        return Err(refusal(404, "platform not found"));
    }
    let team = match input.text("teamowner") {
        team if team.is_empty() => "admin".to_owned(),
        team => team,
    };
    let document = json!({
        "name": name, "platform": platform, "teamOwner": team, "pool": "local",
        "description": input.text("description"), "tags": input.texts("tags"),
        "metadata": input.get("metadata"), "processes": input.get("processes"),
    });
    let app = App::new(&name, document, call.user);
    let ip = app.ip();
    state.apps.insert(name.clone(), app);
    Ok((
        name,
        Reply::json(201, json!({"status": "success", "ip": ip})),
    ))
}

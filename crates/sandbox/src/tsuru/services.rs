//! Services, their documentation, and who may use them.

use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

use super::Caller;
use super::era::Era;
use super::errors::{Answer, Refusal, refusal};
use super::state::{Instance, Service, State, done, unlabelled};
use crate::reply::Reply;
use crate::request::Request;

fn no_service() -> Refusal {
    refusal(404, "Service not found")
}

fn no_access() -> Refusal {
    refusal(403, "This user does not have access to this service")
}

impl Instance {
    pub(super) fn view(&self, era: Era) -> Value {
        let or_null = |list: &[String]| {
            if list.is_empty() {
                Value::Null
            } else {
                json!(list)
            }
        };
        let mut view = json!({
            "Name": self.name, "ServiceName": self.service, "Teams": or_null(&self.teams),
            "Apps": or_null(&self.apps),
        });
        if !era.is_page() {
            view["Info"] = Value::Null;
        }
        if era == Era::V0_7 {
            view["Id"] = 0.into();
        }
        view
    }
}

impl State {
    /// A service that may be used by the user: all may, unless it was given to some teams.
    pub(super) fn service(&self, name: &str, user: &str) -> Result<&Service, Refusal> {
        let service = self.services.get(name).ok_or_else(no_service)?;
        let open = service.teams.is_empty() || self.is_in(user, &service.teams);
        if open || self.is_in(user, &service.owner_teams) {
            Ok(service)
        } else {
            Err(no_access())
        }
    }

    /// A service that one of the user's teams owns.
    fn owned(&mut self, name: &str, user: &str) -> Result<&mut Service, Refusal> {
        let teams = self.teams_of(user);
        let service = self.services.get_mut(name).ok_or_else(no_service)?;
        if service.owner_teams.iter().any(|team| teams.contains(team)) {
            Ok(service)
        } else {
            Err(no_access())
        }
    }

    fn instances_of(&self, service: &str) -> Vec<&Instance> {
        self.instances
            .values()
            .filter(|instance| instance.service == service)
            .collect()
    }

    /// The services that pass, each with its instances.
    pub(super) fn services(&self, caller: Caller<'_>, passes: impl Fn(&Service) -> bool) -> Answer {
        let passing = self.services.iter().filter(|(_, service)| passes(service));
        let views: Vec<Value> = passing
            .map(|(name, _)| {
                let names: Vec<_> = self
                    .instances_of(name)
                    .iter()
                    .map(|instance| &instance.name)
                    .collect();
                let names = if names.is_empty() && !caller.era.is_page() {
                    Value::Null
                } else {
                    json!(names)
                };
                json!({"service": name, "instances": names})
            })
            .collect();
        unlabelled(views.into())
    }

    pub(super) fn list_services(&self, caller: Caller<'_>) -> Answer {
        if caller.era.is_page()
            && let [(name, _)] = self.services.iter().collect::<Vec<_>>().as_slice()
        {
            // The page shows the only service as an object.
            let names: Vec<_> = self
                .instances_of(name)
                .iter()
                .map(|instance| &instance.name)
                .collect();
            return unlabelled(json!({"service": name, "instances": names}));
        }
        self.services(caller, |service| {
            self.is_in(caller.user, &service.owner_teams)
        })
    }

    pub(super) fn create_service(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let id = manifest_id(request, caller.era, 500)?;
        let owner_teams = self.teams_of(caller.user);
        if owner_teams.is_empty() {
            return Err(refusal(
                403,
                "You must be member of a team to create a service.",
            ));
        }
        if self.services.contains_key(&id) {
            let status = if caller.era == Era::V0_7 { 409 } else { 500 };
            return Err(refusal(
                status,
                format!("Service with name {id} already exists."),
            ));
        }
        self.services.insert(
            id,
            Service {
                owner_teams,
                ..Service::default()
            },
        );
        Ok(Reply::text(200, "success\n"))
    }

    pub(super) fn update_service(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let bad_yaml = if caller.era == Era::V0_7 || caller.era.is_page() {
            500
        } else {
            404
        };
        let id = manifest_id(request, caller.era, bad_yaml)?;
        self.owned(&id, caller.user)?;
        Ok(Reply::empty(if caller.era.is_page() { 200 } else { 204 }))
    }

    pub(super) fn remove_service(&mut self, name: &str, caller: Caller<'_>) -> Answer {
        self.owned(name, caller.user)?;
        if !self.instances_of(name).is_empty() {
            return Err(refusal(
                403,
                "This service cannot be removed because it has instances.\n\
                 Please remove these instances before removing the service.",
            ));
        }
        self.services.remove(name);
        Ok(Reply::empty(204))
    }

    pub(super) fn service_info(&self, name: &str, caller: Caller<'_>) -> Answer {
        self.service(name, caller.user)?;
        unlabelled(
            self.instances_of(name)
                .iter()
                .map(|instance| instance.view(caller.era))
                .collect(),
        )
    }

    pub(super) fn service_doc(&self, name: &str, caller: Caller<'_>) -> Answer {
        Ok(Reply::text(
            200,
            self.service(name, caller.user)?.doc.clone(),
        ))
    }

    pub(super) fn update_doc(
        &mut self,
        name: &str,
        request: &Request,
        caller: Caller<'_>,
    ) -> Answer {
        self.owned(name, caller.user)?.doc = request.text();
        done()
    }

    pub(super) fn grant(&mut self, name: &str, team: &str, caller: Caller<'_>) -> Answer {
        self.may_give(name, team, caller)?;
        let service = self.services.get_mut(name).ok_or_else(no_service)?;
        if service.teams.iter().any(|known| known == team) {
            return Err(refusal(409, "This team already has access to this service"));
        }
        service.teams.push(team.to_owned());
        done()
    }

    pub(super) fn revoke(&mut self, name: &str, team: &str, caller: Caller<'_>) -> Answer {
        self.may_give(name, team, caller)?;
        let service = self.services.get_mut(name).ok_or_else(no_service)?;
        if !service.teams.iter().any(|known| known == team) {
            return Err(refusal(
                404,
                "This team does not have access to this service",
            ));
        }
        if service.teams.len() == 1 {
            return Err(refusal(
                403,
                "You can not revoke the access from this team, because it is the unique team with access to \
                 this service, and a service can not be orphaned",
            ));
        }
        service.teams.retain(|known| known != team);
        done()
    }

    /// Real servers ask the service's own list of teams, which is empty for one that was made over HTTP.
    fn may_give(&mut self, name: &str, team: &str, caller: Caller<'_>) -> Result<(), Refusal> {
        let service = self.services.get(name).ok_or_else(no_service)?;
        let asked = if caller.era.is_page() {
            &service.owner_teams
        } else {
            &service.teams
        };
        if !self.is_in(caller.user, asked) {
            return Err(no_access());
        }
        if !self.teams.contains_key(team) {
            return Err(refusal(404, "Team not found"));
        }
        Ok(())
    }
}

/// Checks a manifest and gives its id.
fn manifest_id(request: &Request, era: Era, bad_yaml: u16) -> Result<String, Refusal> {
    let yaml: Yaml = serde_yaml_ng::from_slice(request.body())
        .map_err(|error| refusal(bad_yaml, format!("yaml: {error}")))?;
    if !yaml.is_mapping() {
        return Err(refusal(bad_yaml, "yaml: this is no manifest"));
    }
    let text = |value: &Yaml| value.as_str().unwrap_or_default().to_owned();
    if text(&yaml["endpoint"]["production"]).is_empty() {
        return Err(refusal(
            400,
            "You must provide a production endpoint in the manifest file.",
        ));
    }
    if era == Era::V0_7 && text(&yaml["password"]).is_empty() {
        return Err(refusal(
            400,
            "You must provide a password in the manifest file.",
        ));
    }
    let id = text(&yaml["id"]);
    if id.is_empty() {
        return Err(refusal(400, "Service id is required"));
    }
    Ok(id)
}

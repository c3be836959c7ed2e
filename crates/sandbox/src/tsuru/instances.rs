//! Service instances, and their bindings to apps.

use serde_json::{Map, Value};

use super::Caller;
use super::era::Era;
use super::errors::{Answer, Refusal, no_access, no_app, refusal};
use super::state::{Instance, State, Variable, done, json as body, text, unlabelled};
use crate::reply::Reply;
use crate::request::Request;

/// What every binding sets.
const VARIABLES: [(&str, &str); 3] = [
    ("DATABASE_HOST", "localhost"),
    ("DATABASE_USER", "root"),
    ("DATABASE_PASSWORD", "s3cr3t"),
];

fn no_instance() -> Refusal {
    refusal(404, "Service instance not found")
}

impl State {
    /// An instance that the user may use.
    fn instance(&mut self, name: &str, user: &str) -> Result<&mut Instance, Refusal> {
        let teams = self.teams_of(user);
        let instance = self.instances.get_mut(name).ok_or_else(no_instance)?;
        if instance.teams.iter().any(|team| teams.contains(team)) {
            Ok(instance)
        } else {
            Err(refusal(
                403,
                "This user does not have access to this service instance",
            ))
        }
    }

    pub(super) fn add_instance(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let order = body(request, 500, "invalid character in the body")?;
        let (name, service) = (text(&order, "name"), text(&order, "service_name"));
        if self.service(service, caller.user).is_err() {
            return Err(refusal(404, "Service not found"));
        }
        if name.is_empty() {
            return Err(refusal(500, "invalid service instance name"));
        }
        let owner = text(&order, "owner");
        let mut teams = self.teams_of(caller.user);
        if caller.era == Era::V0_7 && owner.is_empty() && teams.len() > 1 {
            return Err(refusal(
                500,
                "You have more than one team, please specify the team owner",
            ));
        }
        if !owner.is_empty() {
            teams.retain(|team| team == owner);
        }
        if self.instances.contains_key(name) && caller.era != Era::V0_2 {
            return Err(refusal(
                500,
                "There is already a service instance with this name.",
            ));
        }
        let instance = Instance {
            name: name.to_owned(),
            service: service.to_owned(),
            teams,
            apps: Vec::new(),
        };
        self.instances.insert(name.to_owned(), instance);
        done()
    }

    pub(super) fn remove_instance(&mut self, name: &str, caller: Caller<'_>) -> Answer {
        if !self.instance(name, caller.user)?.apps.is_empty() {
            return Err(refusal(
                500,
                "This service instance is bound to at least one app. Unbind them before removing it",
            ));
        }
        self.instances.remove(name);
        Ok(Reply::text(200, "service instance successfuly removed\n"))
    }

    pub(super) fn instance_info(&mut self, name: &str, caller: Caller<'_>) -> Answer {
        let view = self.instance(name, caller.user)?.view(caller.era);
        unlabelled(view)
    }

    pub(super) fn instance_status(&mut self, name: &str, caller: Caller<'_>) -> Answer {
        self.instance(name, caller.user)?;
        Ok(Reply::text(
            200,
            format!("Service instance \"{name}\" is up"),
        ))
    }

    pub(super) fn bind(&mut self, name: &str, app: &str, caller: Caller<'_>) -> Answer {
        self.may_bind(name, app, caller)?;
        let instance = self.instance(name, caller.user)?;
        if instance.apps.iter().any(|bound| bound == app) {
            return Err(refusal(500, "This instance already has this app."));
        }
        instance.apps.push(app.to_owned());
        let env = &mut self.app_mut(app, caller.user)?.env;
        for (name, value) in VARIABLES {
            env.insert(
                name.to_owned(),
                Variable {
                    value: value.to_owned(),
                    public: false,
                },
            );
        }
        let answer: Value = if caller.era.is_page() {
            let set = VARIABLES.map(|(name, value)| (name.to_owned(), value.into()));
            set.into_iter().collect::<Map<_, _>>().into()
        } else {
            VARIABLES.map(|(name, _)| name).to_vec().into()
        };
        Ok(Reply::json(200, answer))
    }

    pub(super) fn unbind(&mut self, name: &str, app: &str, caller: Caller<'_>) -> Answer {
        self.may_bind(name, app, caller)?;
        let instance = self.instance(name, caller.user)?;
        if !instance.apps.iter().any(|bound| bound == app) {
            let status = if caller.era == Era::V0_7 { 412 } else { 500 };
            return Err(refusal(
                status,
                "This app is not bound to this service instance.",
            ));
        }
        instance.apps.retain(|bound| bound != app);
        let env = &mut self.app_mut(app, caller.user)?.env;
        env.retain(|name, _| !VARIABLES.iter().any(|(set, _)| set == name));
        done()
    }

    fn may_bind(&mut self, name: &str, app: &str, caller: Caller<'_>) -> Result<(), Refusal> {
        self.instance(name, caller.user)?;
        let app = self.apps.get(app).ok_or_else(|| no_app(app))?;
        if self.is_in(caller.user, &app.teams) {
            Ok(())
        } else {
            Err(no_access())
        }
    }
}

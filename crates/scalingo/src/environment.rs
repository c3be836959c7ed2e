//! Environment: the variables of an application.

use deploykit_core::{Composite, Error, Payload, Result, Secret};
use serde::{Deserialize, Serialize};

use crate::{API, AppRef};

deploykit_core::id! {
    /// A variable.
    pub struct VariableId(String);
}

deploykit_core::endpoints! {
    /// Environment variables of applications. Values are secrets; a change takes effect with the next restart
    /// or deployment, not by itself.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewVariables;
    ///
    /// let variables = NewVariables::from_iter([("RAILS_ENV", "production"), ("WORKERS", "3")]);
    /// client.environment().set_all("example-app", &variables).await?;
    ///
    /// let workers = client.environment().find("example-app", "WORKERS").await?;
    /// assert_eq!(workers.unwrap().value.expose(), "3");
    /// # Ok(())
    /// # }
    /// ```
    pub struct Environment;

    /// Lists the variables. One that stands for another one keeps its `$NAME`;
    /// [`list_resolved`](Environment::list_resolved) gives the other's value.
    listVariables: GET "/v1/apps/{app}/variables" => list(app: AppRef) -> Vec<Variable>
        [envelope("variables"), quota(&API)];

    /// Sets one variable, new or not.
    setVariable: POST "/v1/apps/{app}/variables" => set(app: AppRef, body: &NewVariable) -> Variable
        [enveloped("variable"), quota(&API)];

    /// Sets many variables at once, new or not; the others stay as they are.
    setVariables: PUT "/v1/apps/{app}/variables" => set_all(app: AppRef, body: &NewVariables) -> Vec<Variable>
        [enveloped("variables"), quota(&API)];

    /// Changes the value of one variable.
    updateVariable: PATCH "/v1/apps/{app}/variables/{variable_id}"
        => update(app: AppRef, variable_id: VariableId, body: &VariableValue) -> Variable
        [enveloped("variable"), idempotent, quota(&API)];

    /// Deletes one variable.
    deleteVariable: DELETE "/v1/apps/{app}/variables/{variable_id}"
        => delete(app: AppRef, variable_id: VariableId) [quota(&API)];

    /// Deletes many variables at once.
    deleteVariables: DELETE "/v1/apps/{app}/variables" => delete_all(app: AppRef, body: &VariableIds) [quota(&API)];
}

impl Environment {
    /// As [`list`](Self::list), with the value of the other variable in place of `$NAME`.
    pub fn list_resolved(&self, app: impl Into<AppRef>) -> deploykit_core::Call<Vec<Variable>> {
        let list = self.list(app);
        list.map_request(|request| request.query_pair("aliases", &false))
    }

    /// The variable of this name, if there is one: the service has no call for one variable, so all are listed.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub fn find(&self, app: impl Into<AppRef>, name: &str) -> Composite<Option<Variable>> {
        self.search(app.into(), name.to_owned())
    }

    #[inline]
    fn search(&self, app: AppRef, name: String) -> Composite<Option<Variable>> {
        Composite::new(&self.client, "the search", move |client| async move {
            let variables = Self::new(&client).list(app).await?;
            Ok(variables.into_iter().find(|variable| variable.name == name))
        })
    }
}

deploykit_core::model! {
    /// A variable.
    pub struct Variable {
        required {
            /// Id.
            id: VariableId,
        }
        /// Name.
        name: String,
        /// Value.
        value: Secret,
        /// Application it belongs to.
        app_id: Option<String>,
    }
}

deploykit_core::request! {
    /// A variable to set.
    pub struct NewVariable {
        required {
            /// Name, of at most 64 characters.
            name: String,
            /// Value, of at most 32 768 characters; it may be empty.
            value: Secret,
        }
    }
    check |it| {
        match it.name.chars().count() {
            _ if it.name.trim().is_empty() => Err(Error::invalid_input("name", "is empty")),
            65.. => Err(Error::invalid_input("name", "has more than 64 characters")),
            _ => check_value(&it.value),
        }
    }
}

fn check_value(value: &Secret) -> Result<()> {
    match value.expose().chars().count() {
        32_769.. => Err(Error::invalid_input(
            "value",
            "has more than 32768 characters",
        )),
        _ => Ok(()),
    }
}

deploykit_core::request! {
    /// Another value of a variable.
    pub struct VariableValue {
        required {
            /// Value, of at most 32 768 characters; it may be empty.
            value: Secret,
        }
    }
    check |it| { check_value(&it.value) }
}

deploykit_core::request! {
    /// Which variables to delete.
    pub struct VariableIds {
        required {
            /// Their ids; at least one.
            variable_ids: Vec<VariableId>,
        }
    }
    check |it| {
        if it.variable_ids.is_empty() {
            return Err(Error::invalid_input("variable_ids", "is empty"));
        }
        Ok(())
    }
}

/// Variables to set at once: collected from pairs of name and value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NewVariables(pub Vec<NewVariable>);

impl Payload for NewVariables {
    fn check(&self) -> Result<()> {
        if self.0.is_empty() {
            return Err(Error::invalid_input("variables", "is empty"));
        }
        self.0.iter().try_for_each(Payload::check)
    }
}

impl<N: Into<String>, V: Into<Secret>> FromIterator<(N, V)> for NewVariables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let variable = |(name, value): (N, V)| NewVariable::new(name, value);
        Self(pairs.into_iter().map(variable).collect())
    }
}

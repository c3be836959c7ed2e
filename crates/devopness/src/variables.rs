//! Variables.

use deploykit_core::{Secret, Time};

use crate::resources::{ResourceId, ResourceType};
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// Variables: configuration values that are written to servers.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::resources::ResourceType;
    /// use deploykit_devopness::variables::{NewVariable, VariableTarget, VariableType};
    ///
    /// let new = NewVariable::new("LOG_LEVEL", "info", VariableTarget::OsEnvVar, VariableType::Variable, false);
    /// let variable = client.variables().add(ResourceType::Application, 1u64, &new).await?;
    /// client.variables().delete(variable.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Variables;

    /// Lists the variables of a resource.
    listVariablesByResourceType: GET "/variables/{resource_type}/{resource_id}"
        => list_by_resource(resource_type: ResourceType, resource_id: ResourceId, query: &ListVariables)
        -> Pages<Variable>;

    /// Adds a variable to a resource.
    /// Errors: 403, 422.
    addVariable: POST "/variables/{resource_type}/{resource_id}"
        => add(resource_type: ResourceType, resource_id: ResourceId, body: &NewVariable) -> Variable;

    /// Deletes a variable.
    /// Errors: 403.
    deleteVariable: DELETE "/variables/{variable_id}" => delete(variable_id: VariableId);

    /// Fetches a variable.
    /// Errors: 403.
    getVariable: GET "/variables/{variable_id}" => get(variable_id: VariableId) -> Variable;

    /// Changes a variable.
    /// Errors: 403, 422.
    updateVariable: PUT "/variables/{variable_id}" => update(variable_id: VariableId, body: &VariableUpdate);
}

deploykit_core::id! {
    /// A variable.
    pub struct VariableId(u64);
}

deploykit_core::request! {
    /// Which variables to list.
    pub struct ListVariables {
        optional {
            /// Whether variables that Devopness sets by itself are listed too. Default true.
            include_virtual_variables: bool,
            /// Only those that are written here.
            variable_target: VariableTarget,
        }
    }
}

deploykit_core::model! {
    /// A configuration value that is written to servers.
    pub struct Variable {
        required {
            /// Identifies the variable.
            id: VariableId,
        }
        /// Name of the variable; of a file, its path relative to the application.
        key: String,
        /// Whether it is a value or a whole file.
        kind = "type": VariableType,
        /// What it is for.
        description: Option<String>,
        /// The value; for a file, its content. None if it is hidden.
        value: Option<Secret>,
        /// Where it is written to.
        target: VariableTarget,
        /// The target in words.
        target_human_readable: String,
        /// The resource that it belongs to.
        resource_id: Option<ResourceId>,
        /// Type of the resource.
        resource_type: ResourceType,
        /// Whether its value is left out of deployment logs.
        hidden: Option<bool>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::request! {
    /// A variable to add.
    pub struct NewVariable {
        required {
            /// Name of the variable; of a file, its path relative to the application. At most 100 characters.
            key: String,
            /// The value; for a file, its content. At most 21504 characters.
            value: Secret,
            /// Where it is written to.
            target: VariableTarget,
            /// Whether it is a value or a whole file.
            #[serde(rename = "type")]
            kind: VariableType,
            /// Whether its value is left out of deployment logs.
            hidden: bool,
        }
        optional {
            /// What it is for. At most 255 characters.
            description: String,
        }
    }
}

deploykit_core::request! {
    /// Changes to a variable.
    pub struct VariableUpdate {
        required {
            /// Identifies the variable.
            id: VariableId,
            /// Name of the variable; of a file, its path relative to the application. At most 100 characters.
            key: String,
            /// The value; for a file, its content. At most 21504 characters.
            value: Secret,
            /// Where it is written to.
            target: VariableTarget,
            /// Whether it is a value or a whole file.
            #[serde(rename = "type")]
            kind: VariableType,
            /// Whether its value is left out of deployment logs.
            hidden: bool,
        }
        optional {
            /// What it is for. At most 255 characters.
            description: String,
        }
    }
}

deploykit_core::open_enum! {
    /// Where a variable is written to.
    pub enum VariableTarget {
        /// `my.cnf` of MySQL.
        MyCnf = "my-cnf",
        /// Configuration of the New Relic agent.
        NewrelicInfraYml = "newrelic-infra-yml",
        /// Each HTTP server of nginx.
        NginxHttpServer = "nginx-http-server",
        /// The HTTP section of nginx.
        NginxHttp = "nginx-http",
        /// The main section of nginx.
        NginxMain = "nginx-main",
        /// The environment of the operating system.
        OsEnvVar = "os-env-var",
        /// `php.ini` of the command line.
        PhpCliIni = "php-cli_php-ini",
        /// Main configuration of PHP-FPM.
        PhpFpmConf = "php-fpm_php-fpm-conf",
        /// `php.ini` of PHP-FPM.
        PhpFpmIni = "php-fpm_php-ini",
        /// Pool configuration of PHP-FPM.
        PhpFpmPool = "php-fpm_pool-d-www-conf",
        /// Configuration of Redis.
        RedisConf = "redis-conf",
        /// A file of the resource.
        ResourceConfigFile = "resource-config-file",
        /// A symbolic link of the resource.
        ResourceSymlink = "resource-symlink",
        /// Configuration of Supervisor.
        SupervisordConf = "supervisord-conf",
        /// Kernel parameters.
        SysctlConf = "sysctl-conf",
    }
}

deploykit_core::open_enum! {
    /// What a variable is.
    pub enum VariableType {
        /// A whole file.
        File = "file",
        /// A symbolic link.
        Symlink = "symlink",
        /// A value.
        Variable = "variable",
    }
}

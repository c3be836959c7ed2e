//! What the static data hold.

use serde_json::{Map, Value};

use super::{BillingPlanId, TemplateId};
use crate::credentials::{ProviderCode, ProviderType};
use crate::cron_jobs::CronJobPattern;
use crate::environments::EnvironmentType;
use crate::network_rules::{NetworkRuleDirection, NetworkRuleProtocol};
use crate::pipelines::TriggerEvent;
use crate::resources::ResourceType;
use crate::services::ServiceType;
use crate::variables::VariableTarget;
use crate::virtual_hosts::VirtualHostType;

deploykit_core::model! {
    /// What can be chosen for applications.
    pub struct ApplicationOptions {
        /// Places that variables can be written to.
        variable_targets: Vec<VariableTargets>,
        /// Languages to choose from.
        language_runtimes: Vec<LanguageRuntime>,
        /// Runners to choose from.
        script_runners: Vec<ScriptRunner>,
        /// Templates that applications can be made from.
        templates: Vec<Template>,
    }
}

deploykit_core::model! {
    /// A template that applications can be made from.
    pub struct Template {
        required {
            /// Identifies the template.
            id: TemplateId,
        }
        /// Name of the template.
        name: String,
        /// Title of the template.
        title: String,
        /// What it makes.
        description: Option<String>,
        /// Version of the template.
        version: String,
        /// The template itself.
        manifest: Option<Map<String, Value>> as deploykit_core::de::object,
    }
}

deploykit_core::model! {
    /// A programming language that applications can run on.
    pub struct LanguageRuntime {
        /// Name of the runtime.
        name: String,
        /// The name in words.
        name_human_readable: String,
        /// Versions to choose from.
        engine_versions: Vec<EngineVersion>,
        /// Frameworks to choose from.
        frameworks: Vec<LanguageRuntimeFramework>,
    }
}

deploykit_core::model! {
    /// A framework of a language runtime.
    pub struct LanguageRuntimeFramework {
        /// Name of the framework.
        name: String,
        /// The name in words.
        name_human_readable: String,
        /// What one starts with.
        defaults: Option<LanguageRuntimeFrameworkDefaults>,
    }
}

deploykit_core::model! {
    /// What an application of this framework starts with.
    pub struct LanguageRuntimeFrameworkDefaults {
        /// The branch that is deployed if none is named.
        default_branch: Option<String>,
        /// Version of the language's runtime.
        engine_version: Option<String>,
        /// Framework that the code builds on.
        framework: Option<String>,
        /// Folder of the package manager's files, if it is not the repository's top.
        root_directory: Option<String>,
        /// How many deployments are kept, to roll back to.
        deployments_keep: Option<u32>,
        /// Commands that are common.
        commands: Option<LanguageRuntimeFrameworkCommands>,
        /// Command that installs the dependencies.
        install_dependencies_command: Option<String>,
        /// Command that builds the code, run once a deployment.
        build_command: Option<String>,
    }
}

deploykit_core::model! {
    /// Commands that applications of this framework commonly use.
    pub struct LanguageRuntimeFrameworkCommands {
        /// Commands that build.
        build: Option<Vec<String>>,
        /// Commands that install dependencies.
        dependencies: Option<Vec<String>>,
    }
}

deploykit_core::model! {
    /// A program that runs a pipeline step's command.
    pub struct ScriptRunner {
        /// How the runner is called on the command line.
        value: String,
        /// The name in words.
        human_readable: String,
        /// Explains it to a person who has to choose.
        hint: String,
    }
}

deploykit_core::model! {
    /// A product and the plans it is sold by.
    pub struct BillingPlansOptionsRelation {
        /// Name of the product.
        name: String,
        /// Who the product is for.
        hint: Option<String>,
        /// The plans.
        plans: Vec<BillingPlan>,
    }
}

deploykit_core::model! {
    /// A price for a number of credits.
    pub struct BillingPlan {
        /// Identifies the plan.
        id: Option<BillingPlanId>,
        /// Id of the plan at the payment provider.
        provider_plan_id: Option<String>,
        /// Price for a billing period.
        price: Option<f64>,
        /// Credits in a billing period.
        credit_limit: Option<f64>,
        /// How long a billing period is.
        billing_period: Option<String>,
    }
}

deploykit_core::model! {
    /// What can be chosen for cron jobs.
    pub struct CronJobOptions {
        /// Frequencies to choose from.
        frequencies: Vec<StaticCronJobFrequency>,
    }
}

deploykit_core::model! {
    /// A frequency that is offered for cron jobs.
    pub struct StaticCronJobFrequency {
        /// The cron expression.
        value: String,
        /// The name in words.
        human_readable: CronJobPattern,
        /// Explains it to a person who has to choose.
        hint: String,
    }
}

deploykit_core::model! {
    /// What can be chosen for credentials.
    pub struct CredentialOptions {
        /// Kinds of providers.
        provider_types: Vec<CredentialProviderType>,
        /// Providers to choose from.
        supported_providers: Vec<CredentialProvider>,
    }
}

deploykit_core::model! {
    /// A provider that credentials can be kept for.
    pub struct CredentialProvider {
        /// Code of the provider.
        code: ProviderCode,
        /// Name of the provider.
        name: String,
        /// Explains it to a person who has to choose.
        hint: String,
        /// Whether it hosts machines or source code.
        kind = "type": ProviderType,
        /// The kind in words.
        type_human_readable: String,
    }
}

deploykit_core::model! {
    /// A kind of provider.
    pub struct CredentialProviderType {
        /// Whether it hosts machines or source code.
        kind = "type": ProviderType,
        /// The kind in words.
        type_human_readable: String,
    }
}

deploykit_core::model! {
    /// What can be chosen for environments.
    pub struct EnvironmentOptions {
        /// Types to choose from.
        types: Vec<StaticEnvironmentType>,
    }
}

deploykit_core::model! {
    /// A type of environment that is offered.
    pub struct StaticEnvironmentType {
        /// The type.
        value: EnvironmentType,
        /// The name in words.
        human_readable: String,
        /// Explains it to a person who has to choose.
        hint: String,
    }
}

deploykit_core::model! {
    /// What can be chosen for network rules.
    pub struct NetworkRuleOptions {
        /// Directions to choose from.
        directions: Vec<StaticNetworkRuleDirection>,
        /// Protocols to choose from.
        protocols: Vec<StaticNetworkRuleProtocol>,
    }
}

deploykit_core::model! {
    /// A direction that is offered for network rules.
    pub struct StaticNetworkRuleDirection {
        /// The direction.
        value: NetworkRuleDirection,
        /// The name in words.
        human_readable: String,
        /// Explains it to a person who has to choose.
        hint: String,
    }
}

deploykit_core::model! {
    /// A protocol that is offered for network rules.
    pub struct StaticNetworkRuleProtocol {
        /// The protocol.
        value: NetworkRuleProtocol,
        /// The name in words.
        human_readable: String,
        /// What one starts with.
        defaults: Option<StaticNetworkRuleProtocolDefaults>,
    }
}

deploykit_core::model! {
    /// What a rule for this protocol starts with.
    pub struct StaticNetworkRuleProtocolDefaults {
        /// The protocol's usual port; none if it has none.
        port: Option<u16>,
    }
}

deploykit_core::model! {
    /// The permissions that concern one type of resource.
    pub struct PermissionRelation {
        /// Type of the resource.
        resource_type: ResourceType,
        /// The type in words.
        human_readable: String,
        /// The permissions.
        permissions: Vec<StaticPermission>,
    }
}

deploykit_core::model! {
    /// A permission that a role can grant.
    pub struct StaticPermission {
        /// Name of the permission.
        name: String,
        /// The name in words.
        human_readable: String,
        /// Explains it to a person who has to choose.
        hint: String,
        /// Permissions that a role must have first.
        required_permissions: Option<Vec<String>>,
    }
}

deploykit_core::model! {
    /// A type of resource, and what can be done with it.
    pub struct ResourceTypeRelation {
        /// Type of the resource.
        resource_type: ResourceType,
        /// The resource's type in words.
        resource_type_human_readable: String,
        /// The resource's type in words, in the plural.
        resource_type_human_readable_plural: String,
        /// What can be done with it.
        supported_operations: Vec<ResourceOperation>,
        /// Types that it can be linked below.
        can_be_child_of: Vec<ResourceTypeRelated>,
        /// Types that can be linked below it.
        can_be_parent_of: Vec<ResourceTypeRelated>,
    }
}

deploykit_core::model! {
    /// An operation that a type of resource supports.
    pub struct ResourceOperation {
        /// The operation.
        operation: Option<String>,
        /// The operation in words.
        operation_human_readable: Option<String>,
        /// How its pipelines can be set up.
        pipeline_settings: Option<PipelineSettings>,
    }
}

deploykit_core::model! {
    /// How pipelines of an operation can be set up.
    pub struct PipelineSettings {
        /// How many pipelines a resource may have.
        max_pipelines_per_resource: Option<u32>,
        /// Whether users may change such pipelines.
        is_user_managed: Option<bool>,
        /// Whether such actions take a comment.
        supports_trigger_comment: Option<bool>,
        /// Stages that steps can be placed around.
        stages: Option<Vec<PipelineSettingsStage>>,
        /// The variables.
        variables: Option<Vec<PipelineSettingsVariable>>,
    }
}

deploykit_core::model! {
    /// A stage of an operation that pipeline steps can be placed around.
    pub struct PipelineSettingsStage {
        /// The stage.
        value: Option<TriggerEvent>,
        /// The name in words.
        human_readable: Option<String>,
        /// Explains it to a person who has to choose.
        hint: Option<String>,
    }
}

deploykit_core::model! {
    /// A variable that a pipeline of this operation takes.
    pub struct PipelineSettingsVariable {
        /// Name of the variable.
        name: Option<String>,
        /// The name in words.
        human_readable: Option<String>,
        /// Explains it to a person who has to choose.
        hint: Option<String>,
        /// Type of its value.
        kind = "type": Option<String>,
        /// Whether it must be given.
        required: Option<bool>,
    }
}

deploykit_core::model! {
    /// A type of resource that can be linked to another one.
    pub struct ResourceTypeRelated {
        /// Type of the resource.
        resource_type: Option<ResourceType>,
        /// The resource's type in words.
        resource_type_human_readable: Option<String>,
        /// The resource's type in words, in the plural.
        resource_type_human_readable_plural: Option<String>,
        /// Whether it can be linked by hand.
        can_be_linked: Option<bool>,
    }
}

deploykit_core::model! {
    /// What can be chosen for servers.
    pub struct ServerOptions {
        /// Places that variables can be written to.
        variable_targets: Vec<VariableTargets>,
    }
}

deploykit_core::model! {
    /// What can be chosen for services.
    pub struct ServiceOptions {
        /// Types to choose from.
        types: Vec<StaticServiceType>,
    }
}

deploykit_core::model! {
    /// A service that servers can run.
    pub struct StaticServiceType {
        /// The service.
        value: ServiceType,
        /// The name in words.
        human_readable: String,
        /// Explains it to a person who has to choose.
        hint: String,
        /// Versions to choose from.
        supported_versions: Vec<ServiceVersion>,
    }
}

deploykit_core::model! {
    /// What can be chosen in a user's profile.
    pub struct UserProfileOptions {
        /// What can be subscribed to.
        billing: Option<StaticBillingInfo>,
        /// Languages to choose from.
        languages: Vec<String>,
        /// Time zones to choose from.
        timezones: Vec<String>,
    }
}

deploykit_core::model! {
    /// What a user can subscribe to.
    pub struct StaticBillingInfo {
        /// Plans to subscribe to.
        subscription_plans: Option<Vec<SubscriptionPlan>>,
    }
}

deploykit_core::model! {
    /// A plan that users can subscribe to.
    pub struct SubscriptionPlan {
        /// Id of the plan at the payment provider.
        provider_plan_id: Option<String>,
        /// The name in words.
        human_readable: Option<String>,
        /// Whether it can be subscribed to.
        allow_subscriptions: Option<bool>,
    }
}

deploykit_core::model! {
    /// What can be chosen for virtual hosts.
    pub struct VirtualHostOptions {
        /// Places that variables can be written to.
        variable_targets: Vec<VariableTargets>,
        /// Types to choose from.
        virtual_host_types: Vec<StaticVirtualHostType>,
    }
}

deploykit_core::model! {
    /// A type of virtual host that is offered.
    pub struct StaticVirtualHostType {
        /// Name of the type.
        name: VirtualHostType,
        /// The name in words.
        name_human_readable: String,
        /// Explains it to a person who has to choose.
        hint: String,
    }
}

deploykit_core::model! {
    /// A place that variables can be written to.
    pub struct VariableTargets {
        /// Name of the target.
        name: Option<VariableTarget>,
        /// The name in words.
        name_human_readable: Option<String>,
        /// Explains it to a person who has to choose.
        hint: Option<String>,
    }
}

deploykit_core::model! {
    /// A version of a language's runtime.
    pub struct EngineVersion {
        /// The version.
        version: Option<String>,
    }
}

deploykit_core::model! {
    /// A version of a service.
    pub struct ServiceVersion {
        /// The version.
        version: Option<String>,
        /// Places that variables can be written to.
        variable_targets: Option<Vec<VariableTargets>>,
    }
}

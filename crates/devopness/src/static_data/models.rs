//! What the static data hold.

use serde::{Deserialize, Serialize};

use super::BillingPlanId;
use crate::credentials::{ProviderCode, ProviderType};
use crate::cron_jobs::CronJobPattern;
use crate::environments::EnvironmentType;
use crate::network_rules::{NetworkRuleDirection, NetworkRuleProtocol};
use crate::pipelines::TriggerEvent;
use crate::resources::ResourceType;
use crate::services::ServiceType;
use crate::variables::VariableTarget;
use crate::virtual_hosts::VirtualHostType;

/// What can be chosen for applications.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ApplicationOptions {
    /// Places that variables can be written to.
    pub variable_targets: Vec<VariableTargets>,
    /// Languages to choose from.
    pub language_runtimes: Vec<LanguageRuntime>,
    /// Runners to choose from.
    pub script_runners: Vec<ScriptRunner>,
}

/// A programming language that applications can run on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LanguageRuntime {
    /// Name of the runtime.
    pub name: String,
    /// The name in words.
    pub name_human_readable: String,
    /// Versions to choose from.
    pub engine_versions: Vec<EngineVersion>,
    /// Frameworks to choose from.
    pub frameworks: Vec<LanguageRuntimeFramework>,
}

/// A framework of a language runtime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LanguageRuntimeFramework {
    /// Name of the framework.
    pub name: String,
    /// The name in words.
    pub name_human_readable: String,
    /// What one starts with.
    pub defaults: LanguageRuntimeFrameworkDefaults,
}

/// What an application of this framework starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LanguageRuntimeFrameworkDefaults {
    /// The branch that is deployed if none is named.
    pub default_branch: Option<String>,
    /// Version of the language's runtime.
    pub engine_version: Option<String>,
    /// Framework that the code builds on.
    pub framework: Option<String>,
    /// Folder of the package manager's files, if it is not the repository's top.
    pub root_directory: Option<String>,
    /// How many deployments are kept, to roll back to.
    pub deployments_keep: Option<u32>,
    /// Commands that are common.
    pub commands: Option<LanguageRuntimeFrameworkCommands>,
    /// Command that installs the dependencies.
    pub install_dependencies_command: Option<String>,
    /// Command that builds the code, run once a deployment.
    pub build_command: Option<String>,
}

/// Commands that applications of this framework commonly use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LanguageRuntimeFrameworkCommands {
    /// Commands that build.
    pub build: Option<Vec<String>>,
    /// Commands that install dependencies.
    pub dependencies: Option<Vec<String>>,
}

/// A program that runs a pipeline step's command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScriptRunner {
    /// How the runner is called on the command line.
    pub value: String,
    /// The name in words.
    pub human_readable: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
}

/// A product and the plans it is sold by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BillingPlansOptionsRelation {
    /// Name of the product.
    pub name: String,
    /// Who the product is for.
    pub hint: Option<String>,
    /// The plans.
    pub plans: Vec<BillingPlan>,
}

/// A price for a number of credits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BillingPlan {
    /// Identifies the plan.
    pub id: Option<BillingPlanId>,
    /// Id of the plan at the payment provider.
    pub provider_plan_id: Option<String>,
    /// Price for a billing period.
    pub price: Option<f64>,
    /// Credits in a billing period.
    pub credit_limit: Option<f64>,
    /// How long a billing period is.
    pub billing_period: Option<String>,
}

/// What can be chosen for cron jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CronJobOptions {
    /// Frequencies to choose from.
    pub frequencies: Vec<StaticCronJobFrequency>,
}

/// A frequency that is offered for cron jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticCronJobFrequency {
    /// The cron expression.
    pub value: String,
    /// The name in words.
    pub human_readable: CronJobPattern,
    /// Explains it to a person who has to choose.
    pub hint: String,
}

/// What can be chosen for credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CredentialOptions {
    /// Kinds of providers.
    pub provider_types: Vec<CredentialProviderType>,
    /// Providers to choose from.
    pub supported_providers: Vec<CredentialProvider>,
}

/// A provider that credentials can be kept for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CredentialProvider {
    /// Code of the provider.
    pub code: ProviderCode,
    /// Name of the provider.
    pub name: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
    /// Whether it hosts machines or source code.
    #[serde(rename = "type")]
    pub kind: ProviderType,
    /// The kind in words.
    pub type_human_readable: String,
}

/// A kind of provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CredentialProviderType {
    /// Whether it hosts machines or source code.
    #[serde(rename = "type")]
    pub kind: ProviderType,
    /// The kind in words.
    pub type_human_readable: String,
}

/// What can be chosen for environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EnvironmentOptions {
    /// Types to choose from.
    pub types: Vec<StaticEnvironmentType>,
}

/// A type of environment that is offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticEnvironmentType {
    /// The type.
    pub value: EnvironmentType,
    /// The name in words.
    pub human_readable: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
}

/// What can be chosen for network rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NetworkRuleOptions {
    /// Directions to choose from.
    pub directions: Vec<StaticNetworkRuleDirection>,
    /// Protocols to choose from.
    pub protocols: Vec<StaticNetworkRuleProtocol>,
}

/// A direction that is offered for network rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticNetworkRuleDirection {
    /// The direction.
    pub value: NetworkRuleDirection,
    /// The name in words.
    pub human_readable: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
}

/// A protocol that is offered for network rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticNetworkRuleProtocol {
    /// The protocol.
    pub value: NetworkRuleProtocol,
    /// The name in words.
    pub human_readable: String,
    /// What one starts with.
    pub defaults: StaticNetworkRuleProtocolDefaults,
}

/// What a rule for this protocol starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticNetworkRuleProtocolDefaults {
    /// The protocol's usual port; none if it has none.
    pub port: Option<u16>,
}

/// The permissions that concern one type of resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PermissionRelation {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// The type in words.
    pub human_readable: String,
    /// The permissions.
    pub permissions: Vec<StaticPermission>,
}

/// A permission that a role can grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticPermission {
    /// Name of the permission.
    pub name: String,
    /// The name in words.
    pub human_readable: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
    /// Permissions that a role must have first.
    pub required_permissions: Option<Vec<String>>,
}

/// A type of resource, and what can be done with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceTypeRelation {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// The resource's type in words.
    pub resource_type_human_readable: String,
    /// The resource's type in words, in the plural.
    pub resource_type_human_readable_plural: String,
    /// What can be done with it.
    pub supported_operations: Vec<ResourceOperation>,
    /// Types that it can be linked below.
    pub can_be_child_of: Vec<ResourceTypeRelated>,
    /// Types that can be linked below it.
    pub can_be_parent_of: Vec<ResourceTypeRelated>,
}

/// An operation that a type of resource supports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceOperation {
    /// The operation.
    pub operation: Option<String>,
    /// The operation in words.
    pub operation_human_readable: Option<String>,
    /// How its pipelines can be set up.
    pub pipeline_settings: Option<PipelineSettings>,
}

/// How pipelines of an operation can be set up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PipelineSettings {
    /// How many pipelines a resource may have.
    pub max_pipelines_per_resource: Option<u32>,
    /// Whether users may change such pipelines.
    pub is_user_managed: Option<bool>,
    /// Stages that steps can be placed around.
    pub stages: Option<Vec<PipelineSettingsStage>>,
    /// The variables.
    pub variables: Option<Vec<PipelineSettingsVariable>>,
}

/// A stage of an operation that pipeline steps can be placed around.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PipelineSettingsStage {
    /// The stage.
    pub value: Option<TriggerEvent>,
    /// The name in words.
    pub human_readable: Option<String>,
    /// Explains it to a person who has to choose.
    pub hint: Option<String>,
}

/// A variable that a pipeline of this operation takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PipelineSettingsVariable {
    /// Name of the variable.
    pub name: Option<String>,
    /// The name in words.
    pub human_readable: Option<String>,
    /// Explains it to a person who has to choose.
    pub hint: Option<String>,
    /// Type of its value.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether it must be given.
    pub required: Option<bool>,
}

/// A type of resource that can be linked to another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceTypeRelated {
    /// Type of the resource.
    pub resource_type: Option<ResourceType>,
    /// The resource's type in words.
    pub resource_type_human_readable: Option<String>,
    /// The resource's type in words, in the plural.
    pub resource_type_human_readable_plural: Option<String>,
    /// Whether it can be linked by hand.
    pub can_be_linked: Option<bool>,
}

/// What can be chosen for servers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerOptions {
    /// Places that variables can be written to.
    pub variable_targets: Vec<VariableTargets>,
}

/// What can be chosen for services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// Types to choose from.
    pub types: Vec<StaticServiceType>,
}

/// A service that servers can run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticServiceType {
    /// The service.
    pub value: ServiceType,
    /// The name in words.
    pub human_readable: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
    /// Versions to choose from.
    pub supported_versions: Vec<ServiceVersion>,
}

/// What can be chosen in a user's profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserProfileOptions {
    /// What can be subscribed to.
    pub billing: StaticBillingInfo,
    /// Languages to choose from.
    pub languages: Vec<String>,
    /// Time zones to choose from.
    pub timezones: Vec<String>,
}

/// What a user can subscribe to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticBillingInfo {
    /// Plans to subscribe to.
    pub subscription_plans: Option<Vec<SubscriptionPlan>>,
}

/// A plan that users can subscribe to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubscriptionPlan {
    /// Id of the plan at the payment provider.
    pub provider_plan_id: Option<String>,
    /// The name in words.
    pub human_readable: Option<String>,
    /// Whether it can be subscribed to.
    pub allow_subscriptions: Option<bool>,
}

/// What can be chosen for virtual hosts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VirtualHostOptions {
    /// Places that variables can be written to.
    pub variable_targets: Vec<VariableTargets>,
    /// Types to choose from.
    pub virtual_host_types: Vec<StaticVirtualHostType>,
}

/// A type of virtual host that is offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticVirtualHostType {
    /// Name of the type.
    pub name: VirtualHostType,
    /// The name in words.
    pub name_human_readable: String,
    /// Explains it to a person who has to choose.
    pub hint: String,
}

/// A place that variables can be written to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VariableTargets {
    /// Name of the target.
    pub name: Option<VariableTarget>,
    /// The name in words.
    pub name_human_readable: Option<String>,
    /// Explains it to a person who has to choose.
    pub hint: Option<String>,
}

/// A version of a language's runtime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EngineVersion {
    /// The version.
    pub version: Option<String>,
}

/// A version of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceVersion {
    /// The version.
    pub version: Option<String>,
    /// Places that variables can be written to.
    pub variable_targets: Option<Vec<VariableTargets>>,
}

//! Static Data.

mod cloud;
mod models;

pub use cloud::*;
pub use models::*;

deploykit_core::endpoints! {
    /// Static data: the values that the fields of other resources can take.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// let options = client.static_data().application_options().await?;
    /// for runtime in options.language_runtimes {
    ///     println!("{}: {} frameworks", runtime.name, runtime.frameworks.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct StaticData;

    /// Fetches what can be chosen for applications.
    getStaticApplicationOptions: GET "/static/application-options"
        => application_options() -> ApplicationOptions;

    /// Lists products and their plans.
    listStaticBillingPlansOptions: GET "/static/billing-plans-options"
        => billing_plans() -> Pages<BillingPlansOptionsRelation>;

    /// Fetches a cloud service: its regions, and what it can host.
    /// Errors: 404.
    getStaticCloudProviderService: GET "/static/cloud-provider-service-options/{cloud_provider_service_code}"
        => cloud_service(cloud_provider_service_code: CloudProviderServiceCode) -> CloudProviderService;

    /// Lists the sizes of machines that a cloud service offers in a region.
    listStaticCloudInstancesByCloudProviderServiceCodeAndRegionCode: GET "/static/cloud-provider-service-options/{cloud_provider_service_code}/regions/{region_code}/instances"
        => cloud_instances(cloud_provider_service_code: CloudProviderServiceCode, region_code: String)
        -> Pages<CloudInstanceRelation>;

    /// Fetches what can be chosen for credentials.
    getStaticCredentialOptions: GET "/static/credential-options" => credential_options() -> CredentialOptions;

    /// Fetches what can be chosen for cron jobs.
    getStaticCronJobOptions: GET "/static/cronjob-options" => cron_job_options() -> CronJobOptions;

    /// Fetches what can be chosen for environments.
    getStaticEnvironmentOptions: GET "/static/environment-options"
        => environment_options() -> EnvironmentOptions;

    /// Fetches what can be chosen for network rules.
    getStaticNetworkRuleOptions: GET "/static/network-rule-options"
        => network_rule_options() -> NetworkRuleOptions;

    /// Lists the permissions that roles can grant.
    listStaticPermissions: GET "/static/permissions" => permissions() -> Pages<PermissionRelation>;

    /// Lists the types of resources, and what can be done with them.
    listStaticResourceTypes: GET "/static/resource-types" => resource_types() -> Pages<ResourceTypeRelation>;

    /// Fetches what can be chosen for servers.
    getStaticServerOptions: GET "/static/server-options" => server_options() -> ServerOptions;

    /// Fetches what can be chosen for services.
    getStaticServiceOptions: GET "/static/service-options" => service_options() -> ServiceOptions;

    /// Fetches what can be chosen in a user's profile.
    getStaticUserProfileOptions: GET "/static/user-profile-options"
        => user_profile_options() -> UserProfileOptions;

    /// Fetches what can be chosen for virtual hosts.
    getStaticVirtualHostOptions: GET "/static/virtual-host-options"
        => virtual_host_options() -> VirtualHostOptions;
}

deploykit_core::id! {
    /// A billing plan.
    pub struct BillingPlanId(u64);

    /// A template of applications.
    pub struct TemplateId(String);
}

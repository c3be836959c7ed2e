//! Add-ons of applications, and what there is to choose from.

use std::collections::BTreeMap;
use std::time::Duration;

use deploykit_core::de::number;
use deploykit_core::{Call, Secret, State, Time, Wait};
use futures::future::BoxFuture;

use crate::{API, AppRef, Price};

deploykit_core::id! {
    /// An add-on of an application: `ad-…`. For a database, its id in the database API, too.
    pub struct AddonId(String);
    /// A provider of add-ons: its name or its id.
    pub struct AddonProviderId(String);
    /// A plan of a provider.
    pub struct PlanId(String);
}

deploykit_core::endpoints! {
    /// Add-ons of applications.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewAddon;
    ///
    /// let plans = client.addon_providers().plans("postgresql").await?;
    /// let order = NewAddon::new("postgresql", plans[0].id.clone());
    /// let provisioned = client.addons().provision("example-app", &order).await?;
    /// if let Some(addon) = provisioned.addon {
    ///     client.addons().wait("example-app", addon.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Addons;

    /// Lists the add-ons of an application.
    listAddons: GET "/v1/apps/{app}/addons" => list(app: AppRef) -> Vec<Addon> [envelope("addons"), quota(&API)];

    /// Fetches one add-on.
    getAddon: GET "/v1/apps/{app}/addons/{addon_id}"
        => get(app: AppRef, addon_id: AddonId) -> Addon [envelope("addon"), quota(&API)];

    /// Provisions an add-on; what it costs begins here. The application gets its variables with the next restart.
    /// It may take a while until it can be [used](Addons::wait).
    ///
    /// A call that may have been carried out is not repeated.
    provisionAddon: POST "/v1/apps/{app}/addons"
        => provision(app: AppRef, body: &NewAddon) -> AddonAnswer [body_envelope("addon"), quota(&API)];

    /// Changes the plan of an add-on.
    changeAddonPlan: PATCH "/v1/apps/{app}/addons/{addon_id}"
        => change_plan(app: AppRef, addon_id: AddonId, body: &AddonPlanChange) -> AddonAnswer
        [body_envelope("addon"), idempotent, quota(&API)];

    /// Removes an add-on, with all that is in it.
    deleteAddon: DELETE "/v1/apps/{app}/addons/{addon_id}" => delete(app: AppRef, addon_id: AddonId) [quota(&API)];

    /// Makes a token for the database API, valid for an hour: the add-on's `token`. The client does so by itself
    /// for a [`Database`](crate::Database).
    createAddonToken: POST "/v1/apps/{app}/addons/{addon_id}/token"
        => token(app: AppRef, addon_id: AddonId) -> Addon [envelope("addon"), idempotent, quota(&API)];

    /// Makes an address of the add-on's own dashboard, valid for an hour: its `sso_url`, a secret.
    getAddonSso: GET "/v1/apps/{app}/addons/{addon_id}/sso"
        => sso(app: AppRef, addon_id: AddonId) -> Addon [envelope("addon"), quota(&API)];

    /// Resumes a suspended add-on.
    resumeAddon: POST "/v1/apps/{app}/addons/{addon_id}/resume"
        => resume(app: AppRef, addon_id: AddonId) -> AddonAnswer [idempotent, quota(&API)];
}

impl Addons {
    /// Waits until an add-on can be used, for at most 30 minutes.
    ///
    /// # Errors
    ///
    /// [`Failed`](deploykit_core::ErrorKind::Failed) if it is suspended; see [`Wait`](deploykit_core::Wait).
    pub fn wait(&self, app: impl Into<AppRef>, addon: impl Into<AddonId>) -> Wait<Addon> {
        self.wait_for(app.into(), addon.into())
    }

    #[inline]
    fn wait_for(&self, app: AppRef, addon: AddonId) -> Wait<Addon> {
        let this = self.clone();
        let what = format!("add-on {addon}");
        let look = move || -> BoxFuture<'static, _> {
            Box::pin(this.get(app.clone(), addon.clone()).send())
        };
        let judge = |addon: &Addon| match &addon.status {
            Some(AddonStatus::Running) => (State::Done, String::new()),
            Some(status @ AddonStatus::Suspended) => (State::Failed, status.to_string()),
            _ => (State::Running, String::new()),
        };
        Wait::new(what, look, judge).every(Duration::from_secs(1), Duration::from_secs(10))
    }
}

deploykit_core::endpoints! {
    /// What add-ons there are, with their plans.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// for provider in client.addon_providers().list().await? {
    ///     println!("{}", provider.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct AddonProviders;

    /// Lists the providers; all plans that the account may take stand in each.
    listAddonProviders: GET "/v1/addon_providers" => list() -> Vec<AddonProvider>
        [envelope("addon_providers"), quota(&API)];

    /// Lists the plans of a provider.
    listAddonProviderPlans: GET "/v1/addon_providers/{provider}/plans"
        => plans(provider: AddonProviderId) -> Vec<AddonPlan> [envelope("plans"), quota(&API)];

    /// Lists the categories of providers.
    listAddonCategories: GET "/v1/addon_categories" => categories() -> Vec<AddonCategory>
        [envelope("addon_categories"), quota(&API)];
}

impl AddonProviders {
    /// As [`list`](Self::list), those of one category, by its id.
    #[inline]
    pub fn in_category(&self, category: &str) -> Call<Vec<AddonProvider>> {
        self.list()
            .map_request(|request| request.query_pair("category_id", &category))
    }

    /// As [`plans`](Self::plans), with those that the account may not take.
    pub fn all_plans(&self, provider: impl Into<AddonProviderId>) -> Call<Vec<AddonPlan>> {
        self.plans(provider)
            .map_request(|request| request.query_pair("show_all", &true))
    }
}

deploykit_core::open_enum! {
    /// State of an add-on.
    pub enum AddonStatus {
        /// It can be used.
        Running = "running",
        /// It is being made.
        Provisioning = "provisioning",
        /// It has been switched off.
        Suspended = "suspended",
    }
}

deploykit_core::model! {
    /// An add-on of an application.
    pub struct Addon {
        required {
            /// Id.
            id: AddonId,
        }
        /// Application it belongs to.
        app_id: Option<String>,
        /// What its provider calls it.
        resource_id: Option<String>,
        /// State.
        status: Option<AddonStatus>,
        /// Its plan.
        plan: Option<AddonPlan>,
        /// Its provider.
        addon_provider: Option<AddonProvider>,
        /// When it was made.
        provisioned_at: Option<Time>,
        /// When it was removed.
        deprovisioned_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// Whether it may hold health data.
        hds_resource: Option<bool>,
        /// Token for the database API, where one was asked for.
        token: Option<Secret>,
        /// Address of its own dashboard, where it was asked for.
        sso_url: Option<Secret>,
    }
}

deploykit_core::model! {
    /// What an order of an add-on came to.
    pub struct AddonAnswer {
        /// The add-on.
        addon: Option<Addon>,
        /// A word of the provider.
        message: Option<String>,
        /// Names of the variables that it gives to the application.
        variables = "variables" | "vars": Vec<String>,
    }
}

deploykit_core::model! {
    /// A provider of add-ons.
    pub struct AddonProvider {
        /// Id.
        id: Option<AddonProviderId>,
        /// Name.
        name: String,
        /// Address of its picture, without a scheme.
        logo_url: Option<String>,
        /// A few words on it.
        short_description: Option<String>,
        /// More words on it.
        description: Option<String>,
        /// Who is behind it.
        provider_name: Option<String>,
        /// Page of who is behind it.
        provider_url: Option<String>,
        /// What it is for.
        category: Option<AddonCategory>,
        /// Whether it may hold health data.
        hds_available: Option<bool>,
        /// Its plans.
        plans: Vec<AddonPlan>,
    }
}

deploykit_core::model! {
    /// A plan of a provider.
    pub struct AddonPlan {
        required {
            /// Id.
            id: PlanId,
        }
        /// Name.
        name: String,
        /// Name to show.
        display_name: Option<String>,
        /// A few words on it.
        description: Option<String>,
        /// Price of a month, in euros; superseded by `pricings`.
        price: Option<f64>,
        /// Name in the price list.
        sku: Option<String>,
        /// Its place among the plans.
        position: Option<i64> as number,
        /// Whether it has to be asked for.
        on_demand: Option<bool>,
        /// Whether it can no longer be taken.
        disabled: Option<bool>,
        /// What to take in its place.
        disabled_alternative_plan_id: Option<PlanId>,
        /// Whether it may hold health data.
        hds_available: Option<bool>,
        /// Whether it will end.
        to_be_discontinued: Option<bool>,
        /// Whether it can be tried out.
        trial_available: Option<bool>,
        /// Prices by region or currency.
        pricings: BTreeMap<String, Option<Price>>,
        /// What it comes with; differs by provider.
        properties: BTreeMap<String, serde_json::Value>,
    }
}

deploykit_core::model! {
    /// A category of add-ons.
    pub struct AddonCategory {
        /// Id.
        id: Option<String>,
        /// Name.
        name: String,
        /// A few words on it.
        description: Option<String>,
        /// Its place among the categories.
        position: Option<i64> as number,
    }
}

deploykit_core::request! {
    /// An add-on to provision.
    pub struct NewAddon {
        required {
            /// Its provider.
            addon_provider_id: AddonProviderId,
            /// Its plan.
            plan_id: PlanId,
        }
        optional {
            /// What the provider wants to know.
            options: BTreeMap<String, String>,
        }
    }
}

deploykit_core::request! {
    /// Another plan.
    pub struct AddonPlanChange {
        required {
            /// The plan.
            plan_id: PlanId,
        }
    }
}

//! Log drains: where logs go besides.

use deploykit_core::{Error, Secret};

use crate::{API, AddonId, AppRef};

deploykit_core::endpoints! {
    /// Log drains of applications and of their add-ons: each line is sent there, too. Their addresses hold tokens,
    /// and are secrets.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{DrainType, LogDrainUrl, NewLogDrain};
    ///
    /// let drain = NewLogDrain::new(DrainType::Papertrail).host("logs.example.com").port("1234");
    /// let added = client.log_drains().add("example-app", &drain).await?;
    /// client.log_drains().remove("example-app", &LogDrainUrl::new(added.url)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct LogDrains;

    /// Lists the log drains of an application.
    listLogDrains: GET "/v1/apps/{app}/log_drains" => list(app: AppRef) -> Vec<LogDrain>
        [envelope("drains"), quota(&API)];

    /// Adds a log drain to an application. A call that may have been carried out is not repeated.
    addLogDrain: POST "/v1/apps/{app}/log_drains" => add(app: AppRef, body: &NewLogDrain) -> LogDrain
        [enveloped("drain"), quota(&API)];

    /// Removes a log drain from an application, by its address.
    deleteLogDrain: DELETE "/v1/apps/{app}/log_drains" => remove(app: AppRef, query: &LogDrainUrl) [quota(&API)];

    /// Lists the log drains of an add-on.
    listAddonLogDrains: GET "/v1/apps/{app}/addons/{addon_id}/log_drains"
        => list_of_addon(app: AppRef, addon_id: AddonId) -> Vec<LogDrain> [envelope("drains"), quota(&API)];

    /// Adds a log drain to an add-on. A call that may have been carried out is not repeated.
    addAddonLogDrain: POST "/v1/apps/{app}/addons/{addon_id}/log_drains"
        => add_to_addon(app: AppRef, addon_id: AddonId, body: &NewLogDrain) -> LogDrain
        [enveloped("drain"), quota(&API)];

    /// Removes a log drain from an add-on, by its address.
    deleteAddonLogDrain: DELETE "/v1/apps/{app}/addons/{addon_id}/log_drains"
        => remove_from_addon(app: AppRef, addon_id: AddonId, query: &LogDrainUrl) [quota(&API)];
}

deploykit_core::model! {
    /// A log drain.
    pub struct LogDrain {
        required {
            /// Where lines are sent to.
            url: Secret,
        }
        /// Application it belongs to.
        app_id: Option<String>,
        /// Add-on it belongs to.
        addon = "addon_uuid": Option<AddonId>,
    }
}

deploykit_core::open_enum! {
    /// What takes the lines.
    pub enum DrainType {
        /// AppSignal: with a token.
        Appsignal = "appsignal",
        /// Datadog: with a token, and the region of the account there.
        Datadog = "datadog",
        /// Elasticsearch, Logstash and Kibana: with an address.
        Elk = "elk",
        /// Logtail: with a token.
        Logtail = "logtail",
        /// Graylog at OVH: with a token and a host.
        OvhGraylog = "ovh-graylog",
        /// Papertrail: with a host and a port.
        Papertrail = "papertrail",
        /// Syslog: with a host and a port.
        Syslog = "syslog",
    }
}

deploykit_core::request! {
    /// A log drain to add. What it needs depends on its [type](DrainType).
    pub struct NewLogDrain {
        required {
            /// What takes the lines.
            #[serde(rename = "type")]
            kind: DrainType,
        }
        optional {
            /// Token, key or password.
            token: Secret,
            /// Host to send to.
            host: String,
            /// Port to send to.
            port: String,
            /// Region of the account there.
            drain_region: String,
            /// Address to send to.
            url: Secret,
        }
    }
    check |it| {
        let is_blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        let is_unset = |secret: &Option<Secret>| secret.as_ref().is_none_or(Secret::is_blank);
        let needs = |missing: bool, name: &str| match missing {
            true => Err(Error::invalid_input(name, format!("is missing: {} needs it", it.kind))),
            false => Ok(()),
        };
        if it.port.as_ref().is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(Error::invalid_input("port", "is no number of a port"));
        }
        match it.kind {
            DrainType::Elk => needs(is_unset(&it.url), "url"),
            DrainType::Papertrail | DrainType::Syslog => {
                needs(is_blank(&it.host), "host")?;
                needs(it.port.is_none(), "port")
            }
            DrainType::OvhGraylog => {
                needs(is_unset(&it.token), "token")?;
                needs(is_blank(&it.host), "host")
            }
            DrainType::Appsignal | DrainType::Datadog | DrainType::Logtail => needs(is_unset(&it.token), "token"),
            // The service knows what a newer one needs.
            DrainType::__Unknown(_) => Ok(()),
        }
    }
}

deploykit_core::request! {
    /// Which log drain.
    pub struct LogDrainUrl {
        required {
            /// Its address, as listed.
            url: Secret,
        }
    }
    check |it| {
        if it.url.is_blank() {
            return Err(Error::invalid_input("url", "is empty"));
        }
        Ok(())
    }
}

//! Providers, and what they ask for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::environments::EnvironmentId;
use crate::static_data::{CloudProviderService, CredentialProviderType};

/// The provider that a credential or cloud service belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderRelation {
    /// Whether the provider is active.
    pub active: bool,
    /// Code of the provider.
    pub code: ProviderCode,
    /// The code in words.
    pub code_human_readable: String,
    /// Whether it hosts machines or source code.
    #[serde(rename = "type")]
    pub kind: ProviderType,
    /// The kind in words.
    pub type_human_readable: Option<String>,
}

/// What a provider asks for when a credential is added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CredentialSetting {
    /// What kind of provider asks.
    pub provider: CredentialProviderType,
    /// The environment that it belongs to.
    pub environment_id: EnvironmentId,
    /// The fields to fill in, or where an account is connected.
    pub settings: ProviderSettings,
}

/// The fields that a provider asks for, or where it is connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderSettings {
    /// Where an account is connected in a browser.
    pub connect_url: Option<String>,
    /// The fields to fill in.
    pub input_settings: Vec<ProviderInputSettings>,
    /// The provider's cloud services.
    pub cloud_services: Option<Vec<CloudProviderService>>,
}

/// A field that a provider asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProviderInputSettings {
    /// Name of the field.
    pub name: String,
    /// The name in words.
    pub name_human_readable: String,
    /// What its value must be like.
    pub validation: InputValidation,
    /// Value that is taken if none is given.
    pub default_value: Option<Value>,
    /// Whether its value is a secret.
    pub sensitive: bool,
}

/// What a field's value must be like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputValidation {
    /// Whether it must be given.
    pub required: Option<bool>,
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: Option<CloudProviderPropertyType>,
    /// Smallest value, or shortest text.
    pub min: Option<i64>,
    /// Largest value, or longest text.
    pub max: Option<i64>,
    /// Values to choose from; empty if any will do.
    pub allowed_values: Option<Vec<String>>,
}

deploykit_core::open_enum! {
    /// A cloud provider.
    pub enum CloudProviderCode {
        /// Amazon Web Services.
        Aws = "aws",
        /// Microsoft Azure.
        Azure = "azure",
        /// DigitalOcean.
        DigitalOcean = "digitalocean",
        /// Google Cloud.
        Gcp = "gcp",
        /// Hetzner.
        Hetzner = "hetzner",
    }
}

deploykit_core::open_enum! {
    /// Type of a value that a provider asks for.
    pub enum CloudProviderPropertyType {
        /// One line.
        String = "string",
        /// Several lines.
        Text = "text",
        /// A whole number.
        Integer = "integer",
        /// Yes or no.
        Boolean = "boolean",
    }
}

deploykit_core::open_enum! {
    /// A cloud or source provider.
    pub enum ProviderCode {
        /// Amazon Web Services.
        Aws = "aws",
        /// Microsoft Azure.
        Azure = "azure",
        /// Bitbucket.
        Bitbucket = "bitbucket",
        /// DigitalOcean.
        DigitalOcean = "digitalocean",
        /// Google Cloud.
        Gcp = "gcp",
        /// GitHub.
        GitHub = "github",
        /// GitLab.
        GitLab = "gitlab",
        /// Hetzner.
        Hetzner = "hetzner",
    }
}

deploykit_core::open_enum! {
    /// What a provider hosts.
    pub enum ProviderType {
        /// Machines.
        CloudProvider = "cloud_provider",
        /// Source code.
        SourceProvider = "source_provider",
    }
}

deploykit_core::open_enum! {
    /// A source provider, in words.
    pub enum SourceProviderDisplayableName {
        /// Bitbucket.
        Bitbucket = "Bitbucket",
        /// GitHub.
        GitHub = "GitHub",
        /// GitLab.
        GitLab = "GitLab",
    }
}

deploykit_core::open_enum! {
    /// A source provider.
    pub enum SourceProviderName {
        /// Bitbucket.
        Bitbucket = "bitbucket",
        /// GitHub.
        GitHub = "github",
        /// GitLab.
        GitLab = "gitlab",
    }
}

deploykit_core::open_enum! {
    /// A cloud provider, the user's own machines included.
    pub enum StaticCloudProviderCode {
        /// Amazon Web Services.
        Aws = "aws",
        /// Microsoft Azure.
        Azure = "azure",
        /// DigitalOcean.
        DigitalOcean = "digitalocean",
        /// Google Cloud.
        Gcp = "gcp",
        /// Hetzner.
        Hetzner = "hetzner",
        /// The user's own machines.
        SelfHosted = "self-hosted",
    }
}

//! Providers, and what they ask for.

use serde_json::Value;

use crate::environments::EnvironmentId;
use crate::organizations::OrganizationId;
use crate::static_data::{CloudProviderService, CredentialProviderType};

deploykit_core::model! {
    /// The provider that a credential or cloud service belongs to.
    pub struct ProviderRelation {
        /// Whether the provider is active.
        active: Option<bool>,
        /// Code of the provider.
        code: ProviderCode,
        /// The code in words.
        code_human_readable: String,
        /// Whether it hosts machines or source code.
        kind = "type": ProviderType,
        /// The kind in words.
        type_human_readable: Option<String>,
    }
}

deploykit_core::model! {
    /// What a provider asks for when a credential is added.
    pub struct CredentialSetting {
        /// What kind of provider asks.
        provider: Option<CredentialProviderType>,
        /// The environment that it belongs to; until 2026-05-14.
        environment_id: Option<EnvironmentId>,
        /// The organization that it belongs to.
        organization_id: Option<OrganizationId>,
        /// The fields to fill in, or where an account is connected.
        settings: Option<ProviderSettings>,
    }
}

deploykit_core::model! {
    /// The fields that a provider asks for, or where it is connected.
    pub struct ProviderSettings {
        /// Where an account is connected in a browser; until 2026-05-29, then each way to log in has its own.
        connect_url: Option<String>,
        /// Ways to log in to a source provider.
        auth_methods: Vec<SourceProviderAuthMethod>,
        /// The fields to fill in.
        input_settings: Vec<ProviderInputSettings>,
        /// The provider's cloud services.
        cloud_services: Option<Vec<CloudProviderService>>,
    }
}

deploykit_core::model! {
    /// A way to log in to a source provider.
    pub struct SourceProviderAuthMethod {
        /// What to send as the credential's `auth_type`.
        auth_type: ProviderAuthType,
        /// The way in words.
        auth_type_human_readable: Option<String>,
        /// Explains it to a person who has to choose.
        hint: Option<String>,
        /// Whether it is the one to take.
        recommended: Option<bool>,
        /// Where an account is connected in a browser.
        connect_url: Option<String>,
        /// The fields to fill in.
        input_settings: Vec<ProviderInputSettings>,
        /// What the provider adds to the callback address, and where it goes.
        provider_config: Option<Vec<ProviderCallbackConfig>>,
    }
}

deploykit_core::model! {
    /// A value that a source provider adds to the callback address.
    pub struct ProviderCallbackConfig {
        /// The field of the credential that takes it.
        field: String,
        /// Its name in the address's query.
        query_string: String,
        /// Whether it must be given.
        required: Option<bool>,
        /// Type of the value.
        kind = "type": String,
    }
}

deploykit_core::model! {
    /// A field that a provider asks for.
    pub struct ProviderInputSettings {
        /// Name of the field.
        name: String,
        /// The name in words.
        name_human_readable: String,
        /// What its value must be like.
        validation: Option<InputValidation>,
        /// Value that is taken if none is given.
        default_value: Option<Value>,
        /// Whether its value is a secret.
        sensitive: Option<bool>,
    }
}

deploykit_core::model! {
    /// What a field's value must be like.
    pub struct InputValidation {
        /// Whether it must be given.
        required: Option<bool>,
        /// Type of the value.
        kind = "type": Option<CloudProviderPropertyType>,
        /// Smallest value, or shortest text.
        min: Option<i64>,
        /// Largest value, or longest text.
        max: Option<i64>,
        /// Values to choose from; empty if any will do.
        allowed_values: Option<Vec<String>>,
        /// Whether the field is not shown.
        hidden: Option<bool>,
    }
}

deploykit_core::open_enum! {
    /// How a provider is logged in to.
    pub enum ProviderAuthType {
        /// In a browser.
        OAuth = "oauth",
        /// As an application that is installed at the provider.
        Application = "application",
        /// With keys or a token of its API.
        ApiCredentials = "api_credentials",
    }
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

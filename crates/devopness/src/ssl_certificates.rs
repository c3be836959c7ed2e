//! SSL Certificates.

use deploykit_core::{Secret, Time};

use crate::actions::{ActionRelation, ActionRelationShallow};
use crate::check::required;
use crate::dispatched::Dispatched;
use crate::environments::EnvironmentId;
use crate::servers::TargetServers;
use crate::users::UserRelation;
use crate::virtual_hosts::VirtualHostId;

deploykit_core::endpoints! {
    /// SSL certificates of virtual hosts.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// for certificate in client.ssl_certificates().list_by_environment(1u64).await?.items {
    ///     println!("{} expires {:?}", certificate.name, certificate.expires_at);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct SslCertificates;

    /// Lists the certificates of an environment.
    listEnvironmentSslCertificates: GET "/environments/{environment_id}/ssl-certificates"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<SslCertificateRelation>;

    /// Has a certificate issued, or brings one along.
    /// Errors: 403, 422.
    addEnvironmentSslCertificate: POST "/environments/{environment_id}/ssl-certificates"
        => add(environment_id: EnvironmentId, body: &NewSslCertificate) -> SslCertificate;

    /// Deletes a certificate. An action takes it off its servers.
    /// Errors: 403.
    deleteSslCertificate: DELETE "/ssl-certificates/{ssl_certificate_id}"
        => delete(ssl_certificate_id: SslCertificateId) -> Dispatched [acts()];

    /// Puts a certificate onto its servers once more, as an action.
    /// Errors: 403, 404, 422.
    deploySslCertificate: POST "/ssl-certificates/{ssl_certificate_id}/deploy"
        => deploy(ssl_certificate_id: SslCertificateId, body: &TargetServers) -> Dispatched;

    /// Fetches a certificate.
    /// Errors: 403.
    getSslCertificate: GET "/ssl-certificates/{ssl_certificate_id}"
        => get(ssl_certificate_id: SslCertificateId) -> SslCertificate;
}

deploykit_core::id! {
    /// A certificate.
    pub struct SslCertificateId(u64);
}

deploykit_core::model! {
    /// A certificate of a virtual host.
    pub struct SslCertificate {
        required {
            /// Identifies the certificate.
            id: SslCertificateId,
        }
        /// Name of the certificate.
        name: String,
        /// How many names it is for.
        kind = "type": SslCertificateType,
        /// Who issues the certificate.
        issuer: SslCertificateIssuer,
        /// How thoroughly the owner was checked.
        validation_level: SslCertificateValidationLevel,
        /// Whether all linked servers use it.
        active: Option<bool>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The last action on it.
        last_action: Option<ActionRelation>,
        /// When it expires.
        expires_at: Option<Time>,
        /// When it was last renewed; none if never.
        last_renewed_at: Option<Time>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A certificate, as listed and inside of other resources.
    pub struct SslCertificateRelation {
        required {
            /// Identifies the certificate.
            id: SslCertificateId,
        }
        /// Name of the certificate.
        name: String,
        /// How many names it is for.
        kind = "type": SslCertificateType,
        /// Who issues the certificate.
        issuer: SslCertificateIssuer,
        /// How thoroughly the owner was checked.
        validation_level: SslCertificateValidationLevel,
        /// Whether all linked servers use it.
        active: Option<bool>,
        /// The last action on it.
        last_action: Option<ActionRelationShallow>,
        /// When it expires.
        expires_at: Option<Time>,
        /// When it was last renewed; none if never.
        last_renewed_at: Option<Time>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A certificate to issue or to bring along.
    pub struct NewSslCertificate {
        required {
            /// The virtual host that it is for.
            virtual_host_id: VirtualHostId,
            /// Who issues the certificate.
            issuer: SslCertificateIssuer,
        }
        optional {
            /// How many names it is for.
            #[serde(rename = "type")]
            kind: SslCertificateType,
            /// How thoroughly the owner was checked.
            validation_level: SslCertificateValidationLevel,
            /// Private key of a certificate of one's own, in PEM. 100 to 4096 characters. Required if `issuer`
            /// is `custom`.
            custom_private_key: Secret,
            /// A certificate of one's own, in PEM. 100 to 4096 characters. Required if `issuer` is `custom`.
            custom_certificate: String,
        }
    }
    check |it| {
        if it.issuer == SslCertificateIssuer::Custom {
            let because = "for a certificate of one's own";
            required("custom_private_key", it.custom_private_key.as_ref(), because)?;
            required("custom_certificate", it.custom_certificate.as_ref(), because)?;
        }
        Ok(())
    }
}

deploykit_core::open_enum! {
    /// Who issues a certificate.
    pub enum SslCertificateIssuer {
        /// Someone else: it is the user's own.
        Custom = "custom",
        /// Let's Encrypt.
        LetsEncrypt = "lets-encrypt",
    }
}

deploykit_core::open_enum! {
    /// How many names a certificate is for.
    pub enum SslCertificateType {
        /// One.
        SingleDomain = "single-domain",
        /// Several.
        MultiDomain = "multi-domain",
        /// All of a domain.
        Wildcard = "wildcard",
    }
}

deploykit_core::open_enum! {
    /// How thoroughly the owner of a certificate was checked.
    pub enum SslCertificateValidationLevel {
        /// Domain.
        Domain = "DV",
        /// Organization.
        Organization = "OV",
        /// Extended.
        Extended = "EV",
    }
}

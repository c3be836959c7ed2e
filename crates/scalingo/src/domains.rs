//! Domains: names of one's own for applications, and their certificates.

use std::time::Duration;

use deploykit_core::{Error, Result, Secret, State, Time, Wait};
use futures::future::BoxFuture;

use crate::apps::not_empty;
use crate::{API, AppRef};

deploykit_core::id! {
    /// A domain of an application.
    pub struct DomainId(String);
}

deploykit_core::endpoints! {
    /// Domains of applications. Unless it is given one, the service gets a certificate from Let's Encrypt.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{DomainChange, NewDomain};
    ///
    /// let domains = client.domains();
    /// let domain = domains.add("example-app", &NewDomain::new("www.example.com")).await?;
    /// let domain = domains.wait_for_certificate("example-app", domain.id).await?;
    ///
    /// let canonical = DomainChange::new().canonical(true);
    /// domains.update("example-app", domain.id, &canonical).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Domains;

    /// Lists the domains of an application.
    listDomains: GET "/v1/apps/{app}/domains" => list(app: AppRef) -> Vec<Domain> [envelope("domains"), quota(&API)];

    /// Fetches one domain.
    getDomain: GET "/v1/apps/{app}/domains/{domain_id}"
        => get(app: AppRef, domain_id: DomainId) -> Domain [envelope("domain"), quota(&API)];

    /// Adds a domain; an application has at most 20. Fails with 422 if an application has it already.
    addDomain: POST "/v1/apps/{app}/domains"
        => add(app: AppRef, body: &NewDomain) -> Domain [enveloped("domain"), quota(&API)];

    /// Changes the certificate of a domain, or makes it the canonical one.
    updateDomain: PATCH "/v1/apps/{app}/domains/{domain_id}"
        => update(app: AppRef, domain_id: DomainId, body: &DomainChange) -> Domain
        [enveloped("domain"), idempotent, quota(&API)];

    /// Removes a domain.
    deleteDomain: DELETE "/v1/apps/{app}/domains/{domain_id}"
        => delete(app: AppRef, domain_id: DomainId) [quota(&API)];
}

impl Domains {
    /// Waits until a domain has a certificate, for at most 30 minutes. While an entry in the DNS is missing, the
    /// progress says which one.
    ///
    /// # Errors
    ///
    /// [`Failed`](deploykit_core::ErrorKind::Failed) if there will be none.
    pub fn wait_for_certificate(
        &self,
        app: impl Into<AppRef>,
        domain: impl Into<DomainId>,
    ) -> Wait<Domain> {
        self.wait_for(app.into(), domain.into())
    }

    #[inline]
    fn wait_for(&self, app: AppRef, domain: DomainId) -> Wait<Domain> {
        let this = self.clone();
        let what = format!("certificate of domain {domain}");
        let look = move || -> BoxFuture<'static, _> {
            Box::pin(this.get(app.clone(), domain.clone()).send())
        };
        // The quota of a minute is not for waiting alone.
        Wait::new(what, look, Domain::certificate)
            .every(Duration::from_millis(500), Duration::from_secs(10))
    }
}

impl Domain {
    fn certificate(&self) -> (State, String) {
        match (&self.letsencrypt_status, &self.ssl_status) {
            (_, Some(SslStatus::Success)) | (Some(LetsEncryptStatus::Created), _) => {
                (State::Done, String::new())
            }
            (Some(LetsEncryptStatus::Error), _) | (_, Some(SslStatus::Error)) => {
                let why = self.acme_challenge_error.clone();
                (
                    State::Failed,
                    why.unwrap_or_else(|| "the certificate was refused".to_owned()),
                )
            }
            (Some(LetsEncryptStatus::DnsRequired), _) => {
                let of = |part: &Option<String>| part.clone().unwrap_or_default();
                let (name, value) = (of(&self.acme_dns_fqdn), of(&self.acme_dns_value));
                (
                    State::Running,
                    format!("the DNS needs a TXT entry {name} = {value}"),
                )
            }
            (Some(status), _) => (State::Running, status.to_string()),
            (None, _) => (State::Running, String::new()),
        }
    }
}

deploykit_core::open_enum! {
    /// How far the certificate of Let's Encrypt is.
    pub enum LetsEncryptStatus {
        /// The domain does not lead to the service yet.
        PendingDns = "pending_dns",
        /// Asked for.
        New = "new",
        /// There is one.
        Created = "created",
        /// An entry in the DNS has to prove whose domain it is.
        DnsRequired = "dns_required",
        /// Refused.
        Error = "error",
    }
}

deploykit_core::open_enum! {
    /// Whether the certificate is in place.
    pub enum SslStatus {
        /// Not yet.
        Pending = "pending",
        /// It cannot be used.
        Error = "error",
        /// It is.
        Success = "success",
    }
}

deploykit_core::model! {
    /// A domain of an application.
    pub struct Domain {
        required {
            /// Id.
            id: DomainId,
        }
        /// Application it belongs to.
        app_id: Option<String>,
        /// The name.
        name: String,
        /// When it was added.
        created_at: Option<Time>,
        /// Whether there is a certificate.
        ssl: Option<bool>,
        /// The certificate (PEM).
        tlscert: Option<String>,
        /// Its key (PEM).
        tlskey: Option<Secret>,
        /// Until when the certificate is valid.
        validity: Option<Time>,
        /// Whether the certificate is in place.
        ssl_status: Option<SslStatus>,
        /// Whether the application's other domains are redirected to this one.
        canonical: Option<bool>,
        /// Whether the certificate shall come from Let's Encrypt.
        letsencrypt_enabled: Option<bool>,
        /// Whether it does.
        letsencrypt: Option<bool>,
        /// How far that is.
        letsencrypt_status: Option<LetsEncryptStatus>,
        /// Name of the DNS entry that has to prove whose domain it is,
        acme_dns_fqdn: Option<String>,
        /// and its value.
        acme_dns_value: Option<String>,
        /// What is wrong with the DNS: a text, or an object with `dns_provider` and `variables`.
        acme_dns_error: Option<serde_json::Value>,
        /// Why Let's Encrypt refused.
        acme_challenge_error: Option<String>,
    }
}

deploykit_core::request! {
    /// A domain to add.
    pub struct NewDomain {
        required {
            /// The name.
            name: String,
        }
        optional {
            /// A certificate of one's own (PEM); needs its key.
            tlscert: String,
            /// The certificate's key (PEM).
            tlskey: Secret,
            /// Whether the application's other domains are redirected to this one.
            canonical: bool,
            /// Whether the certificate shall come from Let's Encrypt. Default: yes.
            letsencrypt_enabled: bool,
        }
    }
    check |it| {
        not_empty("name", &it.name)?;
        both(it.tlscert.is_some(), it.tlskey.is_some())
    }
}

deploykit_core::request! {
    /// A change of a domain; what is not set stays.
    pub struct DomainChange {
        optional {
            /// A certificate of one's own (PEM); needs its key.
            tlscert: String,
            /// The certificate's key (PEM).
            tlskey: Secret,
            /// Whether the application's other domains are redirected to this one.
            canonical: bool,
            /// Whether the certificate shall come from Let's Encrypt.
            letsencrypt_enabled: bool,
        }
    }
    check |it| { both(it.tlscert.is_some(), it.tlskey.is_some()) }
}

impl DomainChange {
    /// Takes a certificate of one's own away.
    #[must_use]
    pub fn without_certificate(self) -> Self {
        self.tlscert("").tlskey("")
    }
}

/// A certificate without its key is of no use, and the other way round.
fn both(certificate: bool, key: bool) -> Result<()> {
    let missing = match (certificate, key) {
        (true, false) => "tlskey",
        (false, true) => "tlscert",
        _ => return Ok(()),
    };
    Err(Error::invalid_input(
        missing,
        "is missing: a certificate and its key come together",
    ))
}

//! Certificates of apps.

use std::collections::BTreeMap;

use deploykit_core::{Secret, endpoints, model, request};

use super::pairs::pairs;
use crate::lenient;
use crate::{AppName, Done};

endpoints! {
    /// Certificates, for the names that an app is served at.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{Cnames, NewIssuer};
    ///
    /// tsuru.apps().add_cnames("myapp", &Cnames::new(["www.example.com".to_owned()])).await?;
    /// tsuru.certificates().set_issuer("myapp", &NewIssuer::new("www.example.com", "letsencrypt")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Certificates;

    /// Gives the certificates of an app, by router and name.
    AppGetCertificates: GET "/1.24/apps/{app}/certificate" => get(app: AppName) -> AppCertificates
        [empty_means("{}")];

    /// As [`get`](Self::get), from servers before 1.24: PEM texts, by router and name.
    AppGetCertificates1_2: GET "/1.2/apps/{app}/certificate" => get_pem(app: AppName)
        -> BTreeMap<String, Option<BTreeMap<String, Option<String>>>> [empty_means("{}")];

    /// Sets the certificate of a name.
    certificateSet: PUT "/1.2/apps/{app}/certificate" => set(app: AppName, body: &NewCertificate) -> Done;

    /// Removes the certificate of a name.
    CertificatUnset: DELETE "/1.2/apps/{app}/certificate" => unset(app: AppName, query: &OfName) -> Done;

    /// Says who issues certificates for a name.
    AppSetCertIssuer: PUT "/1.24/apps/{app}/certissuer" => set_issuer(app: AppName, body: &NewIssuer) -> Done;

    /// Lets nobody issue certificates for a name any more.
    AppUnsetCertIssuer: DELETE "/1.24/apps/{app}/certissuer" => unset_issuer(app: AppName, query: &OfName)
        -> Done;
}

model! {
    /// Certificates of an app.
    pub struct AppCertificates {
        /// By router.
        routers: BTreeMap<String, RouterCertificates> as lenient::present,
    }
}

model! {
    /// Certificates at a router.
    pub struct RouterCertificates {
        /// By name.
        cnames: BTreeMap<String, Certificate> as lenient::present,
    }
}

model! {
    /// The certificate of a name.
    pub struct Certificate {
        /// PEM; empty if there is none.
        certificate: String,
        /// Who issues it.
        issuer: Option<String>,
    }
}

request! {
    /// A certificate and its key.
    pub struct NewCertificate {
        required {
            /// The name.
            cname: String,
            /// PEM.
            certificate: String,
            /// Its key, PEM.
            key: Secret,
        }
    }
}

pairs! {
    /// A name.
    pub struct OfName {
        /// This one.
        cname = "cname": String,
    }
}

request! {
    /// Who issues certificates for a name.
    pub struct NewIssuer {
        required {
            /// The name.
            cname: String,
            /// Who: `letsencrypt`.
            issuer: String,
        }
    }
}

//! Sources: places to upload an archive to, for a deployment.

use std::time::Duration;

use deploykit_core::{Body, Composite, Endpoint, Method, Secret};

use crate::API;
use crate::tokens::NoFields;

deploykit_core::endpoints! {
    /// Sources. [`deploy_archive`](crate::Deployments::deploy_archive) does all of it at once.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NoFields;
    ///
    /// let source = client.sources().create(&NoFields {}).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Sources;

    /// Creates a place for one archive. Its addresses are signed, and valid for ten minutes.
    ///
    /// Repeating it is harmless: a place that is not used is forgotten.
    createSource: POST "/v1/sources" => create(body: &NoFields) -> Source
        [envelope("source"), idempotent, quota(&API)];
}

deploykit_core::model! {
    /// A place for an archive. The signed addresses are secrets.
    pub struct Source {
        /// Where to send the archive.
        upload_url: Secret,
        /// Where the platform will fetch it: the `source_url` of a deployment.
        download_url: Secret,
    }
}

/// The address is the server's, signed: no credential goes there.
const UPLOAD: Endpoint = Endpoint::new("uploadSource", Method::PUT, "")
    .summary("Uploads an archive.")
    .accept("")
    // It may take its time.
    .patience(Duration::from_secs(30 * 60))
    .public();

impl Sources {
    /// Sends an archive (`.tar.gz`) to its place.
    ///
    /// # Errors
    ///
    /// If the place is not an address to send to, has expired, or the upload fails.
    #[inline]
    pub fn upload(&self, source: &Source, archive: Body) -> Composite<()> {
        let place = source.upload_url.clone();
        Composite::new(&self.client, "the upload", move |client| async move {
            let request = client.signed(&UPLOAD, &place)?;
            let request = request.source("application/x-gzip", archive);
            client.send(request).await.map(|_| ())
        })
    }
}

//! Endpoint storage: buckets of your own, for the logs of containers and for files that containers begin with.

use deploykit_core::{Error, Result, Secret, Time};

use crate::{AppName, VersionName};

deploykit_core::id! {
    /// The name of an endpoint storage, which identifies it.
    pub struct EndpointName(String);

    /// The name of a pull profile, which identifies it.
    pub struct PullProfileName(String);
}

deploykit_core::endpoints! {
    /// Endpoint storages: S3 buckets that keep the logs of containers after their end.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().start().await?;
    /// # let client = deploykit_edgegap::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_edgegap::NewEndpointStorage;
    ///
    /// let logs = NewEndpointStorage::new("logs", "AKIA…", "https://s3.example.com", "my-bucket", "secret key");
    /// client.endpoint_storages().create(&logs).await?;
    /// let kept = client.endpoint_storages().list().await?.items;
    /// assert_eq!(kept[0].bucket, "my-bucket");
    /// # Ok(())
    /// # }
    /// ```
    pub struct EndpointStorages;

    /// Creates an endpoint storage. Not repeated by itself. Errors: 400, 401, 500.
    createEndpointStorage: POST "/v1/storage/endpoint" => create(body: &NewEndpointStorage) -> EndpointStorage;

    /// Fetches an endpoint storage; never its secret key. Errors: 400, 401, 404, 500.
    getEndpointStorage: GET "/v1/storage/endpoint/{endpoint_name}"
        => get(endpoint_name: EndpointName) -> EndpointStorage;

    /// Changes an endpoint storage. Errors: 400, 401, 404, 500.
    updateEndpointStorage: PATCH "/v1/storage/endpoint/{endpoint_name}"
        => update(endpoint_name: EndpointName, body: &EndpointStorageChange) -> EndpointStorage;

    /// Deletes an endpoint storage; the bucket stays. Errors: 401, 404, 500.
    deleteEndpointStorage: DELETE "/v1/storage/endpoint/{endpoint_name}" => delete(endpoint_name: EndpointName);

    /// Lists the endpoint storages. Errors: 400, 401, 500.
    listEndpointStorages: GET "/v1/storage/endpoints" => list() -> Pages<EndpointStorage>
        [envelope("endpoints"), per_page("limit")];
}

deploykit_core::endpoints! {
    /// Pull profiles: files of an endpoint storage that containers of linked versions find at their start.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().start().await?;
    /// # let client = deploykit_edgegap::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// # let storage = deploykit_edgegap::NewEndpointStorage::new("files", "AKIA…", "https://s3.example.com", "b", "s");
    /// # client.endpoint_storages().create(&storage).await?;
    /// use deploykit_edgegap::{NewPullProfile, SourceType};
    ///
    /// let maps = NewPullProfile::new("maps", "/my-bucket/maps", SourceType::Folder, "/usr/share/maps");
    /// client.pull_profiles().create("files", &maps).await?;
    /// assert_eq!(client.pull_profiles().get("files", "maps").await?.destination, "/usr/share/maps");
    /// # Ok(())
    /// # }
    /// ```
    pub struct PullProfiles;

    /// Creates a pull profile. Not repeated by itself. Errors: 400, 401, 404, 500.
    createPullProfile: POST "/v1/storage/endpoint/{endpoint_name}/pull-profile"
        => create(endpoint_name: EndpointName, body: &NewPullProfile) -> PullProfile;

    /// Fetches a pull profile. Errors: 400, 401, 404, 500.
    getPullProfile: GET "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}"
        => get(endpoint_name: EndpointName, pull_profile_name: PullProfileName) -> PullProfile;

    /// Changes a pull profile. Errors: 400, 401, 404, 500.
    updatePullProfile: PATCH "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}"
        => update(endpoint_name: EndpointName, pull_profile_name: PullProfileName,
            body: &PullProfileChange) -> PullProfile;

    /// Deletes a pull profile. Errors: 400, 401, 404, 500.
    deletePullProfile: DELETE "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}"
        => delete(endpoint_name: EndpointName, pull_profile_name: PullProfileName);

    /// Lists the pull profiles of an endpoint storage. Errors: 400, 401, 404, 500.
    listPullProfiles: GET "/v1/storage/endpoint/{endpoint_name}/pull-profiles"
        => list(endpoint_name: EndpointName) -> Pages<PullProfile> [envelope("pull_profiles"), per_page("limit")];

    /// Gives a pull profile to a version: its containers find the files from then on. Errors: 400, 401, 404, 500.
    linkPullProfile: PUT "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}/app/{app_name}/version/{version_name}"
        => link(endpoint_name: EndpointName, pull_profile_name: PullProfileName, app_name: AppName,
            version_name: VersionName) -> PullProfileLink;

    /// Takes a pull profile from a version. Errors: 400, 401, 404, 500.
    unlinkPullProfile: DELETE "/v1/storage/endpoint/{endpoint_name}/pull-profile/{pull_profile_name}/app/{app_name}/version/{version_name}"
        => unlink(endpoint_name: EndpointName, pull_profile_name: PullProfileName, app_name: AppName,
            version_name: VersionName);
}

deploykit_core::request! {
    /// An endpoint storage to create.
    pub struct NewEndpointStorage {
        required {
            /// Its name.
            name: String,
            /// Id of the access key.
            access_key_id: String,
            /// Address of the S3 service.
            endpoint: String,
            /// The bucket.
            bucket: String,
            /// The secret access key.
            secret_access_key: Secret,
        }
        optional {
            /// How logs are written. Default text.
            output_format: OutputFormat,
        }
    }
    check |it| {
        check(&[
            ("name", Some(&it.name)),
            ("access_key_id", Some(&it.access_key_id)),
            ("endpoint", Some(&it.endpoint)),
            ("bucket", Some(&it.bucket)),
        ])
    }
}

deploykit_core::request! {
    /// What to change of an endpoint storage.
    pub struct EndpointStorageChange {
        optional {
            /// Its name.
            name: String,
            /// Id of the access key.
            access_key_id: String,
            /// The secret access key.
            secret_access_key: Secret,
            /// Address of the S3 service.
            endpoint: String,
            /// The bucket.
            bucket: String,
            /// How logs are written.
            output_format: OutputFormat,
        }
    }
    check |it| {
        check(&[
            ("name", it.name.as_ref()),
            ("access_key_id", it.access_key_id.as_ref()),
            ("endpoint", it.endpoint.as_ref()),
            ("bucket", it.bucket.as_ref()),
        ])
    }
}

deploykit_core::request! {
    /// A pull profile to create.
    pub struct NewPullProfile {
        required {
            /// Its name.
            name: String,
            /// What is pulled: a path in the storage.
            source: String,
            /// Whether that is a file or a folder.
            source_type: SourceType,
            /// Where it goes in the container.
            destination: String,
        }
    }
    check |it| {
        check(&[("name", Some(&it.name)), ("source", Some(&it.source)), ("destination", Some(&it.destination))])
    }
}

deploykit_core::request! {
    /// What to change of a pull profile.
    pub struct PullProfileChange {
        optional {
            /// Its name.
            name: String,
            /// What is pulled: a path in the storage.
            source: String,
            /// Whether that is a file or a folder.
            source_type: SourceType,
            /// Where it goes in the container.
            destination: String,
        }
    }
    check |it| {
        check(&[("name", it.name.as_ref()), ("source", it.source.as_ref()), ("destination", it.destination.as_ref())])
    }
}

fn check(texts: &[(&str, Option<&String>)]) -> Result<()> {
    match texts
        .iter()
        .find(|(_, text)| text.is_some_and(|text| text.trim().is_empty()))
    {
        Some((name, _)) => Err(Error::invalid_input(name, "is empty")),
        None => Ok(()),
    }
}

deploykit_core::open_enum! {
    /// How logs are written.
    pub enum OutputFormat {
        /// As text.
        Text = "TEXT",
        /// As a JSON object in each line.
        Ndjson = "NDJSON",
    }
}

deploykit_core::open_enum! {
    /// What a pull profile pulls.
    pub enum SourceType {
        /// A file.
        File = "File",
        /// A folder.
        Folder = "Folder",
    }
}

deploykit_core::model! {
    /// A bucket that keeps logs and files. Its secret key is never told.
    pub struct EndpointStorage {
        /// Its name.
        name: String,
        /// Id of the access key.
        access_key_id: String,
        /// Address of the S3 service.
        endpoint: String,
        /// The bucket.
        bucket: String,
        /// How logs are written.
        output_format: Option<OutputFormat>,
        /// When it was created, in UTC.
        create_time: Option<Time>,
        /// When it was changed last, in UTC.
        last_updated: Option<Time>,
    }
}

deploykit_core::model! {
    /// Files that containers find at their start.
    pub struct PullProfile {
        /// Its name.
        name: String,
        /// What is pulled: a path in the storage.
        source: String,
        /// Whether that is a file or a folder.
        source_type: SourceType,
        /// Where it goes in the container.
        destination: String,
        /// When it was created, in UTC.
        create_time: Option<Time>,
        /// When it was changed last, in UTC.
        last_updated: Option<Time>,
    }
}

deploykit_core::model! {
    /// A version that has a pull profile.
    pub struct PullProfileLink {
        /// Name of the application.
        app: String,
        /// Name of the version.
        app_version: String,
        /// Name of the endpoint storage.
        endpoint: String,
        /// Name of the pull profile.
        pull_profile: String,
        /// When it was created, in UTC.
        create_time: Option<Time>,
        /// When it was changed last, in UTC.
        last_updated: Option<Time>,
    }
}

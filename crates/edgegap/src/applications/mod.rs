//! Applications and their versions: what a deployment is made of.

mod image;
mod versions;

use deploykit_core::{Error, Result, Time};

pub use image::ImageReference;
pub use versions::{
    AppVersion, NewPort, NewVersion, NewVersionVariable, RestartPolicy, VersionAnswer,
    VersionChange, VersionDeleted, VersionPort, VersionVariable,
};

deploykit_core::id! {
    /// The name of an application, which identifies it.
    pub struct AppName(String);

    /// The name of an application's version, which identifies it.
    pub struct VersionName(String);
}

deploykit_core::endpoints! {
    /// Applications. Their names identify them: after a change of name, the old one is 404.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().start().await?;
    /// # let client = deploykit_edgegap::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_edgegap::{ApplicationChange, NewApplication};
    ///
    /// let applications = client.applications();
    /// applications.create(&NewApplication::named("my-game")).await?;
    /// applications.update("my-game", &ApplicationChange::new().is_active(false)).await?;
    /// assert_eq!(applications.get("my-game").await?.is_active, Some(false));
    /// applications.delete("my-game").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Applications;

    /// Creates an application. Not repeated by itself. Errors: 400, 401, 409 (there is one of that name), 500.
    createApplication: POST "/v1/app" => create(body: &NewApplication) -> Application;

    /// Fetches an application. Errors: 400, 401, 404, 500.
    getApplication: GET "/v1/app/{app_name}" => get(app_name: AppName) -> Application;

    /// Changes an application. Errors: 400, 401, 404, 409 (there is one of the new name), 500.
    updateApplication: PATCH "/v1/app/{app_name}" => update(app_name: AppName, body: &ApplicationChange) -> Application;

    /// Deletes an application with its versions. Refused while a matchmaker refers to it, even a stopped one.
    ///
    /// Errors: 400, 401, 404, 500.
    deleteApplication: DELETE "/v1/app/{app_name}" => delete(app_name: AppName);

    /// Lists the applications. Errors: 400, 401, 403, 500.
    listApplications: GET "/v1/apps" => list() -> Pages<Application> by name
        [envelope("applications"), per_page("limit")];
}

deploykit_core::endpoints! {
    /// Versions of applications: an image, what it needs, and the ports it opens.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().start().await?;
    /// # let client = deploykit_edgegap::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// # client.applications().create(&deploykit_edgegap::NewApplication::named("my-game")).await?;
    /// use deploykit_edgegap::{NewVersion, Protocol, Resources, VersionChange, NewPort};
    ///
    /// let image = "registry.example.com/my-org/my-game:build-17".parse()?;
    /// let version = NewVersion::of("build-17", &image, Resources::new(512, 1024))
    ///     .port(NewPort::new(7777, Protocol::Udp).name("gameport"));
    /// let versions = client.versions();
    /// versions.create("my-game", &version).await?;
    /// versions.update("my-game", "build-17", &VersionChange::new().max_duration(60)).await?;
    /// assert_eq!(versions.get("my-game", "build-17").await?.max_duration, Some(60));
    /// # Ok(())
    /// # }
    /// ```
    pub struct Versions;

    /// Creates a version. Not repeated by itself.
    ///
    /// Errors: 400, 401, 404, 409 (there is one of that name), 424 (`verify_image` is set and the image cannot be
    /// pulled), 500.
    createVersion: POST "/v1/app/{app_name}/version" => create(app_name: AppName, body: &NewVersion) -> VersionAnswer;

    /// Fetches a version. Errors: 400, 401, 404, 500.
    getVersion: GET "/v1/app/{app_name}/version/{version_name}"
        => get(app_name: AppName, version_name: VersionName) -> AppVersion;

    /// Changes a version; CPU and memory cannot be. Errors: 400, 401, 404, 424 (the image cannot be pulled), 500.
    updateVersion: PATCH "/v1/app/{app_name}/version/{version_name}"
        => update(app_name: AppName, version_name: VersionName, body: &VersionChange) -> VersionAnswer;

    /// Deletes a version. Refused while a matchmaker refers to it, even a stopped one. Errors: 401, 404, 500.
    deleteVersion: DELETE "/v1/app/{app_name}/version/{version_name}"
        => delete(app_name: AppName, version_name: VersionName) -> VersionDeleted;

    /// Lists the versions of an application. Errors: 400, 401, 404, 500.
    listVersions: GET "/v1/app/{app_name}/versions" => list(app_name: AppName) -> Pages<AppVersion> by name
        [envelope("versions"), per_page("limit")];
}

/// A PNG of one transparent pixel: applications must have an image.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

deploykit_core::request! {
    /// An application to create.
    pub struct NewApplication {
        required {
            /// Its name, 3 to 64 characters.
            name: String,
            /// Whether it can be deployed.
            is_active: bool,
            /// Its picture in the dashboard: a small PNG, as base64.
            image: String,
        }
    }
    check |it| { check_name(&it.name) }
}

impl NewApplication {
    /// An active application with a picture of one pixel.
    pub fn named(name: impl Into<String>) -> Self {
        Self::new(name, true, PIXEL)
    }
}

deploykit_core::request! {
    /// What to change of an application.
    pub struct ApplicationChange {
        optional {
            /// Its name, 3 to 64 characters.
            name: String,
            /// Whether it can be deployed.
            is_active: bool,
            /// Its picture in the dashboard: a small PNG, as base64.
            image: String,
        }
    }
    check |it| { it.name.as_deref().map_or(Ok(()), check_name) }
}

fn check_name(name: &str) -> Result<()> {
    if (3..=64).contains(&name.trim().chars().count()) && name.chars().count() <= 64 {
        return Ok(());
    }
    Err(Error::invalid_input("name", "must have 3 to 64 characters"))
}

deploykit_core::model! {
    /// An application.
    pub struct Application {
        required {
            /// Its name.
            name: AppName,
        }
        /// Whether it can be deployed.
        is_active: Option<bool>,
        /// Its picture in the dashboard, as base64.
        image: String,
        /// When it was created, in UTC.
        create_time: Option<Time>,
        /// When it was changed last, in UTC.
        last_updated: Option<Time>,
    }
}

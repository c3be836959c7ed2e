//! Platforms: what apps can run on.

use deploykit_core::{Body, Multipart, Streamed, endpoints, id, model};

use super::pairs::pairs;
use super::{JSON_LINES, Output};
use crate::list::List;
use crate::{Done, Platform};

id! {
    /// A platform, by name.
    pub struct PlatformName(String);
}

endpoints! {
    /// Platforms.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// for platform in tsuru.platforms().list().await? {
    ///     println!("{}", platform.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Platforms;

    /// Lists the platforms.
    PlatformList: GET "/1.0/platforms" => list() -> Vec<Platform> via PlatformItems [empty_means("[]")];

    /// Tells about one platform and its images.
    PlatformInfo: GET "/1.6/platforms/{platform}" => get(platform: PlatformName) -> PlatformInfo;

    /// Adds a platform; [`add`](Self::add) fills it.
    PlatformAdd: POST "/1.0/platforms" => add_empty() -> Streamed<Output> [streams(JSON_LINES)];

    /// Changes a platform; [`update`](Self::update) fills it.
    PlatformUpdate: PUT "/1.0/platforms/{platform}" => update_empty(platform: PlatformName) -> Streamed<Output>
        [streams(JSON_LINES)];

    /// Removes a platform. 403 if it has apps.
    PlatformDelete: DELETE "/1.0/platforms/{platform}" => remove(platform: PlatformName) -> Done;

    /// Goes back to an earlier image.
    PlatformRollback: POST "/1.6/platforms/{platform}/rollback"
        => rollback(platform: PlatformName, query: &OfImage) -> Streamed<Output> [streams(JSON_LINES)];
}

type PlatformItems = List<Platform>;

impl Platforms {
    /// Adds a platform that this Dockerfile describes.
    pub fn add(
        &self,
        name: impl Into<PlatformName>,
        dockerfile: impl Into<String>,
    ) -> Streamed<Output> {
        let form = Multipart::new().text("name", name.into().as_str());
        let form = with_dockerfile(form, dockerfile.into());
        self.add_empty()
            .map_request(|request| request.multipart(form))
    }

    /// Builds a platform anew, from this Dockerfile. Apps get it with their next deploy.
    pub fn update(
        &self,
        platform: impl Into<PlatformName>,
        dockerfile: impl Into<String>,
    ) -> Streamed<Output> {
        let form = with_dockerfile(Multipart::new(), dockerfile.into());
        self.update_empty(platform)
            .map_request(|request| request.multipart(form))
    }
}

fn with_dockerfile(form: Multipart, dockerfile: String) -> Multipart {
    let content = Body::Bytes(dockerfile.into());
    form.file("dockerfile_content", "Dockerfile", "text/plain", content)
}

pairs! {
    /// Which image.
    pub struct OfImage {
        /// This one.
        image = "image": String,
    }
}

model! {
    /// A platform and its images.
    pub struct PlatformInfo {
        /// The platform.
        platform = "platform" | "Platform": Option<Platform>,
        /// Its images.
        images = "images" | "Images": Vec<String>,
    }
}

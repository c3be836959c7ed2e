//! The container registry: images and their tags.

use deploykit_core::{Error, Result, Secret, Time, de};

deploykit_core::id! {
    /// The name of an image in the container registry, with its project: `my-org-cv2l3w3vy6fg/my-game-server`.
    pub struct ImageName(String);
}

deploykit_core::endpoints! {
    /// Edgegap's container registry.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().image("my-org/my-game", &["1.0", "1.1"]).start().await?;
    /// # let client = deploykit_edgegap::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_edgegap::TagDeletion;
    ///
    /// let registry = client.registry();
    /// let deleted = registry.delete_tags("my-org/my-game", &TagDeletion::of(["1.0", "0.9"])).await?;
    /// for failure in deleted.failures() {
    ///     println!("{:?} is still there: {:?}", failure.tag, failure.message);
    /// }
    /// assert_eq!(deleted.failures().count(), 1, "there was no 0.9");
    /// # Ok(())
    /// # }
    /// ```
    pub struct Registry;

    /// Lists the tags of an image. The answer tells nothing about pages: [`items`](deploykit_core::Pages::items) goes
    /// on until one is empty. Errors: 400, 401, 404, 500.
    listImageTags: GET "/v1/container-registry/images/{image_name}/tags"
        => tags(image_name: ImageName) -> Pages<ImageTag> by tag
        [envelope("data"), per_page("limit"), slashes("image_name"), until_empty];

    /// Deletes a tag, and the image behind it if it has no other one. Errors: 401, 404, 500.
    deleteImageTag: DELETE "/v1/container-registry/images/{image_name}/tags/{tag_name}"
        => delete_tag(image_name: ImageName, tag_name: String) -> TagDeleted [slashes("image_name")];

    /// Deletes several tags. Some may be deleted and others not: the answer (207) tells for each. Not repeated by
    /// itself. Errors: 400, 401, 404, 500.
    deleteImageTags: POST "/v1/container-registry/images/{image_name}/tags/bulk-delete"
        => delete_tags(image_name: ImageName, body: &TagDeletion) -> TagsDeleted [slashes("image_name")];

    /// Makes a project in the container registry for the organization, if it has none; `source` names the program
    /// that asks. **Not documented:** known from Edgegap's own plugins only.
    initQuickStart: POST "/v1/wizard/init-quick-start" => init_quick_start(body: &QuickStart);

    /// Fetches what `docker login` and `docker push` need. **Not documented:** known from Edgegap's own plugins only.
    getRegistryCredentials: GET "/v1/wizard/registry-credentials" => credentials() -> RegistryCredentials;
}

deploykit_core::request! {
    /// The tags to delete.
    pub struct TagDeletion {
        required {
            /// Names.
            tags: Vec<String>,
        }
    }
    check |it| {
        if it.tags.is_empty() || it.tags.iter().any(|tag| tag.trim().is_empty()) {
            return Err(Error::invalid_input("tags", "is empty, or has an empty one"));
        }
        Ok(())
    }
}

impl TagDeletion {
    /// These tags.
    pub fn of<I>(tags: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new(tags.into_iter().map(Into::into).collect::<Vec<_>>())
    }
}

deploykit_core::request! {
    /// Who asks for a project in the registry.
    pub struct QuickStart {
        required {
            /// Name of the program.
            source: String,
        }
    }
}

deploykit_core::model! {
    /// A tag of an image.
    pub struct ImageTag {
        required {
            /// Name.
            tag: String,
        }
        /// When it was pushed last, in UTC.
        last_push_at: Time,
        /// The image behind it.
        artifact: Option<ImageArtifact>,
    }
}

deploykit_core::model! {
    /// An image behind a tag.
    pub struct ImageArtifact {
        /// Whether it was deleted.
        artifact_deleted: Option<bool>,
        /// Its other tags.
        remaining_tags: Vec<String>,
        /// Its digest.
        image_hash: String,
        /// Its size in MB.
        size_mb: Option<f64>,
    }
}

deploykit_core::model! {
    /// A tag that was deleted.
    pub struct TagDeleted {
        /// The image behind it.
        artifact: Option<ImageArtifact>,
        /// Its name.
        deleted_tag: Option<String>,
    }
}

deploykit_core::model! {
    /// What became of each tag: some may have failed, although the call did not.
    #[must_use = "some tags may not have been deleted"]
    pub struct TagsDeleted {
        /// Each tag.
        results: Vec<TagResult>,
        /// How many there are of each kind.
        summary: Option<TagSummary>,
    }
}

impl TagsDeleted {
    /// The tags that were not deleted. One that was not there (404) is among them.
    pub fn failures(&self) -> impl Iterator<Item = &TagResult> {
        self.results.iter().filter(|result| !result.is_deleted())
    }

    /// Whether all were deleted, as far as the answer tells.
    pub fn is_complete(&self) -> bool {
        let failed = self.summary.as_ref().and_then(|summary| summary.failed);
        self.failures().next().is_none() && failed.unwrap_or_default() == 0
    }
}

deploykit_core::model! {
    /// What became of a tag.
    pub struct TagResult {
        /// Its name.
        tag: Option<String>,
        /// 204: deleted; 404: not there; 500: failed.
        status: Option<i64> as de::number,
        /// What the service said.
        message: Option<String>,
    }
}

impl TagResult {
    /// Whether it was deleted.
    pub fn is_deleted(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }
}

deploykit_core::model! {
    /// How many tags there were of each kind.
    pub struct TagSummary {
        /// All.
        total: Option<i64> as de::number,
        /// Those that were deleted.
        success: Option<i64> as de::number,
        /// Those that were not.
        failed: Option<i64> as de::number,
    }
}

deploykit_core::model! {
    /// What `docker login` and `docker push` need.
    pub struct RegistryCredentials {
        /// Host of the registry.
        registry_url: String,
        /// The organization's project in it: images are called `project/name`.
        project: String,
        /// Name.
        username: String,
        /// Password.
        token: Secret,
    }
}

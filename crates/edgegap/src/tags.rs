//! Tags: labels of a deployment.

use deploykit_core::{Error, Time};

use crate::RequestId;

deploykit_core::endpoints! {
    /// Labels of a deployment, to find it by. A change does not reach the container that already runs.
    ///
    /// ```
    /// # async fn run(client: deploykit_edgegap::Client) -> Result<(), deploykit_edgegap::Error> {
    /// use deploykit_edgegap::TagName;
    ///
    /// let tags = client.tags();
    /// tags.create("93924761ccde", &TagName::new("v1.0.0")).await?;
    /// tags.update("93924761ccde", "v1.0.0", &TagName::new("v1.0.1")).await?;
    /// for tag in tags.list("93924761ccde").await?.items {
    ///     println!("{}", tag.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct DeploymentTags;

    /// Lists the tags of a deployment. Errors: 400, 401, 404, 500.
    listDeploymentTags: GET "/v1/deployments/{request_id}/tags"
        => list(request_id: RequestId) -> Pages<DeploymentTag> [envelope("tags"), per_page("limit")];

    /// Fetches one tag. Errors: 400, 401, 404, 500.
    getDeploymentTag: GET "/v1/deployments/{request_id}/tags/{tag_name}"
        => get(request_id: RequestId, tag_name: String) -> DeploymentTag;

    /// Adds a tag. Not repeated by itself. Errors: 400, 401, 404, 409 (there is one of that name), 500.
    createDeploymentTag: POST "/v1/deployments/{request_id}/tags"
        => create(request_id: RequestId, body: &TagName) -> DeploymentTag;

    /// Removes a tag. Errors: 400, 401, 404, 500.
    deleteDeploymentTag: DELETE "/v1/deployments/{request_id}/tags/{tag_name}"
        => delete(request_id: RequestId, tag_name: String);

    /// Renames a tag. Not repeated by itself. Errors: 400, 401, 404, 409 (there is one of that name), 500.
    updateDeploymentTag: PATCH "/v1/deployments/{request_id}/tags/{tag_name}"
        => update(request_id: RequestId, tag_name: String, body: &TagName) -> DeploymentTag;
}

deploykit_core::request! {
    /// The name of a tag. The service takes 20 characters at least, newer versions of it 40.
    pub struct TagName {
        required {
            /// Name.
            name: String,
        }
    }
    check |it| {
        if it.name.trim().is_empty() {
            return Err(Error::invalid_input("name", "is empty"));
        }
        Ok(())
    }
}

deploykit_core::model! {
    /// A label of a deployment.
    pub struct DeploymentTag {
        required {
            /// Name.
            name: String,
        }
        /// When it was created, in UTC.
        create_time: Option<Time>,
        /// When it was changed last, in UTC.
        last_updated: Option<Time>,
    }
}

//! Stacks: what applications are built on.

use deploykit_core::Time;

use crate::API;

deploykit_core::endpoints! {
    /// Stacks.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::AppSettings;
    ///
    /// let stacks = client.stacks().list().await?;
    /// let newest = stacks.iter().find(|stack| stack.default == Some(true)).unwrap();
    /// client.apps().update("example-app", &AppSettings::new().stack_id(&newest.id)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Stacks;

    /// Lists the stacks.
    listStacks: GET "/v1/features/stacks" => list() -> Vec<Stack> [envelope("stacks"), quota(&API)];
}

deploykit_core::model! {
    /// What applications are built on.
    pub struct Stack {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// Name: `scalingo-22`.
        name: String,
        /// Image it consists of.
        base_image: Option<String>,
        /// A few words on it.
        description: Option<String>,
        /// Whether new applications get it.
        default: Option<bool>,
        /// When it was made.
        created_at: Option<Time>,
        /// The day since which it should not be used any more: `2022-12-31`.
        deprecated_at: Option<String>,
    }
}

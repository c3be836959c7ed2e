//! SSH keys of the account: with them its applications are deployed by Git.

use deploykit_core::Time;

use crate::Owner;
use crate::apps::not_empty;

deploykit_core::id! {
    /// An SSH key.
    pub struct SshKeyId(String);
}

deploykit_core::endpoints! {
    /// SSH keys of the account, at the authentication API.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewSshKey;
    ///
    /// let key = NewSshKey::new("ci", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0 ci@example.com");
    /// let added = client.keys().create(&key).await?;
    /// client.keys().delete(added.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct SshKeys;

    /// Lists the keys.
    listKeys: GET "/v1/keys" => list() -> Vec<SshKey> [envelope("keys")];

    /// Fetches one key. An unknown one is answered by 404 and a page that is no JSON.
    getKey: GET "/v1/keys/{id}" => get(id: SshKeyId) -> SshKey [envelope("key")];

    /// Adds a key. Fails with 422 if it has been added already.
    createKey: POST "/v1/keys" => create(body: &NewSshKey) -> SshKey [enveloped("key")];

    /// Removes a key.
    deleteKey: DELETE "/v1/keys/{id}" => delete(id: SshKeyId);
}

deploykit_core::model! {
    /// An SSH key.
    pub struct SshKey {
        required {
            /// Id.
            id: SshKeyId,
        }
        /// Name.
        name: String,
        /// The public key.
        content: Option<String>,
        /// Its fingerprint.
        fingerprint: Option<String>,
        /// When it was added.
        created_at: Option<Time>,
        /// Whose it is.
        owner: Option<Owner>,
    }
}

deploykit_core::request! {
    /// An SSH key to add.
    pub struct NewSshKey {
        required {
            /// Name.
            name: String,
            /// The public key, as it stands in `id_ed25519.pub`.
            content: String,
        }
    }
    check |it| {
        not_empty("name", &it.name)?;
        not_empty("content", &it.content)?;
        // A mistake that cannot be taken back once it was sent.
        match it.content.contains("PRIVATE KEY") {
            true => Err(deploykit_core::Error::invalid_input("content", "is a private key")),
            false => Ok(()),
        }
    }
}

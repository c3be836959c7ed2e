//! The beginning and the end of an account, at the regional API.

use deploykit_core::{Error, Secret};

use crate::API;

deploykit_core::endpoints! {
    /// Accounts: made, and deleted. What is between is [`Account`](crate::Account).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::SignUp;
    ///
    /// client.accounts().sign_up(&SignUp::new("jane@example.com", "a long password")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Accounts;

    /// Makes an account. The client's token is not sent, and stays that of its own account.
    ///
    /// A call that may have been carried out is not repeated; a mail address that has an account is refused (422).
    signUp: POST "/v1/users" => sign_up(body: &SignUp) [body_envelope("user"), public, quota(&API)];

    /// Deletes the account that the token belongs to, at once and for good: with **every application that it owns**,
    /// their add-ons and all data in them. The service asks for nothing more;
    /// [this](crate::Account::request_deletion) asks by mail first. A call that may have been carried out is not
    /// repeated: if the token no longer works, it was.
    deleteAccount: DELETE "/v1/users" => delete_own_account() [acts, quota(&API)];
}

deploykit_core::request! {
    /// An account to make.
    pub struct SignUp {
        required {
            /// Mail address.
            email: String,
            /// Password.
            password: Secret,
        }
    }
    check |it| {
        match () {
            () if !it.email.contains('@') => Err(Error::invalid_input("email", "is no mail address")),
            () if it.password.is_blank() => Err(Error::invalid_input("password", "is empty")),
            () => Ok(()),
        }
    }
}

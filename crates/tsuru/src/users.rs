//! Users.

use deploykit_core::{Secret, endpoints, id, model, request};

use crate::Done;

id! {
    /// A user, by e-mail address.
    pub struct UserEmail(String);
}

endpoints! {
    /// Users, their sessions and keys. Servers up to 0.4 answer 500 where the statuses of creating a user, of
    /// login and of resetting a password are named here; the text is the same, and none of these errors
    /// [passes](deploykit_core::Error::is_passing) by itself.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// use deploykit_tsuru::{Client, NewUser};
    ///
    /// let anyone = Client::builder().target(sandbox.base_url()).build()?;
    /// anyone.users().create(&NewUser::new("nobody@globo.com", "123456")).await?;
    ///
    /// let session = anyone.login("nobody@globo.com", "123456").await?;
    /// assert!(session.client.apps().list().await?.is_empty());
    /// session.logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Users;

    /// Creates a user.
    /// 400 if the address is bad or the password not of 6 to 50 characters, 409 if the user exists, 401 if only
    /// administrators may.
    createAnUser: POST "/users" => create(body: &NewUser) -> Done [refusals(&[500])];

    /// Resets a forgotten password, in two steps.
    /// Without a token, the server mails one; with it, it mails a new password. 404 if there is no such user,
    /// 500 if the token is wrong or used up.
    resetPassword: POST "/users/{email}/password"
        => reset_password(email: UserEmail, query: &ResetPassword) -> Done
        [public, refusals(&[500])];

    /// Logs a user in.
    /// [`Client::login`](crate::Client::login) does the same and gives a client. 401 if the password is wrong,
    /// 400 if it is empty or too short, 404 if there is no such user.
    login: POST "/users/{email}/tokens" => login(email: UserEmail, body: &Login) -> LoginToken
        [public, refusals(&[500])];

    /// Ends the session of the token that this client sends.
    logout: DELETE "/users/tokens" => logout() -> Done [acts];

    /// Changes the password of the user.
    /// 403 if the old one is wrong, 400 if one is missing or the new one not of 6 to 50 characters.
    changePassword: PUT "/users/password" => change_password(body: &ChangePassword) -> Done [acts];

    /// Removes the user that the token belongs to.
    /// 403 if a team would be left with nobody.
    removeAnUser: DELETE "/users" => remove() -> Done [acts];

    /// Adds a public key to the user.
    /// 400 if it is empty, 409 if the user has it.
    addPublicKeyToUser: POST "/users/keys" => add_key(body: &PublicKey) -> Done;

    /// Removes a public key from the user.
    /// 404 if the user doesn't have it.
    removePublicKeyFromUser: DELETE "/users/keys" => remove_key(body: &PublicKey) -> Done;
}

request! {
    /// A user to create.
    pub struct NewUser {
        required {
            /// E-mail address.
            email: UserEmail,
            /// Password of 6 to 50 characters.
            password: Secret,
        }
    }
}

request! {
    /// Which step of resetting a password.
    pub struct ResetPassword {
        optional {
            /// The token that was mailed in the first step.
            token: Secret,
        }
    }
}

request! {
    /// What a user logs in with.
    pub struct Login {
        required {
            /// Password.
            password: Secret,
        }
    }
}

model! {
    /// What a login gives.
    pub struct LoginToken {
        required {
            /// The token to send from now on.
            token: Secret,
        }
        /// Whether the user is an administrator; from 0.3 on, and not any more from 1.0 on.
        is_admin: Option<bool>,
    }
}

request! {
    /// A change of password.
    pub struct ChangePassword {
        required {
            /// The old one.
            old: Secret,
            /// The new one, of 6 to 50 characters.
            #[serde(rename = "new")]
            new_password: Secret,
        }
        optional {
            /// The new one again, which servers from 1.0 on want.
            confirm: Secret,
        }
    }
}

request! {
    /// A public key.
    pub struct PublicKey {
        required {
            /// The key, as it stands in `id_rsa.pub`.
            key: String,
        }
    }
}

//! Users, their passwords and keys.

use deploykit_core::{Secret, endpoints, model, request};

use super::pairs::pairs;
use crate::list::List;
use crate::{Done, LoginToken, NewUser, ResetPassword, UserEmail};

endpoints! {
    /// Users.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::OfUser;
    ///
    /// println!("I am {}", tsuru.users().me().await?.email);
    /// let key = tsuru.users().api_key(&OfUser::new()).await?;
    /// # let _ = key;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Users;

    /// Lists users.
    UsersList: GET "/1.0/users" => list(query: &UserFilter) -> Vec<User> via UserItems [empty_means("[]")];

    /// Tells about the user that the token belongs to.
    UserGet: GET "/1.0/users/info" => me() -> User;

    /// Creates a user. 400 if address or password are bad, 409 if there is one, 401 if only administrators may.
    UserCreate: POST "/1.0/users" => create(body: &NewUser) -> Done;

    /// Removes a user; the one that the token belongs to, unless said otherwise.
    UserDelete: DELETE "/1.0/users" => remove(query: &OfUser) -> Done [acts];

    /// Logs a user in, where the server keeps passwords; [`Client::login`](super::Client::login) does the same.
    login: POST "/1.0/users/{email}/tokens" => login(email: UserEmail, body: &crate::Login) -> LoginToken
        [public];

    /// Ends the session of the token that this client sends.
    UserTokenDelete: DELETE "/1.0/users/tokens" => logout() -> Done [acts];

    /// Changes the password of the user. 403 if the old one is wrong.
    ChangePassword: PUT "/1.0/users/password" => change_password(body: &NewPassword) -> Done [acts];

    /// Resets a forgotten password, in two steps.
    /// Without a token, the server mails one; with it, it mails a new password.
    ResetPassword: POST "/1.0/users/{email}/password"
        => reset_password(email: UserEmail, query: &ResetPassword) -> Done [public];

    /// Gives the user's API key, a token without an end; empty if there is none.
    APITokenGet: GET "/1.0/users/api-key" => api_key(query: &OfUser) -> Secret;

    /// Makes the user's API key anew: the old one ends.
    APITokenRegenerate: POST "/1.0/users/api-key" => new_api_key(query: &OfUser) -> Secret;
}

type UserItems = List<User>;

pairs! {
    /// Which users to list; all unless something is said.
    pub struct UserFilter {
        /// The one with this address.
        email = "userEmail": UserEmail,
        /// Those with this role.
        role = "role": String,
        /// Those with the role here.
        context = "context": String,
    }
}

pairs! {
    /// Which user; the one that the token belongs to, unless something is said.
    pub struct OfUser {
        /// This one.
        user = "user": UserEmail,
    }
}

request! {
    /// A change of password.
    pub struct NewPassword {
        required {
            /// The old one.
            old: Secret,
            /// The new one, of 6 to 50 characters.
            #[serde(rename = "new")]
            new_password: Secret,
            /// The new one again.
            confirm: Secret,
        }
    }
}

model! {
    /// A user.
    pub struct User {
        required {
            /// E-mail address.
            email = "Email" | "email": UserEmail,
        }
        /// Roles.
        roles = "Roles" | "roles": Vec<UserRole>,
        /// What these let the user do.
        permissions = "Permissions" | "permissions": Vec<UserRole>,
        /// Groups.
        groups = "Groups" | "groups": Vec<String>,
    }
}

model! {
    /// A role or permission of a user.
    pub struct UserRole {
        /// Its name.
        name = "Name" | "name": String,
        /// Where it holds: `app`, `team`, `global`.
        context = "ContextType" | "contexttype": String,
        /// In which of them.
        value = "ContextValue" | "contextvalue": String,
        /// The group that it comes from.
        group = "Group" | "group": Option<String>,
    }
}

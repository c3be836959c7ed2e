//! Users of a database, and what the operator does to it.

use deploykit_core::{Error, Secret, Time};

deploykit_core::endpoints! {
    /// Users of a [`Database`](crate::Database).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewDatabaseUser;
    ///
    /// let addons = client.addons().list("example-app").await?;
    /// let (id, name) = (addons[0].id.to_string(), "reader");
    /// let users = client.database("example-app", &addons[0].id).users();
    /// let reader = users.create(&NewDatabaseUser::new(id, name).read_only(true)).await?;
    /// let password = reader.password.expect("made for it");
    /// # let _ = password;
    /// # Ok(())
    /// # }
    /// ```
    pub struct DatabaseUsers(addon_id);

    /// Lists the users.
    listDatabaseUsers: GET "/api/databases/{addon_id}/users" => list() -> Vec<DatabaseUser>
        [envelope("database-users")];

    /// Creates a user; without a password of your own the answer has one.
    createDatabaseUser: POST "/api/databases/{addon_id}/users" => create(body: &NewDatabaseUser) -> DatabaseUser
        via AnyDatabaseUser [body_envelope("database_user")];

    /// Changes the password of a user.
    updateDatabaseUser: PATCH "/api/databases/{addon_id}/users/{username}"
        => update(username: String, body: &DatabasePassword) -> DatabaseUser
        via AnyDatabaseUser [body_envelope("database_user"), idempotent];

    /// Deletes a user.
    deleteDatabaseUser: DELETE "/api/databases/{addon_id}/users/{username}" => delete(username: String);

    /// Gives a user another password, which the answer has. A call that may have been carried out is not repeated.
    resetDatabaseUserPassword: POST "/api/databases/{addon_id}/users/{username}/reset_password"
        => reset_password(username: String) -> DatabaseUser via AnyDatabaseUser;
}

deploykit_core::model! {
    /// A user of a database.
    pub struct DatabaseUser {
        /// Name.
        name: String,
        /// Whether it can only read.
        read_only: Option<bool>,
        /// Whether it cannot be deleted.
        protected: Option<bool>,
        /// Its password, where it was just made.
        password: Option<Secret>,
        /// What the database's software knows of it.
        dbms_attributes: Option<DbmsAttributes>,
    }
}

deploykit_core::model! {
    /// What a database's software knows of a user.
    pub struct DbmsAttributes {
        /// How its password is kept.
        password_encryption: Option<String>,
        /// Whether it sees what is anonymized only.
        anonymizer_enabled: Option<bool>,
    }
}

/// A user, alone or under `database_user`.
#[doc(hidden)]
#[derive(Debug)]
pub struct AnyDatabaseUser(DatabaseUser);

impl From<AnyDatabaseUser> for DatabaseUser {
    fn from(any: AnyDatabaseUser) -> Self {
        any.0
    }
}

impl<'de> serde::Deserialize<'de> for AnyDatabaseUser {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::bare::read(deserializer, "database_user").map(Self)
    }
}

deploykit_core::request! {
    /// A user to create.
    pub struct NewDatabaseUser {
        required {
            /// Id of the database: that of its add-on.
            database_id: String,
            /// Name: 6 to 32 small letters, digits and hyphens.
            name: String,
        }
        optional {
            /// Whether it can only read.
            read_only: bool,
            /// Its password, of 24 to 64 characters.
            password: Secret,
            /// The same once more.
            password_confirmation: Secret,
        }
    }
    check |it| { same(it.password.as_ref(), it.password_confirmation.as_ref()) }
}

deploykit_core::request! {
    /// Another password of a user.
    pub struct DatabasePassword {
        required {
            /// Id of the database: that of its add-on.
            database_id: String,
            /// The password, of 24 to 64 characters.
            password: Secret,
            /// The same once more.
            password_confirmation: Secret,
        }
    }
    check |it| { same(Some(&it.password), Some(&it.password_confirmation)) }
}

fn same(password: Option<&Secret>, again: Option<&Secret>) -> Result<(), Error> {
    match password == again {
        true => Ok(()),
        false => Err(Error::invalid_input(
            "password_confirmation",
            "is not the password",
        )),
    }
}

deploykit_core::endpoints! {
    /// What the operator does to a [`Database`](crate::Database).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use futures::TryStreamExt;
    ///
    /// let addons = client.addons().list("example-app").await?;
    /// let database = client.database("example-app", &addons[0].id);
    /// let mut work = database.maintenance().list().items();
    /// while let Some(work) = work.try_next().await? {
    ///     println!("{:?}", work.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Maintenances(addon_id);

    /// Lists past and planned work.
    listMaintenance: GET "/api/databases/{addon_id}/maintenance" => list() -> Pages<Maintenance>
        [envelope("maintenance")];

    /// Fetches one piece of work.
    getMaintenance: GET "/api/databases/{addon_id}/maintenance/{maintenance_id}"
        => get(maintenance_id: String) -> Maintenance [envelope("maintenance")];
}

deploykit_core::model! {
    /// Work on a database.
    pub struct Maintenance {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// The database.
        database_id: Option<String>,
        /// What is done.
        kind = "type": Option<String>,
        /// State: `scheduled`, `notified`, `queued`, `cancelled`, `running`, `failed`, `done`.
        status: Option<String>,
        /// When it began.
        started_at: Option<Time>,
        /// When it ended.
        ended_at: Option<Time>,
    }
}

//! Roles and permissions.

use std::collections::BTreeMap;

use deploykit_core::{endpoints, id, model, request};

use super::pairs::pairs;
use super::tokens::TokenId;
use crate::list::List;
use crate::{Done, UserEmail};

id! {
    /// A role, by name.
    pub struct RoleName(String);

    /// A permission, by name: `app.deploy`.
    pub struct PermissionName(String);

    /// A group of users, by name.
    pub struct GroupName(String);
}

endpoints! {
    /// Roles: what users, tokens and groups may do, and where.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{NewRole, Permissions};
    ///
    /// tsuru.roles().create(&NewRole::new("deployer", "team")).await?;
    /// tsuru.roles().add_permissions("deployer", &Permissions::new(["app.deploy".to_owned()])).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Roles;

    /// Lists the roles.
    listRoles: GET "/1.0/roles" => list() -> Vec<Role> via RoleItems [empty_means("[]")];

    /// Tells about one role.
    roleInfo: GET "/1.0/roles/{role}" => get(role: RoleName) -> Role;

    /// Creates a role. 409 if it exists.
    CreateRole: POST "/1.0/roles" => create(body: &NewRole) -> Done;

    /// Changes a role.
    UpdateRole: PUT "/1.4/roles" => update(body: &RoleChange) -> Done;

    /// Removes a role. 412 if somebody has it.
    DeleteRole: DELETE "/1.0/roles/{role}" => remove(role: RoleName) -> Done;

    /// Lists what there is to be permitted.
    listPermissions: GET "/1.0/permissions" => permissions() -> Vec<Permission> via PermissionItems
        [empty_means("[]")];

    /// Adds permissions to a role.
    PermissionAdd: POST "/1.0/roles/{role}/permissions" => add_permissions(role: RoleName, body: &Permissions)
        -> Done [idempotent];

    /// Takes a permission out of a role.
    removePermissions: DELETE "/1.0/roles/{role}/permissions/{permission}"
        => remove_permission(role: RoleName, permission: PermissionName) -> Done;

    /// Gives a role to a user.
    assignRole: POST "/1.0/roles/{role}/user" => assign(role: RoleName, body: &ToUser) -> Done [idempotent];

    /// Takes a role from a user.
    DissociateRole: DELETE "/1.0/roles/{role}/user/{email}"
        => dissociate(role: RoleName, email: UserEmail, query: &Context) -> Done;

    /// Gives a role to a token.
    AssignRoleToToken: POST "/1.6/roles/{role}/token" => assign_to_token(role: RoleName, body: &ToToken) -> Done
        [idempotent];

    /// Takes a role from a token.
    DissociateRoleFromToken: DELETE "/1.6/roles/{role}/token/{token_id}"
        => dissociate_from_token(role: RoleName, token_id: TokenId, query: &Context) -> Done;

    /// Gives a role to a group.
    AssignRoleToGroup: POST "/1.9/roles/{role}/group" => assign_to_group(role: RoleName, body: &ToGroup) -> Done
        [idempotent];

    /// Takes a role from a group.
    DissociateRoleFromGroup: DELETE "/1.9/roles/{role}/group/{group}"
        => dissociate_from_group(role: RoleName, group: GroupName, query: &Context) -> Done;

    /// Lists the roles that new users, teams and tokens get.
    listDefaultRoles: GET "/1.0/role/default" => defaults() -> Vec<Role> via RoleItems [empty_means("[]")];

    /// Adds roles that new users, teams and tokens get: by event, such as `user-create` or `team-create`.
    DefaultRoleAdd: POST "/1.0/role/default" => add_defaults(body: &BTreeMap<String, Vec<String>>) -> Done
        [idempotent];

    /// Takes roles away from those that new users, teams and tokens get.
    RoleDefaultDelete: DELETE "/1.0/role/default" => remove_defaults(query: &NotDefault) -> Done;
}

type RoleItems = List<Role>;
type PermissionItems = List<Permission>;

model! {
    /// A role.
    pub struct Role {
        required {
            /// Its name.
            name = "name" | "Name": RoleName,
        }
        /// Where it holds: `app`, `team`, `global`.
        context = "context" | "Context": String,
        /// What it is for.
        description = "description" | "Description": String,
        /// Its permissions.
        permissions = "scheme_names" | "SchemeNames": Vec<String>,
        /// When new users and teams get it: `user-create`, `team-create`.
        events = "events" | "Events": Vec<String>,
    }
}

model! {
    /// Something to be permitted.
    pub struct Permission {
        required {
            /// Its name; empty for all there is.
            name = "Name" | "name": PermissionName,
        }
        /// Where it can be permitted.
        contexts = "Contexts" | "contexts": Vec<String>,
    }
}

request! {
    /// A role to create.
    pub struct NewRole {
        required {
            /// Its name.
            name: RoleName,
            /// Where it holds: `app`, `team`, `global`.
            context: String,
        }
        optional {
            /// What it is for.
            description: String,
        }
    }
}

request! {
    /// What to change of a role.
    pub struct RoleChange {
        required {
            /// Its name.
            name: RoleName,
        }
        optional {
            /// Another name.
            #[serde(rename = "newName")]
            new_name: RoleName,
            /// Where it holds.
            #[serde(rename = "contextType")]
            context: String,
            /// What it is for.
            description: String,
        }
    }
}

request! {
    /// Permissions.
    pub struct Permissions {
        required {
            /// Their names.
            permission: Vec<String>,
        }
    }
}

pairs! {
    /// Where a role holds.
    pub struct Context {
        /// In the team or app of this name; nothing for a global role.
        context = "context": String,
    }
}

request! {
    /// To whom a role is given, and where.
    pub struct ToUser {
        required {
            /// The user.
            email: UserEmail,
            /// The team or app; empty for a global role.
            context: String,
        }
    }
}

request! {
    /// To which token a role is given, and where.
    pub struct ToToken {
        required {
            /// The token.
            token_id: TokenId,
            /// The team or app; empty for a global role.
            context: String,
        }
    }
}

request! {
    /// To which group a role is given, and where.
    pub struct ToGroup {
        required {
            /// The group.
            #[serde(rename = "group_name")]
            group: GroupName,
            /// The team or app; empty for a global role.
            context: String,
        }
    }
}

pairs! {
    /// Roles that are not given any more.
    pub struct NotDefault {
        /// Not to new users.
        user_create = "user-create": RoleName,
        /// Not to those who create teams.
        team_create = "team-create": RoleName,
    }
}

//! What can happen.

deploykit_core::open_enum! {
    /// What happened.
    pub enum EventKind {
        /// The account was made.
        NewUser = "new_user",
        /// An application was made.
        NewApp = "new_app",
        /// Settings of an application were changed.
        EditApp = "edit_app",
        /// An application was deleted.
        DeleteApp = "delete_app",
        /// An application was renamed.
        RenameApp = "rename_app",
        /// An application was handed over.
        TransferApp = "transfer_app",
        /// An application was stopped.
        StopApp = "stop_app",
        /// An application got another stack.
        StackChanged = "stack_changed",
        /// An application began to move to another region.
        StartRegionMigration = "start_region_migration",
        /// An application was put into another project.
        UpdateAppProject = "update_app_project",
        /// Containers were restarted.
        Restart = "restart",
        /// The number or size of containers was changed.
        Scale = "scale",
        /// A container crashed.
        Crash = "crash",
        /// A container crashed again.
        RepeatedCrash = "repeated_crash",
        /// A deployment.
        Deployment = "deployment",
        /// A one-off container was started.
        Run = "run",
        /// A domain was added.
        NewDomain = "new_domain",
        /// A domain was changed.
        EditDomain = "edit_domain",
        /// A domain was removed.
        DeleteDomain = "delete_domain",
        /// A variable was made.
        NewVariable = "new_variable",
        /// A variable was changed.
        EditVariable = "edit_variable",
        /// Many variables were changed.
        EditVariables = "edit_variables",
        /// A variable was deleted.
        DeleteVariable = "delete_variable",
        /// An add-on was provisioned.
        NewAddon = "new_addon",
        /// An add-on got another plan.
        UpgradeAddon = "upgrade_addon",
        /// An add-on was changed.
        AddonUpdated = "addon_updated",
        /// An add-on was suspended.
        SuspendAddon = "suspend_addon",
        /// An add-on was resumed.
        ResumeAddon = "resume_addon",
        /// An add-on was removed.
        DeleteAddon = "delete_addon",
        /// A feature of a database was switched on.
        AddDatabaseFeature = "database/add_feature",
        /// A feature of a database was switched off.
        RemoveDatabaseFeature = "database/remove_feature",
        /// A database got another version.
        UpgradeDatabase = "upgrade_database",
        /// A backup was made.
        DatabaseBackupSucceeded = "database_backup_succeeded",
        /// A backup failed.
        DatabaseBackupFailed = "database_backup_failed",
        /// Continuous backups work.
        ContinuousBackupHealthy = "database_continuousbackup_healthy",
        /// Continuous backups come late.
        ContinuousBackupDelayed = "database_continuousbackup_delayed",
        /// Continuous backups no longer come.
        ContinuousBackupStale = "database_continuousbackup_stale",
        /// Maintenance of a database was planned.
        PlanDatabaseMaintenance = "plan_database_maintenance",
        /// Maintenance of a database began.
        StartDatabaseMaintenance = "start_database_maintenance",
        /// Maintenance of a database ended.
        CompleteDatabaseMaintenance = "complete_database_maintenance",
        /// A collaborator was invited.
        NewCollaborator = "new_collaborator",
        /// A collaborator accepted.
        AcceptCollaborator = "accept_collaborator",
        /// A collaborator may do other things than before.
        ChangeCollaboratorRole = "change_collaborator_role",
        /// A collaborator was removed.
        DeleteCollaborator = "delete_collaborator",
        /// A log drain of an application was added.
        NewLogDrain = "new_log_drain",
        /// A log drain of an application was removed.
        DeleteLogDrain = "delete_log_drain",
        /// A log drain of an add-on was added.
        NewAddonLogDrain = "new_addon_log_drain",
        /// A log drain of an add-on was removed.
        DeleteAddonLogDrain = "delete_addon_log_drain",
        /// A notifier was made.
        NewNotifier = "new_notifier",
        /// A notifier was changed.
        EditNotifier = "edit_notifier",
        /// A notifier was deleted.
        DeleteNotifier = "delete_notifier",
        /// An alert went off, or ended.
        Alert = "alert",
        /// An alert was made.
        NewAlert = "new_alert",
        /// An alert was deleted.
        DeleteAlert = "delete_alert",
        /// An autoscaler was made.
        NewAutoscaler = "new_autoscaler",
        /// An autoscaler was changed.
        EditAutoscaler = "edit_autoscaler",
        /// An autoscaler was deleted.
        DeleteAutoscaler = "delete_autoscaler",
        /// A repository was linked.
        LinkScm = "link_scm",
        /// The link to a repository was changed.
        UpdateScm = "update_scm",
        /// The link to a repository was removed.
        UnlinkScm = "unlink_scm",
        /// A repository was linked; an older spelling.
        LinkGithub = "link_github",
        /// The link to a repository was removed; an older spelling.
        UnlinkGithub = "unlink_github",
        /// A review app was made.
        CreateReviewApp = "create_review_app",
        /// A review app was deleted.
        DestroyReviewApp = "destroy_review_app",
        /// A platform of repositories was connected.
        NewIntegration = "new_integration",
        /// A platform of repositories was disconnected.
        DeleteIntegration = "delete_integration",
        /// GitHub was connected; an older spelling.
        AuthorizeGithub = "authorize_github",
        /// GitHub was disconnected; an older spelling.
        RevokeGithub = "revoke_github",
        /// A project was made.
        NewProject = "new_project",
        /// A project was changed.
        EditProject = "edit_project",
        /// A project was deleted.
        DeleteProject = "delete_project",
        /// Somebody was asked to take a project over.
        NewProjectInvitation = "new_project_transfer_invitation",
        /// Somebody took a project over.
        AcceptProjectInvitation = "accept_project_transfer_invitation",
        /// A project could not be taken over.
        AcceptProjectInvitationError = "accept_project_transfer_invitation_error",
        /// Somebody would not take a project over.
        DeclineProjectInvitation = "decline_project_transfer_invitation",
        /// A project is no longer to be taken over.
        CancelProjectInvitation = "cancel_project_transfer_invitation",
        /// A key was added to the account.
        NewKey = "new_key",
        /// A key of the account was changed.
        EditKey = "edit_key",
        /// A key was removed from the account.
        DeleteKey = "delete_key",
        /// An API token was made.
        NewToken = "new_token",
        /// An API token was made anew.
        RegenerateToken = "regenerate_token",
        /// An API token was deleted.
        DeleteToken = "delete_token",
        /// Credit was added.
        AddCredit = "add_credit",
        /// A way to pay was added.
        AddPaymentMethod = "add_payment_method",
        /// A voucher was used.
        AddVoucher = "add_voucher",
        /// A payment was tried.
        PaymentAttempt = "payment_attempt",
        /// Somebody logged in.
        LoginSuccess = "login_success",
        /// Somebody failed to log in.
        LoginFailure = "login_failure",
        /// The account was locked after failures to log in.
        LoginLock = "login_lock",
        /// The account was unlocked.
        LoginUnlockSuccess = "login_unlock_success",
        /// Another password was asked for.
        PasswordResetQuery = "password_reset_query",
        /// The password was set anew.
        PasswordResetSuccess = "password_reset_success",
        /// The second factor was switched on.
        TfaEnabled = "tfa_enabled",
        /// The second factor was switched off.
        TfaDisabled = "tfa_disabled",
        /// The operator was allowed to look at data.
        CreateDataAccessConsent = "create_data_access_consent",
        /// The contact for health data was changed.
        EditHdsContact = "edit_hds_contact",
    }
}

#[cfg(test)]
mod tests {
    use super::EventKind;

    #[test]
    fn all_kinds_are_known() {
        assert_eq!(EventKind::KNOWN.len(), 96);
    }
}

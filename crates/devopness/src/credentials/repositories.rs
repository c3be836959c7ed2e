//! Repositories that credentials give access to.

use deploykit_core::Time;

use super::SourceProviderName;

deploykit_core::model! {
    /// A repository that a credential gives access to, with its branches and tags.
    pub struct Repository {
        /// Name of the repository.
        name: String,
        /// Account that owns it.
        user_name: String,
        /// Full name (`owner/name`).
        full_name: String,
        /// Its page at the provider.
        html_url: String,
        /// Its branches.
        branches: Vec<RepositoryBranch>,
        /// Its tags.
        tags: Vec<RepositoryTag>,
    }
}

deploykit_core::model! {
    /// A repository, as listed.
    pub struct RepositoryRelation {
        /// Name of the repository.
        name: String,
        /// Account that owns it.
        user_name: String,
        /// Full name (`owner/name`).
        full_name: String,
        /// Its page at the provider.
        html_url: String,
    }
}

deploykit_core::model! {
    /// A branch of a repository.
    pub struct RepositoryBranch {
        /// Name of the branch.
        name: String,
        /// Full name of the repository (`owner/name`).
        repo_full_name: String,
        /// The commit.
        commit: Option<Commit>,
    }
}

deploykit_core::model! {
    /// A tag of a repository.
    pub struct RepositoryTag {
        /// Name of the tag.
        name: String,
        /// The commit.
        commit: Option<RepositoryTagCommit>,
    }
}

deploykit_core::model! {
    /// The commit that a tag names.
    pub struct RepositoryTagCommit {
        /// Full hash of the commit.
        hash: String,
        /// Its page at the source provider.
        url: String,
    }
}

deploykit_core::model! {
    /// A commit of a repository.
    pub struct Commit {
        /// Full hash of the commit.
        hash: String,
        /// The commit's message.
        message: String,
        /// When the commit was made.
        committed_at: Time,
        /// The source provider that hosts it.
        provider: SourceProviderName,
        /// Full name of the repository (`owner/name`).
        repository: String,
        /// Its page at the source provider.
        url: String,
        /// E-mail address of the commit's author.
        author_email: String,
        /// Name of the commit's author.
        author_name: String,
    }
}

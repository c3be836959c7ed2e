//! Repositories that credentials give access to.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use super::SourceProviderName;

/// A repository that a credential gives access to, with its branches and tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Repository {
    /// Name of the repository.
    pub name: String,
    /// Account that owns it.
    pub user_name: String,
    /// Full name (`owner/name`).
    pub full_name: String,
    /// Its page at the provider.
    pub html_url: String,
    /// Its branches.
    pub branches: Vec<RepositoryBranch>,
    /// Its tags.
    pub tags: Vec<RepositoryTag>,
}

/// A repository, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RepositoryRelation {
    /// Name of the repository.
    pub name: String,
    /// Account that owns it.
    pub user_name: String,
    /// Full name (`owner/name`).
    pub full_name: String,
    /// Its page at the provider.
    pub html_url: String,
}

/// A branch of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RepositoryBranch {
    /// Name of the branch.
    pub name: String,
    /// Full name of the repository (`owner/name`).
    pub repo_full_name: String,
    /// The commit.
    pub commit: Commit,
}

/// A tag of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RepositoryTag {
    /// Name of the tag.
    pub name: String,
    /// The commit.
    pub commit: RepositoryTagCommit,
}

/// The commit that a tag names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RepositoryTagCommit {
    /// Full hash of the commit.
    pub hash: String,
    /// Its page at the source provider.
    pub url: String,
}

/// A commit of a repository.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Commit {
    /// Full hash of the commit.
    pub hash: String,
    /// The commit's message.
    pub message: String,
    /// When the commit was made.
    pub committed_at: Time,
    /// The source provider that hosts it.
    pub provider: SourceProviderName,
    /// Full name of the repository (`owner/name`).
    pub repository: String,
    /// Its page at the source provider.
    pub url: String,
    /// E-mail address of the commit's author.
    pub author_email: String,
    /// Name of the commit's author.
    pub author_name: String,
}

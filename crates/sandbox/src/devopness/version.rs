//! Which description of the service is played.

use std::fmt;
use std::str::FromStr;

/// A date of the service's description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Version {
    /// November 2025: projects have owners, roles, teams and credentials of their own.
    V2025_11,
    /// August 2026: all of these belong to organizations, and are linked to where they are used.
    #[default]
    V2026_08,
}

impl Version {
    const ALL: [Self; 2] = [Self::V2025_11, Self::V2026_08];

    /// The date: `2026-08`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2025_11 => "2025-11",
            Self::V2026_08 => "2026-08",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|version| version.as_str() == text)
            .ok_or_else(|| format!("there is no version {text}, only 2025-11 and 2026-08"))
    }
}

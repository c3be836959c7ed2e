//! Names of container images.

use std::fmt;
use std::str::FromStr;

use deploykit_core::Error;

/// A container image with its tag, as `docker push` takes it: `registry.example.com/my-org/my-game:build-17`.
///
/// Without a registry it is Docker Hub's. The tag is required, and should be another one for each build: the service
/// keeps images by their tag, so that `latest` may start an old one.
///
/// ```
/// use deploykit_edgegap::ImageReference;
///
/// let image: ImageReference = "localhost:5000/my-game:build-17".parse()?;
/// assert_eq!((&*image.repository, &*image.image, &*image.tag), ("localhost:5000", "my-game", "build-17"));
/// assert_eq!("my-org/my-game:1".parse::<ImageReference>()?.repository, "docker.io");
/// assert!("my-org/my-game".parse::<ImageReference>().is_err());
/// # Ok::<_, deploykit_edgegap::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageReference {
    /// Host of the registry.
    pub repository: String,
    /// Path of the image in it.
    pub image: String,
    /// Tag.
    pub tag: String,
}

const DOCKER_HUB: &str = "docker.io";

impl FromStr for ImageReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = |problem: &str| Error::invalid_input("image", problem);
        let text = text.trim();
        if text.contains('@') {
            return Err(refuse(
                "has a digest; the service knows images by their tag",
            ));
        }
        if text.contains("://") || text.chars().any(char::is_whitespace) {
            return Err(refuse("is no image: write `registry/path:tag`"));
        }
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (repository, rest) = match text.split_once('/') {
            Some((host, rest)) if is_host(host) => (host, rest),
            _ => (DOCKER_HUB, text),
        };
        let (image, tag) = rest.rsplit_once(':').unwrap_or((rest, ""));
        if tag.is_empty() || tag.contains('/') {
            return Err(refuse("has no tag"));
        }
        if image.split('/').any(str::is_empty) {
            return Err(refuse("is no image: write `registry/path:tag`"));
        }
        Ok(Self {
            repository: repository.to_owned(),
            image: image.to_owned(),
            tag: tag.to_owned(),
        })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.repository, self.image, self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_as_docker_reads_them() {
        for (text, whole) in [
            ("nginx:1", "docker.io/nginx:1"),
            (
                "registry.edgegap.com/org/game:1.0",
                "registry.edgegap.com/org/game:1.0",
            ),
            ("localhost:5000/game:1", "localhost:5000/game:1"),
            ("localhost/a/b:1", "localhost/a/b:1"),
        ] {
            assert_eq!(text.parse::<ImageReference>().unwrap().to_string(), whole);
        }
        for bad in [
            "",
            "game",
            "a.b/game",
            "a.b:5000/game",
            "a//b:1",
            "a/:1",
            "game@sha256:ab",
            "https://a.b/c:1",
            "a b:1",
        ] {
            assert!(bad.parse::<ImageReference>().is_err(), "{bad}");
        }
    }
}

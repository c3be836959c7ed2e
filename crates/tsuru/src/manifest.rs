//! What describes a service.

use deploykit_core::{Call, Error, Payload, Result, Secret, request};

use crate::Done;

request! {
    /// A service's manifest. It is sent as YAML, in which every value stays the text that it is.
    pub struct ServiceManifest {
        required {
            /// Name of the service.
            id: String,
            /// Where it is served.
            endpoint: Endpoints,
        }
        optional {
            /// Password with which the server calls the service; required from 0.5 on.
            password: Secret,
        }
    }
    check |it| {
        if it.id.trim().is_empty() {
            return Err(Error::invalid_input("id", "is empty"));
        }
        if it.endpoint.production.trim().is_empty() {
            return Err(Error::invalid_input("production", "is empty"));
        }
        Ok(())
    }
}

request! {
    /// Addresses of a service.
    pub struct Endpoints {
        required {
            /// Where it is served.
            production: String,
        }
    }
}

impl From<&str> for Endpoints {
    fn from(production: &str) -> Self {
        Self::new(production)
    }
}

impl From<String> for Endpoints {
    fn from(production: String) -> Self {
        Self::new(production)
    }
}

impl ServiceManifest {
    /// The manifest as YAML, every value quoted.
    ///
    /// The servers read YAML 1.1, to which an unquoted `yes` is a boolean and `1:30` a number.
    ///
    /// # Errors
    ///
    /// If a value cannot be written.
    pub fn to_yaml(&self) -> Result<String> {
        let quoted = serde_saphyr::ser_options! { quote_all: true };
        serde_saphyr::to_string_with_options(self, quoted)
            .map_err(|error| Error::invalid_input("manifest", error))
    }

    /// Makes a call of it; what is wrong with it comes out when the call is awaited.
    pub(crate) fn send(&self, call: impl FnOnce(String) -> Call<Done>) -> Call<Done> {
        match self.check().and_then(|()| self.to_yaml()) {
            Ok(yaml) => call(yaml).map_request(|request| request.hide(Secret::all_in(self))),
            Err(error) => call(String::new()).map_request(|request| request.refuse_with(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_stays_the_text_that_it_is() {
        for text in [
            "some_service",
            "yes",
            "123",
            "1:30",
            "null",
            "~",
            "a: b # c",
            "- a",
            " spaces ",
            "\"quoted\" \\ 'twice'",
            "line\nline\u{2028}\u{feff}\u{7f}",
            "é 🚀",
        ] {
            let manifest = ServiceManifest::new(text, text).password(text);
            let read: ServiceManifest =
                serde_yaml_ng::from_str(&manifest.to_yaml().unwrap()).unwrap();
            assert_eq!(read, manifest, "{text:?}");
        }
    }
}

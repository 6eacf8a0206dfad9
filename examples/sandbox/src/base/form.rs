//! Forms (`application/x-www-form-urlencoded`) as OAuth has them.

use std::collections::HashMap;

use super::refusal::Refusal;

/// The parameters of a request, each once (RFC 6749 §3.2).
pub(crate) struct Form(HashMap<String, String>);

impl Form {
    /// Refuses repeated parameters; unknown ones are for the caller to ignore.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::RequestMalformed);
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter that must be there.
    pub(crate) fn want(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::RequestMalformed)
    }
}

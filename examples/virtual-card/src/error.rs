//! What can go wrong outside the card itself. A card never fails: it answers a status word.

/// Why a card, a certificate or one of their settings cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A stored test key cannot be read: the crate's data directory is damaged.
    #[error("a stored test key is damaged: {0}")]
    TestKey(#[from] rsa::pkcs8::Error),
    /// A certificate cannot be encoded; a date outside 1970–9999 is the only way to get here.
    #[error("the certificate cannot be encoded: {0}")]
    Encoding(#[from] der::Error),
    /// The RSA operation failed.
    #[error("the RSA operation failed: {0}")]
    Rsa(#[from] rsa::Error),
    /// No person of that name.
    #[error("no fictional person is called {0:?}; known: {known}", known = crate::Person::known())]
    UnknownPerson(String),
    /// A person whose card cannot be made as it is described.
    #[error("{id}: {field} {problem}")]
    Person {
        /// Who.
        id: String,
        /// The field, as a description calls it.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A description of a person that is not TOML, or says what is unknown or leaves out what is needed.
    #[error("the person cannot be read: {0}")]
    Description(#[from] toml::de::Error),
    /// A person that cannot be described: none that there is.
    #[error("the person cannot be written: {0}")]
    Undescribable(#[from] toml::ser::Error),
    /// No PIN of that name.
    #[error("no PIN is called {0:?}")]
    UnknownPin(String),
    /// Not a date.
    #[error("{0:?} is no date: expected YYYY-MM-DD, a day that exists, not before 1868-01-25")]
    Date(String),
    /// No behaviour of that name.
    #[error("{0:?} is no behaviour of a card; known: {known}", known = crate::Behaviour::GRAMMAR)]
    UnknownBehaviour(String),
    /// Not an answer to reset (ISO/IEC 7816-3, 8.2): 2 to 33 bytes in hexadecimal.
    #[error("{0:?} is not an ATR: expected 2 to 33 bytes in hexadecimal")]
    Atr(String),
}

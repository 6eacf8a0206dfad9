//! Distinguished names as the real certificates write them: country PrintableString, everything else UTF8String.

use der::{
    Any, Tag,
    asn1::{ObjectIdentifier, SetOfVec},
};
use x509_cert::{
    attr::AttributeTypeAndValue,
    name::{Name, RelativeDistinguishedName},
};

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const LOCALITY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.7");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// A name under `C=JP`, built from its first attribute to its last.
pub(crate) struct NameBuilder(Vec<(ObjectIdentifier, Tag, String)>);

impl NameBuilder {
    pub(crate) fn japan() -> Self {
        Self(vec![(COUNTRY, Tag::PrintableString, "JP".to_owned())])
    }

    pub(crate) fn organization(self, value: &str) -> Self {
        self.text(ORGANIZATION, value)
    }

    pub(crate) fn unit(self, value: &str) -> Self {
        self.text(UNIT, value)
    }

    pub(crate) fn locality(self, value: &str) -> Self {
        self.text(LOCALITY, value)
    }

    pub(crate) fn common_name(self, value: &str) -> Self {
        self.text(COMMON_NAME, value)
    }

    pub(crate) fn build(self) -> der::Result<Name> {
        let attributes = self.0.into_iter().map(|(oid, tag, value)| {
            let value = Any::new(tag, value.into_bytes())?;
            SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }])
                .map(RelativeDistinguishedName)
        });
        Ok(attributes.collect::<der::Result<Vec<_>>>()?.into())
    }

    fn text(mut self, oid: ObjectIdentifier, value: &str) -> Self {
        self.0.push((oid, Tag::Utf8String, value.to_owned()));
        self
    }
}

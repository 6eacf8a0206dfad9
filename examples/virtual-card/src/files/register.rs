//! 共通カードAP and 住基AP, as far as anything is known of them: single source, but for their existence.

use super::{Content, Files, Source, key_id, parse_key};
use crate::Error;

impl Source<'_> {
    /// The free record says which card this is, to everybody near it: to a reader it is personal data.
    pub(super) fn common(&self) -> Result<Files, Error> {
        let person = self.person;
        let digits = format!(
            "9{:014}{}{}",
            person.serial(crate::Purpose::Authentication),
            person.municipality_code,
            person.card_expiry.date(self.issued)?.digits()
        );
        let mut files = self.resident_register()?;
        files.add(0x0001, Content::Records(vec![[&[0x01, 0x1C], digits.as_bytes()].concat()]));
        let key = parse_key(include_bytes!("../../data/common.p8"))?;
        files.add(0x0019, Content::ChallengeKey(Box::new(key)));
        Ok(files)
    }

    /// A reference to a key, the same in both applications.
    #[allow(clippy::unnecessary_wraps, reason = "as its siblings")]
    pub(super) fn resident_register(&self) -> Result<Files, Error> {
        let code = self.person.municipality_code;
        let mut files = Files::default();
        let record = key_id(&format!("{code}11"), "000");
        files.add(0x0002, Content::Records(vec![record]));
        Ok(files)
    }
}

//! Who asks: a facility and a member of its staff.

use crate::message::{Code, Failure};

/// Number of a facility (事業所番号): 10 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FacilityNumber(String);

impl FacilityNumber {
    /// Takes a number; `setup_invalid` for what is none.
    pub fn parse(number: impl Into<String>) -> Result<Self, Failure> {
        let number = number.into();
        if number.len() == 10 && number.bytes().all(|c| c.is_ascii_digit()) {
            Ok(Self(number))
        } else {
            Err(Failure::new(Code::SetupInvalid).with_detail("facility number"))
        }
    }

    /// The ten digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A staff member, as their sign-in names them: 1 to 128 visible characters of ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StaffId(String);

impl StaffId {
    /// Takes a name; `setup_invalid` for what is none.
    pub fn parse(id: impl Into<String>) -> Result<Self, Failure> {
        let id = id.into();
        if (1..=128).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_graphic()) {
            Ok(Self(id))
        } else {
            Err(Failure::new(Code::SetupInvalid).with_detail("staff member"))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_facility_is_ten_digits_and_staff_one_word() {
        assert_eq!(FacilityNumber::parse("1370000001").unwrap().as_str(), "1370000001");
        for bad in ["", "137000000", "13700000012", "137000000x", "１３７０００００01"] {
            assert_eq!(FacilityNumber::parse(bad).unwrap_err().detail(), "facility number");
        }
        assert_eq!(StaffId::parse("nurse-01").unwrap().as_str(), "nurse-01");
        for bad in ["", "a b", "a\nb", "看護師", &"a".repeat(129)] {
            assert_eq!(StaffId::parse(bad).unwrap_err().detail(), "staff member");
        }
    }
}

//! 介護 花子, whose card it is, and what she knows.

/// For user authentication.
pub(crate) const PIN: &str = "1234";
/// For the 4 attributes.
pub(crate) const TEXT_PIN: &str = "2345";
/// 照合番号B, which is printed on her card.
pub(crate) const B: &str = "16050320350503";

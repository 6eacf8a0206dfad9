//! Activation codes: what a person carries from the administrator's screen to a new device.

use super::store::Code;
use crate::base::jws::sha256;
use crate::base::keys::random;
use crate::base::refusal::Refusal;

/// Crockford's base32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 128 bits in digits of five bits each.
const DIGITS: usize = 26;
/// Digits in a group, as it is written.
const GROUP: usize = 4;
/// How long a code can be used, in seconds.
pub(super) const LIFETIME: i64 = 15 * 60;

/// A code as it is written, and what is kept of it.
pub(super) fn generate(
    facility_id: &str,
    label: &str,
    now: i64,
) -> Result<(String, Code), Refusal> {
    let bits = u128::from_be_bytes(random()?);
    let code = Code {
        digest: sha256(&bits.to_be_bytes()),
        facility_id: facility_id.to_owned(),
        label: label.to_owned(),
        expires_at: now + LIFETIME,
    };
    Ok((write(bits), code))
}

/// The digest of a code as somebody typed it.
pub(super) fn digest(typed: &str) -> Option<Vec<u8>> {
    read(typed).map(|bits| sha256(&bits.to_be_bytes()))
}

fn write(bits: u128) -> String {
    let mut written = String::new();
    for index in 0..DIGITS {
        if index > 0 && index % GROUP == 0 {
            written.push('-');
        }
        // The first digit has the three bits that are left over.
        let digit = (bits >> (5 * (DIGITS - 1 - index))) & 31;
        written.push(char::from(ALPHABET[usize::try_from(digit).unwrap_or_default()]));
    }
    written
}

/// Case, blanks and hyphens make no difference; O is 0, and I and L are 1.
fn read(typed: &str) -> Option<u128> {
    let (mut bits, mut digits) = (0_u128, 0);
    for typed in typed.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let typed = match typed.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|&digit| digit == typed)?;
        // The first digit has three bits, or it would not fit.
        if digits == DIGITS || digits == 0 && digit > 7 {
            return None;
        }
        bits = bits << 5 | u128::try_from(digit).ok()?;
        digits += 1;
    }
    (digits == DIGITS).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for bits in [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210] {
            let written = write(bits);
            assert_eq!(written.len(), DIGITS + 6);
            assert_eq!(read(&written), Some(bits), "{written}");
            assert_eq!(read(&written.to_lowercase()), Some(bits));
            assert_eq!(read(&written.replace('-', " ")), Some(bits));
            assert_eq!(read(&written.replace('0', "o").replace('1', "L")), Some(bits));
            assert_eq!(read(&written.replace('-', "").replace('1', "i")), Some(bits));
        }
        let good = write(7);
        for bad in ["", "0", &good[1..], &format!("{good}0"), &format!("8{}", &good[1..])] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&good.replacen('0', "U", 1)), None);
        assert_eq!(read(&good.replacen('0', "０", 1)), None);
    }

    #[test]
    fn what_is_kept_is_a_digest() {
        let (written, kept) = generate("1370000001", "ward phone", 1000).unwrap();
        assert_eq!(digest(&written).unwrap(), kept.digest);
        assert_eq!((kept.expires_at, kept.digest.len()), (1900, 32));
        assert_ne!(generate("1370000001", "ward phone", 1000).unwrap().0, written);
    }
}

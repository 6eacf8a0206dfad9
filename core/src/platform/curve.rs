//! Whether coordinates from outside are those of a point on P-256: y² = x³ − 3x + b (SEC 1 §2.2.1, SEC 2 §2.4.2).

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U256};

/// The prime of the field.
const P: &str = "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF";
/// The constant of the curve.
const B: &str = "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B";

/// Big-endian, 32 bytes each.
pub(super) fn is_on_p256(x: &[u8], y: &[u8]) -> bool {
    let prime = U256::from_be_hex(P);
    let in_field = |bytes: &[u8]| {
        let number = (bytes.len() == 32).then(|| U256::from_be_slice(bytes))?;
        (number < prime).then_some(number)
    };
    let (Some(x), Some(y)) = (in_field(x), in_field(y)) else { return false };
    let odd: Option<Odd<U256>> = Odd::new(prime).into();
    let Some(field) = odd.map(FixedMontyParams::new_vartime) else { return false };
    let element = |number: U256| FixedMontyForm::new(&number, &field);
    let (x, y) = (element(x), element(y));
    let three_x = x.add(&x).add(&x);
    y.square() == x.square().mul(&x).sub(&three_x).add(&element(U256::from_be_hex(B)))
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    use super::*;

    #[test]
    fn points_of_keys_are_on_the_curve_and_their_neighbours_are_not() {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        for _ in 0..20 {
            let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap();
            let mut point = key.public_key().as_ref()[1..].to_vec();
            assert!(is_on_p256(&point[..32], &point[32..]));
            point[63] ^= 1;
            assert!(!is_on_p256(&point[..32], &point[32..]));
        }
        assert!(!is_on_p256(&[0; 32], &[0; 32]));
        assert!(!is_on_p256(&[0xFF; 32], &[0xFF; 32]));
        assert!(!is_on_p256(&[1; 31], &[1; 32]));
    }
}

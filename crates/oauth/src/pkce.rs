//! Proof that whoever brings a code is who asked for it. <https://www.rfc-editor.org/rfc/rfc7636>

use crate::encode;

/// True for what a challenge by S256 looks like: 32 bytes as base64url.
pub(crate) fn is_challenge(text: &str) -> bool {
    encode::array::<32>(text).is_some()
}

/// True if the verifier is the one of the challenge.
pub(crate) fn proves(verifier: &str, challenge: &str) -> bool {
    let is_allowed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    is_allowed && encode::is_same(encode::text(encode::sha256(verifier.as_bytes())).as_bytes(), challenge.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_of_the_standard_fits_and_no_other() {
        // Appendix B of RFC 7636.
        let (verifier, challenge) = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_challenge(challenge) && proves(verifier, challenge));
        for wrong in ["", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", challenge, &verifier[..42], &"a".repeat(129), "dBjftJeZ4CVP mB92K27uhbUJU1p1r_wW1gFWFOEjXk"] {
            assert!(!proves(wrong, challenge), "{wrong}");
        }
        for wrong in ["", "abc", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"] {
            assert!(!is_challenge(wrong), "{wrong}");
        }
    }
}

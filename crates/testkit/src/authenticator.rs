//! An authenticator in software, honest unless told otherwise: makes passkeys and answers questions.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What an authenticator makes.
pub struct Made {
    /// What the browser says.
    pub client_data: Vec<u8>,
    /// What the authenticator says.
    pub attestation: Vec<u8>,
}

/// What an authenticator answers.
#[derive(Clone)]
pub struct Answer {
    /// What the browser says.
    pub client_data: Vec<u8>,
    /// What the authenticator says.
    pub authenticator_data: Vec<u8>,
    /// The signature over both.
    pub signature: Vec<u8>,
}

enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(Box<RsaKeyPair>),
}

/// One passkey in software, in a browser on a page.
pub struct Authenticator {
    key: Key,
    /// Its name for the key.
    pub id: Vec<u8>,
    /// The site it believes it speaks to.
    pub site: String,
    /// The origin of the page.
    pub origin: String,
    /// What more the browser says, as members of JSON, each after a comma.
    pub also: String,
    /// The kind of question the browser says it asked, in place of the true one.
    pub ceremony: Option<&'static str>,
    /// Present 1, verified 4, may be copied 8, is copied 16.
    pub flags: u8,
    /// How many times it was used; zero for ever where it does not count.
    pub counter: u32,
}

impl Authenticator {
    /// An authenticator with a key of that algorithm's number in COSE (-7, -8 or -257).
    pub fn new(algorithm: i64, site: &str, origin: &str, id: &[u8]) -> Authenticator {
        let key = match algorithm {
            -7 => Key::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key is made")),
            -8 => Key::EdDsa(Ed25519KeyPair::generate().expect("a key is made")),
            -257 => Key::Rs256(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is made"))),
            other => panic!("no keys of {other} are made here"),
        };
        Authenticator { key, id: id.to_vec(), site: site.to_owned(), origin: origin.to_owned(), also: String::new(), ceremony: None, flags: 5, counter: 1 }
    }

    /// Makes the passkey.
    pub fn make(&self, question: &str) -> Made {
        let mut data = self.data(0x40);
        data.extend_from_slice(&[7; 16]);
        data.extend_from_slice(&(self.id.len() as u16).to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&self.public());
        let mut attestation = vec![0xa3];
        for (name, value) in [("fmt", text("none")), ("attStmt", vec![0xa0]), ("authData", bytes(&data))] {
            attestation.extend(text(name));
            attestation.extend(value);
        }
        Made { client_data: self.client_data("webauthn.create", question), attestation }
    }

    /// Answers a question.
    pub fn answer(&self, question: &str) -> Answer {
        let (client_data, authenticator_data) = (self.client_data("webauthn.get", question), self.data(0));
        let signed = [authenticator_data.as_slice(), digest(&SHA256, &client_data).as_ref()].concat();
        let signature = match &self.key {
            Key::Es256(key) => key.sign(&SystemRandom::new(), &signed).expect("a key signs").as_ref().to_vec(),
            Key::EdDsa(key) => key.sign(&signed).as_ref().to_vec(),
            Key::Rs256(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &signed, &mut signature).expect("a key signs");
                signature
            }
        };
        Answer { client_data, authenticator_data, signature }
    }

    fn client_data(&self, ceremony: &str, question: &str) -> Vec<u8> {
        let (origin, also, ceremony) = (&self.origin, &self.also, self.ceremony.unwrap_or(ceremony));
        format!("{{\"type\":\"{ceremony}\",\"challenge\":\"{question}\",\"origin\":\"{origin}\"{also}}}").into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.site.as_bytes()).as_ref().to_vec();
        data.push(self.flags | more);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }

    /// The public half as a COSE map.
    fn public(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let point = key.public_key().as_ref();
                [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21][..], &bytes(&point[1..33]), &[0x22], &bytes(&point[33..])].concat()
            }
            Key::EdDsa(key) => [&[0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21][..], &bytes(key.public_key().as_ref())].concat(),
            Key::Rs256(key) => {
                let public = key.public_key();
                [&[0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20][..], &bytes(public.modulus().big_endian_without_leading_zero()), &[0x21], &bytes(public.exponent().big_endian_without_leading_zero())].concat()
            }
        }
    }
}

/// Bytes as text for an address, as browsers write them.
pub fn as_text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of such a text.
pub fn as_bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn bytes(of: &[u8]) -> Vec<u8> {
    [&[0x59][..], &(of.len() as u16).to_be_bytes(), of].concat()
}

fn text(of: &str) -> Vec<u8> {
    [&[0x60 | of.len() as u8][..], of.as_bytes()].concat()
}

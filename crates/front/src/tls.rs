//! TLS 1.3 and 1.2, with certificates that change while the server runs.
//!
//! * Files are read again when their content changes or somebody asks. What cannot be used
//!   leaves what is in use untouched, and says so.
//! * Clients may be asked for a certificate of the institutions' own authority. Which login it
//!   stands for is told by its SHA-256, not by what it says of itself.
//! * Keys stay in this room and are never told in an error.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// Where keys and certificates lie, all in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The server's certificate and those that lead to its authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The authorities whose clients are known. Without it no client is asked for a certificate.
    pub client_ca: Option<PathBuf>,
    /// Certificates these authorities took back.
    pub client_crl: Option<PathBuf>,
    /// Nobody gets in without a certificate.
    pub clients_required: bool,
}

/// Why TLS cannot be set up from its files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not there or may not be read.
    #[error("could not read {file}", file = .file.display())]
    Read {
        /// Which one.
        file: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// A file holds nothing of the kind that belongs there.
    #[error("{file} holds no {kind} in PEM", file = .file.display())]
    Empty {
        /// Which one.
        file: PathBuf,
        /// What was expected.
        kind: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("the certificate and the key cannot be used together")]
    Pair(#[source] tokio_rustls::rustls::Error),
    /// The authorities or the list of what they took back cannot be used.
    #[error("the authorities of clients cannot be used: {0}")]
    Clients(String),
}

/// What is known of the certificate in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Certificate {
    /// TLS is off.
    None,
    /// The files are in use as they are.
    Current,
    /// The files changed and cannot be used; the ones before are. Why, in words without secrets.
    Kept(String),
}

/// A certificate's SHA-256, by which a client is known.
pub fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    digest(&SHA256, certificate).as_ref().try_into().unwrap_or_default()
}

/// TLS of a server.
pub(crate) struct Tls {
    files: TlsFiles,
    inner: Mutex<Inner>,
}

struct Inner {
    current: Arc<ServerConfig>,
    seen: [u8; 32],
    certificate: Certificate,
}

impl Tls {
    /// Reads the files for the first time.
    pub fn load(files: TlsFiles) -> Result<Tls, TlsError> {
        let contents = Contents::read(&files)?;
        let inner = Inner { current: contents.config(&files)?, seen: contents.digest(), certificate: Certificate::Current };
        Ok(Tls { files, inner: Mutex::new(inner) })
    }

    /// What the next connection speaks.
    pub fn current(&self) -> Arc<ServerConfig> {
        self.inner.lock().current.clone()
    }

    /// What is known of the files.
    pub fn certificate(&self) -> Certificate {
        self.inner.lock().certificate.clone()
    }

    /// Reads the files again, and uses them if they changed and are sound. A file that is being
    /// written is read again the next time.
    pub fn refresh(&self) {
        let read = Contents::read(&self.files);
        let seen = read.as_ref().map_or([0; 32], Contents::digest);
        if seen == self.inner.lock().seen {
            return;
        }
        let made = read.and_then(|contents| contents.config(&self.files));
        let mut inner = self.inner.lock();
        inner.seen = seen;
        match made {
            Ok(config) => {
                inner.current = config;
                inner.certificate = Certificate::Current;
                tracing::warn!("new TLS files are in use");
            }
            Err(cause) => {
                let why = told(&cause);
                tracing::error!("the TLS files changed and cannot be used; those before stay in use: {why}");
                inner.certificate = Certificate::Kept(why);
            }
        }
    }
}

fn told(cause: &TlsError) -> String {
    match std::error::Error::source(cause) {
        Some(source) => format!("{cause}: {source}"),
        None => cause.to_string(),
    }
}

/// The files' bytes, all of one moment.
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
    client_crl: Option<Vec<u8>>,
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Contents, TlsError> {
        let read = |file: &Path| std::fs::read(file).map_err(|cause| TlsError::Read { file: file.to_owned(), cause });
        Ok(Contents {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
            client_ca: files.client_ca.as_deref().map(read).transpose()?,
            client_crl: files.client_crl.as_deref().map(read).transpose()?,
        })
    }

    fn digest(&self) -> [u8; 32] {
        let mut all = Vec::new();
        for part in [Some(&self.certificate), Some(&self.key), self.client_ca.as_ref(), self.client_crl.as_ref()] {
            let part = part.map_or(&[][..], Vec::as_slice);
            all.extend_from_slice(&(part.len() as u64).to_le_bytes());
            all.extend_from_slice(part);
        }
        fingerprint(&all)
    }

    fn config(&self, files: &TlsFiles) -> Result<Arc<ServerConfig>, TlsError> {
        let chain = certificates(&self.certificate, &files.certificate, "certificate")?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| TlsError::Empty { file: files.key.clone(), kind: "private key" })?;
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        // All suites of these two versions here have forward secrecy and authenticated encryption.
        let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]).map_err(TlsError::Pair)?;
        let builder = match self.clients(files)? {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(TlsError::Pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn clients(&self, files: &TlsFiles) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
        let (Some(authorities), Some(file)) = (&self.client_ca, &files.client_ca) else { return Ok(None) };
        let mut roots = RootCertStore::empty();
        for one in certificates(authorities, file, "certificate of an authority")? {
            roots.add(one).map_err(|cause| TlsError::Clients(cause.to_string()))?;
        }
        let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()));
        if let (Some(bytes), Some(file)) = (&self.client_crl, &files.client_crl) {
            let lists: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(bytes).collect();
            let lists = lists.ok().filter(|lists| !lists.is_empty()).ok_or_else(|| TlsError::Empty { file: file.clone(), kind: "revocation list" })?;
            // The list speaks of whom its authority certified itself.
            builder = builder.with_crls(lists).only_check_end_entity_revocation();
        }
        if !files.clients_required {
            builder = builder.allow_unauthenticated();
        }
        Ok(Some(builder.build().map_err(|cause| TlsError::Clients(cause.to_string()))?))
    }
}

fn certificates(bytes: &[u8], file: &Path, kind: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    all.ok().filter(|all| !all.is_empty()).ok_or_else(|| TlsError::Empty { file: file.to_owned(), kind })
}

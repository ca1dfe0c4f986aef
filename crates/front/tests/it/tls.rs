//! TLS: what is spoken, whom a certificate stands for, and certificates that change.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::Extension;
use axum::routing::get;
use front::{Certificate, Front, Limits, Settings, TlsFiles, fingerprint};
use rcgen::{BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, SupportedProtocolVersion, version};

use crate::rough::Plain;

struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone)]
struct Pair {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn certify(&self, serial: u64) -> Pair {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from(serial));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Pair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    fn revoke(&self, serial: u64) -> String {
        let day = rcgen::date_time_ymd;
        let revoked = RevokedCertParams { serial_number: SerialNumber::from(serial), revocation_time: day(2020, 1, 1), reason_code: None, invalidity_date: None };
        let params = CertificateRevocationListParams {
            this_update: day(2020, 1, 1),
            next_update: day(2090, 1, 1),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.0).unwrap().pem().unwrap()
    }
}

struct Sealed {
    front: Arc<Front>,
    port: u16,
    _stop: watch::Sender<bool>,
    _runtime: tokio::runtime::Runtime,
}

fn write(folder: &Path, pair: &Pair) {
    std::fs::write(folder.join("certificate.pem"), &pair.certificate).unwrap();
    std::fs::write(folder.join("key.pem"), &pair.key).unwrap();
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles { certificate: folder.join("certificate.pem"), key: folder.join("key.pem"), client_ca: None, client_crl: None, clients_required: false }
}

fn serve(tls: TlsFiles, institutions: Vec<([u8; 32], String)>) -> Sealed {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let settings = Settings { limits: Limits { header_s: 2, ..Limits::default() }, tls: Some(tls), institutions, proxies: Vec::new(), origins: Vec::new(), is_rate_limited: true };
    let front = Front::new(settings, Arc::new(Plain)).unwrap();
    let router = Router::new().route("/", get(|Extension(arrival): Extension<access::Arrival>| async move { format!("you are {}", arrival.certified.as_deref().unwrap_or("nobody")) }));
    let (stop, stopped) = watch::channel(false);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(front.clone().serve(listener, router, runtime.handle().clone(), stopped));
    Sealed { front, port, _stop: stop, _runtime: runtime }
}

impl Sealed {
    /// Asks once over TLS; the error where no connection came about.
    fn ask(&self, authority: &Authority, own: Option<&Pair>, versions: &[&'static SupportedProtocolVersion]) -> std::io::Result<(String, Option<ProtocolVersion>)> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap().with_root_certificates(roots);
        let config = match own {
            Some(pair) => {
                let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()];
                builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap()).unwrap()
            }
            None => builder.with_no_client_auth(),
        };
        let client = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        let socket = TcpStream::connect(("127.0.0.1", self.port))?;
        socket.set_read_timeout(Some(std::time::Duration::from_secs(20)))?;
        let mut stream = StreamOwned::new(client, socket);
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        match stream.read_to_string(&mut answer) {
            Err(cause) if answer.is_empty() => Err(cause),
            _ => Ok((answer, stream.conn.protocol_version())),
        }
    }
}

const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

#[test]
fn both_versions_are_spoken_and_the_answer_says_to_stay_with_tls() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    write(folder.path(), &authority.certify(1));
    let server = serve(files(folder.path()), Vec::new());
    for (versions, expect) in [(BOTH, ProtocolVersion::TLSv1_3), (&BOTH[1..], ProtocolVersion::TLSv1_2)] {
        let (answer, spoken) = server.ask(&authority, None, versions).unwrap();
        assert!(answer.contains("you are nobody") && answer.contains("strict-transport-security: max-age="), "{answer}");
        assert_eq!(spoken, Some(expect));
    }
    // Plain HTTP on this port gets nothing, a handshake that stops is not waited for.
    let mut plain = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 200"));
    let mut silent = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    silent.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
    silent.write_all(b"\x16\x03\x01").unwrap();
    assert_eq!(silent.read(&mut [0; 10]).unwrap_or(0), 0, "the server ends it");
}

#[test]
fn new_files_are_taken_and_broken_ones_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Authority::new(), Authority::new());
    let (first, second) = (old.certify(1), new.certify(2));
    write(folder.path(), &first);
    let server = serve(files(folder.path()), Vec::new());
    let works = |authority: &Authority| server.ask(authority, None, BOTH).is_ok();
    assert!(works(&old) && !works(&new));
    let breaks: [(&str, Box<dyn Fn()>); 4] = [
        ("another's key", Box::new(|| std::fs::write(folder.path().join("key.pem"), &second.key).unwrap())),
        ("half a file", Box::new(|| std::fs::write(folder.path().join("certificate.pem"), &second.certificate[..200]).unwrap())),
        ("nothing", Box::new(|| std::fs::write(folder.path().join("certificate.pem"), "").unwrap())),
        ("no file", Box::new(|| std::fs::remove_file(folder.path().join("certificate.pem")).unwrap())),
    ];
    for (what, act) in breaks {
        write(folder.path(), &first);
        act();
        server.front.refresh();
        assert!(matches!(server.front.certificate(), Certificate::Kept(why) if !why.contains("PRIVATE")), "{what}");
        assert!(works(&old), "{what}");
        assert!(server.front.metrics().contains("\ncarnet_certificate_refused 1\n"), "{what}");
    }
    write(folder.path(), &second);
    server.front.refresh();
    assert_eq!(server.front.certificate(), Certificate::Current);
    assert!(works(&new) && !works(&old), "from now on the new one");
}

#[test]
fn a_certificate_of_the_authority_stands_for_its_login() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    write(folder.path(), &authority.certify(1));
    let (laboratory, unlisted, revoked, foreign) = (clients.certify(7), clients.certify(8), clients.certify(9), strangers.certify(7));
    let ca = folder.path().join("clients.pem");
    let crl = folder.path().join("revoked.pem");
    std::fs::write(&ca, clients.pem()).unwrap();
    std::fs::write(&crl, clients.revoke(9)).unwrap();
    let print = |pair: &Pair| fingerprint(&CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap());
    for clients_required in [false, true] {
        let tls = TlsFiles { client_ca: Some(ca.clone()), client_crl: Some(crl.clone()), clients_required, ..files(folder.path()) };
        let server = serve(tls, vec![(print(&laboratory), "laboratory".to_owned()), (print(&revoked), "revoked".to_owned()), (print(&foreign), "foreign".to_owned())]);
        let ask = |own: Option<&Pair>| server.ask(&authority, own, BOTH).map(|(answer, _)| answer).unwrap_or_else(|_| "no connection".to_owned());
        assert!(ask(Some(&laboratory)).ends_with("you are laboratory"));
        assert!(ask(Some(&unlisted)).ends_with("you are nobody"), "certified, but nobody's login");
        assert_eq!(ask(Some(&foreign)), "no connection");
        assert_eq!(ask(Some(&revoked)), "no connection");
        let without = ask(None);
        assert!(if clients_required { without == "no connection" } else { without.ends_with("you are nobody") }, "{without}");
    }
}

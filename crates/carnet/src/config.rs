//! `carnet.toml`: what an operator decides. One field, one line in the reference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use access::{Budgets, Limit, Role};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::cosignatures::WitnessAt;
use crate::passkeys::Passkeys;
use crate::privacy::Privacy;
use crate::provider::Openid;

/// The configuration of a site.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The engine: `rocks`, embedded in this process.
    pub engine: String,
    /// The token that seals the institution's key, as a PKCS#11 URI (RFC 7512). Without it the key lies in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Where the server listens.
    pub listen: String,
    /// The address clients use for the FHIR API, as `https://record.example/fhir`. Empty: as they asked.
    pub base_url: String,
    /// The server's certificate and those that lead to its authority, in PEM. Without it, plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_certificate: Option<PathBuf>,
    /// Its key, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// The authorities that certify institutions, in PEM. Clients are then asked for a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_ca: Option<PathBuf>,
    /// What these authorities took back, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_crl: Option<PathBuf>,
    /// Whether clients must have a certificate: `optional` or `required`.
    pub tls_clients: String,
    /// Origins whose pages may use the API, as `https://app.example`.
    pub cors_origins: Vec<String>,
    /// Addresses of proxies whose X-Forwarded-For is believed.
    pub proxies: Vec<String>,
    /// The country pack: `mx`, `vn` or `ru`.
    pub country: String,
    /// What dates without a zone mean, in minutes east of UTC.
    pub zone_offset_minutes: i16,
    /// Memory for what was read from disk, in MiB.
    pub cache_mib: usize,
    /// The largest request body, in MiB.
    pub body_limit_mib: usize,
    /// Searches that nothing narrows may look at as many resources as any other.
    pub allow_scans: bool,
    /// Resources a search may look at before it is refused.
    pub search_most_looked_at: usize,
    /// How long a search may take before it is refused, in seconds.
    pub search_patience_s: u64,
    /// What a resource claims in `meta.profile` must be true when it is written: `claimed`, or `off`.
    pub profile_validation: String,
    /// How much a search may hold in memory before it is refused, in MiB.
    pub search_memory_mib: usize,
    /// A second factor at the pages: `optional`, or `required` of everybody but systems.
    pub second_factor: String,
    /// An erasure and an export of the whole site take two, once the site has a privacy officer.
    pub second_person: bool,
    /// In which algorithm the keys of staff sign documents: `ES256`, or `EdDSA` (Ed25519).
    pub signature_algorithm: String,
    /// A session at the pages ends after so many minutes without a request.
    pub session_idle_minutes: u32,
    /// A folder where messages to persons are laid, for a gateway of e-mail or telephone to fetch:
    /// codes for accounts and new passwords. Without it none are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_outbox: Option<PathBuf>,
    /// How many new Patients a minute are compared with all others, to find who is registered twice. 0: none.
    pub duplicates_per_minute: u32,
    /// Origins that Subscriptions may notify, as `https://system.example`. Nobody else is.
    pub subscription_targets: Vec<String>,
    /// After so many failures in a row a Subscription is in error.
    pub subscription_attempts: u32,
    /// The wait after the first failure in milliseconds; each further one is twice as long, up to five minutes.
    pub subscription_wait_ms: u64,
    /// Origins whose files `$import` may fetch, as `https://system.example`. No others are.
    pub import_sources: Vec<String>,
    /// Origins where programs may publish their keys (`jwks_uri`), as `https://app.example`. No others are asked.
    pub key_sources: Vec<String>,
    /// The most a file of an import may hold, unpacked, in MiB.
    pub import_file_mib: u64,
    /// How long one fetch of a file may last, in hours.
    pub import_file_hours: u64,
    /// Who sees what of a record that they may open.
    pub privacy: Privacy,
    /// For which site passkeys are made.
    pub passkeys: Passkeys,
    /// A provider with which persons may sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openid: Option<Openid>,
    /// How many different persons may be opened within an hour: by a role, as `physician`, and by
    /// `institution`. What is not named keeps what it has.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub budgets: BTreeMap<String, Budget>,
    /// How much is too much.
    pub limits: front::Limits,
    /// Which client's certificate stands for which sign-in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub institution: Vec<Institution>,
    /// Who vouches that the log of openings only grows: all of them are to sign it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub witness: Vec<WitnessAt>,
}

/// Two numbers of persons an hour.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// More are told to the privacy officer.
    pub soft: usize,
    /// More are refused.
    pub hard: usize,
}

/// A client's certificate and the sign-in it stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institution {
    /// The certificate's SHA-256 in hexadecimal digits, with or without colons.
    pub certificate_sha256: String,
    /// The sign-in of a connected system.
    pub login: String,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            engine: "rocks".to_owned(),
            key: None,
            listen: "127.0.0.1:8080".to_owned(),
            base_url: String::new(),
            tls_certificate: None,
            tls_key: None,
            tls_client_ca: None,
            tls_client_crl: None,
            tls_clients: "optional".to_owned(),
            cors_origins: Vec::new(),
            proxies: vec!["127.0.0.1".to_owned(), "::1".to_owned()],
            country: String::new(),
            zone_offset_minutes: 0,
            cache_mib: 512,
            body_limit_mib: 64,
            allow_scans: false,
            search_most_looked_at: 2_000_000,
            search_patience_s: 20,
            profile_validation: "claimed".to_owned(),
            search_memory_mib: 256,
            second_factor: "optional".to_owned(),
            second_person: true,
            signature_algorithm: "ES256".to_owned(),
            session_idle_minutes: 15,
            message_outbox: None,
            duplicates_per_minute: 120,
            subscription_targets: Vec::new(),
            subscription_attempts: 10,
            subscription_wait_ms: 1000,
            import_sources: Vec::new(),
            key_sources: Vec::new(),
            import_file_mib: 65_536,
            import_file_hours: 12,
            privacy: Privacy::default(),
            passkeys: Passkeys::default(),
            openid: None,
            budgets: BTreeMap::new(),
            limits: front::Limits::default(),
            institution: Vec::new(),
            witness: Vec::new(),
        }
    }
}

impl Config {
    /// The configuration of a file. Where there is none, nobody knows what the site shows to whom, and nothing is done.
    pub fn read(file: &Path) -> Result<Config> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                bail!("there is no {}: the path is wrong, or its disk is not mounted; if the file is lost, bring it back from a backup", file.display());
            }
            Err(cause) => return Err(cause).with_context(|| format!("could not read {}", file.display())),
        };
        let mut config: Config = toml::from_str(&text).with_context(|| format!("{} is not a valid configuration", file.display()))?;
        // A path in the file means a place beside the file.
        for path in [&mut config.tls_certificate, &mut config.tls_key, &mut config.tls_client_ca, &mut config.tls_client_crl, &mut config.message_outbox].into_iter().flatten() {
            *path = file.parent().unwrap_or(Path::new("")).join(&*path);
        }
        if config.engine != "rocks" {
            bail!("{}: the engine `{}` is not known; this release has `rocks`", file.display(), config.engine);
        }
        if let Some(uri) = &config.key {
            crate::token::Address::read(uri).with_context(|| format!("{}: key", file.display()))?;
        }
        if !["claimed", "off"].contains(&config.profile_validation.as_str()) {
            bail!("{}: profile_validation is `claimed` or `off`, not `{}`", file.display(), config.profile_validation);
        }
        if attest::Algorithm::named(&config.signature_algorithm).is_none() {
            bail!("{}: signature_algorithm is `ES256` or `EdDSA`, not `{}`", file.display(), config.signature_algorithm);
        }
        if !["optional", "required"].contains(&config.second_factor.as_str()) {
            bail!("{}: second_factor is `optional` or `required`, not `{}`", file.display(), config.second_factor);
        }
        if !config.country.is_empty() && country::by_code(&config.country).is_none() {
            let known: Vec<&str> = country::all().iter().map(|country| country.code.as_str()).collect();
            bail!("{}: there is no country pack `{}`; there are {}", file.display(), config.country, known.join(", "));
        }
        if !(1..=720).contains(&config.session_idle_minutes) {
            bail!("{}: session_idle_minutes lies between 1 and 720, not at {}", file.display(), config.session_idle_minutes);
        }
        // What is larger than a sealed value can be would be taken and could not be kept.
        let largest = (seal::PLAIN_LIMIT_BYTES >> 20) - 1;
        if !(1..=largest).contains(&config.body_limit_mib) {
            bail!("{}: body_limit_mib lies between 1 and {largest}, not at {}", file.display(), config.body_limit_mib);
        }
        if let Some(openid) = &mut config.openid {
            openid.settle(file.parent().unwrap_or(Path::new(""))).with_context(|| format!("{}: [openid]", file.display()))?;
        }
        config.passkeys.check().with_context(|| format!("{}: [passkeys]", file.display()))?;
        config.privacy.check().with_context(|| format!("{}: [privacy]", file.display()))?;
        if config.duplicates_per_minute > 6000 {
            bail!("{}: duplicates_per_minute lies between 0 and 6000, not at {}", file.display(), config.duplicates_per_minute);
        }
        for (key, origins) in [("subscription_targets", &config.subscription_targets), ("import_sources", &config.import_sources), ("key_sources", &config.key_sources)] {
            if let Some(wrong) = origins.iter().find(|origin| !is_target(origin)) {
                bail!("{}: {key} lists origins as https://system.example (plain http only for this machine, as http://127.0.0.1:9000), not {wrong}", file.display());
            }
        }
        for witness in &config.witness {
            let address = witness.address.trim_end_matches('/');
            if !is_target(address) {
                bail!("{}: a witness has an address as https://witness.example (plain http only for this machine), not {address}", file.display());
            }
            ledger::WitnessKey::read(&witness.key).with_context(|| format!("{}: the key of the witness at {address}", file.display()))?;
        }
        config.budgets().with_context(|| file.display().to_string())?;
        Ok(config)
    }

    /// The budgets, with those of the file in the place of the usual ones.
    pub fn budgets(&self) -> Result<Budgets> {
        let mut budgets = Budgets::default();
        for (name, Budget { soft, hard }) in &self.budgets {
            let limit = Limit { soft: *soft, hard: *hard };
            if limit.soft == 0 || limit.soft > limit.hard {
                bail!("budgets.{name}: soft is at least 1 and hard at least soft");
            }
            if name == "institution" {
                budgets.of_institution = limit;
                continue;
            }
            let role = Role::of_accounts().find(|(_, word)| word == name).map(|(role, _)| role);
            let Some(role) = role.filter(|role| budgets.of(*role).is_some()) else {
                let known: Vec<&str> = budgets.of_account.iter().map(|(role, _)| role.word()).collect();
                bail!("budgets.{name}: there are budgets for institution, {}", known.join(", "));
            };
            budgets.of_account.retain(|(one, _)| *one != role);
            budgets.of_account.push((role, limit));
        }
        Ok(budgets)
    }

    /// Writes a commented file.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = format!("# The configuration of this site. docs/operate.md explains each line.\n{}", toml::to_string(self)?);
        let written = std::fs::File::create(file).and_then(|mut opened| std::io::Write::write_all(&mut opened, text.as_bytes()).and_then(|()| opened.sync_all()));
        written.with_context(|| format!("could not write {}", file.display()))
    }
}

/// True for an origin that may be connected to: a scheme, a host, perhaps a port, and nothing more.
pub(crate) fn is_target(target: &str) -> bool {
    let Some((scheme, authority)) = target.split_once("://") else { return false };
    let bare = authority.strip_suffix('/').unwrap_or(authority);
    let is_host = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let host = bare.split(':').next().unwrap_or_default();
    let is_here = host == "localhost" || bare.starts_with("[::1]") || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    is_host && (scheme == "https" || (scheme == "http" && is_here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("carnet.toml");
        let institution = vec![Institution { certificate_sha256: "00".repeat(32), login: "lab".to_owned() }];
        Config { tls_key: Some("key.pem".into()), institution, ..Config::default() }.write(&file).unwrap();
        let config = Config::read(&file).unwrap();
        assert_eq!(config.tls_key, Some(folder.path().join("key.pem")), "beside the file");
        assert_eq!((config.institution.len(), config.limits.at_work), (1, 64));
        assert!(Config::read(&folder.path().join("elsewhere.toml")).is_err(), "an absence is no permission");
        std::fs::write(&file, "[limits]\nat_wrok = 3\n").unwrap();
        assert!(format!("{:#}", Config::read(&file).unwrap_err()).contains("at_wrok"), "a misspelt line is noticed");
        for size in [0u64, 256, 1 << 40] {
            std::fs::write(&file, format!("body_limit_mib = {size}\n")).unwrap();
            assert!(format!("{:#}", Config::read(&file).unwrap_err()).contains("body_limit_mib"), "{size}");
        }
    }

    #[test]
    fn a_budget_takes_the_place_of_the_usual_one() {
        let read = |text: &str| toml::from_str::<Config>(text).unwrap().budgets();
        let budgets = read("[budgets]\nphysician = { soft = 5, hard = 9 }\ninstitution = { soft = 7, hard = 8 }\n").unwrap();
        assert_eq!(budgets.of(Role::Physician), Some(Limit { soft: 5, hard: 9 }));
        assert_eq!((budgets.of_institution, budgets.of(Role::Nurse)), (Limit { soft: 7, hard: 8 }, Budgets::default().of(Role::Nurse)));
        for wrong in ["operator = { soft = 1, hard = 2 }", "person = { soft = 1, hard = 2 }", "doctor = { soft = 1, hard = 2 }", "nurse = { soft = 3, hard = 2 }", "nurse = { soft = 0, hard = 2 }"] {
            assert!(read(&format!("[budgets]\n{wrong}\n")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_target_is_an_origin_and_plain_only_here() {
        for (target, expect) in [
            ("https://x.example", true),
            ("https://x.example:8443/", true),
            ("http://127.0.0.1:9000", true),
            ("http://localhost:9000", true),
            ("http://x.example", false),
            ("https://x.example/hook", false),
            ("x.example", false),
            ("https://", false),
        ] {
            assert_eq!(is_target(target), expect, "{target}");
        }
    }
}

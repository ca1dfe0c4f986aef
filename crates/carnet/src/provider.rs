//! `[openid]`: the provider with which persons may sign in, and the way to it.
//!
//! Only its origin and those listed are spoken to; redirects are not followed; what it answers is
//! short and quick or no answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use oauth::{PROVIDER_LONGEST, Provider, ProviderAnswer, ProviderRequest, ProviderSettings, ProviderWire};
use serde::{Deserialize, Serialize};

use crate::config::is_target;
use crate::wire::{self, Names, Wire};

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The provider of the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Openid {
    /// Its name, letter by letter as its tokens say.
    pub issuer: String,
    /// What people read on the button.
    pub name: String,
    /// Under which name it knows this site.
    pub client_id: String,
    /// A file with the secret it gave this site, readable by the server's user only. None: it gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// What is asked for besides `openid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// A claim that names an identifier of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// The system of that identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Origins besides the issuer's where its tokens and keys come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
}

impl Openid {
    /// Puts a path beside the configuration and refuses what cannot work.
    pub fn settle(&mut self, folder: &Path) -> Result<()> {
        if let Some(path) = &mut self.secret_file {
            *path = folder.join(&*path);
        }
        if !is_target(&origin(&self.issuer)) {
            bail!("issuer begins with https:// and a host (plain http only for this machine), not {}", self.issuer);
        }
        if let Some(wrong) = self.origins.iter().find(|origin| !is_target(origin)) {
            bail!("origins lists origins as https://keys.example, not {wrong}");
        }
        if self.client_id.is_empty() || self.name.trim().is_empty() {
            bail!("client_id and name are not empty");
        }
        if self.claim.is_some() != self.system.is_some() {
            bail!("claim and system are set together or not at all");
        }
        if self.scopes.iter().any(|scope| scope.is_empty() || scope.chars().any(char::is_whitespace)) {
            bail!("scopes lists one scope in each text, as [\"profile\"]");
        }
        Ok(())
    }

    /// The provider, for pages at the site's address.
    pub fn provider(&self, base_url: &str) -> Result<Provider> {
        let secret = self.secret_file.as_deref().map(|file| std::fs::read_to_string(file).with_context(|| format!("could not read the secret in {}", file.display()))).transpose()?.map(|text| text.trim().to_owned());
        if secret.as_ref().is_some_and(String::is_empty) {
            bail!("the file of the secret is empty");
        }
        let origins: Vec<String> = std::iter::once(origin(&self.issuer)).chain(self.origins.iter().cloned()).collect();
        let settings = ProviderSettings {
            issuer: self.issuer.clone(),
            name: self.name.clone(),
            client_id: self.client_id.clone(),
            secret,
            scopes: self.scopes.clone(),
            identifier: self.claim.clone().zip(self.system.clone()),
            redirect_uri: format!("{}/sign-in/provider/back", origin(base_url)),
            origins: origins.clone(),
        };
        Ok(Provider::new(settings, Arc::new(HttpProvider(Wire::new(&origins, "[openid]", Names::abroad())?))))
    }
}

/// A way to these origins, which `key` of the configuration lists.
pub fn wire(origins: &[String], key: &str) -> Result<Arc<dyn ProviderWire>> {
    Ok(Arc::new(HttpProvider(Wire::new(origins, key, Names::abroad())?)))
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split(['/', '?', '#']).next().unwrap_or_default()),
        None => address.to_owned(),
    }
}

/// Asks over HTTP.
struct HttpProvider(Wire);

impl std::fmt::Debug for HttpProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpProvider")
    }
}

impl ProviderWire for HttpProvider {
    fn send(&self, request: ProviderRequest) -> ProviderAnswer<'_> {
        Box::pin(async move {
            let asking = async {
                let answer = self.0.send(as_http(request)?).await?;
                let status = answer.status().as_u16();
                let body = Limited::new(answer.into_body(), PROVIDER_LONGEST).collect().await.map_err(|_| "the answer broke off, or is too long")?;
                Ok((status, body.to_bytes().to_vec()))
            };
            tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Err("there was no answer in time"))
        })
    }
}

fn as_http(request: ProviderRequest) -> std::result::Result<Request<Full<Bytes>>, &'static str> {
    let unusable = "its address cannot be connected to";
    let builder = Request::builder().uri(request.address).header(USER_AGENT, wire::USER_AGENT).header(ACCEPT, "application/json");
    let builder = match request.authorization {
        Some(text) => {
            let mut value = HeaderValue::try_from(text).map_err(|_| "the secret cannot be sent")?;
            value.set_sensitive(true);
            builder.header(AUTHORIZATION, value)
        }
        None => builder,
    };
    match request.form {
        Some(form) => builder.method("POST").header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(Full::from(form)).map_err(|_| unusable),
        None => builder.body(Full::default()).map_err(|_| unusable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_refused_before_anybody_signs_in() {
        let settle = |text: &str| toml::from_str::<Openid>(text).map_err(anyhow::Error::from).and_then(|mut openid| openid.settle(Path::new("/site")).map(|()| openid));
        let good = "issuer = \"https://id.example/realm\"\nname = \"ID\"\nclient_id = \"carnet\"\n";
        assert_eq!(settle(&format!("{good}secret_file = \"s\"")).unwrap().secret_file, Some(PathBuf::from("/site/s")));
        assert!(settle(&good.replace("https://id.example/realm", "http://127.0.0.1:9000")).is_ok());
        for (wrong, words) in [
            (good.replace("https://id.example/realm", "http://id.example"), "issuer begins"),
            (good.replace("https://id.example/realm", "id.example"), "issuer begins"),
            (good.replace("\"ID\"", "\" \""), "not empty"),
            (format!("{good}claim = \"curp\""), "set together"),
            (format!("{good}origins = [\"https://keys.example/jwks\"]"), "origins lists"),
            (format!("{good}scopes = [\"profile email\"]"), "one scope"),
            (format!("{good}colour = 1"), "colour"),
        ] {
            assert!(format!("{:#}", settle(&wrong).unwrap_err()).contains(words), "{wrong}");
        }
        assert_eq!(origin("https://id.example:8443/realm?x"), "https://id.example:8443");
    }
}

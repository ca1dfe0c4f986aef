//! The endpoints for programs: tokens, what they are worth, and taking them back.

use access::Reach;
use fhir::Moment;
use serde_json::{Value, json};

use crate::authorize::LaunchContext;
use crate::binding::{self, Binding};
use crate::client::Client;
use crate::encode::{self, once};
use crate::error::{Code, Error, Refusal, Result, refused};
use crate::family::{Family, Token, TokenKind};
use crate::pkce;
use crate::scope::{Scope, Scopes};
use crate::server::{Server, Spent, make_room};

/// How long a code is good for. <https://openid.net/specs/fapi-security-profile-2_0-final.html>
const CODE_MS: i64 = 60_000;
/// How long a token for access is good where it can be renewed.
const ACCESS_RENEWED_MS: i64 = 15 * 60_000;
/// The same where it cannot.
const ACCESS_ALONE_MS: i64 = 60 * 60_000;
/// The same for a program that works without a person.
/// <https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html>
const ACCESS_MACHINE_MS: i64 = 5 * 60_000;
/// How long a family with `offline_access` lasts after it was last renewed.
const OFFLINE_MS: i64 = 90 * fhir::date::DAY_MS;
/// How long one with `online_access` lasts: a stretch of work.
const ONLINE_MS: i64 = access::Session::LONGEST_MS;
/// How long a refresh token that was just used gives the same answer: who did not hear it asks again.
/// <https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2>
const GRACE_MS: i64 = 10_000;
/// How long it is known that a code was used.
const SPENT_MS: i64 = 10 * 60_000;

/// What a request to an endpoint brings.
#[derive(Clone, Copy, Default)]
pub struct Presented<'a> {
    /// The fields of the form.
    pub form: &'a [(String, String)],
    /// The Authorization header.
    pub authorization: Option<&'a str>,
    /// The DPoP headers, as they came.
    pub proofs: &'a [String],
    /// SHA-256 of the client's certificate.
    pub certificate: Option<[u8; 32]>,
}

/// What this server asks about accounts.
pub trait Accounts {
    /// The era of an account that may be used now; none where it may not.
    fn era(&self, account: u64) -> std::result::Result<Option<u64>, store::Error>;
    /// The account of a connected system by its login, with its era, if it may be used now.
    fn system(&self, login: &str) -> std::result::Result<Option<(u64, u64)>, store::Error>;
    /// The reference of the resource that stands for whoever holds an account, as `Practitioner/7`.
    fn fhir_user(&self, account: u64) -> Option<String>;
}

/// A code that was given out.
#[derive(Clone)]
pub(crate) struct Issued {
    pub client: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub scopes: Scopes,
    pub context: LaunchContext,
    pub account: u64,
    pub era: u64,
    pub nonce: Option<String>,
    /// The key the code is bound to.
    pub thumbprint: Option<String>,
    pub at: Moment,
}

impl Issued {
    pub fn is_over(&self, now: Moment) -> bool {
        now.0 - self.at.0 > CODE_MS
    }
}

/// How a code is brought.
enum CodeBrought {
    First(Box<Issued>),
    Again(Spent),
    /// There is no such code.
    Never,
}

const BAD_CODE: Refusal = Refusal { code: Code::InvalidGrant, message: "The code is unknown, used, older than a minute, or not this program's; redirect_uri and code_verifier are those of the request." };
const BAD_REFRESH: Refusal = Refusal { code: Code::InvalidGrant, message: "The refresh_token is unknown, over, taken back, or not this program's: begin anew." };

impl Server {
    /// Gives tokens, or says why not.
    pub fn token(&self, presented: &Presented<'_>, accounts: &dyn Accounts, now: Moment) -> Result<Value> {
        let kind = field(presented, "grant_type")?.unwrap_or_default().to_owned();
        let client = self.prove(presented, now)?;
        let binding = self.binding_of(presented, &client, now)?;
        match kind.as_str() {
            "authorization_code" => self.token_of_code(presented, &client, binding, accounts, now),
            "refresh_token" => self.token_of_refresh(presented, &client, binding, accounts, now),
            "client_credentials" => self.token_of_machine(presented, &client, binding, accounts, now),
            _ => refused(Code::UnsupportedGrantType, "grant_type is authorization_code, refresh_token or client_credentials."),
        }
    }

    fn token_of_code(&self, presented: &Presented<'_>, client: &Client, binding: Option<Binding>, accounts: &dyn Accounts, now: Moment) -> Result<Value> {
        let code = field(presented, "code")?.unwrap_or_default();
        let digest = encode::sha256(code.as_bytes());
        let id = self.drawer.random::<16>();
        let issued = match self.use_code(&digest, id, now)? {
            CodeBrought::First(issued) => issued,
            CodeBrought::Never => return Err(BAD_CODE.into()),
            CodeBrought::Again(spent) => {
                // Two brought one code, and one of them stole it. <https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2>
                tracing::warn!("a code was brought twice; its tokens are worth nothing any more");
                self.end_family(spent.account, &spent.family, now)?;
                return Err(BAD_CODE.into());
            }
        };
        if issued.client != client.id || issued.is_over(now) {
            return Err(BAD_CODE.into());
        }
        let is_same_address = field(presented, "redirect_uri")? == Some(issued.redirect_uri.as_str());
        if !is_same_address || !pkce::proves(field(presented, "code_verifier")?.unwrap_or_default(), &issued.challenge) || accounts.era(issued.account)? != Some(issued.era) {
            return Err(BAD_CODE.into());
        }
        // A code that was asked for with a key is brought with it. <https://www.rfc-editor.org/rfc/rfc9449#section-10>
        if issued.thumbprint.clone().is_some_and(|thumbprint| binding != Some(Binding::Key(thumbprint))) {
            return Err(BAD_CODE.into());
        }
        let renews = issued.scopes.has(&Scope::Offline) || issued.scopes.has(&Scope::Online);
        let lasts = match renews {
            true if issued.scopes.has(&Scope::Offline) => OFFLINE_MS,
            true => ONLINE_MS,
            false => ACCESS_ALONE_MS,
        };
        let family = Family {
            id: encode::text(id),
            client: client.id.clone(),
            account: issued.account,
            era: issued.era,
            scopes: issued.scopes.text(),
            narrower: Vec::new(),
            context: issued.context.clone(),
            began: now.0,
            secret: encode::text(self.drawer.random::<32>()),
            generation: 0,
            renewed_at: 0,
            renews,
            until: now.0 + lasts,
            valid_from: now.0,
            binding,
        };
        self.change_families(issued.account, now, |families| {
            // Who brings it from here on waits for this to be written, and ends it then.
            if self.memory.lock().spent.get(&digest).is_some_and(|spent| spent.is_brought_again) {
                return Err(BAD_CODE.into());
            }
            families.push(family.clone());
            Ok(())
        })?;
        let mut told = self.told(&family, None, now);
        if issued.scopes.has(&Scope::OpenId) {
            told["id_token"] = self.id_token(&issued, accounts, now)?.into();
        }
        Ok(told)
    }

    /// Takes a code, whatever comes of it, and remembers in the same moment which family will come of it.
    fn use_code(&self, digest: &[u8; 32], family: [u8; 16], now: Moment) -> Result<CodeBrought> {
        let mut memory = self.memory.lock();
        if let Some(spent) = memory.spent.get_mut(digest) {
            spent.is_brought_again = true;
            return Ok(CodeBrought::Again(*spent));
        }
        if !memory.codes.contains_key(digest) {
            return Ok(CodeBrought::Never);
        }
        make_room(&mut memory.spent, |spent| now.0 - spent.at.0 > SPENT_MS)?;
        let Some(issued) = memory.codes.remove(digest) else { return Ok(CodeBrought::Never) };
        memory.spent.insert(*digest, Spent { account: issued.account, family, at: now, is_brought_again: false });
        Ok(CodeBrought::First(Box::new(issued)))
    }

    /// Who is using the program. <https://openid.net/specs/openid-connect-core-1_0.html#IDToken>
    fn id_token(&self, issued: &Issued, accounts: &dyn Accounts, now: Moment) -> Result<String> {
        let seconds = now.0.div_euclid(1000);
        let mut claims = json!({ "iss": self.issuer(), "sub": self.subject(issued.account)?, "aud": issued.client, "iat": seconds, "exp": seconds + 3600 });
        if let Some(nonce) = &issued.nonce {
            claims["nonce"] = nonce.clone().into();
        }
        if issued.scopes.has(&Scope::FhirUser)
            && let Some(reference) = accounts.fhir_user(issued.account)
        {
            claims["fhirUser"] = format!("{}/{reference}", self.issuer()).into();
        }
        self.sign(&claims)
    }

    fn token_of_refresh(&self, presented: &Presented<'_>, client: &Client, shown: Option<Binding>, accounts: &dyn Accounts, now: Moment) -> Result<Value> {
        let token = field(presented, "refresh_token")?.and_then(Token::read).ok_or(BAD_REFRESH)?;
        let TokenKind::Refresh { generation } = token.kind else { return Err(BAD_REFRESH.into()) };
        let fewer = field(presented, "scope")?.map(Scopes::asked).transpose()?;
        let mut is_stolen = false;
        let renewed = self.change_families(token.account, now, |families| {
            let family = families.iter_mut().find(|family| family.id_bytes() == token.family && family.made(&token)).ok_or(BAD_REFRESH)?;
            if family.client != client.id || !family.renews || accounts.era(family.account)? != Some(family.era) {
                return Err(BAD_REFRESH.into());
            }
            // Before anything else: whoever has not the key ends nothing either.
            let binding = binding::renewed(family.binding.as_ref(), shown, client)?;
            // Whoever lost the answer on the way asks again, and is answered with the same generation.
            let is_repeated = generation.checked_add(1) == Some(family.generation) && (0..=GRACE_MS).contains(&(now.0 - family.renewed_at));
            if family.generation != generation && !is_repeated {
                is_stolen = true;
                families.retain(|family| family.id_bytes() != token.family);
                return Ok(None);
            }
            let own = Scopes::parse(&family.scopes);
            let narrowed = match &fewer {
                None => None,
                Some(fewer) => {
                    let narrowed = fewer.within(&own);
                    if narrowed.iter().count() != fewer.iter().count() || narrowed.has_no_data() {
                        return refused(Code::InvalidScope, "scope may name fewer scopes than were given, and no others.");
                    }
                    family.narrow(narrowed.text())?
                }
            };
            family.binding = binding;
            if is_repeated {
                return Ok(Some((family.clone(), narrowed)));
            }
            family.generation += 1;
            family.renewed_at = now.0;
            if own.has(&Scope::Offline) {
                family.until = now.0 + OFFLINE_MS;
            }
            Ok(Some((family.clone(), narrowed)))
        })?;
        if is_stolen {
            // The older token was used by somebody who is not its holder, or the holder was robbed.
            // <https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2>
            tracing::warn!("a refresh token was brought twice; all tokens of its consent are worth nothing any more");
        }
        let (family, narrowed) = renewed.ok_or(BAD_REFRESH)?;
        Ok(self.told(&family, narrowed, now))
    }

    fn token_of_machine(&self, presented: &Presented<'_>, client: &Client, binding: Option<Binding>, accounts: &dyn Accounts, now: Moment) -> Result<Value> {
        let Some(login) = &client.login else { return refused(Code::UnauthorizedClient, "This program is not registered to work without a person.") };
        let all = Scopes::asked(field(presented, "scope")?.unwrap_or_default())?.within(&client.scopes());
        let scopes = all.filtered(|_, scope| matches!(scope, Scope::Data(rule) if rule.reach == Reach::System && rule.query.is_empty()));
        if scopes.has_no_data() {
            return refused(Code::InvalidScope, "None of the scopes can be given: without a person they begin with system/, name no search, and are no more than the program is registered for.");
        }
        let Some((account, era)) = accounts.system(login)? else { return refused(Code::UnauthorizedClient, "The account in whose name this program works cannot be used.") };
        let family = Family {
            id: encode::text(self.drawer.random::<16>()),
            client: client.id.clone(),
            account,
            era,
            scopes: scopes.text(),
            narrower: Vec::new(),
            context: LaunchContext::default(),
            began: now.0,
            secret: encode::text(self.drawer.random::<32>()),
            generation: 0,
            renewed_at: 0,
            renews: false,
            until: now.0 + ACCESS_MACHINE_MS,
            valid_from: now.0,
            binding,
        };
        let told = self.told(&family, None, now);
        let mut memory = self.memory.lock();
        make_room(&mut memory.machines, |family| family.until <= now.0)?;
        memory.machines.insert(family.id_bytes(), family.into());
        Ok(told)
    }

    /// What a program is told of its tokens. <https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#response-5>
    fn told(&self, family: &Family, narrowed: Option<u32>, now: Moment) -> Value {
        let lasts = if family.renews { ACCESS_RENEWED_MS } else { ACCESS_ALONE_MS };
        let until = Moment((now.0 + lasts).min(family.until));
        let mut told = json!({ "access_token": family.access(now, until, narrowed), "token_type": binding::token_type(family.binding.as_ref()), "expires_in": (until.0 - now.0) / 1000, "scope": family.scopes_of(narrowed) });
        family.context.write(&mut told);
        if family.context.patient.is_some() {
            // A program from elsewhere cannot know whether its page shows whose record it is.
            told["need_patient_banner"] = true.into();
        }
        if family.renews {
            told["refresh_token"] = family.refresh().into();
        }
        told
    }

    /// Says what a token is worth. <https://www.rfc-editor.org/rfc/rfc7662>
    pub fn introspect(&self, presented: &Presented<'_>, accounts: &dyn Accounts, now: Moment) -> Result<Value> {
        let client = self.prove(presented, now)?;
        if !client.is_confidential() {
            return refused(Code::InvalidClient, "A program without a secret or a key may not ask about tokens.");
        }
        let Some(token) = field(presented, "token")? else { return refused(Code::InvalidRequest, "token is missing.") };
        self.describe(token, &client, accounts, now)
    }

    /// Takes a token back, and with a refresh token all of its family. A token that is none is no error.
    /// <https://www.rfc-editor.org/rfc/rfc7009>
    pub fn revoke(&self, presented: &Presented<'_>, now: Moment) -> Result<()> {
        let client = self.prove(presented, now)?;
        let Some(text) = field(presented, "token")? else { return refused(Code::InvalidRequest, "token is missing.") };
        let Some(token) = Token::read(text) else { return Ok(()) };
        let Some(family) = self.family_of(&token)?.filter(|family| family.made(&token) && family.client == client.id) else { return Ok(()) };
        if matches!(token.kind, TokenKind::Refresh { .. }) || !family.renews {
            return self.end_family(token.account, &token.family, now);
        }
        self.change_families(token.account, now, |families| {
            for family in families.iter_mut().filter(|family| family.id_bytes() == token.family) {
                family.valid_from = now.0 + 1;
            }
            Ok(())
        })
    }
}

fn field<'a>(presented: &Presented<'a>, name: &str) -> Result<Option<&'a str>> {
    once(presented.form, name).map_err(|()| Error::Refused(Refusal { code: Code::InvalidRequest, message: "A parameter is there twice." }))
}

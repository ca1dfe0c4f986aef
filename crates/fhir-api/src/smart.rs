//! `GET /.well-known/smart-configuration`: how programs get their tokens, and the same for OpenID.
//! https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html
//!
//! * Open to everybody: it says nothing about anybody.

use crate::answer::{Answer, Payload};
use oauth::{PROOF_ALGORITHMS, Server};
use serde_json::json;

/// What programs may rely on.
/// https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#capability-sets
const CAPABILITIES: [&str; 16] = [
    "launch-ehr",
    "launch-standalone",
    "client-public",
    "client-confidential-symmetric",
    "client-confidential-asymmetric",
    "sso-openid-connect",
    "context-banner",
    "context-ehr-patient",
    "context-ehr-encounter",
    "context-standalone-patient",
    "permission-offline",
    "permission-online",
    "permission-patient",
    "permission-user",
    "permission-v1",
    "permission-v2",
];

/// Where everything is and what it takes.
pub(crate) fn configuration(server: &Server) -> Answer {
    let told = json!({
        "issuer": server.issuer(),
        "jwks_uri": server.endpoint("jwks"),
        "authorization_endpoint": server.authorization_endpoint(),
        "token_endpoint": server.token_endpoint(),
        "introspection_endpoint": server.endpoint("introspect"),
        "revocation_endpoint": server.endpoint("revoke"),
        "registration_endpoint": server.endpoint("register"),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES384", "RS384", "ES256"],
        "authorization_response_iss_parameter_supported": true,
        "dpop_signing_alg_values_supported": PROOF_ALGORITHMS,
        "tls_client_certificate_bound_access_tokens": true,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "fhirUser"],
        "scopes_supported": ["openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter", "offline_access", "online_access", "patient/*.cruds", "user/*.cruds", "system/*.cruds"],
        "capabilities": CAPABILITIES,
    });
    Answer::ok(Payload::Text(told.to_string()))
}

/// The same for clients that read the CapabilityStatement.
/// https://hl7.org/fhir/smart-app-launch/1.0.0/conformance/index.html
pub(crate) fn addresses(server: &Server) -> [(&'static str, String); 5] {
    [
        ("authorize", server.authorization_endpoint()),
        ("token", server.token_endpoint()),
        ("register", server.endpoint("register")),
        ("introspect", server.endpoint("introspect")),
        ("revoke", server.endpoint("revoke")),
    ]
}

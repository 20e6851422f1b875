//! Access tokens: JWT (RFC 7519) signed with HMAC-SHA-256 and nothing else. The session that a token names
//! decides whether it still counts.

use std::time::Duration;

use artel_domain::actor::{SessionId, UserId};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const ISSUER: &str = "artel";
const AUDIENCE: &str = "artel-api";
/// RFC 9068: the type of a JWT that is an access token.
const TYPE: &str = "at+jwt";

/// Signs and verifies access tokens.
pub struct Signer {
    current: Key,
    previous: Option<Key>,
    ttl: Duration,
}

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// What an access token says (RFC 7519, section 4.1); `sid` names the session.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: i64,
    iat: i64,
    exp: i64,
}

impl Signer {
    /// A signer with the key in force, and the one before it whose tokens may still be around.
    #[must_use]
    pub fn new(current: &SecretString, previous: Option<&SecretString>, ttl: Duration) -> Self {
        Self { current: Key::new(current), previous: previous.map(Key::new), ttl }
    }

    /// How long a token is valid.
    #[must_use]
    pub const fn ttl(&self) -> Duration {
        self.ttl
    }

    /// Signs a token for a session.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(
        &self,
        user: UserId,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(self.current.id.clone()),
            ..Header::new(Algorithm::HS256)
        };
        let iat = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user.to_string(),
            sid: session.0,
            iat,
            exp: iat.saturating_add(i64::try_from(self.ttl.as_secs()).unwrap_or(i64::MAX)),
        };
        encode(&header, &claims, &self.current.encoding)
    }

    /// The user and the session of a valid token; nothing where anything about it is wrong.
    #[must_use]
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<(UserId, SessionId)> {
        if has_critical_extensions(token) {
            return None;
        }
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let kid = header.kid?;
        let key = std::iter::once(&self.current).chain(&self.previous).find(|key| key.id == kid)?;
        let claims = decode::<Claims>(token, &key.decoding, &validation()).ok()?.claims;
        let now = now.timestamp();
        let in_time = claims.exp > now && claims.iat <= now.saturating_add(60);
        in_time.then_some((claims.sub.parse().ok()?, SessionId(claims.sid)))
    }
}

/// Expiry is compared with the server's own clock in [`Signer::verify`], without leeway.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    validation.validate_exp = false;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

/// RFC 7515, section 4.1.11: extensions that must be understood; we understand none.
fn has_critical_extensions(token: &str) -> bool {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header = header.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    header.is_none_or(|header| header.get("crit").is_some())
}

impl Key {
    fn new(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        let digest = Sha256::digest([b"artel key id", bytes].concat());
        let id = URL_SAFE_NO_PAD.encode(digest.get(..6).unwrap_or_default());
        Self { id, encoding: EncodingKey::from_secret(bytes), decoding: DecodingKey::from_secret(bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn secret(letter: char) -> SecretString {
        SecretString::from(letter.to_string().repeat(32))
    }

    fn signer() -> Signer {
        Signer::new(&secret('a'), None, Duration::from_mins(15))
    }

    fn forged(header: &str, claims: &str) -> String {
        let key = EncodingKey::from_secret("a".repeat(32).as_bytes());
        let body = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = jsonwebtoken::crypto::sign(body.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{body}.{signature}")
    }

    #[test]
    fn a_token_names_its_session_until_it_expires() {
        let now = Utc::now();
        let token = signer().sign(UserId(7), SessionId(9), now).unwrap();
        assert_eq!(signer().verify(&token, now), Some((UserId(7), SessionId(9))));
        assert_eq!(signer().verify(&token, now + TimeDelta::minutes(15)), None);
        assert_eq!(signer().verify(&format!("{token}x"), now), None);
    }

    #[test]
    fn the_key_before_the_last_change_still_verifies() {
        let now = Utc::now();
        let token = signer().sign(UserId(7), SessionId(9), now).unwrap();
        let rotated = Signer::new(&secret('b'), Some(&secret('a')), Duration::from_mins(15));
        assert!(rotated.verify(&token, now).is_some());
        let forgotten = Signer::new(&secret('b'), None, Duration::from_mins(15));
        assert!(forgotten.verify(&token, now).is_none());
    }

    #[test]
    fn what_is_wrong_with_a_well_signed_token_refuses_it() {
        let now = Utc::now();
        let kid = Key::new(&secret('a')).id;
        let head = format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{kid}"}}"#);
        let (iat, exp) = (now.timestamp(), now.timestamp() + 60);
        let claims = |more: &str| {
            format!(r#"{{"iss":"artel","aud":"artel-api","sub":"7","sid":9,"iat":{iat},"exp":{exp}{more}}}"#)
        };
        assert!(signer().verify(&forged(&head, &claims("")), now).is_some());
        let heads = [
            head.replace("at+jwt", "JWT"),
            head.replace(r#""alg""#, r#""crit":["x"],"alg""#),
            head.replace(&kid, "other"),
            head.replace("HS256", "none"),
            head.replace("HS256", "HS512"),
        ];
        for head in heads {
            assert_eq!(signer().verify(&forged(&head, &claims("")), now), None, "{head}");
        }
        let bodies = [
            claims("").replace("artel-api", "other"),
            claims("").replace(r#""artel""#, r#""other""#),
            claims("").replace(r#","sid":9"#, ""),
            claims("").replace(r#","aud":"artel-api""#, ""),
            claims("").replace(&exp.to_string(), &(iat - 1).to_string()),
            claims(&format!(r#","nbf":{}"#, now.timestamp() + 600)),
        ];
        for body in bodies {
            assert_eq!(signer().verify(&forged(&head, &body), now), None, "{body}");
        }
    }
}

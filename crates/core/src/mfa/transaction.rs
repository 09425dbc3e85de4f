//! What hides behind an `mfa_token`: a grant that waits for a second factor (contract 04 §1, §3).
//! It is kept in the database, so that any process can go on with it.

use serde::{Deserialize, Serialize};

use super::{Choice, PendingCode};
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::id::{ClientId, FamilyId, MethodId, UserId};
use crate::port::Tx;
use crate::scope::ScopeSet;
use crate::seal::Place;
use crate::secret::{Handle, HandleHash};
use crate::session::MethodEvent;
use crate::time::Timestamp;
use crate::token::Audience;
use crate::token::dpop::Binding;

/// Seconds an `mfa_token` is good.
pub(crate) const LIFETIME: i64 = 600;

/// A grant that waits for a second factor. One success uses it up.
#[derive(Clone, Debug)]
pub struct MfaTransaction {
    /// Hash of the `mfa_token`.
    pub handle: HandleHash,
    /// Who is to give the second factor.
    pub user_id: UserId,
    /// What waits, and how far it is.
    pub state: MfaState,
    /// End.
    pub expires_at: Timestamp,
}

/// What waits, and how far it is. The serialised form is the stored form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MfaState {
    /// Whose grant it is.
    pub client_id: ClientId,
    /// The issuer it was asked of, which is that of its tokens.
    pub issuer: String,
    /// The grant.
    pub origin: Origin,
    /// The key of the proof that came with it; what follows comes with one by the same.
    pub binding: Option<Binding>,
    /// What was asked last, out of band.
    pub asked: Option<Asked>,
    /// What is being enrolled.
    pub enrolling: Option<Enrolling>,
}

/// The grant that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody signs in.
    SignIn(SignIn),
    /// A refresh token was presented, and is still good.
    Refresh {
        /// The token as it was presented, sealed.
        sealed_token: Vec<u8>,
        /// `audience`.
        audience: Option<String>,
        /// `scope`.
        scope: Option<String>,
    },
    /// Nothing waits: an authenticator is enrolled with a token for that.
    Enrollment {
        /// The authorization of the token.
        family_id: FamilyId,
    },
}

/// A sign-in at the token endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// By which grant.
    pub grant: FirstGrant,
    /// For which API.
    pub audience: Option<Audience>,
    /// The scopes asked for, as far as the client may have them.
    pub scope: ScopeSet,
    /// What was proved.
    pub events: Vec<MethodEvent>,
}

/// A grant by which somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstGrant {
    /// A password, of either grant.
    Password,
    /// A passkey.
    Passkey,
    /// A code sent by mail.
    EmailCode,
    /// A code sent by text message.
    SmsCode,
}

/// What was asked out of band.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Hash of the `oob_code`. For a device it is also the key to the device's answer.
    pub oob: HandleHash,
    /// Which second factor.
    pub choice: Choice,
    /// The code that was sent; none for a device.
    pub code: Option<PendingCode>,
}

/// What is being enrolled. The methods are stored, and unconfirmed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enrolling {
    /// The new factor.
    pub method: MethodId,
    /// The recovery code that comes with it.
    pub recovery_code: Option<MethodId>,
}

impl MfaTransaction {
    /// Begins to wait; with the `mfa_token`.
    pub(crate) async fn begin(
        call: &Call,
        tx: &mut dyn Tx,
        client: &Client,
        user_id: &UserId,
        (token, origin): (Handle, Origin),
        binding: Option<&Binding>,
    ) -> Result<Handle, Fault> {
        let transaction = Self {
            handle: token.hash(),
            user_id: user_id.clone(),
            state: MfaState {
                client_id: client.id.clone(),
                issuer: call.issuer.clone(),
                origin,
                binding: binding.cloned(),
                asked: None,
                enrolling: None,
            },
            expires_at: call.now.plus_seconds(LIFETIME),
        };
        tx.put_mfa_transaction(&transaction).await?;
        Ok(token)
    }

    /// Where what it keeps is sealed to.
    pub(crate) fn place<'a>(call: &'a Call, handle: &'a HandleHash) -> Place<'a> {
        Place { tenant: call.tenant.id.as_str(), table: "mfa_transactions", row: handle.as_str() }
    }
}

/// Whether a text can be an `mfa_token` at all: so many characters of base64url.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == 43
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

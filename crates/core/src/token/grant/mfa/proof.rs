//! Whether what was given proves a second factor, or the one that is being enrolled.

use super::{Given, Proved};
use crate::app::App;
use crate::call::Call;
use crate::guard::Limit;
use crate::guard::stored::take_named;
use crate::mfa::check::{Checked, Expected, check_code};
use crate::mfa::recovery::use_code;
use crate::mfa::waiting::Waiting;
use crate::mfa::{Asked, Choice, Enrolling, RecoveryError, Way, enrolling};
use crate::token::grant::{Attempts, CodeOf, GrantError, TokenRequest};

/// How often an answer may be asked for (contract 04 §11.3).
const POLLS: Limit = Limit { requests: 12, period_ms: 60_000 };

/// Whether the request has what the grant needs.
pub(super) fn check_parameters(request: &TokenRequest, given: Given) -> Result<(), GrantError> {
    let (value, name) = match given {
        Given::Oob => (&request.oob_code, "oob_code"),
        Given::Otp => (&request.otp, "otp"),
        Given::RecoveryCode => (&request.recovery_code, "recovery_code"),
    };
    if value.is_some() { Ok(()) } else { Err(GrantError::MissingParameter(name)) }
}

/// Checks what was given. The caller commits, whatever came of it, unless it is a fault.
pub(super) async fn prove(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    request: &TokenRequest,
    given: Given,
) -> Result<Proved, GrantError> {
    match given {
        Given::Otp => otp(app, call, waiting, request.otp.as_deref().unwrap_or_default()).await,
        Given::Oob => oob(app, call, waiting, request).await,
        Given::RecoveryCode => {
            let typed = request.recovery_code.as_deref().unwrap_or_default();
            recovery_code(app, call, waiting, typed).await
        }
    }
}

async fn otp(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    typed: &str,
) -> Result<Proved, GrantError> {
    let typed = plain(typed);
    if let Some(new) = waiting.transaction.state.enrolling.clone() {
        let code = enrolling::Code::Shown(&typed);
        let checked = enrolling::confirm(app, call, waiting, &new, code).await?;
        return confirmed(checked, CodeOf::App);
    }
    let mut choices = waiting.person.factors(call).choices;
    choices.retain(|choice| choice.way == Way::Otp);
    let expected = Expected::Shown(&choices);
    let Waiting { tx, person, .. } = waiting;
    match check_code(app, call, &mut **tx, person, expected, &typed).await? {
        Checked::Right => Ok(Way::Otp.factor().into()),
        Checked::Wrong => Err(GrantError::WrongCode(CodeOf::App)),
        Checked::TooMany => Err(GrantError::TooManyAttempts(Attempts::Code)),
    }
}

async fn oob(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    request: &TokenRequest,
) -> Result<Proved, GrantError> {
    let presented = request.oob_code.as_deref().unwrap_or_default();
    let presented = crate::secret::Handle::presented(presented).hash();
    let asked = waiting.transaction.state.asked.clone();
    let asked = asked.filter(|own| own.oob.matches(&presented));
    let asked = asked.ok_or(GrantError::InvalidOobCode)?;
    let enrolling = waiting.transaction.state.enrolling.clone();
    if asked.choice.way == Way::PushNotification {
        return device(app, call, waiting, &asked, enrolling).await;
    }
    let typed = request.binding_code.as_deref();
    let typed = plain(typed.ok_or(GrantError::MissingParameter("binding_code"))?);
    let code = asked.code.as_ref();
    if let Some(new) = enrolling {
        let code = enrolling::Code::Sent { code, handle: &asked.oob, typed: &typed };
        let checked = enrolling::confirm(app, call, waiting, &new, code).await?;
        return confirmed(checked, CodeOf::Sent);
    }
    // Removed or switched off meanwhile.
    if !offers(call, waiting, &asked.choice) {
        return Err(GrantError::InvalidOobCode);
    }
    let expected = Expected::Sent { choice: &asked.choice, code, handle: &asked.oob };
    let Waiting { tx, person, .. } = waiting;
    match check_code(app, call, &mut **tx, person, expected, &typed).await? {
        Checked::Right => Ok(asked.choice.way.factor().into()),
        Checked::Wrong => Err(GrantError::WrongCode(CodeOf::Sent)),
        Checked::TooMany => Err(GrantError::TooManyAttempts(Attempts::Code)),
    }
}

/// Looks what the device that was asked, or is to enrol, has done.
async fn device(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    asked: &Asked,
    enrolling: Option<Enrolling>,
) -> Result<Proved, GrantError> {
    use crate::guardian::Answer;
    let name = format!("mfa-polls|{}", waiting.handle().as_str());
    if !take_named(app, &mut *waiting.tx, &name, POLLS, call.now).await?.allowed {
        return Err(GrantError::SlowDown);
    }
    if let Some(new) = enrolling {
        return match enrolling::device_enrolled(app, call, waiting, &new).await? {
            Some(Answer::Accepted) => Ok(Way::PushNotification.factor().into()),
            Some(Answer::Pending) => Err(GrantError::Pending),
            Some(Answer::Rejected(_) | Answer::Gone) | None => Err(GrantError::InvalidOobCode),
        };
    }
    let found = waiting.tx.push_transaction(&asked.oob).await?;
    match found.map_or(Answer::Gone, |found| found.answer(call.now)) {
        Answer::Pending => Err(GrantError::Pending),
        Answer::Rejected(_) => Err(GrantError::Rejected),
        Answer::Gone => Err(GrantError::InvalidOobCode),
        Answer::Accepted => {
            let is_offered = offers(call, waiting, &asked.choice);
            let spent = crate::guardian::spend_in(call, &mut *waiting.tx, &asked.oob).await?;
            let is_own = spent.is_some_and(|own| own.user_id == waiting.person.user.id);
            if is_own && is_offered {
                Ok(Way::PushNotification.factor().into())
            } else {
                Err(GrantError::InvalidOobCode)
            }
        }
    }
}

async fn recovery_code(
    app: &App,
    call: &Call,
    waiting: &mut Waiting,
    typed: &str,
) -> Result<Proved, GrantError> {
    let wrong = GrantError::WrongCode(CodeOf::Paper);
    let choices = waiting.person.factors(call).choices;
    if !choices.iter().any(|choice| choice.way == Way::RecoveryCode) {
        return Err(wrong);
    }
    let user = waiting.person.user.id.clone();
    match use_code(app, call, &mut *waiting.tx, &user, typed).await {
        Ok(used) => Ok(Proved { factor: used.event.factor, recovery_code: Some(used.replacement) }),
        Err(RecoveryError::Wrong) => Err(wrong),
        Err(RecoveryError::TooMany { .. }) => Err(GrantError::TooManyAttempts(Attempts::Code)),
        Err(RecoveryError::Fault(fault)) => Err(fault.into()),
    }
}

fn confirmed(confirmed: enrolling::Confirmed, code: CodeOf) -> Result<Proved, GrantError> {
    use enrolling::Confirmed;
    match confirmed {
        Confirmed::Done(factor) => Ok(factor.into()),
        Confirmed::Elsewhere => Err(GrantError::AlreadyEnrolled),
        Confirmed::Gone => Err(GrantError::ExpiredMfaToken),
        Confirmed::TooMany => Err(GrantError::TooManyAttempts(Attempts::Code)),
        Confirmed::Wrong => Err(GrantError::WrongCode(code)),
    }
}

fn offers(call: &Call, waiting: &Waiting, choice: &Choice) -> bool {
    waiting.person.factors(call).choices.contains(choice)
}

/// People type spaces into codes. Longer ones than there are need not be looked at whole.
fn plain(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).take(16).collect()
}

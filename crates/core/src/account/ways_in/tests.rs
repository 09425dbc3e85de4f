//! The rule against generated accounts and sequences of changes.
//!
//! What must hold is said a second time in [`Truth`], in other words: not by looking for what is
//! lost, but by trying to sign in with everything the person has.

use proptest::prelude::*;

use super::*;

/// Accounts and sequences per property and run.
const CASES: u32 = 10_000;

const KINDS: [FactorType; 9] = FactorType::ALL;

fn key(n: usize) -> CredentialKey {
    CredentialKey::Method(MethodId::from_raw(format!("dev_{n}")))
}

/// A confirmed credential of a kind that is switched on, kept by nothing else.
fn credential(n: usize, kind: FactorType) -> Credential {
    let key = if kind == FactorType::Password { CredentialKey::Password } else { key(n) };
    let keeper = Keeper::Itself(key.clone());
    Credential { key, kind, confirmed: true, switched_on: true, keeper }
}

fn kept_by(n: usize, kind: FactorType, keeper: Keeper) -> Credential {
    Credential { keeper, ..credential(n, kind) }
}

fn mailbox(name: &str) -> Keeper {
    Keeper::Mailbox(format!("{name}@example.com"))
}

fn account(credentials: Vec<Credential>) -> WaysIn {
    WaysIn {
        credentials,
        reset_paths: Vec::new(),
        keeps_password: false,
        requires_second_factor: true,
    }
}

/// What a person can do, by trying.
#[expect(clippy::struct_excessive_bools, reason = "four separate findings")]
struct Truth {
    signs_in: bool,
    has_second: bool,
    has_real_second: bool,
    signs_in_with_two: bool,
}

impl Truth {
    fn of(account: &WaysIn) -> Self {
        let mut truth = Self {
            signs_in: false,
            has_second: false,
            has_real_second: false,
            signs_in_with_two: false,
        };
        let usable: Vec<_> =
            account.credentials.iter().filter(|own| own.confirmed && own.switched_on).collect();
        let mut first_steps: Vec<&Keeper> = account.reset_paths.iter().collect();
        for own in &usable {
            if own.kind.usage() == "primary" {
                first_steps.push(&own.keeper);
            } else {
                truth.has_second = true;
                truth.has_real_second |= own.kind != FactorType::RecoveryCode;
            }
        }
        for first in first_steps {
            truth.signs_in = true;
            for second in usable.iter().filter(|own| own.kind.usage() == "secondary") {
                truth.signs_in_with_two |= second.keeper != *first;
            }
        }
        truth
    }

    /// An account with which nothing is wrong.
    fn is_whole(account: &WaysIn) -> bool {
        let truth = Self::of(account);
        truth.signs_in && (!account.requires_second_factor || truth.signs_in_with_two)
    }
}

prop_compose! {
    fn keepers()(choice in 0..8usize, n in 0..1000usize, kind in prop::sample::select(&KINDS[..]))
        -> (FactorType, Keeper) {
        let own = || Keeper::Itself(key(n));
        let of = |names: [&str; 2]| names[choice % 2].to_owned();
        let keeper = match kind {
            FactorType::Password => Keeper::Itself(CredentialKey::Password),
            FactorType::Email => mailbox(&of(["a", "b"])),
            FactorType::Phone => Keeper::Phone(of(["+491", "+492"])),
            FactorType::Passkey
            | FactorType::WebauthnPlatform
            | FactorType::PushNotification
            | FactorType::Totp if choice < 2 => Keeper::Device(of(["laptop", "phone"])),
            _ => own(),
        };
        (kind, keeper)
    }
}

prop_compose! {
    /// A credential numbered `n`, which no other of the account is.
    fn credentials(n: usize)((kind, keeper) in keepers(), confirmed in prop::bool::weighted(0.8),
                             switched_on in prop::bool::weighted(0.9)) -> Credential {
        let own = credential(n, kind);
        // There is no password that waits to be confirmed.
        let confirmed = confirmed || kind == FactorType::Password;
        let keeper = if matches!(keeper, Keeper::Itself(_)) { own.keeper.clone() } else { keeper };
        Credential { confirmed, switched_on, keeper, ..own }
    }
}

prop_compose! {
    fn accounts()(
        credentials in (0..7usize).prop_flat_map(|many| (0..many).map(credentials).collect::<Vec<_>>()),
        reset in prop::option::of(prop::sample::select(vec!["a", "b"])),
        reset_by_phone in prop::bool::weighted(0.1),
        keeps_password in any::<bool>(),
        requires_second_factor in any::<bool>(),
    ) -> WaysIn {
        let by_phone = reset_by_phone.then(|| Keeper::Phone("+491".to_owned()));
        let mut all: Vec<Credential> = Vec::new();
        for own in credentials {
            if !all.iter().any(|other| other.key == own.key) {
                all.push(own);
            }
        }
        WaysIn {
            credentials: all,
            reset_paths: reset.map(mailbox).into_iter().chain(by_phone).collect(),
            keeps_password,
            requires_second_factor,
        }
    }
}

/// Accounts with which nothing is wrong: as they come, or with what they lack.
fn whole_accounts() -> impl Strategy<Value = WaysIn> {
    accounts().prop_map(|mut account| {
        if !Truth::is_whole(&account) {
            account.credentials.retain(|own| own.key != CredentialKey::Password);
            account.credentials.push(credential(60, FactorType::Password));
            account.credentials.push(credential(61, FactorType::Totp));
        }
        account
    })
}

/// What somebody does, by position, so that it fits whatever the account is by then.
#[derive(Clone, Debug)]
enum Step {
    Add(Credential),
    Confirm(usize),
    Remove(usize),
    RemoveTwo(usize, usize),
    Replace(usize, Credential),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let new = || (100..110usize).prop_flat_map(credentials);
    let step = prop_oneof![
        new().prop_map(Step::Add),
        (0..8usize).prop_map(Step::Confirm),
        (0..8usize).prop_map(Step::Remove),
        (0..8usize, 0..8usize).prop_map(|(one, other)| Step::RemoveTwo(one, other)),
        (0..8usize, new()).prop_map(|(old, new)| Step::Replace(old, new)),
    ];
    prop::collection::vec(step, 1..12)
}

/// The change a step is, if there is something for it to act on.
fn change(account: &WaysIn, step: &Step) -> Option<Change> {
    let at = |n: &usize| account.credentials.get(*n).map(|own| own.key.clone());
    let fresh = |new: &Credential| !account.credentials.iter().any(|own| own.key == new.key);
    match step {
        Step::Add(new) => fresh(new).then(|| Change { remove: Vec::new(), add: vec![new.clone()] }),
        Step::Confirm(n) => {
            let own = account.credentials.get(*n)?;
            let confirmed = Credential { confirmed: true, ..own.clone() };
            Some(Change { remove: Vec::new(), add: vec![confirmed] })
        }
        Step::Remove(n) => at(n).map(Change::removal),
        Step::RemoveTwo(one, other) => {
            Some(Change { remove: vec![at(one)?, at(other)?], add: Vec::new() })
        }
        Step::Replace(old, new) => {
            fresh(new).then_some(())?;
            Some(Change::replacement(vec![at(old)?], new.clone()))
        }
    }
}

fn made(account: &WaysIn, change: &Change) -> Result<WaysIn, Refusal> {
    decide(account, change).map(|gone| account.after(&gone, change))
}

/// Whether `key` may go, asked the way the API does.
fn may_go(account: &WaysIn, key: &CredentialKey) -> bool {
    decide(account, &Change::removal(key.clone())).is_ok()
}

fn keys(account: &WaysIn) -> Vec<CredentialKey> {
    account.credentials.iter().map(|own| own.key.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// However somebody goes on, what they could do before they still can.
    #[test]
    fn recoverable_stays_recoverable(mut account in accounts(), steps in steps()) {
        for step in steps {
            let Some(change) = change(&account, &step) else { continue };
            let Ok(after) = made(&account, &change) else { continue };
            let (then, now) = (Truth::of(&account), Truth::of(&after));
            prop_assert!(now.signs_in || !then.signs_in, "{step:?} locks out of {account:?}");
            if account.requires_second_factor {
                prop_assert!(now.has_second || !then.has_second, "{step:?} of {account:?}");
                prop_assert!(now.has_real_second || !then.has_real_second
                    || matches!(step, Step::Replace(..)), "{step:?} of {account:?}");
                prop_assert!(now.signs_in_with_two || !then.signs_in_with_two,
                    "{step:?} makes one keeper both steps of {account:?}");
            }
            account = after;
        }
    }

    /// Where a password is kept, it is kept.
    #[test]
    fn a_kept_password_stays(account in accounts(), steps in steps()) {
        let mut account = WaysIn { keeps_password: true, ..account };
        let has_password = |account: &WaysIn| keys(account).contains(&CredentialKey::Password);
        let had = has_password(&account);
        for step in steps {
            let Some(change) = change(&account, &step) else { continue };
            if let Ok(after) = made(&account, &change) {
                prop_assert!(!had || has_password(&after), "{step:?} of {account:?}");
                account = after;
            }
        }
    }

    /// A refusal has a cause: what would be left is worse than what there is.
    #[test]
    fn nothing_is_refused_without_need(account in accounts()) {
        for key in keys(&account) {
            let change = Change::removal(key.clone());
            let Err(refusal) = decide(&account, &change) else { continue };
            let (then, now) =
                (Truth::of(&account), Truth::of(&account.after(&account.gone_with(&change), &change)));
            let caused = match refusal {
                Refusal::PasswordKept => account.keeps_password && key == CredentialKey::Password,
                Refusal::LastWayIn => then.signs_in && !now.signs_in,
                Refusal::LastSecondFactor => then.has_second && !now.has_second,
                Refusal::OneKeeper => then.signs_in_with_two && !now.signs_in_with_two,
            };
            prop_assert!(caused, "{refusal:?} for {key:?} of {account:?}");
            prop_assert!(account.requires_second_factor
                || matches!(refusal, Refusal::PasswordKept | Refusal::LastWayIn));
        }
    }

    /// What may go today may go tomorrow, whatever was added meanwhile; unless that is the same
    /// device, which then goes as a whole.
    #[test]
    fn adding_makes_nothing_unremovable(account in whole_accounts(), new in credentials(50)) {
        let mut more = account.clone();
        if !keys(&account).contains(&new.key) {
            more.credentials.push(new.clone());
        }
        for own in &account.credentials {
            if !matches!(&own.keeper, Keeper::Device(_)) || own.keeper != new.keeper {
                let (today, tomorrow) = (may_go(&account, &own.key), may_go(&more, &own.key));
                prop_assert!(tomorrow || !today, "{own:?}, {new:?} added to {account:?}");
            }
        }
    }

    /// Unconfirmed methods, and those of a kind that is switched off, neither help nor hinder, and
    /// can always go.
    #[test]
    fn what_opens_nothing_does_not_count(account in accounts()) {
        let usable = |own: &&Credential| own.confirmed && own.switched_on;
        let credentials = account.credentials.iter().filter(usable).cloned().collect();
        let without = WaysIn { credentials, keeps_password: false, ..account.clone() };
        let with = WaysIn { keeps_password: false, ..account };
        for own in &with.credentials {
            let together = matches!(own.keeper, Keeper::Device(_));
            if usable(&own) && !together {
                prop_assert_eq!(may_go(&with, &own.key), may_go(&without, &own.key));
            } else if !together {
                prop_assert!(may_go(&with, &own.key), "{:?}", own);
            }
        }
    }

    /// Whoever lost one of two second factors gets rid of it with the help of the other.
    #[test]
    fn a_lost_factor_can_go(account in accounts()) {
        let is_real = |own: &&Credential| {
            own.confirmed && own.switched_on && own.kind.usage() == "secondary"
                && own.kind != FactorType::RecoveryCode
        };
        let knows_password = account.credentials.iter()
            .any(|own| own.key == CredentialKey::Password && own.switched_on);
        let real: Vec<_> = account.credentials.iter().filter(is_real).collect();
        for lost in &real {
            let other = real.iter().any(|own| own.key != lost.key
                && (own.keeper != lost.keeper || !matches!(own.keeper, Keeper::Device(_))));
            // A device takes its passkey along, which then must not have been the only first step.
            if other && knows_password {
                prop_assert!(may_go(&account, &lost.key), "{lost:?} of {account:?}");
            }
        }
    }

    /// A recovery code is never all that a removal leaves behind, and goes with nothing else.
    #[test]
    fn a_recovery_code_goes_with_the_last_real_factor(account in accounts()) {
        let codes = |account: &WaysIn| account.credentials.iter()
            .filter(|own| own.kind == FactorType::RecoveryCode && own.confirmed).count();
        for key in keys(&account) {
            let change = Change::removal(key.clone());
            let after = account.after(&account.gone_with(&change), &change);
            let (then, now) = (Truth::of(&account), Truth::of(&after));
            if then.has_real_second && !now.has_real_second {
                prop_assert_eq!(codes(&after), 0);
            } else {
                let own = usize::from(account.credentials.iter().any(|own| {
                    own.key == key && own.kind == FactorType::RecoveryCode && own.confirmed
                }));
                prop_assert_eq!(codes(&after), codes(&account) - own);
            }
        }
    }

    /// Rows of one device go together, and no others with them but recovery codes; giving up an
    /// enrolment takes nothing along.
    #[test]
    fn rows_of_a_device_go_together(account in accounts()) {
        for own in &account.credentials {
            let gone = account.gone_with(&Change::removal(own.key.clone()));
            for other in &account.credentials {
                let same_device = own.confirmed
                    && matches!(own.keeper, Keeper::Device(_))
                    && other.keeper == own.keeper;
                if same_device || other.key == own.key {
                    prop_assert!(gone.contains(&other.key));
                } else if gone.contains(&other.key) {
                    prop_assert_eq!((other.kind, other.confirmed), (FactorType::RecoveryCode, true));
                }
            }
        }
    }

    /// Credentials count, not kinds, and not their order.
    #[test]
    fn order_does_not_matter(account in accounts(), turns in 0..7usize) {
        let mut turned = account.clone();
        let by = turns.min(turned.credentials.len());
        turned.credentials.rotate_left(by);
        for key in keys(&account) {
            let change = Change::removal(key.clone());
            let sorted = |account: &WaysIn| decide(account, &change).map(|mut gone| {
                gone.sort_by_key(|key| format!("{key:?}"));
                gone
            });
            prop_assert_eq!(sorted(&account), sorted(&turned));
        }
    }
}

/// What removing the credential at `n` comes to.
fn removing(account: &WaysIn, n: usize) -> Result<Vec<CredentialKey>, Refusal> {
    decide(account, &Change::removal(account.credentials[n].key.clone()))
}

#[test]
fn two_of_a_kind_are_two() {
    for kind in [FactorType::Totp, FactorType::WebauthnRoaming, FactorType::PushNotification] {
        let password = credential(0, FactorType::Password);
        let two = account(vec![password.clone(), credential(1, kind), credential(2, kind)]);
        assert_eq!(removing(&two, 1), Ok(vec![key(1)]));
        let one = account(vec![password, credential(1, kind)]);
        assert_eq!(removing(&one, 1), Err(Refusal::LastSecondFactor));
    }
    let passkeys = [1, 2].map(|n| credential(n, FactorType::Passkey)).to_vec();
    let two = WaysIn { requires_second_factor: false, ..account(passkeys) };
    assert_eq!(removing(&two, 0), Ok(vec![key(1)]));
    let one = two.after(&[key(1)], &Change::default());
    assert_eq!(removing(&one, 0), Err(Refusal::LastWayIn));
}

#[test]
fn one_mailbox_is_not_both_steps() {
    let own = |second: Keeper| WaysIn {
        reset_paths: vec![mailbox("a")],
        ..account(vec![credential(1, FactorType::Passkey), kept_by(2, FactorType::Email, second)])
    };
    assert_eq!(removing(&own(mailbox("a")), 0), Err(Refusal::OneKeeper));
    assert_eq!(removing(&own(mailbox("b")), 0), Ok(vec![key(1)]));
    let free = WaysIn { requires_second_factor: false, ..own(mailbox("a")) };
    assert_eq!(removing(&free, 0), Ok(vec![key(1)]));
}

#[test]
fn a_mailbox_for_resets_is_a_way_in() {
    let passkey = vec![credential(1, FactorType::Passkey)];
    let none = WaysIn { requires_second_factor: false, ..account(passkey) };
    assert_eq!(removing(&none, 0), Err(Refusal::LastWayIn));
    let some = WaysIn { reset_paths: vec![mailbox("a")], ..none };
    assert_eq!(removing(&some, 0), Ok(vec![key(1)]));
}

#[test]
fn a_recovery_code_is_the_last_thing_to_hold_on_to() {
    let password = credential(0, FactorType::Password);
    let code = credential(2, FactorType::RecoveryCode);
    let with_app = account(vec![password.clone(), credential(1, FactorType::Totp), code.clone()]);
    assert_eq!(removing(&with_app, 1), Err(Refusal::LastSecondFactor));
    assert_eq!(removing(&with_app, 2), Ok(vec![key(2)]));
    let alone = account(vec![password, code]);
    assert_eq!(removing(&alone, 1), Err(Refusal::LastSecondFactor));
    let free = WaysIn { requires_second_factor: false, ..with_app };
    assert_eq!(removing(&free, 1), Ok(vec![key(1), key(2)]));
}

#[test]
fn replacing_a_password_or_a_recovery_code_takes_nothing_away() {
    let kept = WaysIn {
        keeps_password: true,
        ..account(vec![
            credential(0, FactorType::Password),
            credential(1, FactorType::RecoveryCode),
        ])
    };
    let password =
        Change::replacement(vec![CredentialKey::Password], credential(0, FactorType::Password));
    assert_eq!(decide(&kept, &password), Ok(Vec::new()));
    let code = Change::replacement(vec![key(1)], credential(2, FactorType::RecoveryCode));
    assert_eq!(decide(&kept, &code), Ok(vec![key(1)]));
    assert_eq!(removing(&kept, 0), Err(Refusal::PasswordKept));
}

#[test]
fn every_refusal_says_what_to_do_instead() {
    for refusal in
        [Refusal::LastWayIn, Refusal::LastSecondFactor, Refusal::OneKeeper, Refusal::PasswordKept]
    {
        let text = refusal.text();
        assert!(text.contains("first") || text.contains("can be changed"), "{text}");
    }
}

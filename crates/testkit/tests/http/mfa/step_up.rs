//! `acr_values`: a second factor for this very request (contract 04 §9.5).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::{TestDatabase, jwt};

use super::{MULTI_FACTOR, REQUIRED, give_app, request, with_app};

async fn it_asks_although_somebody_just_gave_one(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (user, secret) = with_app(&app).await;
    let asked = request(&app).with("acr_values", MULTI_FACTOR);
    let page = user.browser.authorize(&asked).await;
    let code = give_app(&app, &user.browser, &page, &secret).await.code();
    let reply = app.exchange(&asked, &code).await.expect(200);
    let claims = jwt::claims(&reply.text("/id_token"));
    assert_eq!(claims["acr"], MULTI_FACTOR);
    let again = user.browser.authorize(&asked).await;
    assert_eq!(again.screen(), "mfa-otp-challenge", "once per request");
}

async fn silently_it_cannot_be_had(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (user, _) = with_app(&app).await;
    let asked = request(&app).with("acr_values", MULTI_FACTOR).with("prompt", "none");
    let page = user.browser.authorize(&asked).await;
    assert_eq!(page.error(), ("login_required".to_owned(), REQUIRED.to_owned()));
}

async fn whoever_has_none_enrols_one(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    app.person(EMAIL).await;
    let asked = request(&app).with("acr_values", &format!("x {MULTI_FACTOR}"));
    let page = app.browser().authorize_as(&asked, EMAIL).await;
    assert_eq!(page.screen(), "mfa-otp-enrollment-qr");
}

async fn where_none_can_be_had_the_application_hears_of_it(database: TestDatabase) {
    let builder = super::without_mail(database).await;
    let builder = builder.configure(|tenant| tenant.tenant.settings.factors.otp = false);
    let app = builder.start().await;
    app.person(EMAIL).await;
    let asked = request(&app).with("acr_values", MULTI_FACTOR);
    let page = app.browser().authorize_as(&asked, EMAIL).await;
    assert_eq!(page.error().0, "unmet_authentication_requirements");
}

async fn other_values_are_ignored(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (user, _) = with_app(&app).await;
    let asked = request(&app).with("acr_values", "urn:something:else");
    let _code = user.browser.authorize(&asked).await.code();
}

on_both_engines! {
    it_asks_although_somebody_just_gave_one,
    silently_it_cannot_be_had,
    whoever_has_none_enrols_one,
    where_none_can_be_had_the_application_hears_of_it,
    other_values_are_ignored,
}

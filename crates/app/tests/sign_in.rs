//! Coming in: passwords, one-time codes, links, sessions, and everything that ends them.

use std::net::IpAddr;
use std::sync::Arc;

use peyvand_app::links::FirstPerson;
use peyvand_app::people::NewUser;
use peyvand_app::sessions::Opened;
use peyvand_app::settings::Firm;
use peyvand_app::sign_in::SignIn;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError, Caller, ListRequest, Session, Visit, totp};
use peyvand_calendar::Calendar;
use peyvand_catalog::handles::role;
use peyvand_core::{Id, Instant, Via};
use peyvand_numbers::Language;
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;
use peyvand_testkit::{TestDb, db_test};

const SECRET: &str = "kavir morgh setareh";
const OTHER: &str = "daftar sabz panjereh";
const MINUTE: i64 = 60 * Instant::SECOND;

fn app_on(db: &TestDb) -> Arc<App> {
    let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
    Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)))
}

fn from(address: &str) -> Visit {
    Visit {
        device: "test".to_owned(),
        address: address.parse::<IpAddr>().ok(),
        known: None,
    }
}

fn here() -> Visit {
    from("192.0.2.10")
}

fn code<T: std::fmt::Debug>(r: &Result<T, AppError>) -> &'static str {
    r.as_ref().err().map_or("ok", AppError::code)
}

fn done(s: SignIn) -> Opened {
    match s {
        SignIn::Done(o) => o,
        SignIn::NeedsCode(_) => panic!("a code is asked for"),
    }
}

fn half(s: SignIn) -> String {
    match s {
        SignIn::NeedsCode(h) => h,
        SignIn::Done(_) => panic!("no code is asked for"),
    }
}

async fn user(app: &App, w: &Arc<Workspace>, name: &str, role: &str) -> Id {
    let new = NewUser {
        email: format!("{name}@example.com"),
        name: name.to_owned(),
        role: role.to_owned(),
        active: true,
        team: None,
    };
    app.create_user(w, &new).await.unwrap()
}

/// A workspace with an administrator and a seller, both with a password.
async fn firm(app: &App) -> (Arc<Workspace>, Id, Id) {
    let w = app.create_workspace("main", "شرکت").await.unwrap();
    let boss = user(app, &w, "boss", "admin").await;
    let sara = user(app, &w, "sara", "seller").await;
    app.set_password(&w, boss, SECRET).await.unwrap();
    app.set_password(&w, sara, SECRET).await.unwrap();
    (w, boss, sara)
}

async fn enter(app: &App, name: &str) -> (Opened, Session) {
    let opened = done(
        app.sign_in(&format!("{name}@example.com"), SECRET, &here())
            .await
            .unwrap(),
    );
    let session = app.session(&opened.token).await.unwrap();
    (opened, session)
}

async fn as_caller(app: &App, w: &Arc<Workspace>, id: Id) -> Caller {
    app.caller_of(w, id, Via::Web).await.unwrap()
}

/// Twenty set-ups at once: one wins, and afterwards there is no way in by that link.
#[db_test]
async fn the_first_start_has_one_winner(db: TestDb) {
    let app = app_on(&db);
    let w = app.create_workspace("main", "شرکت").await.unwrap();
    let token = app.create_set_up_link(&w).await.unwrap().expect("no user yet");
    let firm = Firm::of(Language::Fa);
    let first = |name: &str, email: String, password: &str| FirstPerson {
        name: name.to_owned(),
        email,
        password: password.to_owned(),
    };
    let a = first("A", "a@example.com".to_owned(), "short");
    let weak = app.set_up(&token, &firm, &a, &here()).await;
    assert_eq!(code(&weak), "password-too-short");
    let tries: Vec<_> = (0..20)
        .map(|n| {
            let (app, token, firm) = (Arc::clone(&app), token.clone(), firm.clone());
            let a = first("Admin", format!("a{n}@example.com"), SECRET);
            tokio::spawn(async move { app.set_up(&token, &firm, &a, &here()).await })
        })
        .collect();
    let mut won = Vec::new();
    for t in tries {
        won.extend(t.await.unwrap().ok());
    }
    assert_eq!(won.len(), 1);
    app.session(&won[0].token).await.expect("signed in");
    assert_eq!(app.everybody(&w, "user").await.unwrap().len(), 1);
    // Whoever is invited next can be something else than an administrator.
    let system = Caller::system(&w, Via::Cli);
    let roles = app.object(&system, "roles").unwrap();
    let listed = app.list(&system, &roles, &ListRequest::default()).await.unwrap();
    assert_eq!(listed.records.len(), 4);
    assert_eq!(code(&app.set_up_open(&token).await.map(drop)), "unauthenticated");
    assert!(
        app.create_set_up_link(&w).await.unwrap().is_none(),
        "a second start"
    );
}

/// A firm elsewhere begins in its own language, calendar, time zone, currency and week, and so does whoever comes next; the
/// holidays of Iran are days off where somebody says so.
#[db_test]
async fn a_firm_begins_as_its_first_administrator_says(db: TestDb) {
    let app = app_on(&db);
    let w = app.create_workspace("main", "Acme").await.unwrap();
    let token = app.create_set_up_link(&w).await.unwrap().expect("no user yet");
    let first = FirstPerson {
        name: "Ann".to_owned(),
        email: "ann@example.com".to_owned(),
        password: SECRET.to_owned(),
    };
    let mut firm = Firm {
        language: Language::En,
        calendar: Calendar::Gregorian,
        time_zone: "Europe/Nowhere".to_owned(),
        currency: "QQQ".to_owned(),
    };
    let Err(AppError::Invalid(errors)) = app.set_up(&token, &firm, &first, &here()).await else {
        panic!("a zone and a currency that are not")
    };
    let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(fields, ["currency", "time_zone"]);
    firm.time_zone = "europe/berlin".to_owned();
    firm.currency = "EUR".to_owned();
    let opened = app.set_up(&token, &firm, &first, &here()).await.unwrap();
    let ann = app.session(&opened.token).await.unwrap().caller;
    assert_eq!((ann.language, ann.calendar), (Language::En, Calendar::Gregorian));
    let w = app.workspace(Some("main")).await.unwrap();
    assert_eq!(
        (w.settings.time_zone.as_str(), w.settings.base_currency.as_str()),
        ("Europe/Berlin", "EUR")
    );
    let new = NewUser {
        email: "bob@example.com".to_owned(),
        name: "Bob".to_owned(),
        role: "seller".to_owned(),
        active: true,
        team: None,
    };
    let bob = app.create_user(&w, &new).await.unwrap();
    let bob = as_caller(&app, &w, bob).await;
    assert_eq!((bob.language, bob.calendar), (Language::En, Calendar::Gregorian));
    let mut roles: Vec<String> = app
        .roles(&w)
        .await
        .unwrap()
        .iter()
        .map(|(r, _)| r.get(role::NAME).as_str().unwrap_or_default().to_owned())
        .collect();
    roles.sort();
    assert_eq!(roles, ["Administrator", "Reader", "Sales manager", "Salesperson"]);

    // Thursday 11 February 2027 is 22 Bahman 1405; the 13th and 14th are Saturday and Sunday.
    let day = |d| Calendar::Gregorian.days(2027, 2, d).unwrap();
    let works = async |w: &Arc<Workspace>| {
        let work = app.work_calendar(w, day(11)).await.unwrap();
        [11, 12, 13, 14].map(|d| work.is_working_day(day(d)))
    };
    assert_eq!(works(&w).await, [true, true, false, false]);
    let mut settings = w.settings.clone();
    settings.iran_holidays = Some(true);
    let w = app.change_settings(&ann, &settings).await.unwrap();
    assert_eq!(works(&w).await, [false, true, false, false]);
    // The control: in Iran the week is another one, and the holidays are kept unless somebody says otherwise.
    settings.time_zone = "Asia/Tehran".to_owned();
    settings.iran_holidays = None;
    let w = app.change_settings(&ann, &settings).await.unwrap();
    assert_eq!(works(&w).await, [false, false, true, true]);
    settings.iran_holidays = Some(false);
    let w = app.change_settings(&ann, &settings).await.unwrap();
    assert_eq!(works(&w).await, [true, false, true, true]);
}

/// A thousand guesses from one network: few are hashed, and the owner comes in meanwhile.
#[db_test]
async fn guessing_is_slow_and_locks_nobody_out(db: TestDb) {
    let app = app_on(&db);
    firm(&app).await;
    let (first, _) = enter(&app, "sara").await;
    let mut hashed = 0;
    for n in 0..1000 {
        // Of one network whatever the last byte says.
        let visit = from(&format!("203.0.113.{}", n % 250));
        match app
            .sign_in("sara@example.com", "wrong horse battery", &visit)
            .await
        {
            Err(AppError::Unauthenticated) => hashed += 1,
            Err(AppError::RateLimited { seconds }) => assert!((1..=900).contains(&seconds)),
            other => panic!("{other:?}"),
        }
    }
    assert!((1..=20).contains(&hashed), "{hashed}");
    done(
        app.sign_in("sara@example.com", SECRET, &from("198.51.100.1"))
            .await
            .expect("from elsewhere"),
    );
    // Many networks use the address up; the browser that was there before is known and still comes in.
    for n in 0..60 {
        let visit = from(&format!("10.0.{n}.1"));
        let _ = app
            .sign_in("sara@example.com", "wrong horse battery", &visit)
            .await;
    }
    let stranger = app.sign_in("sara@example.com", SECRET, &from("10.9.9.9")).await;
    assert_eq!(code(&stranger), "rate-limited");
    let known = Visit {
        known: Some(first.known.clone()),
        ..from("10.9.9.9")
    };
    done(
        app.sign_in("sara@example.com", SECRET, &known)
            .await
            .expect("a known browser"),
    );
    // Its mark is good for this account only, and not when it was bent.
    let other = app
        .sign_in("boss@example.com", "wrong horse battery", &known)
        .await;
    assert_eq!(code(&other), "unauthenticated");
    let bent = Visit {
        known: Some(first.known.replace('a', "b")),
        ..from("10.9.9.9")
    };
    assert_eq!(
        code(&app.sign_in("sara@example.com", SECRET, &bent).await),
        "rate-limited"
    );
    db.clock.advance(16 * MINUTE);
    done(
        app.sign_in("sara@example.com", SECRET, &from("10.9.9.9"))
            .await
            .expect("a new window"),
    );
}

/// Known and unknown addresses, people who are switched off and people without a password are told the same.
#[db_test]
async fn refusals_are_all_alike(db: TestDb) {
    let app = app_on(&db);
    let (w, boss, sara) = firm(&app).await;
    user(&app, &w, "new", "seller").await;
    app.set_active(&as_caller(&app, &w, boss).await, sara, false)
        .await
        .unwrap();
    for email in [
        "nobody@example.com",
        "sara@example.com",
        "new@example.com",
        "boss@example.com",
    ] {
        let password = if email.starts_with("boss") { OTHER } else { SECRET };
        let r = app.sign_in(email, password, &here()).await;
        assert_eq!(code(&r), "unauthenticated", "{email}");
    }
    let long = app
        .sign_in("boss@example.com", &"x".repeat(100_000), &here())
        .await;
    assert_eq!(code(&long), "unauthenticated");
}

/// Every sign-in and every step up has a new session; a password ends all others.
#[db_test]
async fn sessions_are_new_and_end(db: TestDb) {
    let app = app_on(&db);
    let (w, _, sara) = firm(&app).await;
    let (one, _) = enter(&app, "sara").await;
    let (two, session) = enter(&app, "sara").await;
    assert_ne!(one.token, two.token);
    assert_eq!(app.devices(&session).await.unwrap().len(), 2);
    // A token that somebody made up is no session, also not when it is well formed.
    assert_eq!(code(&app.session(&"ab".repeat(32)).await), "unauthenticated");
    assert_eq!(code(&app.session("x").await), "unauthenticated");
    // To prove oneself gives a new id; the old one is dead.
    assert_eq!(
        code(&app.prove(&session, OTHER, "", &here()).await),
        "unauthenticated"
    );
    let proved = app.prove(&session, SECRET, "", &here()).await.unwrap();
    assert_eq!(code(&app.session(&two.token).await), "unauthenticated");
    let session = app.session(&proved.token).await.unwrap();
    // One device, then all others.
    let others: Vec<_> = app.devices(&session).await.unwrap();
    let other = others.iter().find(|d| !d.current).unwrap();
    assert!(!one.token.contains(&other.id));
    // Who only sits down at an open page ends nothing: the password must be fresh.
    let mut stale = session.clone();
    stale.proved_at = Instant::default();
    assert_eq!(code(&app.sign_out_device(&stale, &other.id).await), "prove-again");
    assert_eq!(code(&app.sign_out_everywhere(&stale).await), "prove-again");
    app.session(&one.token).await.expect("still there");
    app.sign_out_device(&session, &other.id).await.unwrap();
    assert_eq!(code(&app.session(&one.token).await), "unauthenticated");
    let (third, _) = enter(&app, "sara").await;
    app.sign_out_everywhere(&session).await.unwrap();
    assert_eq!(code(&app.session(&third.token).await), "unauthenticated");
    app.session(&proved.token).await.expect("this one stays");
    // A new password.
    let (fourth, _) = enter(&app, "sara").await;
    let wrong = app
        .change_password(&session, OTHER, "kouh boland barf", &here())
        .await;
    assert_eq!(code(&wrong), "unauthenticated");
    let weak = app
        .change_password(&session, SECRET, "password123", &here())
        .await;
    assert_eq!(code(&weak), "password-common");
    let after = app
        .change_password(&session, SECRET, OTHER, &here())
        .await
        .unwrap();
    for dead in [&fourth.token, &proved.token] {
        assert_eq!(code(&app.session(dead).await), "unauthenticated");
    }
    let session = app.session(&after.token).await.unwrap();
    assert_eq!(
        code(&app.sign_in("sara@example.com", SECRET, &here()).await),
        "unauthenticated"
    );
    app.sign_out(&session).await.unwrap();
    assert_eq!(code(&app.session(&after.token).await), "unauthenticated");
    // Time ends them: a week without use, a month in all.
    let old = done(
        app.sign_in("sara@example.com", OTHER, &from("198.51.100.2"))
            .await
            .unwrap(),
    );
    db.clock.advance(6 * Instant::DAY);
    app.session(&old.token).await.expect("used within the week");
    db.clock.advance(8 * Instant::DAY);
    assert_eq!(code(&app.session(&old.token).await), "unauthenticated");
    let old = done(
        app.sign_in("sara@example.com", OTHER, &from("198.51.100.2"))
            .await
            .unwrap(),
    );
    for _ in 0..5 {
        db.clock.advance(6 * Instant::DAY - MINUTE);
        app.session(&old.token).await.expect("used within the week");
    }
    db.clock.advance(Instant::DAY);
    assert_eq!(
        code(&app.session(&old.token).await),
        "unauthenticated",
        "a month is over"
    );
    // A password has no end: years later it still opens.
    db.clock.advance(3 * 365 * Instant::DAY);
    done(
        app.sign_in("sara@example.com", OTHER, &from("198.51.100.2"))
            .await
            .unwrap(),
    );
    // No token stands in the database.
    let rows = app
        .store
        .rows(RowsCall::new(&SIDE.session, &[]).everywhere())
        .await
        .unwrap();
    let text = format!("{rows:?}");
    assert!(!text.contains(&after.token) && !text.contains(&after.known));
    assert!(sara != Id::NIL && w.slug == "main");
}

/// One-time codes: each works once, also for two at once; recovery codes work once; a new session follows every change.
#[db_test]
async fn one_time_codes(db: TestDb) {
    let app = app_on(&db);
    firm(&app).await;
    let (_, session) = enter(&app, "sara").await;
    db.clock.advance(11 * MINUTE);
    assert_eq!(code(&app.begin_totp(&session).await), "prove-again");
    let opened = app.prove(&session, SECRET, "", &here()).await.unwrap();
    let session = app.session(&opened.token).await.unwrap();
    let (secret, address) = app.begin_totp(&session).await.unwrap();
    assert!(address.contains(&secret));
    assert_eq!(
        app.begin_totp(&session).await.unwrap().0,
        secret,
        "the same until it is confirmed"
    );
    let now = || {
        use peyvand_core::Clock as _;
        db.clock.now()
    };
    let wrong = app.confirm_totp(&session, "000000", &here()).await;
    assert_eq!(code(&wrong), "wrong-code");
    done(
        app.sign_in("sara@example.com", SECRET, &here())
            .await
            .expect("nothing holds yet"),
    );
    let c = totp::code_at(&secret, now()).unwrap();
    let (opened, recovery) = app.confirm_totp(&session, &c, &here()).await.unwrap();
    assert_eq!(recovery.len(), 10);
    // More than 112 bits each: what is kept as a plain hash is not to be guessed.
    for code in &recovery {
        let signs = code.chars().filter(|c| *c != '-').count();
        assert!(signs * 5 >= 112, "{code}");
    }
    assert_eq!(code(&app.session(&hex(&session)).await), "unauthenticated");
    let session = app.session(&opened.token).await.unwrap();
    // The code of the switch is used up.
    let h = half(app.sign_in("sara@example.com", SECRET, &here()).await.unwrap());
    assert_eq!(
        code(&app.session(&h).await),
        "unauthenticated",
        "half a sign-in is none"
    );
    assert_eq!(code(&app.sign_in_code(&h, &c, &here()).await), "wrong-code");
    db.clock.advance(30 * Instant::SECOND);
    let c = totp::code_at(&secret, now()).unwrap();
    let g = half(app.sign_in("sara@example.com", SECRET, &here()).await.unwrap());
    let at = here();
    let (a, b) = tokio::join!(app.sign_in_code(&h, &c, &at), app.sign_in_code(&g, &c, &at));
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    // Recovery codes, with and without their dashes, once.
    let typed = recovery[0].to_lowercase().replace('-', " ");
    let h = half(app.sign_in("sara@example.com", SECRET, &here()).await.unwrap());
    app.sign_in_code(&h, &typed, &here()).await.unwrap();
    let h = half(app.sign_in("sara@example.com", SECRET, &here()).await.unwrap());
    assert_eq!(code(&app.sign_in_code(&h, &typed, &here()).await), "wrong-code");
    assert_eq!(app.security(&session).await.unwrap().recovery_codes, 9);
    // Too late, and too often.
    db.clock.advance(11 * MINUTE);
    assert_eq!(
        code(&app.sign_in_code(&h, &recovery[1], &here()).await),
        "unauthenticated"
    );
    db.clock.advance(5 * MINUTE);
    let h = half(app.sign_in("sara@example.com", SECRET, &here()).await.unwrap());
    let codes: Vec<&str> = {
        let mut all = Vec::new();
        for _ in 0..15 {
            all.push(code(&app.sign_in_code(&h, "123456", &here()).await));
        }
        all
    };
    assert!(
        codes[..9].iter().all(|c| *c == "wrong-code") && codes[14] == "rate-limited",
        "{codes:?}"
    );
    // The secret is not in the database as it is.
    let rows = app
        .store
        .rows(RowsCall::new(&SIDE.account, &[]).everywhere())
        .await
        .unwrap();
    assert!(!format!("{rows:?}").contains(&secret));
}

fn hex(session: &Session) -> String {
    // What stands in the database is no token.
    session.hash.iter().map(|b| format!("{b:02x}")).collect()
}

/// A link to a new password: once, half an hour, one-time codes stay, sessions end.
#[db_test]
async fn a_new_password_by_link(db: TestDb) {
    let app = app_on(&db);
    let (w, boss, sara) = firm(&app).await;
    let admin = as_caller(&app, &w, boss).await;
    let (opened, session) = enter(&app, "sara").await;
    let (secret, _) = app.begin_totp(&session).await.unwrap();
    let now = || {
        use peyvand_core::Clock as _;
        db.clock.now()
    };
    let c = totp::code_at(&secret, now()).unwrap();
    app.confirm_totp(&session, &c, &here()).await.unwrap();
    assert_eq!(code(&app.session(&opened.token).await), "unauthenticated");
    let late = app.create_reset_link(&admin, sara).await.unwrap();
    db.clock.advance(31 * MINUTE);
    assert_eq!(
        code(&app.reset_password(&late, OTHER, &here()).await),
        "unauthenticated"
    );
    let link = app.create_reset_link(&admin, sara).await.unwrap();
    assert!(app.link_info(&link, true).await.unwrap().needs_code);
    assert_eq!(
        code(&app.link_info(&link, false).await),
        "unauthenticated",
        "it is no invitation"
    );
    assert_eq!(
        code(&app.reset_password(&link, "short", &here()).await),
        "password-too-short"
    );
    let h = half(
        app.reset_password(&link, OTHER, &here())
            .await
            .expect("the code is still asked for"),
    );
    assert_eq!(
        code(&app.reset_password(&link, SECRET, &here()).await),
        "unauthenticated",
        "once"
    );
    let c = totp::code_at(&secret, now()).unwrap();
    app.sign_in_code(&h, &c, &here()).await.unwrap();
    half(app.sign_in("sara@example.com", OTHER, &here()).await.unwrap());
    // Two at once: one wins.
    let link = app.create_reset_link(&admin, sara).await.unwrap();
    let at = here();
    let (a, b) = tokio::join!(
        app.reset_password(&link, "kouh boland barf", &at),
        app.reset_password(&link, "rood aram mahi", &at)
    );
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
}

/// Invitations: a new person chooses a password; one who has an account gives it; nobody opens an account of others.
#[db_test]
async fn invitations_and_several_workspaces(db: TestDb) {
    let app = app_on(&db);
    let (w, boss, sara) = firm(&app).await;
    let admin = as_caller(&app, &w, boss).await;
    let fresh = user(&app, &w, "fresh", "seller").await;
    let token = app.invite(&admin, fresh).await.unwrap();
    assert!(!app.link_info(&token, false).await.unwrap().has_password);
    let opened = done(app.accept_invitation(&token, SECRET, &here()).await.unwrap());
    app.session(&opened.token).await.unwrap();
    assert_eq!(
        code(&app.accept_invitation(&token, OTHER, &here()).await),
        "unauthenticated",
        "once"
    );
    // A second workspace, whose administrator is somebody else.
    let other = app.create_workspace("other", "دیگری").await.unwrap();
    let rival = user(&app, &other, "rival", "admin").await;
    app.set_password(&other, rival, OTHER).await.unwrap();
    let rivals = as_caller(&app, &other, rival).await;
    let sara_there = user(&app, &other, "sara", "seller").await;
    let (_, session) = enter(&app, "sara").await;
    assert_eq!(
        app.workspaces_of(&session).await.unwrap().len(),
        1,
        "not before she takes it"
    );
    assert_eq!(
        code(&app.switch_workspace(&session, "other", &here()).await),
        "not-found"
    );
    let reset = app.create_reset_link(&rivals, sara_there).await;
    assert!(reset.is_err(), "the account is not theirs to open");
    let token = app.invite(&rivals, sara_there).await.unwrap();
    let guess = app
        .accept_invitation(&token, "hacker hacker hacker", &here())
        .await;
    assert_eq!(code(&guess), "unauthenticated");
    done(app.accept_invitation(&token, SECRET, &here()).await.unwrap());
    // Now she is of both; the other's administrator still opens nothing.
    assert_eq!(
        code(&app.create_reset_link(&rivals, sara_there).await),
        "forbidden"
    );
    assert_eq!(code(&app.create_reset_link(&admin, sara).await), "forbidden");
    let (_, session) = enter(&app, "sara").await;
    assert_eq!(app.workspaces_of(&session).await.unwrap().len(), 2);
    let there = app.switch_workspace(&session, "other", &here()).await.unwrap();
    let session = app.session(&there.token).await.unwrap();
    assert_eq!(session.caller.workspace.slug, "other");
    assert_eq!(session.user.id(), sara_there);
    // Switched off in one, she works on in the other.
    app.set_active(&rivals, sara_there, false).await.unwrap();
    assert_eq!(code(&app.session(&there.token).await), "unauthenticated");
    let (_, session) = enter(&app, "sara").await;
    assert_eq!(session.caller.workspace.slug, "main");
    // An address that was only kept for somebody is not a way into the other workspace.
    user(&app, &w, "kept", "admin").await;
    let trap = user(&app, &other, "kept", "seller").await;
    let token = app.invite(&rivals, trap).await.unwrap();
    let taken = done(app.accept_invitation(&token, SECRET, &here()).await.unwrap());
    let thief = app.session(&taken.token).await.unwrap();
    assert_eq!(
        code(&app.switch_workspace(&thief, "main", &here()).await),
        "not-found"
    );
}

/// Eight ways in for somebody who is switched off, and none of them works.
#[db_test]
async fn switched_off_is_off(db: TestDb) {
    let app = app_on(&db);
    let (w, boss, sara) = firm(&app).await;
    let admin = as_caller(&app, &w, boss).await;
    let (opened, session) = enter(&app, "sara").await;
    let token = app
        .create_token(&w, "sara@example.com", "t", &["*".to_owned()])
        .await
        .unwrap();
    app.caller_of_token(&token, Via::Api).await.expect("before");
    let (secret, _) = app.begin_totp(&session).await.unwrap();
    use peyvand_core::Clock as _;
    let c = totp::code_at(&secret, db.clock.now()).unwrap();
    let (opened_again, recovery) = app.confirm_totp(&session, &c, &here()).await.unwrap();
    let link = app.create_sign_in_link(&w, "sara@example.com").await.unwrap();
    let reset = app.create_reset_link(&admin, sara).await.unwrap();
    let invitation = app.invite(&admin, sara).await.unwrap();
    let h = half(app.sign_in("sara@example.com", SECRET, &here()).await.unwrap());
    app.set_active(&admin, sara, false).await.unwrap();
    let off = "unauthenticated";
    assert_eq!(
        code(&app.sign_in("sara@example.com", SECRET, &here()).await),
        off,
        "password"
    );
    assert_eq!(code(&app.session(&opened.token).await), off, "an old session");
    assert_eq!(code(&app.session(&opened_again.token).await), off, "the session");
    assert_eq!(
        code(&app.sign_in_code(&h, &recovery[0], &here()).await),
        off,
        "half a sign-in"
    );
    assert_eq!(
        code(&app.sign_in_by_link(&link, &here()).await),
        off,
        "a link to sign in"
    );
    assert_eq!(
        code(&app.reset_password(&reset, OTHER, &here()).await),
        off,
        "a new password"
    );
    assert_eq!(
        code(&app.accept_invitation(&invitation, SECRET, &here()).await),
        off,
        "an invitation"
    );
    assert_eq!(code(&app.caller_of_token(&token, Via::Api).await), off, "a token");
    assert!(app.policy_of(&w, sara, "*").await.is_err());
    assert!(
        app.hand_over(&admin, boss, sara).await.is_err(),
        "nothing is handed to them"
    );
}

/// Tokens: scopes, end, networks, revoked; their text stands nowhere.
#[db_test]
async fn tokens_have_bounds(db: TestDb) {
    use peyvand_app::tokens::NewToken;
    use peyvand_record::{Reach, Verb};
    let app = app_on(&db);
    let (w, boss, sara) = firm(&app).await;
    let me = as_caller(&app, &w, sara).await;
    let admin = as_caller(&app, &w, boss).await;
    let new = |scopes: &[&str]| NewToken {
        name: "t".to_owned(),
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        ..NewToken::default()
    };
    for bad in [
        "contcats:read",
        "contacts:fly",
        "contacts",
        ":",
        "",
        "contacts:read:all",
    ] {
        assert_eq!(
            code(&app.issue_token(&me, sara, &new(&[bad])).await),
            "bad-parameter",
            "{bad}"
        );
    }
    assert_eq!(
        code(&app.issue_token(&me, boss, &new(&["*"])).await),
        "forbidden",
        "not for others"
    );
    let (_, text) = app
        .issue_token(&me, sara, &new(&["contacts:read", "deals:*"]))
        .await
        .unwrap();
    let c = app.caller_of_token(&text, Via::Api).await.unwrap();
    for (object, verb, wanted) in [
        ("contact", Verb::Read, true),
        ("contact", Verb::Update, false),
        ("deal", Verb::Create, true),
        ("deal", Verb::Delete, true),
        ("deal", Verb::Export, false),
        ("order", Verb::Read, false),
        ("user", Verb::Read, false),
    ] {
        assert_eq!(
            c.policy.reach(object, verb) != Reach::None,
            wanted,
            "{object} {verb:?}"
        );
    }
    // A narrow token makes no wider one.
    assert_eq!(code(&app.issue_token(&c, sara, &new(&["*"])).await), "forbidden");
    app.issue_token(&c, sara, &new(&["contacts:read"]))
        .await
        .expect("a narrower one");
    use peyvand_core::Clock as _;
    let soon = NewToken {
        expires_at: Some(db.clock.now().plus_micros(MINUTE)),
        networks: vec!["192.0.2.0/24".to_owned()],
        ..new(&["*"])
    };
    let (id, text) = app.issue_token(&me, sara, &soon).await.unwrap();
    let from = |a: &str| a.parse::<IpAddr>().ok();
    let call = async |a: &str| app.caller_of_token_from(&text, Via::Api, from(a)).await;
    call("192.0.2.200").await.expect("from there");
    assert_eq!(code(&call("192.0.3.1").await), "unauthenticated");
    assert_eq!(
        code(&app.caller_of_token(&text, Via::Api).await),
        "unauthenticated"
    );
    db.clock.advance(MINUTE);
    assert_eq!(
        code(&call("192.0.2.200").await),
        "unauthenticated",
        "over to the microsecond"
    );
    assert_eq!(app.tokens(&me).await.unwrap().len(), 3);
    assert!(
        app.tokens(&me)
            .await
            .unwrap()
            .iter()
            .any(|t| t.id == id && t.used_at.is_some())
    );
    let (id, text) = app.issue_token(&admin, boss, &new(&["*"])).await.unwrap();
    assert_eq!(
        code(&app.revoke_token(&me, id).await),
        "not-found",
        "not one's own"
    );
    app.caller_of_token(&text, Via::Api).await.unwrap();
    app.revoke_token(&admin, id).await.unwrap();
    assert_eq!(
        code(&app.caller_of_token(&text, Via::Api).await),
        "unauthenticated",
        "at once"
    );
    let rows = app
        .store
        .rows(RowsCall::new(&SIDE.token, &[]).everywhere())
        .await
        .unwrap();
    assert!(!format!("{rows:?}").contains(&text[4..]));
}

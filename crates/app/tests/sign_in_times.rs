//! A sign-in takes as long for an address that is known as for one that is not: the same work is done, and the clock sees
//! no difference where it does see one when the work is left out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant as Wall;

use peyvand_app::passwords::LONGEST_PASSWORD;
use peyvand_app::people::NewUser;
use peyvand_app::{App, Caller, Visit};
use peyvand_core::Via;
use peyvand_testkit::{TestDb, db_test};

const SECRET: &str = "kavir morgh setareh";

/// Every address of a kind that is refused: nobody's, one with another password, one that never had a password, one that
/// is switched off.
const REFUSED: [&str; 4] = ["nobody", "sara", "new", "off"];

async fn firm(db: &TestDb) -> Arc<App> {
    let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
    let app = Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)));
    let w = app.create_workspace("main", "main").await.unwrap();
    for (name, role) in [
        ("boss", "admin"),
        ("sara", "seller"),
        ("new", "seller"),
        ("off", "seller"),
    ] {
        let new = NewUser {
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        let id = app.create_user(&w, &new).await.unwrap();
        if name != "new" {
            app.set_password(&w, id, SECRET).await.unwrap();
        }
        if name == "off" {
            let system = Caller::system(&w, Via::Cli);
            app.set_active(&system, id, false).await.unwrap();
        }
    }
    app
}

/// One try, each from a network of its own, so that none is slowed down.
async fn refuse(app: &App, name: &str, password: &str, n: u16) {
    let visit = Visit {
        device: "test".to_owned(),
        address: Some(IpAddr::from([10, (n >> 8) as u8, n as u8, 1])),
        known: None,
    };
    let refused = app
        .sign_in(&format!("{name}@example.com"), password, &visit)
        .await;
    assert_eq!(refused.err().map(|e| e.code()), Some("unauthenticated"), "{name}");
}

/// Whoever is refused has cost exactly one hash, and whoever comes in as well. The control: a password that is too long to
/// be one costs none, and the count sees it.
#[db_test]
async fn every_sign_in_is_the_same_work(db: TestDb) {
    let app = firm(&db).await;
    let mut n = 0;
    for name in REFUSED {
        for _ in 0..3 {
            let before = app.passwords_hashed();
            refuse(&app, name, "daftar sabz panjereh", n).await;
            assert_eq!(app.passwords_hashed() - before, 1, "{name}");
            n += 1;
        }
    }
    let before = app.passwords_hashed();
    app.sign_in("sara@example.com", SECRET, &Visit::default())
        .await
        .unwrap();
    assert_eq!(app.passwords_hashed() - before, 1);
    let before = app.passwords_hashed();
    refuse(&app, "sara", &"x".repeat(LONGEST_PASSWORD + 1), n).await;
    assert_eq!(app.passwords_hashed(), before, "the control");
}

/// The most rounds of tries. Other work on the machine only ever adds time, so the shortest time of a kind comes down to
/// what the kind costs, in few rounds or, beside much other work, in many.
const ROUNDS: u16 = 60;

/// Are all within half of the first?
fn alike(times: &[f64]) -> bool {
    times.iter().all(|t| (0.5..2.0).contains(&(t / times[0])))
}

/// The clock does not tell who has an account: the shortest times of all kinds of refusal are within half of each other.
/// The control: where the hash is left out the same clock sees less than half.
#[db_test]
async fn the_clock_does_not_tell_who_has_an_account(db: TestDb) {
    let app = firm(&db).await;
    let long = "x".repeat(LONGEST_PASSWORD + 1);
    let mut kinds: Vec<(&str, &str)> = REFUSED.iter().map(|n| (*n, "daftar sabz panjereh")).collect();
    kinds.push(("nobody", &long));
    let mut shortest = vec![f64::MAX; kinds.len()];
    for round in 0..ROUNDS {
        for (k, (name, password)) in kinds.iter().enumerate() {
            let start = Wall::now();
            refuse(&app, name, password, 1000 + round * 8 + k as u16).await;
            shortest[k] = shortest[k].min(start.elapsed().as_secs_f64());
        }
        if round >= 4 && alike(&shortest[..REFUSED.len()]) {
            break;
        }
    }
    let (refused, skipped) = shortest.split_at(REFUSED.len());
    assert!(alike(refused), "{REFUSED:?}: {refused:?}");
    assert!(!alike(&[refused[0], skipped[0]]), "the control: {shortest:?}");
}

//! Times that tell nothing.

use peyvand_testkit::{TestDb, db_test};

use super::world::World;

/// How much longer the second request takes than the first, by the medians of requests that take turns.
async fn slower(w: &World, first: &[&str], second: &[&str]) -> f64 {
    let token = w.token("other");
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..150 {
        for (n, paths) in [first, second].into_iter().enumerate() {
            let start = std::time::Instant::now();
            for path in paths {
                assert_eq!(w.call(token, "GET", path, None).await.0, 404);
            }
            times[n].push(start.elapsed().as_secs_f64());
        }
    }
    let [first, second] = times.map(|mut t| {
        t.sort_by(f64::total_cmp);
        t[t.len() / 2]
    });
    second / first
}

/// Whoever may not know of a record is answered as if it were not there, and takes as long. The control: two requests in
/// the place of one are told apart by the same clock.
#[db_test]
async fn the_clock_does_not_tell_what_is_there(db: TestDb) {
    let w = World::new(&db).await;
    let hidden = format!("/api/v1/contacts/{}", w.contact(false).await);
    let none = "/api/v1/contacts/01900000-0000-7000-8000-000000000000";
    let ratio = slower(&w, &[none], &[&hidden]).await;
    assert!((0.67..1.5).contains(&ratio), "{ratio}");
    let control = slower(&w, &[none], &[none, &hidden]).await;
    assert!(control > 1.5, "{control}");
}

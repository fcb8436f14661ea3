//! Limits: requests of one caller in a time, connections at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use peyvand_core::Instant;

/// Callers that are remembered; the fullest buckets are forgotten first, they lose nothing.
const CALLERS: usize = 50_000;

/// Requests that may come at once however few are allowed in a minute, as long as they are no more than that.
const BURST: f64 = 600.0;

/// So many requests of one caller in a minute, of which a part may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Requests a minute; 0 is no limit.
    pub(crate) per_minute: u32,
    /// It also counts for programs on this machine that come straight to the server.
    pub(crate) local: bool,
}

/// A bucket of permits for each caller: full at first, refilled with time.
#[derive(Debug)]
pub(crate) struct Buckets {
    rate: Rate,
    state: Mutex<HashMap<u64, (f64, Instant)>>,
}

impl Buckets {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            state: Mutex::default(),
        }
    }

    /// The rate that holds.
    pub(crate) const fn rate(&self) -> Rate {
        self.rate
    }

    /// Most permits of a bucket: a minute's worth, as far as that is no flood; of more than that ten seconds' worth.
    fn most(&self) -> f64 {
        let minute = f64::from(self.rate.per_minute);
        (minute / 6.0).max(minute.min(BURST)).max(10.0)
    }

    /// Takes a permit; without one, the seconds until there is one again.
    pub(crate) fn take(&self, caller: u64, now: Instant) -> Result<(), u64> {
        if self.rate.per_minute == 0 {
            return Ok(());
        }
        let per_second = f64::from(self.rate.per_minute) / 60.0;
        let most = self.most();
        let mut all = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CALLERS && !all.contains_key(&caller) {
            // Whoever has been away long enough has a full bucket anyway.
            let full = |at: Instant| (now.micros() - at.micros()) as f64 / 1e6 * per_second >= most;
            all.retain(|_, (_, at)| !full(*at));
            if all.len() >= CALLERS {
                return Err(1);
            }
        }
        let (left, at) = all.entry(caller).or_insert((most, now));
        let passed = ((now.micros() - at.micros()).max(0)) as f64 / 1e6;
        *left = (*left + passed * per_second).min(most);
        *at = now;
        if *left >= 1.0 {
            *left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - *left) / per_second).ceil().max(1.0) as u64)
    }
}

/// Requests of each caller that are under way.
#[derive(Debug)]
pub(crate) struct AtOnce {
    most: usize,
    under_way: Mutex<HashMap<u64, usize>>,
}

/// A request under way; its caller may have another when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    of: Arc<AtOnce>,
    caller: u64,
}

impl AtOnce {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            under_way: Mutex::default(),
        }
    }

    /// A turn for one more request, when the caller has not too many under way.
    pub(crate) fn take(self: &Arc<Self>, caller: u64) -> Option<Turn> {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let n = all.entry(caller).or_default();
        if *n >= self.most {
            return None;
        }
        *n += 1;
        Some(Turn {
            of: Arc::clone(self),
            caller,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut all = self.of.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = all.get_mut(&self.caller) {
            *n -= 1;
            if *n == 0 {
                all.remove(&self.caller);
            }
        }
    }
}

/// Connections that are open.
#[derive(Debug)]
pub(crate) struct Connections {
    most: usize,
    of_one: usize,
    open: Mutex<(usize, HashMap<IpAddr, usize>)>,
}

/// The place of a connection; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    of: Arc<Connections>,
    from: Option<IpAddr>,
}

impl Connections {
    pub(crate) fn new(most: usize, of_one: usize) -> Self {
        Self {
            most,
            of_one,
            open: Mutex::default(),
        }
    }

    /// A place for one more connection, when there is one.
    pub(crate) fn take(self: &Arc<Self>, from: Option<IpAddr>) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.0 >= self.most {
            return None;
        }
        if let Some(a) = from {
            let n = open.1.entry(a).or_default();
            if *n >= self.of_one {
                return None;
            }
            *n += 1;
        }
        open.0 += 1;
        Some(Place {
            of: Arc::clone(self),
            from,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.of.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.0 -= 1;
        if let Some(a) = self.from
            && let Some(n) = open.1.get_mut(&a)
        {
            *n -= 1;
            if *n == 0 {
                open.1.remove(&a);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_exact() {
        let of = |per_minute| {
            Buckets::new(Rate {
                per_minute,
                local: true,
            })
        };
        let now = Instant(1_000_000_000);
        let at_once = |b: &Buckets| (0..5000).filter(|_| b.take(1, now).is_ok()).count();
        assert_eq!(at_once(&of(60)), 60, "what a minute allows, at once");
        assert_eq!(at_once(&of(6000)), 1000, "ten seconds' worth at once");
        let b = of(600);
        assert_eq!(at_once(&b), 600);
        assert_eq!(b.take(1, now), Err(1));
        assert!(b.take(2, now).is_ok(), "another caller has a budget of its own");
        let later = now.plus_micros(3 * Instant::SECOND);
        assert_eq!((0..1000).filter(|_| b.take(1, later).is_ok()).count(), 30);
        let none = Buckets::new(Rate {
            per_minute: 0,
            local: true,
        });
        assert!((0..1000).all(|_| none.take(1, now).is_ok()));
    }

    #[test]
    fn turns_are_given_back() {
        let all = Arc::new(AtOnce::new(2));
        let first = all.take(1).unwrap();
        let _second = all.take(1).unwrap();
        assert!(all.take(1).is_none(), "two of one caller");
        assert!(all.take(2).is_some(), "another caller has turns of their own");
        drop(first);
        assert!(all.take(1).is_some());
    }

    #[test]
    fn places_are_given_back() {
        let c = Arc::new(Connections::new(3, 2));
        let a = Some("192.0.2.1".parse().unwrap());
        let first = c.take(a).unwrap();
        let _second = c.take(a).unwrap();
        assert!(c.take(a).is_none(), "two of one address");
        let third = c.take(Some("192.0.2.2".parse().unwrap()));
        assert!(third.is_some());
        assert!(c.take(None).is_none(), "three in all");
        drop(first);
        assert!(c.take(a).is_some());
    }
}

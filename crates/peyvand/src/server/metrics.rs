//! What is measured, as Prometheus reads it (text format 0.0.4). Numbers only: no addresses, names or ids.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use peyvand_store::times::{self, TransactionTimes};

/// Upper bounds of the buckets of a duration, in milliseconds.
const BOUNDS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

#[derive(Debug, Default, Clone)]
struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum_micros: u64,
}

/// The counters of the process.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    durations: Mutex<BTreeMap<(String, String), Histogram>>,
    in_flight: AtomicI64,
    limited: AtomicU64,
    refused: AtomicU64,
}

/// How long transactions of writing took, as a histogram, with the largest of them.
pub(crate) fn transactions(t: &TransactionTimes) -> String {
    let name = "peyvand_transaction_duration_seconds";
    let mut out = format!("# HELP {name} Transactions of writing.\n# TYPE {name} histogram\n");
    let mut so_far = 0;
    for (n, bucket) in t.buckets.iter().enumerate() {
        so_far += bucket;
        let le = times::BOUNDS
            .get(n)
            .map_or_else(|| "+Inf".to_owned(), |b| (*b as f64 / 1_000.0).to_string());
        let _ = writeln!(out, "{name}_bucket{{le=\"{le}\"}} {so_far}");
    }
    let _ = writeln!(out, "{name}_sum {}", t.sum.as_secs_f64());
    let _ = writeln!(out, "{name}_count {so_far}");
    for (name, help, value) in [
        (
            "peyvand_transaction_longest_seconds",
            "Longest transaction of writing since the start.",
            t.longest.as_secs_f64(),
        ),
        (
            "peyvand_transaction_most_steps",
            "Most rows that one transaction wrote or checked since the start.",
            t.most_steps as f64,
        ),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    }
    out
}

/// Name, what it says, and its values by label.
pub(crate) type Gauge<'a> = (&'a str, &'a str, Vec<(String, u64)>);

impl Metrics {
    /// A request begins.
    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests under way.
    pub(crate) fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// A request is no longer under way.
    pub(crate) fn left(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// A request was answered.
    pub(crate) fn end(&self, method: &str, route: &str, status: u16, micros: u64) {
        *self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((method.to_owned(), route.to_owned(), status))
            .or_default() += 1;
        let mut all = self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        let h = all.entry((method.to_owned(), route.to_owned())).or_default();
        h.count += 1;
        h.sum_micros += micros;
        for (b, n) in BOUNDS.iter().zip(&mut h.buckets) {
            *n += u64::from(micros <= b * 1000);
        }
    }

    /// A request was refused for its rate.
    pub(crate) fn limited(&self) {
        self.limited.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection was refused.
    pub(crate) fn refused_connection(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything as text, with the gauges of the moment.
    pub(crate) fn text(&self, gauges: &[Gauge<'_>]) -> String {
        let mut out = String::new();
        let head = |out: &mut String, name: &str, kind: &str, help: &str| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        head(
            &mut out,
            "peyvand_http_requests_total",
            "counter",
            "Requests by route and status.",
        );
        for ((method, route, status), n) in self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            let _ = writeln!(
                out,
                "peyvand_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {n}"
            );
        }
        let name = "peyvand_http_request_duration_seconds";
        head(&mut out, name, "histogram", "Time until the answer began.");
        for ((method, route), h) in self
            .durations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            let labels = format!("method=\"{method}\",route=\"{route}\"");
            for (b, n) in BOUNDS.iter().zip(h.buckets) {
                let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{}\"}} {n}", *b as f64 / 1000.0);
            }
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", h.count);
            let _ = writeln!(out, "{name}_sum{{{labels}}} {}", h.sum_micros as f64 / 1e6);
            let _ = writeln!(out, "{name}_count{{{labels}}} {}", h.count);
        }
        for (name, help, n) in [
            (
                "peyvand_http_limited_total",
                "Requests refused for their rate.",
                self.limited.load(Ordering::Relaxed),
            ),
            (
                "peyvand_http_connections_refused_total",
                "Connections refused.",
                self.refused.load(Ordering::Relaxed),
            ),
        ] {
            head(&mut out, name, "counter", help);
            let _ = writeln!(out, "{name} {n}");
        }
        head(&mut out, "peyvand_http_in_flight", "gauge", "Requests under way.");
        let _ = writeln!(out, "peyvand_http_in_flight {}", self.in_flight().max(0));
        for (name, help, values) in gauges {
            head(&mut out, name, "gauge", help);
            for (labels, n) in values {
                let labels = if labels.is_empty() {
                    String::new()
                } else {
                    format!("{{{labels}}}")
                };
                let _ = writeln!(out, "{name}{labels} {n}");
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_told_as_a_histogram() {
        let mut buckets = [0; times::BOUNDS.len() + 1];
        (buckets[0], buckets[3], buckets[8]) = (5, 2, 1);
        let text = transactions(&TransactionTimes {
            buckets,
            sum: std::time::Duration::from_millis(1_600),
            longest: std::time::Duration::from_millis(1_500),
            most_steps: 42,
        });
        for line in [
            "peyvand_transaction_duration_seconds_bucket{le=\"0.001\"} 5",
            "peyvand_transaction_duration_seconds_bucket{le=\"0.05\"} 7",
            "peyvand_transaction_duration_seconds_bucket{le=\"1\"} 7",
            "peyvand_transaction_duration_seconds_bucket{le=\"+Inf\"} 8",
            "peyvand_transaction_duration_seconds_sum 1.6",
            "peyvand_transaction_longest_seconds 1.5",
            "peyvand_transaction_most_steps 42",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
    }

    #[test]
    fn buckets_are_cumulative() {
        let m = Metrics::default();
        for micros in [500, 3_000, 40_000, 9_000_000] {
            m.begin();
            m.end("GET", "/api/v1/{plural}", 200, micros);
            m.left();
        }
        let text = m.text(&[("peyvand_sessions", "Sessions.", vec![(String::new(), 3)])]);
        let n = |le: &str| {
            let wanted = format!("le=\"{le}\"}} ");
            text.lines()
                .find_map(|l| l.split_once(&wanted).map(|(_, n)| n.parse::<u64>().unwrap()))
                .unwrap()
        };
        assert_eq!(
            (n("0.001"), n("0.005"), n("0.05"), n("5"), n("+Inf")),
            (1, 2, 3, 3, 4)
        );
        assert!(text.contains(
            "peyvand_http_requests_total{method=\"GET\",route=\"/api/v1/{plural}\",status=\"200\"} 4"
        ));
        assert!(text.contains("\npeyvand_sessions 3\n"));
        assert!(text.contains("peyvand_http_in_flight 0"));
    }
}

//! Who is at the other end: the address of the connection, or what the declared proxies say of it.

use std::net::IpAddr;

use axum::http::HeaderMap;
use peyvand_app::Peer;

/// The connection comes straight from this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Direct(pub(crate) bool);

/// The other end of a connection. Without declared proxies headers count for nothing; with `hops` of them the address is
/// the one that the outermost of them saw: so many from the right, whatever else was put before.
pub(crate) fn of(headers: &HeaderMap, remote: IpAddr, tls: bool, hops: usize) -> Peer {
    if hops == 0 {
        return Peer {
            address: remote.to_canonical(),
            secure: tls,
        };
    }
    let list: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .collect();
    let address = list
        .len()
        .checked_sub(hops)
        .and_then(|at| list.get(at))
        .and_then(|a| a.parse::<IpAddr>().ok())
        .unwrap_or(remote);
    let secure = headers
        .get_all("x-forwarded-proto")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .next_back()
        .is_some_and(|p| p.trim() == "https");
    Peer {
        address: address.to_canonical(),
        secure: tls || secure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(lines: &[&str], hops: usize) -> String {
        let mut h = HeaderMap::new();
        for l in lines {
            h.append("x-forwarded-for", l.parse().unwrap());
        }
        of(&h, "192.0.2.1".parse().unwrap(), false, hops)
            .address
            .to_string()
    }

    #[test]
    fn only_declared_hops_count() {
        assert_eq!(seen(&["198.51.100.7"], 0), "192.0.2.1", "nobody declared a proxy");
        assert_eq!(seen(&["203.0.113.9, 198.51.100.7"], 1), "198.51.100.7");
        assert_eq!(seen(&["1.1.1.1", "203.0.113.9, 198.51.100.7"], 2), "203.0.113.9");
        assert_eq!(seen(&[], 1), "192.0.2.1");
        assert_eq!(seen(&["198.51.100.7"], 2), "192.0.2.1", "fewer than declared");
        assert_eq!(seen(&["198.51.100.7, unknown"], 1), "192.0.2.1");
    }
}

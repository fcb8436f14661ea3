//! Where a request comes from, and whether its browser is known from an earlier sign-in.

use std::net::IpAddr;

use peyvand_core::{Id, random};

use crate::app::App;

/// The other end of a connection, as the server sees it through the proxies that it was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// The connection is encrypted.
    pub secure: bool,
}

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// The device, as its browser names itself.
    pub device: String,
    /// The address, as far as it is known.
    pub address: Option<IpAddr>,
    /// What the browser shows to be known from an earlier sign-in.
    pub known: Option<String>,
}

/// The network of an address: /24 of IPv4, /64 of IPv6; addresses of IPv4 in the clothes of IPv6 are IPv4.
#[must_use]
pub fn network(address: Option<IpAddr>) -> String {
    match address.map(|a| a.to_canonical()) {
        None => "local".to_owned(),
        Some(IpAddr::V4(a)) => {
            let [x, y, z, _] = a.octets();
            format!("{x}.{y}.{z}.0/24")
        }
        Some(IpAddr::V6(a)) => {
            let [s, t, u, v, ..] = a.segments();
            format!("{s:x}:{t:x}:{u:x}:{v:x}::/64")
        }
    }
}

impl App {
    /// What makes a browser known for an account: a random part and its keyed hash.
    pub(crate) fn known_mark(&self, account: Id, visit: &Visit) -> String {
        if let Some(k) = visit.known.as_deref()
            && self.is_known(account, k).is_some()
        {
            return k.to_owned();
        }
        let nonce = hex::encode(random::bytes::<16>());
        let mac = self
            .store
            .keys()
            .derive("known-device", &[account.bytes(), nonce.as_bytes()]);
        format!("{nonce}.{}", hex::encode(mac))
    }

    /// The random part of a mark that fits this account.
    pub(crate) fn is_known<'k>(&self, account: Id, mark: &'k str) -> Option<&'k str> {
        let (nonce, given) = mark.split_once('.')?;
        let mac = self
            .store
            .keys()
            .derive("known-device", &[account.bytes(), nonce.as_bytes()]);
        let given = hex::decode(given).ok()?;
        // Every byte is compared, so that time tells nothing.
        let differ = given.iter().zip(mac).fold(0, |d, (a, b)| d | (a ^ b));
        (nonce.len() == 32 && given.len() == mac.len() && differ == 0).then_some(nonce)
    }
}

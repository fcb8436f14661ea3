//! Reading the ledger: what it says about all the addresses of a person.

use std::collections::{HashMap, HashSet};

use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::{consent_entry as ce, contact_point as cp};
use peyvand_core::{Actor, Context, Id, Instant};
use peyvand_domain::consent::{
    AddressCase, AddressHash, Basis, Channel, Entry, Mark, Matter, PersonCase, Proof, Purpose, Scope, Source,
    Standing, Word, of_scope, restriction,
};
use peyvand_record::{Record, Value};
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{ObjectLayout, RowsCall, SqlVal};
use sha2::{Digest, Sha256};

use super::link;
use crate::app::App;
use crate::errors::AppError;
use crate::linked::decode;
use crate::workspace::Workspace;

/// Rows read at a time.
const CHUNK: u32 = 1000;
/// Merges into one person that are followed, one behind the other.
const MOST_MERGED: usize = 1000;

/// An address of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its contact point.
    pub id: Id,
    /// Kind of the contact point.
    pub kind: String,
    /// The normalised address.
    pub address: String,
    /// The address as it was typed.
    pub shown: String,
    /// Its keyed hash.
    pub hash: AddressHash,
    /// The person's first choice.
    pub primary: bool,
    /// Messages can arrive there.
    pub deliverable: bool,
    /// It is still theirs (not removed).
    pub live: bool,
}

/// Everything that the ledger says about a person, as it was read.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// The contact and those that were merged into it.
    pub people: Vec<Id>,
    /// The key of the contact itself.
    pub person: AddressHash,
    /// Keys of all of `people`.
    pub person_keys: Vec<AddressHash>,
    /// Their addresses, removed ones too.
    pub points: Vec<Known>,
    /// How many entries each key has.
    pub heads: HashMap<AddressHash, i64>,
    /// The entries by key, in the order of their ids.
    pub entries: HashMap<AddressHash, Vec<Entry>>,
}

impl Book {
    /// How many entries the ledger has about an address.
    #[must_use]
    pub fn version(&self, address: AddressHash) -> i64 {
        self.heads.get(&address).copied().unwrap_or(0)
    }

    fn about(&self, address: AddressHash) -> &[Entry] {
        self.entries.get(&address).map_or(&[], Vec::as_slice)
    }

    fn about_person(&self) -> impl Iterator<Item = &Entry> {
        self.person_keys.iter().flat_map(|k| self.about(*k))
    }

    /// What was said about the person as a whole for this scope.
    #[must_use]
    pub fn person_standing(&self, scope: Scope) -> Standing {
        match (scope.channel, scope.matter) {
            (Some(c), Matter::Purpose(p)) => of_scope(self.about_person(), c, p),
            (_, Matter::Processing) => self.restriction(),
            // What is asked about is wide: what was said in exactly these words.
            _ => {
                let mut standing = Standing::default();
                for e in self.about_person().filter(|e| e.scope == scope) {
                    standing.add(Mark::of(e));
                }
                standing
            }
        }
    }

    /// Is any use of the person's data restricted? Asked of the person, of everybody who was merged into them and of each
    /// of their addresses, each by itself: one that was lifted of somebody is not lifted of the one they were merged with.
    #[must_use]
    pub fn restriction(&self) -> Standing {
        let live = self.points.iter().filter(|p| p.live).map(|p| p.hash);
        let mut all = Standing::default();
        for key in self.person_keys.iter().copied().chain(live) {
            let one = restriction(self.about(key));
            if one.is_barred() {
                return one;
            }
            all = all.join(one);
        }
        all
    }

    /// The keys of people merged into this one whose own restriction stands.
    pub(super) fn restricted_within(&self) -> impl Iterator<Item = AddressHash> {
        self.person_keys
            .iter()
            .copied()
            .filter(|k| *k != self.person && restriction(self.about(*k)).is_barred())
    }

    /// The person as permission looks at them.
    #[must_use]
    pub fn case(
        &self,
        channel: Channel,
        purpose: Purpose,
        only: Option<AddressHash>,
        gone: bool,
    ) -> PersonCase {
        let mut addresses: Vec<AddressCase> = Vec::new();
        for p in self.points.iter().filter(|p| p.live) {
            if !channel.points().contains(&p.kind.as_str()) || addresses.iter().any(|a| a.hash == p.hash) {
                continue;
            }
            addresses.push(AddressCase {
                hash: p.hash,
                point: Some(p.id),
                address: p.address.clone(),
                standing: of_scope(self.about(p.hash), channel, purpose),
                deliverable: p.deliverable,
                primary: p.primary,
            });
        }
        PersonCase {
            gone,
            restriction: self.restriction(),
            person: of_scope(self.about_person(), channel, purpose),
            addresses,
            only,
        }
    }

    /// Every key whose entries a decision about this person stands on, with how many entries were read.
    #[must_use]
    pub fn read_heads(&self) -> Vec<(AddressHash, i64)> {
        let mut keys: Vec<AddressHash> = self.person_keys.clone();
        keys.extend(self.points.iter().filter(|p| p.live).map(|p| p.hash));
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().map(|k| (k, self.version(k))).collect()
    }
}

impl App {
    /// The keyed hash of a normalised address in a workspace. The key is derived from the instance's secret, so that the
    /// ledger alone does not tell whose address it is, not even by trying them all.
    #[must_use]
    pub fn address_hash(&self, w: &Workspace, normalised: &str) -> AddressHash {
        // Nobody's permission depends on how they capitalise their address.
        let address = normalised.to_lowercase();
        let parts: [&[u8]; 2] = [w.uuid.bytes(), address.as_bytes()];
        AddressHash(self.store.keys().derive("consent-address", &parts))
    }

    /// The keyed hash under which stands what is said about a person as a whole.
    #[must_use]
    pub fn person_hash(&self, w: &Workspace, contact: Id) -> AddressHash {
        let parts: [&[u8]; 2] = [w.uuid.bytes(), contact.bytes()];
        AddressHash(self.store.keys().derive("consent-person", &parts))
    }

    /// A contact and all that were merged into it.
    async fn with_merged(&self, w: &Workspace, contact: Id) -> Result<Vec<Id>, AppError> {
        let t = &SIDE.alias;
        let mut all = vec![contact];
        let mut at = 0;
        while let Some(id) = all.get(at).copied() {
            at += 1;
            let key = [
                ("workspace_id", i64::from(w.id.0).into()),
                ("to_id", id.into()),
                ("object", "contact".into()),
            ];
            for r in self.store.rows(RowsCall::new(t, &key)).await? {
                if let Some(id) = r[t.at("id")].uuid()
                    && !all.contains(&id)
                    && all.len() < MOST_MERGED
                {
                    all.push(id);
                }
            }
        }
        Ok(all)
    }

    /// The addresses of a contact, removed ones too.
    pub(super) async fn addresses(&self, w: &Workspace, contact: Id) -> Result<Vec<Known>, AppError> {
        let Some(object) = w.catalog().object("contact_point") else {
            return Ok(Vec::new());
        };
        let rows = self
            .linked(w, object, cp::CONTACT_ID, contact, CHUNK as usize)
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|r| {
                let text = |ix| r.get(ix).as_str().map(str::to_owned);
                let address = text(cp::NORMALISED)?;
                Some(Known {
                    id: r.id(),
                    kind: text(cp::CHANNEL)?,
                    hash: self.address_hash(w, &address),
                    shown: text(cp::VALUE).unwrap_or_else(|| address.clone()),
                    address,
                    primary: r.get(cp::PRIMARY) == &Value::Bool(true),
                    deliverable: !matches!(
                        r.get(cp::DELIVERABILITY).as_str(),
                        Some("bounced" | "blocked" | "blacklisted")
                    ),
                    live: !r.is_deleted(),
                })
            })
            .collect())
    }

    /// How many entries the ledger has about these keys. Read before the entries: one that comes between is noticed when
    /// a decision is written.
    pub(crate) async fn heads(
        &self,
        w: &Workspace,
        keys: &[AddressHash],
    ) -> Result<HashMap<AddressHash, i64>, AppError> {
        let t = &SIDE.consent_head;
        let mut out = HashMap::new();
        for chunk in keys.chunks(500) {
            let call = RowsCall::new(t, &[("workspace_id", i64::from(w.id.0).into())]).any_of(
                "address_hash",
                chunk.iter().map(|k| k.0.to_vec().into()).collect(),
            );
            for r in self.store.rows(call).await? {
                if let (Some(k), Some(v)) = (
                    r[t.at("address_hash")]
                        .bytes()
                        .and_then(|b| <[u8; 32]>::try_from(b).ok()),
                    r[t.at("version")].int(),
                ) {
                    out.insert(AddressHash(k), v);
                }
            }
        }
        Ok(out)
    }

    /// All entries about these keys.
    async fn entries_about(
        &self,
        w: &Workspace,
        keys: &[AddressHash],
    ) -> Result<HashMap<AddressHash, Vec<Entry>>, AppError> {
        let Some(layout) = w.layout.object("consent_entry") else {
            return Ok(HashMap::new());
        };
        let mut out: HashMap<AddressHash, Vec<Entry>> = HashMap::new();
        for chunk in keys.chunks(200) {
            let values: Vec<SqlVal> = chunk.iter().map(|k| k.to_string().into()).collect();
            for entry in self.read_entries(w, layout, "address_hash", &values).await? {
                out.entry(entry.address).or_default().push(entry);
            }
        }
        Ok(out)
    }

    /// The entries with one of these values in a column.
    pub(crate) async fn read_entries(
        &self,
        w: &Workspace,
        layout: &ObjectLayout,
        column: &str,
        values: &[SqlVal],
    ) -> Result<Vec<Entry>, AppError> {
        let mut out = Vec::new();
        let mut last = Id::NIL;
        loop {
            let call = RowsCall::new(&layout.table, &[("workspace_id", i64::from(w.id.0).into())])
                .any_of(column, values.to_vec())
                .bound("id", Bound::Gt, last)
                .order("id", false)
                .limit(CHUNK);
            let rows = self.store.rows(call).await?;
            let full = rows.len() == CHUNK as usize;
            for row in &rows {
                let record = decode(layout, row);
                last = record.id();
                out.extend(from_record(&record));
            }
            if !full {
                return Ok(out);
            }
        }
    }

    /// Everything that the ledger says about a person.
    pub async fn book(&self, w: &Workspace, contact: Id) -> Result<Book, AppError> {
        let people = self.with_merged(w, contact).await?;
        let points = self.addresses(w, contact).await?;
        let person_keys: Vec<AddressHash> = people.iter().map(|p| self.person_hash(w, *p)).collect();
        let mut keys: HashSet<AddressHash> = person_keys.iter().copied().collect();
        keys.extend(points.iter().map(|p| p.hash));
        let keys: Vec<AddressHash> = keys.into_iter().collect();
        let heads = self.heads(w, &keys).await?;
        let with_entries: Vec<AddressHash> = heads.keys().copied().collect();
        Ok(Book {
            person: self.person_hash(w, contact),
            people,
            person_keys,
            points,
            entries: self.entries_about(w, &with_entries).await?,
            heads,
        })
    }
}

impl Default for Known {
    fn default() -> Self {
        Self {
            id: Id::NIL,
            kind: String::new(),
            address: String::new(),
            shown: String::new(),
            hash: AddressHash([0; 32]),
            primary: false,
            deliverable: true,
            live: true,
        }
    }
}

fn text(s: Option<&String>) -> Value {
    s.map_or(Value::Null, |s| Value::text(s.trim().to_owned()))
}

/// The row of an entry.
pub(super) fn to_record(object: &ObjectDef, e: &Entry, context: &Context) -> Record {
    let mut r = Record::new(object, e.id, context.now, context.actor);
    let choice = |key: &str| Value::Choice(key.into());
    r.set(ce::ADDRESS_HASH, Value::text(e.address.to_string()));
    r.set(ce::CHANNEL, choice(e.scope.channel_key()));
    r.set(ce::PURPOSE, choice(e.scope.matter.key()));
    r.set(ce::VERDICT, choice(e.word.key()));
    r.set(ce::AT, Value::Instant(e.proof.at));
    r.set(
        ce::EXPIRES_AT,
        e.proof.expires_at.map_or(Value::Null, Value::Instant),
    );
    r.set(ce::TEXT_SHOWN, text(e.proof.text_shown.as_ref()));
    if let Some(t) = e.proof.text_shown.as_ref().filter(|t| !t.trim().is_empty()) {
        let hash = hex::encode(Sha256::digest(t.trim().as_bytes()));
        r.set(ce::TEXT_HASH, Value::text(hash));
    }
    r.set(ce::SOURCE, choice(e.proof.source.key()));
    r.set(ce::BASIS, choice(e.proof.basis.key()));
    r.set(ce::PROOF, text(e.proof.reference.as_ref()));
    r.set(ce::FORM_URL, text(e.proof.form_url.as_ref()));
    r.set(ce::IP, text(e.proof.ip.as_ref()));
    r.set(ce::OPT_IN_MESSAGE, text(e.proof.opt_in_message.as_ref()));
    r.set(ce::CONTACT_POINT_ID, link(e.point));
    r.set(ce::CONTACT_ID, link(e.contact));
    r
}

/// The entry of a row; `None` for a row that this program does not understand, which is logged: a word that is not
/// understood must not become a yes, and none does.
pub(crate) fn from_record(r: &Record) -> Option<Entry> {
    let entry = read(r);
    if entry.is_none() {
        tracing::error!(entry = %r.id(), "an entry of the consent ledger cannot be read");
    }
    entry
}

fn read(r: &Record) -> Option<Entry> {
    let s = |ix| r.get(ix).as_str();
    let own = |ix| s(ix).map(str::to_owned);
    let hash: [u8; 32] = hex::decode(s(ce::ADDRESS_HASH)?).ok()?.try_into().ok()?;
    let channel = match s(ce::CHANNEL)? {
        "any" => None,
        key => Some(Channel::find(key)?),
    };
    Some(Entry {
        id: r.id(),
        address: AddressHash(hash),
        scope: Scope {
            channel,
            matter: Matter::find(s(ce::PURPOSE)?)?,
        },
        word: Word::find(s(ce::VERDICT)?)?,
        proof: Proof {
            source: Source::find(s(ce::SOURCE)?)?,
            basis: s(ce::BASIS).and_then(Basis::find).unwrap_or(Basis::Consent),
            at: r.get(ce::AT).as_instant()?,
            expires_at: r.get(ce::EXPIRES_AT).as_instant(),
            text_shown: own(ce::TEXT_SHOWN),
            reference: own(ce::PROOF),
            form_url: own(ce::FORM_URL),
            ip: own(ce::IP),
            opt_in_message: own(ce::OPT_IN_MESSAGE),
        },
        contact: r.get(ce::CONTACT_ID).as_id(),
        point: r.get(ce::CONTACT_POINT_ID).as_id(),
        actor: r
            .get(peyvand_catalog::definition::system::CREATED_BY)
            .as_id()
            .map_or(Actor::System, Actor::from_id),
        recorded_at: r
            .get(peyvand_catalog::definition::system::CREATED_AT)
            .as_instant()
            .unwrap_or(Instant(0)),
    })
}

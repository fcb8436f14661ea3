//! What the audit log says, packed: it is the largest thing that is kept of most records, and most of it is the same words
//! each time.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use peyvand_core::Id;

/// The first byte of a packed text. No JSON begins so; a text without it is read as it is.
const PACKED: u8 = 1;
/// Before the sixteen bytes of an id: an eighth of an entry of a new record is ids, which written out take twice as much.
/// JSON has no such character; a text that has one is not packed.
const ID: u8 = 2;
/// Letters of an id as it is written out.
const WRITTEN: usize = 36;
/// Shorter texts are left as they are.
const SHORTEST: usize = 48;
/// Bytes of an unpacked text at most.
const LONGEST: usize = 64 << 20;

/// What entries have in common; the commonest stands last, where it is cheapest to point at. It is part of the format:
/// another one needs another first byte.
const DICTIONARY: &str = r#""merged_into":"survivor":"undone":"operation":"reason":"export":"records":"restricted":false,"before":"after":"status":["open","won"],"lost_reason_id":[null,"01a2"],"amount":[null,{"minor":,"currency":"EUR"}],"IRR"}],"probability":[null,"expected_close":[null,"202"pipeline_id":[null,"01a2"],"stage_id":["01a2","01a2"],"deal_id":[null,"01a2"],"order_id":[null,"01a2"],"product_id":[null,"01a2"],"quantity":[null,"unit_price":[null,"discount":[null,"position":[null,"kind":[null,"number":[null,"ordered_at":[null,"due_at":[null,"done_at":[null,"priority":[null,"normal"],"subject":[null,"body":[null,"direction":[null,"outbound"],"outcome":[null,"occurred_at":[null,"T00:00Z"],"activity","interaction","assigned_to_id":[null,"01a2"],"contact_id":[null,"01a2"],"webreferraleventphone_inpartnersocialcampaignretainednurturedlostat_risk"],"gender":[null,"female"],"male"],"birth_date":[null,"national_id":[null,"postal_code":[null,"address":[null,"website":[null,"https://www."industry":[null,"territory_id":[null,"roles":[null,["buyer"calendar":[null,"time_zone":[null,"Asia/Tehran"],"preferred_channel":[null,"completeness":[null,"reachability":[null,"fax","home","mobile","work","label":"@gmail.com","@yahoo.com","+9821"updated_at":[null,{"owner_id":[null,"01a2-7"],"team_id":[null,"01a2"],"name":[null,{"given":"","family":""}],"job_title":[null,""],"department":[null,""],"company_id":[null,"01a2"],"emails":[null,[{"id":"01a2","value":".com","normalised":".com","channel":"email","primary":true}]],"phones":[null,[{"id":"01a2","value":"+98912","normalised":"+98912","channel":"phone","primary":true}]],"lifecycle":[null,"identified"],"acquired"],"language":[null,"en"],"fa"],"source":[null,"website"],"source_detail":[null,"web"],"country":[null,"GB"],"IR"],"province":[null,"city":[null,"تهران"],"description":[null,""]}"#;

thread_local! {
    /// Making the tables of a compressor costs more than packing an entry: each thread keeps one.
    static PACKER: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(6), false));
    static UNPACKER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// The bytes to keep of a text: deflated with the dictionary behind a first byte when that is shorter, else the text.
pub(crate) fn pack(text: &str) -> Vec<u8> {
    let packed = (text.len() >= SHORTEST && !text.as_bytes().contains(&ID))
        .then(|| PACKER.with_borrow_mut(|p| deflate(p, &short_ids(text))))
        .flatten();
    packed.unwrap_or_else(|| text.as_bytes().to_vec())
}

/// The text with its ids as bytes; only those that `written_ids` writes the same way.
fn short_ids(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let id = b
            .is_ascii_hexdigit()
            .then(|| text.get(at..at + WRITTEN))
            .flatten()
            .filter(|t| t.as_bytes().get(8) == Some(&b'-'))
            .and_then(|t| t.parse::<Id>().ok().filter(|id| id.to_string() == t));
        match id {
            Some(id) => {
                out.push(ID);
                out.extend(id.bytes());
                at += WRITTEN;
            }
            None => {
                out.push(b);
                at += 1;
            }
        }
    }
    out
}

/// The text with its ids written out.
fn written_ids(bytes: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let mut rest = bytes;
    while let Some(n) = rest.iter().position(|b| *b == ID) {
        out.extend(rest.get(..n)?);
        let (id, after) = rest.get(n + 1..)?.split_at_checked(16)?;
        out.extend(Id::from_bytes(id.try_into().ok()?).to_string().bytes());
        rest = after;
    }
    out.extend(rest);
    String::from_utf8(out).ok()
}

fn deflate(packer: &mut Compress, text: &[u8]) -> Option<Vec<u8>> {
    packer.reset();
    packer.set_dictionary(DICTIONARY.as_bytes()).ok()?;
    let mut out = Vec::with_capacity(text.len());
    out.push(PACKED);
    // Out of room: packing would make it no shorter.
    let done = packer.compress_vec(text, &mut out, FlushCompress::Finish).ok()?;
    (done == Status::StreamEnd && out.len() < text.len()).then_some(out)
}

/// The text of what `pack` gave; `None` when it is something else.
pub(crate) fn unpack(bytes: Vec<u8>) -> Option<String> {
    match bytes.split_first() {
        Some((&PACKED, packed)) => {
            let text = UNPACKER.with_borrow_mut(|u| inflate(u, packed))?;
            written_ids(&text)
        }
        _ => String::from_utf8(bytes).ok(),
    }
}

fn inflate(unpacker: &mut Decompress, packed: &[u8]) -> Option<Vec<u8>> {
    unpacker.reset(false);
    unpacker.set_dictionary(DICTIONARY.as_bytes()).ok()?;
    let mut out = Vec::with_capacity(packed.len().saturating_mul(4).max(256));
    loop {
        let read = usize::try_from(unpacker.total_in()).ok()?;
        let status = unpacker
            .decompress_vec(packed.get(read..)?, &mut out, FlushDecompress::Finish)
            .ok()?;
        if status == Status::StreamEnd {
            return Some(out);
        }
        let stuck = out.len() < out.capacity();
        if stuck || out.len() >= LONGEST {
            return None;
        }
        out.reserve(out.len());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENTRY: &str = r#"{"name":{"given":"هانیه","family":"رستمی"},"job_title":"کارشناس فروش","emails":[{"id":"01a20682-6539-7166-a36f-387f4905150e","value":"hanieh.rostami1501@example.com","normalised":"hanieh.rostami1501@example.com","channel":"email","primary":true}],"lifecycle":"acquired","language":"fa","country":"IR","city":"تهران"}"#;

    #[test]
    fn an_entry_takes_less_than_half() {
        let packed = pack(ENTRY);
        assert!(
            packed.len() * 2 < ENTRY.len(),
            "{} of {}",
            packed.len(),
            ENTRY.len()
        );
        assert_eq!(unpack(packed).as_deref(), Some(ENTRY));
    }

    #[test]
    fn a_short_text_is_kept_as_it_is() {
        assert_eq!(pack(r#"{"city":"قم"}"#), r#"{"city":"قم"}"#.as_bytes());
    }

    #[test]
    fn ids_are_told_from_what_looks_like_them() {
        let pad = "x".repeat(SHORTEST);
        for text in [
            "01a20682-6539-7166-a36f-387f4905150e",
            "01A20682-6539-7166-A36F-387F4905150E",
            "01a20682-6539-7166-a36f-387f4905150",
            "01a20682-65397166-a36f-387f-4905150e",
            "a01a20682-6539-7166-a36f-387f4905150e01a20682-6539-7166-a36f-387f4905150e",
            "01a20682-6539-7166-a36f-387f490515ید",
            "\u{2}01a20682-6539-7166-a36f-387f4905150e",
        ] {
            let text = format!("{pad}{text}");
            assert_eq!(unpack(pack(&text)), Some(text));
        }
    }

    #[test]
    fn what_was_cut_or_bent_is_nothing() {
        let packed = pack(ENTRY);
        assert_eq!(unpack(packed[..packed.len() - 3].to_vec()), None);
        assert_eq!(unpack(vec![PACKED]), None);
        assert_eq!(unpack(vec![PACKED, 0xFF, 0xFF]), None);
        assert_eq!(unpack(vec![0xFF]), None);
    }

    #[test]
    fn much_of_the_same_comes_back() {
        let long = "آشنایی در نمایشگاه. ".repeat(200_000);
        assert_eq!(unpack(pack(&long)).as_deref(), Some(&*long));
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "(\\PC|\\n){0,400}") {
            prop_assert_eq!(unpack(pack(&text)), Some(text));
        }
    }
}

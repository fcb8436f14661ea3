//! What the people of the demonstration have allowed and refused: invented from a fixed seed, as the rest of it.

use anyhow::Result;
use peyvand_app::consent::Wish;
use peyvand_app::{App, AppError, Caller};
use peyvand_core::Instant;
use peyvand_core::random::SplitMix;
use peyvand_domain::consent::{Channel, ConsentError, Matter, Proof, Purpose, Source, Word};
use peyvand_record::Policy;
use peyvand_record::query::Query;

use super::admin::sentence;

/// How many people have said something.
const PEOPLE: u32 = 150;

/// What they were shown.
const TEXTS: &[(&str, Purpose, Channel)] = &[
    (
        "می‌خواهم خبرنامهٔ ماهانهٔ نگارین را با ایمیل دریافت کنم.",
        Purpose::Newsletter,
        Channel::Email,
    ),
    (
        "با دریافت پیامک تخفیف‌ها موافقم؛ با فرستادن ۱۱ لغو می‌شود.",
        Purpose::Advertising,
        Channel::Sms,
    ),
    (
        "I would like to hear about new products by e-mail.",
        Purpose::Advertising,
        Channel::Email,
    ),
    (
        "پس از هر خرید می‌توانید نظرم را بپرسید.",
        Purpose::Survey,
        Channel::Email,
    ),
];

/// Writes it down. A person who has said something already is passed over, so that a second run adds nothing.
pub(super) async fn fill(app: &App, caller: &Caller) -> Result<u64> {
    let w = &caller.workspace;
    let mut q = Query::of("contact");
    q.limit = PEOPLE;
    let people = app
        .store
        .page(w.id, &w.layout, &Policy::all(caller.actor), &q)
        .await
        .map_err(|e| sentence(&AppError::from(e)))?
        .records;
    let mut random = SplitMix::new(70);
    let now = app.clock.now();
    let mut n = 0;
    for person in people {
        let (text, purpose, channel) = *random.pick(TEXTS);
        let days = 30 + random.below(600) as i64;
        let at = now.plus_micros(-days * Instant::DAY);
        let source = *random.pick(&[Source::Paper, Source::Phone, Source::Staff, Source::Form]);
        let said = random.below(10);
        let known = app
            .consent_history(caller, person.id())
            .await
            .map_err(|e| sentence(&e))?;
        if !known.is_empty() {
            continue;
        }
        let mut proof = Proof::of(source, at);
        proof.text_shown = Some(text.to_owned());
        proof.reference = Some(format!("R-{}", 1000 + random.below(9000)));
        let mut wish = Wish {
            channel: Some(channel),
            matter: Matter::Purpose(purpose),
            word: if said == 0 { Word::Denied } else { Word::Granted },
            address: None,
            proof,
        };
        let mut all = vec![wish.clone()];
        if said == 1 {
            wish = Wish::out_of_everything(Source::Phone, at.plus_micros(20 * Instant::DAY));
            all.push(wish);
        } else if said == 2 {
            wish.word = Word::Withdrawn;
            wish.proof = Proof::of(Source::Unsubscribe, at.plus_micros(9 * Instant::DAY));
            all.push(wish);
        }
        for wish in &all {
            match app.record_consent(caller, person.id(), wish, None).await {
                Ok(done) => n += done.entries.len() as u64,
                // They have no address of this kind.
                Err(AppError::Consent(ConsentError::NoAddress)) => break,
                Err(e) => return Err(sentence(&e)),
            }
        }
    }
    Ok(n)
}

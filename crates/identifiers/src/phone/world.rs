//! Phone numbers outside Iran.

use super::{Phone, PhoneKind, Region};
use crate::reason::Reason;

/// Country calling codes assigned by the ITU (List of ITU-T Recommendation E.164 assigned country codes), including
/// the shared codes for services without a country (800, 870, 878, 881–883, 888, 979).
const CALLING_CODES: &[u16] = &[
    1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57,
    58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98, 211, 212, 213, 216, 218, 220,
    221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241,
    242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263,
    264, 265, 266, 267, 268, 269, 290, 291, 297, 298, 299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359,
    370, 371, 372, 373, 374, 375, 376, 377, 378, 379, 380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423,
    500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599, 670,
    672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691, 692, 800,
    808, 850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965, 966,
    967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998,
];

/// The length of the calling code that the digits begin with. No code is the beginning of another.
fn calling_code(digits: &str) -> Option<usize> {
    (1..=3).find(|&n| {
        let code = digits.get(..n).and_then(|d| d.parse::<u16>().ok());
        code.is_some_and(|c| CALLING_CODES.binary_search(&c).is_ok())
    })
}

/// International digits without the plus, checked for calling code and length only.
pub(super) fn plain(digits: &str) -> Result<Phone, Reason> {
    let code = calling_code(digits).ok_or(Reason::CallingCode)?;
    // E.164: at most 15 digits in all; the shortest subscriber numbers of the world have 4.
    match digits.len() {
        n if n < code + 4 || n < 7 => return Err(Reason::TooShort),
        n if n > 15 => return Err(Reason::TooLong),
        _ => {}
    }
    let (cc, rest) = digits.split_at(code);
    // The North American plan has ten digits, and neither area nor exchange begins with 0 or 1.
    if cc == "1" {
        let starts = |i: usize| rest.as_bytes().get(i).is_some_and(|b| matches!(b, b'2'..=b'9'));
        match rest.len() {
            0..10 => return Err(Reason::TooShort),
            10 if starts(0) && starts(3) => {}
            10 => return Err(Reason::NumberingPlan),
            _ => return Err(Reason::TooLong),
        }
    }
    let national = format!("+{cc} {rest}");
    Ok(Phone {
        e164: format!("+{digits}"),
        kind: PhoneKind::Other,
        national,
        extension: None,
        warning: None,
    })
}

/// A national number of another country, read by that country's metadata.
pub(super) fn national(digits: &str, region: Region) -> Result<Phone, Reason> {
    let id = region
        .as_str()
        .parse::<phonenumber::country::Id>()
        .map_err(|_| Reason::RegionMissing)?;
    let parsed = phonenumber::parse(Some(id), digits).map_err(|_| Reason::PhoneForm)?;
    let phone = describe(&parsed);
    // The metadata reads any few digits; what could not be stored as E.164 is refused.
    plain(phone.e164.strip_prefix('+').unwrap_or(""))?;
    Ok(phone)
}

/// What the numbering plans of the world say about a number in E.164 form: its kind, its national form, and a
/// warning when it does not follow the plan. The first call loads the metadata of all countries.
///
/// ```
/// use peyvand_identifiers::phone::{PhoneKind, world};
/// let p = world::inspect("+447400123456").unwrap();
/// assert_eq!((p.kind, p.national.as_str()), (PhoneKind::Mobile, "07400 123456"));
/// ```
pub fn inspect(e164: &str) -> Result<Phone, Reason> {
    let digits = e164.strip_prefix('+').ok_or(Reason::PhoneForm)?;
    if digits.len() > 15 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::PhoneForm);
    }
    let parsed = phonenumber::parse(None, e164).map_err(|_| Reason::PhoneForm)?;
    let mut phone = describe(&parsed);
    // The stored form stays what it was, whatever the metadata makes of it.
    e164.clone_into(&mut phone.e164);
    Ok(phone)
}

fn describe(number: &phonenumber::PhoneNumber) -> Phone {
    use phonenumber::{Mode, Type};
    let kind = match number.number_type(&phonenumber::metadata::DATABASE) {
        Type::Mobile => PhoneKind::Mobile,
        Type::FixedLine => PhoneKind::Landline,
        _ => PhoneKind::Other,
    };
    Phone {
        e164: number.format().mode(Mode::E164).to_string(),
        kind,
        national: number.format().mode(Mode::National).to_string(),
        extension: None,
        warning: (!number.is_valid()).then_some(Reason::NumberingPlan),
    }
}

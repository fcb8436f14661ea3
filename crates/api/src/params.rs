//! Percent-encoding of addresses.

/// `%41`, and `+` in a query, as what they stand for; `None` when the bytes are not UTF-8.
pub(crate) fn decode(text: &str, query: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        match b {
            b'+' if query => out.push(b' '),
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                out.push((high * 16 + low) as u8);
            }
            b => out.push(b),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn only_whole_escapes_of_utf8_are_read() {
        assert_eq!(decode("%D8%B3a+b%2B", true).as_deref(), Some("سa b+"));
        assert_eq!(decode("a+b", false).as_deref(), Some("a+b"));
        for broken in ["%", "%4", "%zz", "%FF"] {
            assert_eq!(decode(broken, true), None, "{broken}");
        }
    }
}

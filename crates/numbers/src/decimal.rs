//! Exact fixed-point decimals.
//!
//! A [`Decimal`] is an `i128` coefficient and a scale of 0 to 18 decimal places. It always carries the smallest
//! scale that holds its value, so `2.50` and `2.5` are the same value, compare and hash alike, and print alike.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most decimal places that a [`Decimal`] carries.
pub const MAX_SCALE: u8 = 18;

/// What happens to the digits that do not fit.
///
/// Ties are values exactly half-way between two results. All four rules are symmetric about zero, so the rounding
/// of `-x` is minus the rounding of `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Rounding {
    /// To the nearest; a tie goes to the even digit (2.5 → 2, 3.5 → 4). Unbiased: the rule for totals and shares.
    #[default]
    HalfEven,
    /// To the nearest; a tie goes away from zero (2.5 → 3, −2.5 → −3). What most invoices and tax forms expect.
    HalfUp,
    /// Towards zero: the digits are cut off.
    Down,
    /// Away from zero, whenever anything is left over.
    Up,
}

/// Why a [`Decimal`] could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecimalError {
    /// The text is not of the form `-?[0-9]+(\.[0-9]+)?`.
    #[error("not a canonical decimal")]
    Syntax,
    /// The value needs more than 38 digits.
    #[error("the number is too large")]
    TooLarge,
    /// The value needs more than 18 decimal places.
    #[error("the number has more than 18 decimal places")]
    TooPrecise,
}

impl DecimalError {
    /// The stable key of the message.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "decimal-syntax",
            Self::TooLarge => "decimal-too-large",
            Self::TooPrecise => "decimal-too-precise",
        }
    }
}

/// An exact decimal number: coefficient × 10^−scale.
///
/// ```
/// use peyvand_numbers::decimal::{Decimal, Rounding};
/// let price: Decimal = "1250.505".parse().unwrap();
/// assert_eq!(price.rescale(2, Rounding::HalfUp).to_string(), "1250.51");
/// assert_eq!("2.50".parse::<Decimal>(), "2.5".parse());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    coefficient: i128,
    scale: u8,
}

/// 10 to the power of `n`, or `None` beyond 10^38.
pub(crate) const fn pow10(n: u32) -> Option<i128> {
    10i128.checked_pow(n)
}

/// 10^`scale` for a scale within [`MAX_SCALE`], where it always fits.
const fn unit(scale: u8) -> i128 {
    10i128.pow(if scale > MAX_SCALE {
        MAX_SCALE as u32
    } else {
        scale as u32
    })
}

/// `n / d` rounded by the rule. `d` must be positive; callers hold that.
fn divide(n: i128, d: i128, rounding: Rounding) -> i128 {
    let (q, r) = (n / d, n % d);
    if r == 0 {
        return q;
    }
    // |r| < d, so comparing |r| with d − |r| tells which half without overflow.
    let rest = r.unsigned_abs();
    let half = rest.cmp(&(d.unsigned_abs() - rest));
    let away = match rounding {
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::HalfUp => half != Ordering::Less,
        Rounding::HalfEven => half == Ordering::Greater || (half == Ordering::Equal && q % 2 != 0),
    };
    if away { q + n.signum() } else { q }
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self {
        coefficient: 0,
        scale: 0,
    };
    /// One.
    pub const ONE: Self = Self {
        coefficient: 1,
        scale: 0,
    };

    /// The value `coefficient` × 10^−`scale`. A scale above 18 is an error unless the surplus digits are zeros.
    pub fn new(coefficient: i128, scale: u32) -> Result<Self, DecimalError> {
        let (mut c, mut s) = (coefficient, scale);
        if c == 0 {
            return Ok(Self::ZERO);
        }
        while s > 0 && c % 10 == 0 {
            c /= 10;
            s -= 1;
        }
        match u8::try_from(s) {
            Ok(scale) if scale <= MAX_SCALE => Ok(Self {
                coefficient: c,
                scale,
            }),
            _ => Err(DecimalError::TooPrecise),
        }
    }

    /// A whole number.
    #[must_use]
    pub const fn from_int(n: i128) -> Self {
        Self {
            coefficient: n,
            scale: 0,
        }
    }

    /// Reads the canonical ASCII form: an optional `-`, digits, and optionally a point with digits after it.
    /// What people type is read by [`crate::parse_number`].
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let (negative, body) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match body.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Syntax),
            Some(parts) => parts,
            None => (body, ""),
        };
        if whole.is_empty() {
            return Err(DecimalError::Syntax);
        }
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(DecimalError::Syntax);
        }
        Self::from_digits(negative, whole, fraction)
    }

    /// The value of ASCII digits before and after the decimal point; leading and trailing zeros do not count.
    pub(crate) fn from_digits(negative: bool, whole: &str, fraction: &str) -> Result<Self, DecimalError> {
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > MAX_SCALE as usize {
            return Err(DecimalError::TooPrecise);
        }
        if whole.len() > 39 {
            return Err(DecimalError::TooLarge);
        }
        let mut c: i128 = 0;
        for b in whole.bytes().chain(fraction.bytes()) {
            let d = i128::from(b.wrapping_sub(b'0'));
            if !(0..=9).contains(&d) {
                return Err(DecimalError::Syntax);
            }
            c = c
                .checked_mul(10)
                .and_then(|c| c.checked_add(d))
                .ok_or(DecimalError::TooLarge)?;
        }
        Self::new(if negative { -c } else { c }, fraction.len() as u32)
    }

    /// The digits as a whole number; see [`Decimal::scale`].
    #[must_use]
    pub const fn coefficient(self) -> i128 {
        self.coefficient
    }

    /// The number of decimal places, the smallest that holds the value.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Whether the value is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.coefficient == 0
    }

    /// Whether the value is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.coefficient < 0
    }

    /// Whether the value is a whole number.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        self.scale == 0
    }

    /// The value as a whole number, if it is one.
    #[must_use]
    pub const fn to_int(self) -> Option<i128> {
        if self.scale == 0 {
            Some(self.coefficient)
        } else {
            None
        }
    }

    /// The nearest binary floating-point number: for charts and statistics, never for money.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // Dividing by the exact power keeps the usual values (0.1, 12.5) correctly rounded.
        self.coefficient as f64 / unit(self.scale) as f64
    }

    /// Minus the value, or `None` on overflow.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        Some(Self {
            coefficient: self.coefficient.checked_neg()?,
            scale: self.scale,
        })
    }

    /// The value without its sign, or `None` on overflow.
    #[must_use]
    pub fn checked_abs(self) -> Option<Self> {
        if self.coefficient < 0 {
            self.checked_neg()
        } else {
            Some(self)
        }
    }

    /// The exact sum, or `None` on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let a = self.scaled(u32::from(scale))?;
        let b = other.scaled(u32::from(scale))?;
        Self::new(a.checked_add(b)?, u32::from(scale)).ok()
    }

    /// The exact difference, or `None` on overflow.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let a = self.scaled(u32::from(scale))?;
        let b = other.scaled(u32::from(scale))?;
        Self::new(a.checked_sub(b)?, u32::from(scale)).ok()
    }

    /// The exact product, or `None` when it overflows or needs more than 18 decimal places
    /// (use [`Decimal::mul_rounded`] then).
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let c = self.coefficient.checked_mul(other.coefficient)?;
        Self::new(c, u32::from(self.scale) + u32::from(other.scale)).ok()
    }

    /// The product rounded to at most `places` decimal places (18 at most), or `None` on overflow.
    #[must_use]
    pub fn mul_rounded(self, other: Self, places: u8, rounding: Rounding) -> Option<Self> {
        let c = self.coefficient.checked_mul(other.coefficient)?;
        let scale = u32::from(self.scale) + u32::from(other.scale);
        let places = u32::from(places.min(MAX_SCALE));
        if scale <= places {
            return Self::new(c, scale).ok();
        }
        Self::new(divide(c, pow10(scale - places)?, rounding), places).ok()
    }

    /// The quotient rounded to at most `places` decimal places (18 at most), or `None` on overflow or division by
    /// zero.
    #[must_use]
    pub fn div_rounded(self, divisor: Self, places: u8, rounding: Rounding) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        let places = places.min(MAX_SCALE);
        // a/10^sa ÷ b/10^sb = (a × 10^(places + sb − sa) / b) / 10^places
        let shift = i32::from(places) + i32::from(divisor.scale) - i32::from(self.scale);
        let (mut n, mut d) = (self.coefficient, divisor.coefficient);
        if shift >= 0 {
            n = n.checked_mul(pow10(shift.unsigned_abs())?)?;
        } else {
            d = d.checked_mul(pow10(shift.unsigned_abs())?)?;
        }
        if d < 0 {
            n = n.checked_neg()?;
            d = d.checked_neg()?;
        }
        Self::new(divide(n, d, rounding), u32::from(places)).ok()
    }

    /// The value with at most `places` decimal places, rounded by the rule.
    #[must_use]
    pub fn rescale(self, places: u8, rounding: Rounding) -> Self {
        if self.scale <= places {
            return self;
        }
        let c = divide(self.coefficient, unit(self.scale - places), rounding);
        Self::new(c, u32::from(places)).unwrap_or(Self::ZERO)
    }

    /// The coefficient at exactly `places` decimal places, or `None` when digits would be lost or it overflows.
    #[must_use]
    pub fn scaled(self, places: u32) -> Option<i128> {
        let shift = places.checked_sub(u32::from(self.scale))?;
        self.coefficient.checked_mul(pow10(shift)?)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole parts first, then fractions at 18 places: neither can overflow.
        let (ua, ub) = (unit(self.scale), unit(other.scale));
        let whole = (self.coefficient / ua).cmp(&(other.coefficient / ub));
        whole.then_with(|| {
            let fa = (self.coefficient % ua) * unit(MAX_SCALE - self.scale);
            let fb = (other.coefficient % ub) * unit(MAX_SCALE - other.scale);
            fa.cmp(&fb)
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.coefficient < 0 { "-" } else { "" };
        let abs = self.coefficient.unsigned_abs();
        if self.scale == 0 {
            return write!(f, "{sign}{abs}");
        }
        let u = unit(self.scale).unsigned_abs();
        write!(
            f,
            "{sign}{}.{:0width$}",
            abs / u,
            abs % u,
            width = usize::from(self.scale)
        )
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        Self::parse(text)
    }
}

macro_rules! from_integers {
    ($($t:ty),*) => {$(
        impl From<$t> for Decimal {
            fn from(n: $t) -> Self {
                Self::from_int(i128::from(n))
            }
        }
    )*};
}
from_integers!(i32, i64, u32, u64, i128);

/// A string, so that no reader of JSON turns it into a binary float.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

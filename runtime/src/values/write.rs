//! Conversion of arrays to text.

use std::fmt::LowerExp;
use std::str::FromStr;

use half::{bf16, f16};
use num_complex::Complex;

use crate::array::{Array, with_elements};

/// Returns one line per array: `name = value`.
///
/// Values are written as [`read`](super::read) parses them: tensors as nested lists, complex numbers as `1.5-2i`,
/// booleans as `true` or `false`. Floats have the fewest digits that read back as the same value.
pub fn text<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Array)>) -> String {
    let line = |(name, array): (&str, &Array)| {
        let value = with_elements!(array.elements(), items => nest(array.shape(), items, &Print::text));
        format!("{name} = {value}\n")
    };
    arrays.into_iter().map(line).collect()
}

/// Returns JSON, one line per array: `{"results": [{"name": "y", "type": "f32", "shape": [2], "data": [1, 2]}]}`.
///
/// `type` is the element type, and `data` has nested lists. A complex number is a list of its parts. Values without a
/// JSON number are `"nan"`, `"inf"` and `"-inf"`. Negative zero is `-0.0`, since readers parse `-0` as an integer.
pub fn json<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Array)>) -> String {
    let object = |(name, array): (&str, &Array)| {
        let data = with_elements!(array.elements(), items => nest(array.shape(), items, &Print::json));
        let shape = array.shape().iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let (name, number) = (quoted(name), array.elements().number());
        format!("  {{\"name\": {name}, \"type\": \"{number}\", \"shape\": [{shape}], \"data\": {data}}}")
    };
    let objects: Vec<String> = arrays.into_iter().map(object).collect();
    match objects.is_empty() {
        true => "{\"results\": []}\n".into(),
        false => format!("{{\"results\": [\n{}\n]}}\n", objects.join(",\n")),
    }
}

/// The maximum number of empty tensors that are written out as brackets.
const MOST_EMPTY: usize = 1024;

fn nest<T>(shape: &[usize], items: &[T], print: &impl Fn(&T) -> String) -> String {
    let Some((&extent, inner)) = shape.split_first() else {
        return items.iter().map(print).collect();
    };
    if items.is_empty() && extent > MOST_EMPTY {
        return "[]".into();
    }
    let size = if items.is_empty() { 0 } else { inner.iter().product() };
    let parts: Vec<String> = (0..extent).map(|index| nest(inner, &items[index * size..][..size], print)).collect();
    format!("[{}]", parts.join(", "))
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

trait Print {
    fn text(&self) -> String;
    fn json(&self) -> String {
        self.text()
    }
}

macro_rules! print_integer {
    ($($type:ty),*) => {$(
        impl Print for $type {
            fn text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
print_integer!(i8, i16, i32, i64);

macro_rules! print_float {
    ($($type:ty),*) => {$(
        impl Print for $type {
            fn text(&self) -> String {
                shortest(*self)
            }
            fn json(&self) -> String {
                let text = self.text();
                match text.as_str() {
                    "-0" => "-0.0".into(),
                    _ if self.is_finite() => text,
                    _ => quoted(&text),
                }
            }
        }
    )*};
}
print_float!(f16, bf16, f32, f64);

impl Print for bool {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl<T: Print> Print for Complex<T> {
    fn text(&self) -> String {
        let imaginary = self.im.text();
        let sign = if imaginary.starts_with('-') { "" } else { "+" };
        format!("{}{sign}{imaginary}i", self.re.text())
    }
    fn json(&self) -> String {
        format!("[{}, {}]", self.re.json(), self.im.json())
    }
}

/// The shortest decimal number that reads back as the same value of type `T`. It has an exponent below 1e-4 and from
/// 1e16 on.
fn shortest<T: Copy + PartialEq + FromStr + Into<f64> + LowerExp>(value: T) -> String {
    let wide: f64 = value.into();
    if wide.is_nan() {
        return "nan".into();
    }
    if wide.is_infinite() {
        return if wide > 0.0 { "inf".into() } else { "-inf".into() };
    }
    // 17 significant digits distinguish all f64 values, and every other type needs fewer.
    let with_digits = (0..17).map(|decimals| format!("{wide:.decimals$e}"));
    let mut found = with_digits.filter(|text| text.parse::<T>().is_ok_and(|read| read == value));
    let scientific = found.next().unwrap_or_else(|| format!("{wide:e}"));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        return format!("{mantissa}e{exponent}");
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let point = exponent + 1;
    match usize::try_from(point) {
        Ok(point) if point < digits.len() && point > 0 => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
        Ok(point) if point > 0 => format!("{sign}{digits}{}", "0".repeat(point - digits.len())),
        Ok(_) | Err(_) => format!("{sign}0.{}{digits}", zeros(-point)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Print, shortest};
    use half::{bf16, f16};
    use num_complex::Complex;

    #[test]
    fn fewest_digits() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (125.0, "125"),
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333333333333333"),
            (-2.5, "-2.5"),
            (1e15, "1000000000000000"),
            (1e16, "1e16"),
            (1.5e300, "1.5e300"),
            (1e-4, "0.0001"),
            (1e-5, "1e-5"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ];
        for (value, text) in cases {
            assert_eq!(shortest(value), text);
        }
        assert_eq!(shortest(0.1_f32), "0.1");
        assert_eq!(shortest(-16_777_216_f32), "-16777216");
        assert_eq!(shortest(123_456_790_000_f32), "123456790000");
        assert_eq!(shortest(f16::from_f32(0.1)), "0.1");
        assert_eq!(shortest(f16::MAX), "65500");
        assert_eq!(shortest(bf16::MAX), "3.39e38");
        assert_eq!(Complex::new(1.0, -0.0).text(), "1-0i");
        assert_eq!(Complex::new(0.5, f64::NAN).text(), "0.5+nani");
        assert_eq!((-0.0_f32).json(), "-0.0");
    }

    /// Every 16-bit float is read back as the same value.
    #[test]
    fn round_trip() {
        for bits in 0..=u16::MAX {
            let (half, brain) = (f16::from_bits(bits), bf16::from_bits(bits));
            assert!(half.is_nan() || shortest(half).parse::<f16>().is_ok_and(|read| read.to_bits() == bits));
            assert!(brain.is_nan() || shortest(brain).parse::<bf16>().is_ok_and(|read| read.to_bits() == bits));
        }
    }
}

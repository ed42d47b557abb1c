//! Arrays to text.

use half::{bf16, f16};
use num_complex::Complex;

use crate::array::{Array, with_elements};

/// One array a line, its numbers in row-major order with spaces between them. A
/// complex number is two: real and imaginary part. A boolean is 0 or 1.
pub fn text(arrays: &[Array]) -> String {
    let mut text = String::new();
    for array in arrays {
        text += &with_elements!(array.elements(), items => join(items, " ", |item| item.text()));
        text.push('\n');
    }
    text
}

/// `{"results": [{"type": "f32", "shape": [2], "data": [1, 2]}]}`, a line each.
///
/// `type` is that of the elements and `data` nests a list for each dimension. A
/// complex number is a list of its parts; a boolean is `true` or `false`; what JSON
/// has no number for is `"nan"`, `"inf"` or `"-inf"`.
pub fn json(arrays: &[Array]) -> String {
    let arrays: Vec<String> = arrays
        .iter()
        .map(|array| {
            let data = with_elements!(array.elements(), items => nest(array.shape(), items));
            let (number, shape) = (array.elements().number(), join(array.shape(), ", ", usize::to_string));
            format!("  {{\"type\": \"{number}\", \"shape\": [{shape}], \"data\": {data}}}")
        })
        .collect();
    match arrays.is_empty() {
        true => "{\"results\": []}\n".into(),
        false => format!("{{\"results\": [\n{}\n]}}\n", arrays.join(",\n")),
    }
}

fn nest<T: Print>(shape: &[usize], items: &[T]) -> String {
    let Some((&extent, inner)) = shape.split_first() else {
        return items.iter().map(Print::json).collect();
    };
    let size: usize = inner.iter().product();
    let parts: Vec<String> = (0..extent).map(|index| nest(inner, &items[index * size..][..size])).collect();
    format!("[{}]", parts.join(", "))
}

fn join<T>(items: &[T], separator: &str, print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(separator)
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
                significant(f64::from(*self))
            }
            fn json(&self) -> String {
                let text = self.text();
                if self.is_finite() { text } else { format!("\"{text}\"") }
            }
        }
    )*};
}
print_float!(f16, bf16, f32, f64);

impl Print for bool {
    fn text(&self) -> String {
        u8::from(*self).to_string()
    }
    fn json(&self) -> String {
        self.to_string()
    }
}

impl<T: Print> Print for Complex<T> {
    fn text(&self) -> String {
        format!("{} {}", self.re.text(), self.im.text())
    }
    fn json(&self) -> String {
        format!("[{}, {}]", self.re.json(), self.im.json())
    }
}

/// The number with 17 significant digits, as C's `%.17g`: trailing zeros go, and
/// the exponent is written where it is below -4 or above 16.
fn significant(value: f64) -> String {
    const DIGITS: i32 = 17;
    if !value.is_finite() {
        return value.to_string().to_lowercase();
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-4..DIGITS).contains(&exponent) {
        let decimals = (DIGITS - 1 - exponent) as usize;
        trim(&format!("{value:.decimals$}"))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn like_printf() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (125.0, "125"),
            (0.1, "0.10000000000000001"),
            (1.0 / 3.0, "0.33333333333333331"),
            (-2.5, "-2.5"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (1.5e300, "1.5000000000000001e+300"),
            (1e-4, "0.0001"),
            (1e-5, "1.0000000000000001e-05"),
            (5e-324, "4.9406564584124654e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ];
        for (value, text) in cases {
            assert_eq!(significant(value), text);
        }
    }
}

//! Elementary and special functions, as MLIR text on `arith` and `math`, with their accuracy.
//!
//! The elementary ones have no branch and no table in memory, so a loop over them vectorizes at
//! any width once they are inlined (`passthrough = ["alwaysinline"]`). They use `math.fma` where a
//! product and a sum are to round once, and no fast-math flag: the results are the same bits on
//! every machine, in a vector and in a loop's remainder. A machine without fused multiply-add calls
//! libm's `fma`, which is right but slow.
//!
//! NaN, infinities, the sign of zero, overflow and gradual underflow are as IEEE 754 and C define
//! them. f16 and bf16 go through f32.

use dp_dialects::DType;

/// A function of one type.
#[derive(Clone, Copy, Debug)]
pub struct Expansion {
    /// The function's name among the operations on numbers.
    pub function: &'static str,
    /// The type of its arguments and its result.
    pub dtype: DType,
    /// The name of the function in the text.
    pub symbol: &'static str,
    /// A module's text: this function and what belongs to it. All of it is needed.
    pub text: &'static str,
    /// The greatest error, in units in the last place of the exact result. In f32 it was found over
    /// all arguments of functions of one, but for lgamma, digamma and polygamma; elsewhere over
    /// random ones, with a margin.
    pub ulp: f64,
    /// How it holds, where there is something to say.
    pub note: &'static str,
}

/// Texts that the others call: the symbol and its text, of which all is needed.
pub static HELPERS: &[(&str, &str)] = &[("dp_trig_huge_f64", include_str!("trig_huge.f64.mlir"))];

macro_rules! expansions {
    ($($function:literal: f32 $ulp32:literal $note32:expr, f64 $ulp64:literal $note64:expr;)*) => {
        &[$(
            Expansion {
                function: $function,
                dtype: DType::F32,
                symbol: concat!("dp_", $function, "_f32"),
                text: include_str!(concat!($function, ".f32.mlir")),
                ulp: $ulp32,
                note: $note32,
            },
            Expansion {
                function: $function,
                dtype: DType::F64,
                symbol: concat!("dp_", $function, "_f64"),
                text: include_str!(concat!($function, ".f64.mlir")),
                ulp: $ulp64,
                note: $note64,
            },
        )*]
    };
}

const PLAIN: &str = "";
const WIDE: &str = "computed in f64";
const HUGE_32: &str = "beyond |x| = 2^46 lane by lane, in f64";
const HUGE_64: &str = "beyond |x| = 2^40 lane by lane";
const NEGATIVE: &str = "below 0, near its zeros, in ulps of the terms that cancel there, up to 32; 2.2 ulp above 0";
const ORDERS: &str = "for orders up to 3; it grows with the order, to 20 ulp at 10. Even orders below 0, near their \
    zeros, in ulps of the terms that cancel there. Has loops: not for vectors";

/// The functions, by name.
pub static EXPANSIONS: &[Expansion] = expansions! {
    "atan2": f32 0.51 WIDE, f64 1.6 PLAIN;
    "cos": f32 1.56 HUGE_32, f64 1.25 HUGE_64;
    "digamma": f32 0.51 WIDE, f64 5.0 NEGATIVE;
    "erf": f32 1.1 PLAIN, f64 1.15 PLAIN;
    "exp": f32 1.03 PLAIN, f64 1.0 PLAIN;
    "expm1": f32 1.57 PLAIN, f64 1.6 PLAIN;
    "lgamma": f32 0.51 WIDE, f64 3.0 NEGATIVE;
    "log": f32 0.89 PLAIN, f64 0.85 PLAIN;
    "log1p": f32 1.6 PLAIN, f64 1.45 PLAIN;
    "logistic": f32 1.5 PLAIN, f64 1.55 PLAIN;
    "polygamma": f32 0.51 WIDE, f64 7.0 ORDERS;
    "pow": f32 0.51 WIDE, f64 1.0 PLAIN;
    "sin": f32 1.55 HUGE_32, f64 1.25 HUGE_64;
    "tan": f32 0.57 HUGE_32, f64 2.0 HUGE_64;
    "tanh": f32 1.8 PLAIN, f64 1.6 PLAIN;
};

/// The text in which a function is defined; none if it is not one of these.
pub fn text_of(symbol: &str) -> Option<&'static str> {
    let own = EXPANSIONS.iter().find(|expansion| expansion.symbol == symbol).map(|expansion| expansion.text);
    own.or_else(|| HELPERS.iter().find(|(helper, _)| *helper == symbol).map(|(_, text)| *text))
}

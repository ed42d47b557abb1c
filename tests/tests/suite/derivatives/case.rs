//! Cases of functions that are differentiated: as data, for the tests that check them and the one that asks which
//! operations they differentiate.

use super::{Derived, jvp, list, vjp};
use dp_dialects::types::ValueType;
use dp_dialects::{Literal, Number, ScalarType};
use num_complex::Complex64;

/// A function of one argument list, and points at which to differentiate it.
pub struct Case {
    /// What is tested.
    pub name: String,
    /// Types, run-time extents and ranges of the arguments.
    pub arguments: Vec<Argument>,
    /// Types of the results.
    pub results: Vec<String>,
    /// The body: arguments are `%a0`, `%a1`, …; ends in `return`.
    pub body: String,
    /// Functions that the body calls.
    pub helpers: String,
    /// Whether its derivatives are compared in machine code too.
    pub is_compiled: bool,
}

/// Adds the cases of one topic.
pub type Topic = fn(&mut Vec<Case>);

/// The cases of a topic, of which there are some.
#[track_caller]
pub fn cases(topic: Topic) -> Vec<Case> {
    let mut cases = Vec::new();
    topic(&mut cases);
    assert!(!cases.is_empty(), "a topic without cases tests nothing");
    cases
}

/// A case as text: a function `@f`, and its first derivatives by all arguments that carry any.
pub struct Request {
    /// The arguments that carry derivatives.
    pub wrt: Vec<usize>,
    /// `@f`, and what it calls.
    pub primal: String,
    /// Its derivative in forward mode.
    pub jvp: Derived,
    /// Its derivative in reverse mode.
    pub vjp: Derived,
}

impl Case {
    /// The same, compared in machine code too.
    pub fn compiled(self) -> Case {
        Case { is_compiled: true, ..self }
    }

    /// Random numbers of the case's own.
    pub fn random(&self) -> Random {
        Random(self.name.bytes().fold(7u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte as u64)))
    }

    /// Asks for the derivatives of the case.
    pub fn request(&self) -> Request {
        let arguments: Vec<String> = self.arguments.iter().map(|argument| argument.r#type.clone()).collect();
        let wrt: Vec<usize> =
            (0..arguments.len()).filter(|index| self.arguments[*index].dtype.is_differentiable()).collect();
        let parameters = list(arguments.iter().enumerate().map(|(i, r#type)| format!("%a{i}: {type}")));
        let results = list(self.results.clone());
        let primal = format!("{}func.func @f({parameters}) -> ({results}) {{\n{}\n}}\n", self.helpers, self.body);
        let jvp = jvp("f", &arguments, &self.results, &wrt);
        let vjp = vjp("f", &arguments, &self.results, &wrt);
        Request { wrt, primal, jvp, vjp }
    }
}

/// One argument of a case.
#[derive(Clone)]
pub struct Argument {
    /// Its type.
    pub r#type: String,
    /// Its extents when it is run; `None` for a number.
    pub shape: Option<Vec<u64>>,
    /// Its element type.
    pub dtype: ScalarType,
    /// Between what its elements lie (both parts of complex ones).
    pub range: (f64, f64),
    /// Which elements are zero all the same, in row-major order.
    pub zeros: Vec<usize>,
}

impl Argument {
    /// A number.
    pub fn number(dtype: ScalarType, range: (f64, f64)) -> Argument {
        Argument { r#type: dtype.to_string(), shape: None, dtype, range, zeros: Vec::new() }
    }

    /// A tensor; `dynamic` dimensions are written `?`.
    pub fn tensor(dtype: ScalarType, shape: &[u64], dynamic: &[usize], range: (f64, f64)) -> Argument {
        let extents = shape.iter().enumerate().map(|(dim, extent)| (!dynamic.contains(&dim)).then_some(*extent));
        let r#type = ValueType::tensor(dtype, extents.collect()).to_string();
        Argument { r#type, shape: Some(shape.to_vec()), dtype, range, zeros: Vec::new() }
    }

    /// The same, with zeros at some places.
    pub fn zero_at(self, zeros: &[usize]) -> Argument {
        Argument { zeros: zeros.to_vec(), ..self }
    }

    /// Random elements.
    pub fn draw(&self, random: &mut Random) -> Literal {
        let (low, high) = self.range;
        let mut one = || {
            let mut part = || low + (high - low) * random.unit();
            match self.dtype {
                dtype if dtype.is_complex() => Number::Complex(Complex64::new(part(), part())),
                dtype if dtype.is_float() => Number::Real(part()),
                ScalarType::I1 => Number::Integer((part() >= 0.5) as i64),
                _ => Number::Integer(part().floor() as i64),
            }
        };
        match &self.shape {
            None => Literal::number(self.dtype, one()),
            Some(shape) => {
                let count = shape.iter().product::<u64>() as usize;
                let zero = Number::of_f64(0.0, self.dtype);
                let element = |place| if self.zeros.contains(&place) { zero } else { one() };
                Literal::tensor(self.dtype, shape.clone(), (0..count).map(element).collect())
            }
        }
    }
}

/// Random numbers that are the same in every run (splitmix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

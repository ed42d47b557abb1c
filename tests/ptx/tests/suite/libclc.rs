//! Elementary functions of libclc, as LLVM compiles them for the device, against the host's libm.

use crate::support::{Device, Number, Random, module};

const SINGLE: &str = include_str!("../fixtures/libclc-float.ptx");
const DOUBLE: &str = include_str!("../fixtures/libclc-double.ptx");

/// Name, the function, where arguments lie, the error allowed in f32 and in f64, in units in the last place of the
/// result, or of one where the result is less (`lgamma` has zeros, where no bound in its own units holds).
type Row = (&'static str, fn(f64) -> f64, (f64, f64), f64, f64);

const FUNCTIONS: &[Row] = &[
    ("exp", libm::exp, (-80.0, 80.0), 1.0, 1.0),
    ("log", libm::log, (0.0, 1e6), 2.0, 1.0),
    ("log1p", libm::log1p, (-0.999, 1e3), 1.0, 1.0),
    ("expm1", libm::expm1, (-20.0, 20.0), 1.0, 1.0),
    ("sin", libm::sin, (-1e4, 1e4), 2.0, 1.0),
    ("cos", libm::cos, (-1e4, 1e4), 2.0, 1.0),
    ("tanh", libm::tanh, (-10.0, 10.0), 2.0, 2.0),
    ("erf", libm::erf, (-4.0, 4.0), 2.0, 2.0),
    ("lgamma", libm::lgamma, (0.01, 50.0), 4.0, 4.0),
];

/// The distance between neighbours at `x`, with so many bits of precision.
fn unit(x: f64, precision: i32) -> f64 {
    2f64.powi(libm::ilogb(x.abs().max(1e-30)) - precision + 1)
}

fn check<T: Number>(
    text: &str,
    suffix: &str,
    precision: i32,
    from: fn(f64) -> T,
    to: fn(T) -> f64,
    allowed: fn(&Row) -> f64,
) {
    let module = module(text);
    for row in FUNCTIONS {
        let (name, f, (low, high), ..) = *row;
        let mut random = Random(u64::from_le_bytes(*b"elements"));
        let mut x: Vec<T> = (0..500).map(|_| from(low + (high - low) * (random.unit() + 1.0) / 2.0)).collect();
        x.extend((0..500).map(|_| from((low + (high - low) * (random.unit() + 1.0) / 2.0) * 0.01)));
        let mut d = Device::default();
        let (px, py) = (d.put(&x), d.room::<T>(x.len()));
        let n = x.len() as i32;
        d.run(&module, &format!("{name}_{suffix}"), 8, 128, &[&px, &py, &n], 0).unwrap_or_else(|f| panic!("{f}"));
        let mut worst = (0.0, 0.0);
        for (x, y) in x.into_iter().zip(d.get::<T>(py, n as usize)) {
            let (x, want) = (to(x), f(to(x)));
            let at = if name == "lgamma" { want.abs().max(1.0) } else { want };
            let error = (to(y) - want).abs() / unit(at, precision);
            if error > worst.0 {
                worst = (error, x);
            }
        }
        // The reference is rounded too, by half a unit in f64.
        let slack = if precision == 53 { 1.0 } else { 0.0 };
        assert!(worst.0 <= allowed(row) + slack, "{name}_{suffix}({:?}) is off by {} units", worst.1, worst.0);
    }
}

#[test]
fn functions_of_f32() {
    check::<f32>(SINGLE, "f", 24, |x| x as f32, f64::from, |row| row.3);
}

#[test]
fn functions_of_f64() {
    check::<f64>(DOUBLE, "d", 53, |x| x, |x| x, |row| row.4);
}

#[test]
fn special_values() {
    let cases: &[(&str, f64, f64)] = &[
        ("exp", f64::NEG_INFINITY, 0.0),
        ("exp", f64::INFINITY, f64::INFINITY),
        ("exp", 1000.0, f64::INFINITY),
        ("log", 0.0, f64::NEG_INFINITY),
        ("log", -1.0, f64::NAN),
        ("log", 1.0, 0.0),
        ("sin", f64::INFINITY, f64::NAN),
        ("cos", 0.0, 1.0),
        ("tanh", f64::NEG_INFINITY, -1.0),
        ("erf", f64::INFINITY, 1.0),
        ("lgamma", 1.0, 0.0),
        ("lgamma", f64::INFINITY, f64::INFINITY),
        ("expm1", f64::NEG_INFINITY, -1.0),
        ("exp", f64::NAN, f64::NAN),
    ];
    let (single, double) = (module(SINGLE), module(DOUBLE));
    for (name, x, want) in cases {
        let mut d = Device::default();
        let (px, py) = (d.put(&[*x]), d.room::<f64>(1));
        d.run(&double, &format!("{name}_d"), 1, 1, &[&px, &py, &1i32], 0).unwrap();
        let y = d.get::<f64>(py, 1)[0];
        assert!(y == *want || y.is_nan() && want.is_nan(), "{name}({x}) = {y}");
        let (px, py) = (d.put(&[*x as f32]), d.room::<f32>(1));
        d.run(&single, &format!("{name}_f"), 1, 1, &[&px, &py, &1i32], 0).unwrap();
        let y = f64::from(d.get::<f32>(py, 1)[0]);
        assert!(y == *want || y.is_nan() && want.is_nan(), "{name}({x}) = {y} in f32");
    }
}

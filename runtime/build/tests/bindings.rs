//! Compiles generated bindings with rustc and calls them, with a library that is written by hand in C.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Every element type, every way to pass a value, and names that are Rust keywords.
const DESCRIPTION: &str = "\
dp-abi 1 by_hand
scale: f32 x[?][2], f32 by -> f32 y[x.0][2]
two: f64 x[?][?], f64 fixed[2] -> f64 sum
numbers: i1 a, i8 b, i64 c, bf16 d, f64 e, complex<f32> f, index g -> i1 ra, i8 rb, i64 rc, bf16 rd, f64 re, complex<f32> rf, index rg
positive: f64 x[?] -> f64 y[*], i32 count
match: f64 self, f64 None[] -> f64 type[]; workspace
nothing: -> 
";

const C: &str = r#"
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

const char *by_hand_message(int status) { return status == 7 ? "model.mlir:3:4: error: x is too short" : 0; }
static int live;
void by_hand_free(void *memory) { live -= memory != 0; free(memory); }
int by_hand_live(void) { return live; }

int scale(const float *x, int64_t x_d0, float by, float *y) {
  if (x_d0 < 1) return 7;
  for (int64_t i = 0; i < 2 * x_d0; ++i) y[i] = by * x[i];
  return 0;
}
int two(const double *x, int64_t x_d0, int64_t x_d1, const double *fixed, double *sum) {
  *sum = fixed[0] + fixed[1];
  for (int64_t i = 0; i < x_d0; ++i) *sum += 10 * x[x_d1 * i];
  return x_d0 == 3 ? 8 : 0;
}
int numbers(bool a, int8_t b, int64_t c, uint16_t d, double e, const float *f, int64_t g,
            bool *ra, int8_t *rb, int64_t *rc, uint16_t *rd, double *re, float *rf, int64_t *rg) {
  *ra = !a, *rb = -b, *rc = c + 1, *rd = d, *re = 2 * e, rf[0] = f[0], rf[1] = -f[1], *rg = g;
  return 0;
}
int positive(const double *x, int64_t x_d0, double **y, int64_t *y_d0, int32_t *count) {
  int64_t kept = 0;
  *y = malloc(x_d0 * sizeof **y + 1);
  for (int64_t i = 0; i < x_d0; ++i) if (x[i] > 0) (*y)[kept++] = x[i];
  ++live;
  *y_d0 = kept, *count = kept;
  return 0;
}
int match(double self, const double *none, double *type) { *type = self + *none; return 0; }
int nothing(void) { return 0; }
"#;

const PROGRAM: &str = r#"
include!("by_hand.rs");

unsafe extern "C" { fn by_hand_live() -> i32; }

fn main() {
    use by_hand::Error;
    assert_eq!(by_hand::scale(&[1.0, 2.0, 3.0, 4.0], 2.0), Ok(vec![2.0, 4.0, 6.0, 8.0]));
    let odd = by_hand::scale(&[1.0, 2.0, 3.0], 2.0).unwrap_err();
    assert_eq!(odd, Error::Length { argument: "x", length: 3, extents: vec![2] });
    assert_eq!(odd.to_string(), "`x` has 3 elements, which do not match its extents [2]");
    assert_eq!(by_hand::scale(&[], 2.0).unwrap_err().to_string(), "model.mlir:3:4: error: x is too short");
    assert_eq!(by_hand::two(&[1.0, 0.0, 0.0, 2.0, 0.0, 0.0], 2, 3, &[3.0, 4.0]), Ok(37.0));
    assert!(matches!(by_hand::two(&[0.0; 6], 3, 3, &[3.0, 4.0]), Err(Error::Length { argument: "x", .. })));
    assert!(matches!(by_hand::two(&[0.0; 6], 2, 3, &[3.0]), Err(Error::Length { argument: "fixed", .. })));
    assert!(matches!(by_hand::two(&[], usize::MAX, 3, &[3.0, 4.0]), Err(Error::Length { argument: "x", .. })));
    assert_eq!(by_hand::two(&[0.0; 9], 3, 3, &[3.0, 4.0]).unwrap_err().to_string(), "status 8");
    let numbers = by_hand::numbers(true, -5, i64::MAX - 1, 0x3fc0, 0.25, [1.0, 2.0], 7).unwrap();
    let expected = by_hand::results::numbers {
        ra: false, rb: 5, rc: i64::MAX, rd: 0x3fc0, re: 0.5, rf: [1.0, -2.0], rg: 7,
    };
    assert_eq!(numbers, expected);
    for (x, kept) in [(vec![1.0, -2.0, 3.0], vec![1.0, 3.0]), (vec![-1.0], vec![]), (vec![], vec![])] {
        let positive = by_hand::positive(&x).unwrap();
        assert_eq!((positive.count, positive.y), (kept.len() as i32, (kept.clone(), [kept.len()])));
    }
    assert_eq!(unsafe { by_hand_live() }, 0);
    assert_eq!(by_hand::r#match(1.0, 2.0), Ok(3.0));
    assert_eq!(by_hand::nothing(), Ok(()));
}
"#;

fn run(folder: &Path, command: &mut Command) {
    let output = command.current_dir(folder).output().expect("a tool");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn bindings_compile_and_call_the_library() {
    let library = dp_abi::Library::from_description(DESCRIPTION).expect("a description");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for (name, text) in [("by_hand.c", C), ("by_hand.rs", &dp_build::bindings(&library)), ("main.rs", PROGRAM)] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    run(folder, Command::new("cc").args(["-c", "by_hand.c", "-o", "by_hand.o"]));
    run(folder, Command::new("ar").args(["rc", "libby_hand.a", "by_hand.o"]));
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    for edition in ["2021", "2024"] {
        let flags = ["-D", "warnings", "-L", ".", "-l", "static=by_hand", "--edition", edition, "main.rs"];
        run(folder, Command::new(&rustc).args(flags));
        run(folder, &mut Command::new("./main"));
    }
}

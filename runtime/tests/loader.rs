//! Tests of the loader with a library that is written by hand in C.

use std::path::{Path, PathBuf};
use std::process::Command;

use dp_runtime::{Array, Library};
use half::bf16;
use num_complex::Complex;

/// A library with functions and a description as dpc would generate them.
const SOURCE: &str = r#"
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

const char by_hand__abi[] =
    "dp-abi 1 by_hand\n"
    "scale: f32 x[?][2], f32 by -> f32 y[x.0][2]\n"
    "numbers: i1 a, i8 b, i64 c, bf16 d, f64 e, complex<f32> f -> i1 ra, i8 rb, i64 rc, bf16 rd, f64 re, complex<f32> rf\n"
    "positive: f64 x[?] -> f64 y[*], i32 count\n";

const char *by_hand_message(int status) {
  return status == 7 ? "model.mlir:3:4: error: x is too short" : 0;
}

static int live;
void by_hand_free(void *memory) { live -= memory != 0; free(memory); }
int by_hand_live(void) { return live; }

int scale(const float *x, int64_t x_d0, float by, float *y) {
  if (x_d0 < 1) return 7;
  for (int64_t i = 0; i < 2 * x_d0; ++i) y[i] = by * x[i];
  return 0;
}
int scale__packed(void *const *s) {
  return scale(*(const float **)s[0], *(int64_t *)s[1], *(float *)s[2], *(float **)s[3]);
}

int numbers__packed(void *const *s) {
  **(bool **)s[6] = !*(bool *)s[0];
  **(int8_t **)s[7] = -*(int8_t *)s[1];
  **(int64_t **)s[8] = *(int64_t *)s[2] + 1;
  **(uint16_t **)s[9] = *(uint16_t *)s[3];
  **(double **)s[10] = 2 * *(double *)s[4];
  const float *z = *(const float **)s[5];
  float *conj = *(float **)s[11];
  conj[0] = z[0], conj[1] = -z[1];
  return 0;
}

int positive__packed(void *const *s) {
  const double *x = *(const double **)s[0];
  int64_t n = *(int64_t *)s[1], kept = 0;
  double *y = malloc(n * sizeof *y + 1);
  for (int64_t i = 0; i < n; ++i) if (x[i] > 0) y[kept++] = x[i];
  ++live;
  **(double ***)s[2] = y, **(int64_t **)s[3] = kept, **(int32_t **)s[4] = kept;
  return 0;
}
"#;

/// Compiles C into `libby_hand.so`.
fn compile(source: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (c, library) = (folder.path().join("by_hand.c"), folder.path().join("libby_hand.so"));
    std::fs::write(&c, source).expect("a file");
    let status = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&c).status();
    assert!(status.expect("a C compiler").success());
    (folder, library)
}

fn open(path: &Path) -> Library {
    Library::open(path).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn tensors_and_extents() {
    let (_folder, path) = compile(SOURCE);
    let library = open(&path);
    let scale = library.function("scale").expect("a function");
    let x = Array::new(&[3, 2], vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0]).expect("a tensor");
    let y = scale.call(&[x, Array::number(2.0_f32)]).expect("results");
    assert_eq!(y, [Array::new(&[3, 2], vec![2.0_f32, 4.0, 6.0, 8.0, 10.0, 12.0]).expect("a tensor")]);
}

#[test]
fn scalars_are_passed_by_value() {
    let (_folder, path) = compile(SOURCE);
    let library = open(&path);
    let results = library
        .function("numbers")
        .expect("a function")
        .call(&[
            Array::number(true),
            Array::number(-5_i8),
            Array::number(i64::MAX - 1),
            Array::number(bf16::from_f32(1.5)),
            Array::number(0.25_f64),
            Array::number(Complex::new(1.0_f32, 2.0)),
        ])
        .expect("results");
    assert_eq!(results[0].as_number(), Some(false));
    assert_eq!(results[1].as_number(), Some(5_i8));
    assert_eq!(results[2].as_number(), Some(i64::MAX));
    assert_eq!(results[3].as_number(), Some(bf16::from_f32(1.5)));
    assert_eq!(results[4].as_number(), Some(0.5_f64));
    assert_eq!(results[5].as_number(), Some(Complex::new(1.0_f32, -2.0)));
}

#[test]
fn results_allocated_by_the_library_are_freed() {
    let (_folder, path) = compile(SOURCE);
    let library = open(&path);
    let positive = library.function("positive").expect("a function");
    for (x, kept) in [(vec![1.0, -2.0, 3.0], vec![1.0, 3.0]), (vec![-1.0], vec![]), (vec![], vec![])] {
        let x = Array::new(&[x.len()], x).expect("a tensor");
        let results = positive.call(&[x]).expect("results");
        assert_eq!(results[0].as_slice::<f64>(), Some(&kept[..]));
        assert_eq!(results[1].as_number(), Some(kept.len() as i32));
    }
    // SAFETY: the second handle refers to the same library, whose function has this type.
    let live = unsafe {
        let again = libloading::Library::new(&path).expect("a library");
        again.get::<extern "C" fn() -> i32>(b"by_hand_live").expect("a function")()
    };
    assert_eq!(live, 0);
}

#[test]
fn mistakes_are_errors() {
    let (_folder, path) = compile(SOURCE);
    let library = open(&path);
    let scale = library.function("scale").expect("a function");
    let tensor = |shape: &[usize]| Array::new(shape, vec![0.0_f32; shape.iter().product()]).expect("a tensor");
    let by = Array::number(1.0_f32);
    let said = |arguments: &[Array]| scale.call(arguments).expect_err("a mistake").to_string();
    assert_eq!(said(std::slice::from_ref(&by)), "`scale` takes 2 arguments, but got 1");
    assert_eq!(
        said(&[tensor(&[4, 3]), by.clone()]),
        "argument 0 of `scale`, `x`, has type tensor<?x2xf32>, but the value has type tensor<4x3xf32>"
    );
    assert_eq!(
        said(&[tensor(&[4, 2]), Array::number(1.0_f64)]),
        "argument 1 of `scale`, `by`, has type f32, but the value has type f64"
    );
    assert_eq!(said(&[tensor(&[0, 2]), by]), "model.mlir:3:4: error: x is too short");

    let error = library.function("unscale").expect_err("no such function").to_string();
    assert!(error.ends_with("has no function `unscale`; its functions are scale, numbers, positive"), "{error}");
}

#[test]
fn rust_values_are_arguments() {
    let (_folder, path) = compile(SOURCE);
    let library = open(&path);
    let twice = |x: Array| library.call("scale", &[x, 2_f32.into()]).expect("results").remove(0);
    let expected: Array = [[2_f32, 4.0], [6.0, 8.0]].into();
    assert_eq!(twice([[1_f32, 2.0], [3.0, 4.0]].into()), expected);
    assert_eq!(twice(vec![[1_f32, 2.0], [3.0, 4.0]].into()), expected);
    assert_eq!(twice((&[[1_f32, 2.0], [3.0, 4.0]][..]).into()), expected);
    let positive = library.call("positive", &[[-1.0, 5.0].into()]).expect("results");
    assert_eq!(positive[0], vec![5.0].into());
    let numbers = [true.into(), 1_i8.into(), 2_i64.into(), bf16::ONE.into(), 0.5.into()];
    let numbers = [&numbers[..], &[Complex::new(1_f32, 2.0).into()]].concat();
    assert_eq!(library.call("numbers", &numbers).expect("results")[4], 1.0.into());
    assert_eq!(Array::from([[0.0; 0]; 3]).shape(), [3, 0]);
    assert_eq!(Array::from(Vec::<[f64; 4]>::new()).shape(), [0, 4]);
    let error = library.call("unscale", &[]).expect_err("no such function").to_string();
    assert!(error.ends_with("has no function `unscale`; its functions are scale, numbers, positive"), "{error}");
}

#[test]
fn a_library_may_be_renamed() {
    let (folder, path) = compile(SOURCE);
    let renamed = folder.path().join("libmodel.so.1");
    std::fs::rename(path, &renamed).expect("a file");
    assert_eq!(open(&renamed).abi().name(), "by_hand");
}

/// The error of opening a file that is not a dpc library.
fn refused(path: &Path) -> String {
    Library::open(path).expect_err("not a dpc library").to_string()
}

#[test]
fn files_that_are_not_dpc_libraries_are_rejected() {
    assert!(refused(Path::new("no/such/file.so")).starts_with("cannot open no/such/file.so: No such file"));
    assert_eq!(refused(Path::new("/dev/zero")), "cannot open /dev/zero: it is not a regular file");
    assert!(refused(Path::new("/")).ends_with("it is not a regular file"));
    let (folder, path) = compile("int f(void) { return 0; }");
    assert!(refused(&path).ends_with("it exports no symbol `NAME__abi`, so it was not made by dpc"));
    for text in ["", "INPUT(libc.so.6)", "\x7fEL"] {
        let path = folder.path().join("libtext.so");
        std::fs::write(&path, text).expect("a file");
        assert!(refused(&path).ends_with("it is not an ELF file"));
    }
    let object = folder.path().join("by_hand.o");
    let status = Command::new("cc").arg("-c").arg(folder.path().join("by_hand.c")).arg("-o").arg(&object).status();
    assert!(status.expect("a C compiler").success());
    assert!(refused(&object).ends_with("it is an ELF file, but not a shared library"));
    for (source, expected) in [
        ("const char by_hand__abi[] = \"dp-abi 9 by_hand\";", "does not use version 1"),
        ("const char by_hand__abi[] = \"dp-abi 1 other\";", "`by_hand__abi` describes another library, `other`"),
        ("const char by_hand__abi[] = {'d', 'p'};", "`by_hand__abi` is not a string"),
        ("void by_hand__abi(void) {}", "`by_hand__abi` is not a string"),
        ("const char a__abi[] = \"\", b__abi[] = \"\";", "several descriptions ("),
        ("static const char by_hand__abi[] __attribute__((used)) = \"\";", "exports no symbol"),
        ("extern const char by_hand__abi[]; const char *f(void) { return by_hand__abi; }", "exports no symbol"),
        ("const char by_hand__abi[] = \"dp-abi 1 by_hand\";", "does not export the function `by_hand_message`"),
        (&SOURCE.replace("int scale__packed", "static int scale__packed"), "the function `scale__packed`"),
        (&SOURCE.replace("void by_hand_free", "static void by_hand_free"), "the function `by_hand_free`"),
        (&SOURCE.replace("i32 count", "i32 count; workspace"), "the function `positive__packed_workspace`"),
    ] {
        let (_folder, path) = compile(source);
        let error = refused(&path);
        assert!(error.contains(expected), "{error}");
    }
}

/// Libraries for another architecture and truncated ones: the system would map pages beyond the end of the file.
#[test]
fn damaged_libraries_do_not_crash_the_process() {
    let (folder, path) = compile(SOURCE);
    let whole = std::fs::read(path).expect("a library");
    let path = folder.path().join("libdamaged.so");
    let refused = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("a file");
        refused(&path)
    };
    // The machine number in the header: IBM S/390.
    let mut other = whole.clone();
    (other[18], other[19]) = (22, 0);
    assert!(refused(&other).contains("it is for another architecture (S390x, 64 bits)"), "{}", refused(&other));
    for length in (64..whole.len()).step_by(199) {
        let error = refused(&whole[..length]);
        assert!(error.contains("it is a damaged ELF file: "), "{error}");
    }
}

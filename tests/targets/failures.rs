//! Run-time failures: a call returns a status and leaks nothing.

use super::differential::Contest;
use crate::cpu::library::Pair;
use crate::programs::Program;
use dp_dialects::{Literal, Number, ScalarType};

/// The variable with the index of the launch at which the mock driver fails.
pub const FAIL: &str = "DP_CUDA_DOUBLE_FAIL";

/// A loop that runs while a value in memory is small. After a failure of the device, every download gives zero, so the
/// loop must check the status.
#[test]
fn loops_end_when_the_device_fails() {
    let pair = Pair::new(
        "func.func @f(%x: tensor<4xi64>) -> i64 {
  %zero = arith.constant 0 : index
  %once = arith.constant 1 : index
  %last = arith.constant 3 : index
  %many = arith.constant 10 : index
  %squares = scalar.mul %x, %x : tensor<4xi64>
  %n = scf.while (%k = %zero) : (index) -> index {
    %i = arith.minsi %k, %last : index
    %v = tensor.extract %squares[%i] : tensor<4xi64>
    %j = arith.index_cast %v : i64 to index
    %c = arith.cmpi slt, %j, %many : index
    scf.condition(%c) %k : index
  } do {
  ^bb0(%k: index):
    %next = arith.addi %k, %once : index
    scf.yield %next : index
  }
  %y = arith.index_cast %n : index to i64
  return %y : i64
}
",
    );
    let start = [Literal::tensor(ScalarType::I64, vec![4], [1, 2, 3, 4].map(Number::Integer).to_vec())];
    if std::env::var_os(FAIL).is_none() {
        return pair.check("f", &start, 0.0);
    }
    let error = pair.call("f", &start).err().unwrap_or_default();
    assert!(error.contains("CUDA_ERROR_LAUNCH_FAILED") || error.contains("launch failure"), "{error}");
}

/// The variable with the memory size of the mock device.
pub const MEMORY: &str = "DP_CUDA_DOUBLE_MEMORY";

/// Memory that an iteration allocates is freed when later iterations do not need it.
#[test]
fn long_loops_take_little_memory() {
    let pair = Pair::new(
        "func.func @counted(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %y = scf.for %i = %zero to %n step %one iter_args(%a = %x) -> (tensor<?xf32>) {
    %s = array.reduce add %a dims [0] : tensor<?xf32>
    %total = tensor.extract %s[] : tensor<f32>
    %none = arith.constant 0.0 : f32
    %positive = scalar.compare gt %total, %none : f32
    %next = scf.if %positive -> (tensor<?xf32>) {
      %b = scalar.sub %a, %x : tensor<?xf32>
      scf.yield %b : tensor<?xf32>
    } else {
      scf.yield %x : tensor<?xf32>
    }
    scf.yield %next : tensor<?xf32>
  }
  return %y : tensor<?xf32>
}

func.func @until(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %y, %last = scf.while (%a = %x, %i = %zero) : (tensor<?xf32>, index) -> (tensor<?xf32>, index) {
    %more = arith.cmpi slt, %i, %n : index
    scf.condition(%more) %a, %i : tensor<?xf32>, index
  } do {
  ^bb0(%a: tensor<?xf32>, %i: index):
    %b = scalar.neg %a : tensor<?xf32>
    %next = arith.addi %i, %one : index
    scf.yield %b, %next : tensor<?xf32>, index
  }
  return %y : tensor<?xf32>
}
",
    );
    let x = Literal::tensor(ScalarType::F32, vec![4096], (0..4096).map(|at| Number::Real(f64::from(at % 7))).collect());
    let rounds = Literal::number(ScalarType::Index, Number::Integer(101));
    for function in ["counted", "until"] {
        pair.check(function, &[x.clone(), rounds.clone()], 0.0);
    }
}

/// Results with computed extents are allocated by the library; a failing call frees them.
#[test]
fn failing_calls_leak_nothing() {
    let pair = Pair::new(
        "func.func @count(%n: index, %x: f32) -> tensor<?xf32> {
  %y = array.broadcast %x dims [] extents(%n) : f32 to tensor<?xf32>
  %z = scalar.exp %y : tensor<?xf32>
  return %z : tensor<?xf32>
}
",
    );
    let arguments = |n| {
        [Literal::number(ScalarType::Index, Number::Integer(n)), Literal::number(ScalarType::F32, Number::Real(1.0))]
    };
    if std::env::var_os(FAIL).is_none() {
        return pair.check("count", &arguments(5), 1.0);
    }
    // Large enough that the allocator maps each result separately.
    let n = 1 << 24;
    let call = || pair.call("count", &arguments(n)).expect_err("the device fails");
    let (error, before) = (call(), address_space());
    (0..8).for_each(|_| assert_eq!(call(), error));
    let more = address_space().saturating_sub(before);
    assert!(more < 2 * 4 * n as u64, "{error}: failed calls leak {more} bytes");
}

/// A size in bytes that overflows is reported as out of memory, for extents from any source.
#[test]
fn overflowing_sizes_are_out_of_memory() {
    let pair = Pair::new(
        "func.func @corner(%extents: tensor<2xi64>, %x: f32) -> f32 {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %m = tensor.extract %extents[%zero] : tensor<2xi64>
  %n = tensor.extract %extents[%one] : tensor<2xi64>
  %rows = arith.index_cast %m : i64 to index
  %columns = arith.index_cast %n : i64 to index
  %start = array.broadcast %x dims [] extents(%rows, %columns) : f32 to tensor<?x?xf32>
  %end = scf.for %i = %zero to %two step %one iter_args(%a = %start) -> (tensor<?x?xf32>) {
    %b = scalar.sin %a : tensor<?x?xf32>
    scf.yield %b : tensor<?x?xf32>
  }
  %y = tensor.extract %end[%one, %zero] : tensor<?x?xf32>
  return %y : f32
}
",
    );
    let arguments = |extents: [i64; 2]| {
        let extents = Literal::tensor(ScalarType::I64, vec![2], extents.map(Number::Integer).to_vec());
        [extents, Literal::number(ScalarType::F32, Number::Real(1.0))]
    };
    pair.check("corner", &arguments([3, 2]), 4.0);
    // 2^66 bytes, and sizes in which another factor overflows.
    for extents in [[1 << 32, 1 << 32], [1 << 62, 1], [1 << 24, 1 << 24]] {
        let error = pair.call("corner", &arguments(extents)).err().unwrap_or_default();
        assert!(error.contains("out of memory"), "{extents:?}: {error}");
    }
}

/// An insertion out of bounds is an error that names it, in straight-line code and in loops, and in their derivatives; one
/// that is not executed is none.
#[test]
fn insertions_out_of_bounds_are_errors() {
    let text = "func.func @put(%v: f64, %x: tensor<?xf64>, %i: index) -> f64 {
  %c0 = arith.constant 0 : index
  %s = scalar.sin %v : f64
  %y = tensor.insert %s into %x[%i] : tensor<?xf64>
  %r = tensor.extract %y[%c0] : tensor<?xf64>
  return %r : f64
}
func.func @store(%v: f64, %x: tensor<?xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x) -> tensor<?xf64> {
    %last = tensor.extract %t[%c0] : tensor<?xf64>
    %s = scalar.mul %last, %v : f64
    %i1 = arith.addi %i, %c1 : index
    %u = tensor.insert %s into %t[%i1] : tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  %r = tensor.extract %y[%c0] : tensor<?xf64>
  return %r : f64
}
func.func @put_grad(%v: f64, %x: tensor<?xf64>, %i: index) -> (f64, f64) {
  %g:2 = ad.grad @put(%v, %x, %i) wrt [0] : (f64, tensor<?xf64>, index) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
func.func @put_jvp(%v: f64, %x: tensor<?xf64>, %i: index) -> (f64, f64) {
  %g:2 = ad.jvp @put(%v, %x, %i, %v) wrt [0] : (f64, tensor<?xf64>, index, f64) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
func.func @store_grad(%v: f64, %x: tensor<?xf64>, %n: index) -> (f64, f64) {
  %g:2 = ad.grad @store(%v, %x, %n) wrt [0] : (f64, tensor<?xf64>, index) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
";
    let program = Program::new("insertions", text, &["raise-to-scalar", "drop-proved-checks", "ad"]);
    let contest = Contest::new(&program.text());
    let arguments = |index| {
        let x = [1.0, 2.0, 3.0].map(Number::Real).to_vec();
        let x = Literal::tensor(ScalarType::F64, vec![3], x);
        [
            Literal::number(ScalarType::F64, Number::Real(0.5)),
            x,
            Literal::number(ScalarType::Index, Number::Integer(index)),
        ]
    };
    for function in ["put", "put_grad", "put_jvp", "store", "store_grad"] {
        contest.check(function, &arguments(2), 4.0);
        for target in Contest::targets() {
            let error = contest.call(target, function, &arguments(3)).err().unwrap_or_default();
            // On XLA, indices are constants when the program is compiled.
            let is_refused = *target == "xla" && error == "simplification fails";
            let is_named = error.contains("'tensor.insert' is out of bounds in dimension 0");
            assert!(is_named || is_refused, "{function} on {target}: {error}");
            // Before the first element. A loop has no rounds then.
            let before = contest.call(target, function, &arguments(-1));
            let is_loop = function.starts_with("store");
            assert!(before.is_err() || is_loop, "{function} on {target}");
        }
    }
}

/// What upstream leaves undefined is an error that names it, in derivatives too: a quotient of integers by 0, and a source
/// that has not the extents of what it is copied to.
#[test]
fn undefined_operations_are_errors() {
    let text = "func.func @quotient(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> f64 {
  %seven = arith.constant 7 : i64
  %q = arith.divsi %seven, %n : i64
  %f = arith.sitofp %q : i64 to f64
  %r = arith.mulf %x, %f : f64
  return %r : f64
}
func.func @remainders(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %seven = arith.constant 7 : i64
  %y = scf.for %i = %c0 to %c2 step %c1 iter_args(%y = %x) -> f64 {
    %q = arith.remui %seven, %n : i64
    %f = arith.sitofp %q : i64 to f64
    %s = arith.mulf %y, %f : f64
    %r = arith.mulf %s, %x : f64
    scf.yield %r : f64
  }
  return %y : f64
}
func.func @slice(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> f64 {
  %c0 = arith.constant 0 : index
  %size = tensor.dim %w, %c0 : tensor<?xf64>
  %whole = array.broadcast %x dims [] extents(%size) : f64 to tensor<?xf64>
  %put = tensor.insert_slice %v into %whole[0] [%size] [1] : tensor<?xf64> into tensor<?xf64>
  %y = tensor.extract %put[%c0] : tensor<?xf64>
  %r = arith.mulf %x, %y : f64
  return %r : f64
}
func.func @copy(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> f64 {
  %c0 = arith.constant 0 : index
  %size = tensor.dim %w, %c0 : tensor<?xf64>
  %extent = tensor.dim %v, %c0 : tensor<?xf64>
  %from = memref.alloc(%extent) : memref<?xf64>
  %to = memref.alloc(%size) : memref<?xf64>
  memref.store %x, %from[%c0] : memref<?xf64>
  memref.copy %from, %to : memref<?xf64> to memref<?xf64>
  %y = memref.load %to[%c0] : memref<?xf64>
  %r = arith.mulf %x, %y : f64
  return %r : f64
}
func.func @quotient_grad(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> (f64, f64) {
  %g:2 = ad.grad @quotient(%x, %v, %w, %n) wrt [0] : (f64, tensor<?xf64>, tensor<?xf64>, i64) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
func.func @remainders_grad(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> (f64, f64) {
  %g:2 = ad.grad @remainders(%x, %v, %w, %n) wrt [0] : (f64, tensor<?xf64>, tensor<?xf64>, i64) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
func.func @slice_grad(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> (f64, f64) {
  %g:2 = ad.grad @slice(%x, %v, %w, %n) wrt [0] : (f64, tensor<?xf64>, tensor<?xf64>, i64) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
func.func @copy_grad(%x: f64, %v: tensor<?xf64>, %w: tensor<?xf64>, %n: i64) -> (f64, f64) {
  %g:2 = ad.grad @copy(%x, %v, %w, %n) wrt [0] : (f64, tensor<?xf64>, tensor<?xf64>, i64) -> (f64, f64)
  return %g#0, %g#1 : f64, f64
}
";
    let program = Program::new("undefined", text, &["raise-buffers", "raise-to-scalar", "drop-proved-checks", "ad"]);
    let targets = Contest::new(&program.text());
    let arguments = |number, extent| {
        let x = Literal::number(ScalarType::F64, Number::Real(0.5));
        let tensor =
            |extent: u64| Literal::tensor(ScalarType::F64, vec![extent], vec![Number::Real(1.5); extent as usize]);
        [x, tensor(3), tensor(extent), Literal::number(ScalarType::I64, Number::Integer(number))]
    };
    let cases = [
        ("quotient", (0, 3), "'arith.divsi' divides by 0"),
        ("remainders", (0, 3), "'arith.remui' divides by 0"),
        ("slice", (3, 4), "the source of 'tensor.insert_slice' has another extent in dimension 0"),
        ("copy", (3, 4), "the source of 'tensor.insert_slice' has another extent in dimension 0"),
    ];
    for (name, (number, extent), words) in cases {
        for function in [name.to_string(), format!("{name}_grad")] {
            targets.check(&function, &arguments(3, 3), 4.0);
            for target in Contest::targets() {
                let error = targets.call(target, &function, &arguments(number, extent)).err().unwrap_or_default();
                // On XLA, extents are constants when the program is compiled.
                let is_refused = *target == "xla" && error == "simplification fails";
                assert!(error.contains(words) || is_refused, "{function} on {target}: {error}");
            }
        }
    }
}

/// The bytes of this process's address space.
fn address_space() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux reports the memory of a process");
    4096 * pages
        .split(' ')
        .next()
        .and_then(|pages| pages.parse::<u64>().ok())
        .expect("the first number is that of pages")
}

//! What reverse mode computes again: checkpoints, and loops of which it keeps snapshots.

use super::loops::{case, number, vector, whole};
use super::{Case, Random};
use crate::programs::Program;
use dp_ad_engine::loops::schedule::snapshot_distance;
use dp_dialects::ScalarType::{F64, Index};
use dp_dialects::{Literal, Number};
use dp_driver::targets::{Cpu, Interp};
use dp_driver::{Arguments, CallRequest, Emit, Event, Request, Session, Source};
use dp_interp::{Call, Target};
use dp_passes::manager::ByteLimit;
use dp_runtime::Array;
use std::sync::Mutex;

super::topics!(regions, snapshots, groups, conditions, nests);

/// The ways in which a loop is computed again.
const MARKS: [&str; 5] = [
    "dp.checkpoint",
    "dp.checkpoint = 1",
    "dp.checkpoint = 2",
    "dp.checkpoint = 5",
    "dp.checkpoint = array<i64: 2, 3>",
];

fn regions(cases: &mut Vec<Case>) {
    let body = "%y = ad.checkpoint -> f64 {
    %s = scalar.sin %a0 : f64
    %e = scalar.exp %s : f64
    %q = scalar.mul %e, %a1 : f64
    ad.yield %q : f64
  }
  %z = scalar.mul %y, %y : f64
  return %z : f64";
    case(cases, "a region", vec![number(), number()], &["f64"], body, "");
    let body = "%y:2 = ad.checkpoint -> !V, f64 {
    %s = scalar.sin %a0 : !V
    %e = scalar.exp %s : !V
    %t = ad.checkpoint -> f64 {
      %sum = array.reduce add %e dims [0] : !V
      %first = tensor.extract %sum[] : tensor<f64>
      %squared = scalar.mul %first, %a1 : f64
      ad.yield %squared : f64
    }
    ad.yield %e, %t : !V, f64
  }
  %p = scalar.mul %y#0, %a0 : !V
  return %p, %y#1 : !V, f64";
    case(cases, "regions of vectors in one another", vec![vector(3), number()], &["!V", "f64"], body, "");
    let helper = "func.func private @g(%x: f64, %k: index) -> (f64, index) attributes {dp.checkpoint} {
  %s = scalar.sin %x : f64
  %y = scalar.mul %s, %x : f64
  %n = arith.addi %k, %k : index
  return %y, %n : f64, index
}
";
    let body = "%r = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %a0) -> f64 {
    %q:2 = func.call @g(%p, %i) : (f64, index) -> (f64, index)
    scf.yield %q#0 : f64
  }
  return %r : f64";
    case(cases, "calls in a loop", vec![number()], &["f64"], body, helper);
}

/// Two carried values, of which one grows linearly, and the number of the round.
const NUMBERED: &str = "%r:2 = scf.for %i = %lo to %a2 step %st iter_args(%p = %a0, %t = %a1) -> (f64, f64) {
    %k = arith.index_cast %i : index to i64
    %f = scalar.convert %k : i64 to f64
    %s = scalar.sin %p : f64
    %m = scalar.mul %s, %a1 : f64
    %n = scalar.mul %f, %half : f64
    %q = scalar.add %m, %n : f64
    %e = scalar.tanh %q : f64
    %u = scalar.add %t, %e : f64
    scf.yield %e, %u : f64, f64
  } {MARK}
  return %r#0, %r#1 : f64, f64";

fn numbered(cases: &mut Vec<Case>, mark: &str, (lower, step, upper): (i64, i64, i64)) {
    let bounds = format!("%lo = arith.constant {lower} : index\n  %st = arith.constant {step} : index\n  ");
    let body = bounds + &NUMBERED.replace("MARK", mark);
    let arguments = vec![number(), number(), whole(Index, upper)];
    case(cases, &format!("{mark}, {lower} to {upper} by {step}"), arguments, &["f64", "f64"], &body, "");
}

fn snapshots(cases: &mut Vec<Case>) {
    for mark in &MARKS[..4] {
        numbered(cases, mark, (0, 1, 7));
    }
    numbered(cases, MARKS[2], (0, 1, 0));
    numbered(cases, MARKS[2], (-3, 2, 8));
}

fn groups(cases: &mut Vec<Case>) {
    for upper in [0, 1, 7, 9] {
        numbered(cases, MARKS[4], (0, 1, upper));
    }
    let body = "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> !V {
    %s = scalar.sin %p : !V
    %q = scalar.mul %s, %p : !V
    scf.yield %q : !V
  } {dp.checkpoint = array<i64: 1, 2>}
  return %r : !V";
    case(cases, "groups of rounds with vectors", vec![vector(3), whole(Index, 5)], &["!V"], body, "");
}

fn conditions(cases: &mut Vec<Case>) {
    for mark in [MARKS[0], MARKS[2], MARKS[4]] {
        let body = format!(
            "%limit = scalar.constant 4.0 : f64
  %r:2 = scf.while (%p = %a0, %t = %a1) : (f64, f64) -> (f64, f64) {{
    %more = scalar.compare lt %t, %limit : f64
    %k = scalar.sin %p : f64
    scf.condition(%more) %k, %t : f64, f64
  }} do {{
  ^bb0(%p: f64, %t: f64):
    %e = scalar.exp %p : f64
    %m = scalar.mul %e, %half : f64
    %u = scalar.add %t, %m : f64
    scf.yield %m, %u : f64, f64
  }} attributes {{{mark}}}
  return %r#0, %r#1 : f64, f64"
        );
        case(cases, &format!("a condition, {mark}"), vec![number(), number()], &["f64", "f64"], &body, "");
    }
}

fn nests(cases: &mut Vec<Case>) {
    for (outer, inner) in [(MARKS[2], MARKS[2]), (MARKS[2], ""), ("", MARKS[1]), (MARKS[4], MARKS[0])] {
        let body = format!(
            "%r = scf.for %i = %c0 to %a1 step %c1 iter_args(%p = %a0) -> !V {{
    %q = scf.for %j = %c0 to %c3 step %c1 iter_args(%v = %p) -> !V {{
      %s = scalar.sin %v : !V
      %w = scalar.mul %s, %p : !V
      scf.yield %w : !V
    }} {{{inner}}}
    scf.yield %q : !V
  }} {{{outer}}}
  return %r : !V"
        );
        case(cases, &format!("nested, '{outer}' and '{inner}'"), vec![vector(2), whole(Index, 4)], &["!V"], &body, "");
    }
}

/// (s + r)! / (s! r!)
fn binomial(s: u64, r: u64) -> u64 {
    (1..=r).fold(1, |product, k| product * (s + k) / k)
}

/// The least number of rounds computed again, after Griewank and Walther: r l - β(s + 1, r - 1).
fn optimum(rounds: u64, snapshots: u64) -> u64 {
    let repeats = (0..).find(|r| binomial(snapshots, *r) >= rounds).unwrap_or(0);
    repeats * rounds - if repeats == 0 { 0 } else { binomial(snapshots + 1, repeats - 1) }
}

/// The number of rounds by which the schedule advances.
fn advances(rounds: u64, snapshots: u64) -> u64 {
    let (mut stack, mut total) = (vec![0], 0);
    for round in (0..rounds).rev() {
        let mut position = *stack.last().expect("the first state is kept");
        while position < round && (stack.len() as u64) < snapshots {
            let distance = snapshot_distance(round + 1 - position, snapshots + 1 - stack.len() as u64);
            position += distance;
            total += distance;
            stack.push(position);
        }
        total += round - position;
        stack.pop_if(|last| *last == round);
    }
    total
}

#[test]
fn schedules_are_optimal() {
    for snapshots in 1..=12 {
        for rounds in 1..=150 {
            let found = advances(rounds, snapshots);
            assert_eq!(found, optimum(rounds, snapshots), "{rounds} rounds, {snapshots} snapshots");
        }
    }
    assert_eq!(binomial(10, 3), 286);
    assert_eq!((advances(286, 10), optimum(286, 10)), (780, 780));
}

/// The number of operations that the interpreter executes.
fn executed(program: &Program, arguments: &[Literal]) -> u64 {
    let ends = |limit: u64| {
        let call = Call { function: "g".into(), arguments: arguments.to_vec(), limit: Some(limit) };
        dp_interp::Interp.emit(program.operation(), call).is_ok()
    };
    let (mut low, mut high) = (0, 1 << 24);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if ends(middle) { high = middle } else { low = middle }
    }
    high
}

/// A program whose rounds count with this many additions.
fn counting(additions: usize, snapshots: u64) -> Program {
    let added: String = (0..additions).map(|k| format!("    %c{} = arith.addi %c{k}, %one : index\n", k + 1)).collect();
    let text = format!(
        "func.func @f(%x: f64, %n: index) -> (f64, index) {{
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %r:2 = scf.for %i = %zero to %n step %one iter_args(%p = %x, %c0 = %zero) -> (f64, index) {{
    %s = scalar.sin %p : f64
{added}    scf.yield %s, %c{additions} : f64, index
  }} {{dp.checkpoint = {snapshots}}}
  return %r#0, %r#1 : f64, index
}}
func.func @g(%x: f64, %n: index) -> (f64, index) {{
  %one = scalar.constant 1.0 : f64
  %r:3 = ad.vjp @f(%x, %n) wrt [0] : (f64, index) -> (f64, index, !ad.pullback<(f64) -> f64>)
  %d = ad.pull %r#2(%one) : !ad.pullback<(f64) -> f64>
  return %d, %r#1 : f64, index
}}
"
    );
    Program::new("counting", &text, &["ad"])
}

/// The primal loop computes each round once, and the schedule as many again as is best.
#[test]
fn programs_compute_as_many_rounds_again_as_is_best() {
    for snapshots in [1, 2, 3, 10] {
        let programs = [counting(1, snapshots), counting(2, snapshots)];
        for rounds in [0, 1, 2, 5, 20, 286] {
            if snapshots == 1 && rounds > 20 {
                continue;
            }
            let arguments =
                [Literal::number(F64, Number::Real(0.3)), Literal::number(Index, Number::Integer(rounds as i64))];
            let [one, two] = [0, 1].map(|which: usize| executed(&programs[which], &arguments));
            let again = if rounds == 0 { 0 } else { optimum(rounds, snapshots) };
            assert_eq!(two - one, rounds + again, "{rounds} rounds, {snapshots} snapshots");
        }
    }
}

/// Heat on a line: a tensor of `cells` numbers, for a number of rounds.
fn heat(cells: usize, rounds: &str) -> Source {
    let padded = cells + 2;
    let text = format!(
        "func.func @f(%u: tensor<{cells}xf64>, %k: f64, %m: i64) -> f64 {{
  %n = arith.index_cast %m : i64 to index
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c400 = arith.constant 400 : index
  %zero = scalar.constant 0.0 : f64
  %z = scf.for %i = %c0 to {rounds} step %c1 iter_args(%a = %u) -> (tensor<{cells}xf64>) {{
    %kk = array.broadcast %k dims [] : f64 to tensor<{cells}xf64>
    %p = array.pad %a, %zero low [1] high [1] interior [0] : tensor<{cells}xf64>, f64 to tensor<{padded}xf64>
    %l = array.slice %p starts [0] strides [1] : tensor<{padded}xf64> to tensor<{cells}xf64>
    %r = array.slice %p starts [2] strides [1] : tensor<{padded}xf64> to tensor<{cells}xf64>
    %s = scalar.add %l, %r : tensor<{cells}xf64>
    %a2 = scalar.sin %a : tensor<{cells}xf64>
    %d = scalar.sub %s, %a2 : tensor<{cells}xf64>
    %e = scalar.mul %kk, %d : tensor<{cells}xf64>
    %t = scalar.sin %e : tensor<{cells}xf64>
    scf.yield %t : tensor<{cells}xf64>
  }}
  %y = array.reduce add %z dims [0] : tensor<{cells}xf64>
  %o = tensor.extract %y[] : tensor<f64>
  return %o : f64
}}
"
    );
    Source::new("heat.mlir", text)
}

fn within(limit: Option<u64>, call: Option<CallRequest>) -> Request {
    let grad = vec!["f".parse().expect("a request")];
    Request { grad, max_tape: ByteLimit(limit), call, ..Request::default() }
}

/// The bytes of the workspace of the gradient.
fn workspace(source: &Source, limit: Option<u64>) -> u64 {
    let found = Mutex::new(None);
    let session = Session::new().on_event(|event| {
        if let Event::Workspace { function: "f_grad", bytes } = event {
            *found.lock().expect("no thread panicked") = bytes.parse().ok();
        }
        Ok(())
    });
    let request = Request { emit: Some(Emit::Obj), ..within(limit, None) };
    session.compile(source, &Cpu::default(), &request).expect("it compiles");
    drop(session);
    found.into_inner().expect("no thread panicked").expect("a constant size")
}

/// The limit holds for what a derivative keeps, which is what its workspace has in addition to that of a round.
#[test]
fn memory_stays_within_the_limit() {
    let source = heat(1000, "%c400");
    let round = workspace(&heat(1000, "%c1"), None);
    let all = workspace(&source, None);
    assert!(all > 400 * 16_000, "{all}");
    for limit in [40_000, 100_000, 1_000_000] {
        let kept = workspace(&source, Some(limit));
        assert!(kept <= limit + 3 * round, "{kept} bytes within {limit}, with {round} for a round");
    }
}

/// The same operations in the same order give the same bits.
fn equal_within_limits<T: dp_runtime::Element>(source: &Source, cells: Vec<T>, k: T, rounds: i64) {
    let call = || {
        let cells = Array::new(&[10], cells.clone()).expect("ten cells");
        let given = vec![cells, Array::number(k), Array::number(rounds)];
        Some(CallRequest { function: "f_grad".into(), arguments: Arguments::Arrays(given) })
    };
    for is_compiled in [false, true] {
        let results = |limit| {
            let request = within(limit, call());
            let made = match is_compiled {
                true => Session::new().compile(source, &Cpu::default(), &request),
                false => Session::new().compile(source, &Interp, &request),
            };
            made.expect("it is called").results.expect("results").arrays
        };
        let all = results(None);
        for limit in [400, 1000, 1 << 20] {
            assert_eq!(results(Some(limit)), all, "{rounds} rounds within {limit} bytes");
        }
    }
}

#[test]
fn limited_gradients_equal_unlimited_ones() {
    let mut random = Random(7);
    let cells: Vec<f64> = (0..10).map(|_| random.unit()).collect();
    let source = heat(10, "%n");
    for rounds in [0, 1, 2, 37] {
        equal_within_limits(&source, cells.clone(), 0.3, rounds);
    }
    let text = String::from_utf8(source.contents).expect("text");
    let source = Source::new("heat.mlir", text.replace("f64", "f32"));
    equal_within_limits(&source, cells.iter().map(|cell| *cell as f32).collect(), 0.3, 37);
}

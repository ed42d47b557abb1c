//! Bisection: a pipeline whose optional steps stop at any of them makes a library that computes the same.

use super::library::{compile_by, reference};
use dp_cpu::Options;
use dp_dialects::{Literal, Number, ScalarType};
use dp_driver::conversion;
use dp_driver::pipelines::{self, DIFFERENTIATE, SIMPLIFY, Settings};
use dp_lower::Stage;
use dp_passes::manager::{self, Controls, Observer, StepInfo};
use dp_runtime::{Array, Library};
use melior::ir::Module;

/// A matrix product, a loop that carries a tensor, a chain of insertions, sums, and the derivative of all but the loop.
const PROGRAM: &str = "
func.func private @loss(%a: tensor<?x?xf64>, %x: tensor<?xf64>) -> f64 {
  %y = array.dot %a, %x contract [1] with [0] : tensor<?x?xf64>, tensor<?xf64>
  %s = scalar.sin %y : tensor<?xf64>
  %p = scalar.mul %s, %y : tensor<?xf64>
  %t = array.reduce add %p dims [0] : tensor<?xf64>
  %r = tensor.extract %t[] : tensor<f64>
  return %r : f64
}
func.func @f(%a: tensor<?x?xf64>, %x: tensor<?xf64>) -> (f64, tensor<?x?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<8xf64>) {
  %l = func.call @loss(%a, %x) : (tensor<?x?xf64>, tensor<?xf64>) -> f64
  %g:3 = ad.grad @loss(%a, %x) wrt [0, 1] : (tensor<?x?xf64>, tensor<?xf64>) -> (f64, tensor<?x?xf64>, tensor<?xf64>)
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %swept = scf.for %i = %c0 to %c5 step %c1 iter_args(%u = %x) -> (tensor<?xf64>) {
    %v = scalar.cos %u : tensor<?xf64>
    %w = scalar.add %u, %v : tensor<?xf64>
    scf.yield %w : tensor<?xf64>
  }
  %zero = scalar.constant 0.0 : f64
  %b = array.broadcast %zero dims [] : f64 to tensor<8xf64>
  %l1 = array.broadcast %l dims [] : f64 to tensor<1xf64>
  %b0 = array.update_slice %b, %l1 starts [0] : tensor<8xf64>, tensor<1xf64>
  %b1 = array.update_slice %b0, %l1 starts [2] : tensor<8xf64>, tensor<1xf64>
  %b2 = array.update_slice %b1, %l1 starts [5] : tensor<8xf64>, tensor<1xf64>
  return %l, %g#1, %g#2, %swept, %b2 : f64, tensor<?x?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<8xf64>
}";

/// Counts optional steps, and lets the first of them run.
#[derive(Default)]
struct Count(usize);

impl Observer for Count {
    fn before(&mut self, step: &StepInfo, _: dp_dialects::ir::Op) -> bool {
        self.0 += usize::from(step.is_optional);
        true
    }
}

/// What the program computes, compiled under an observer.
fn results(observer: &mut dyn Observer) -> Vec<Array> {
    let context = dp_driver::registry::context();
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let settings = Settings {
        fp: dp_dialects::FloatModel::Reassociate,
        level: 3,
        max_tape: dp_passes::manager::ByteLimit::default(),
        inline: dp_passes::calls::InlineLimit::default(),
        bounds: Vec::new(),
        ad_report: false,
        extents: Vec::new(),
        fixed: false,
    };
    let path = compile_by(&context, PROGRAM, &Options::default(), folder.path(), |module, options| {
        manager::run(DIFFERENTIATE, module, &settings, observer)?;
        manager::run(SIMPLIFY, module, &settings, observer)?;
        pipelines::lower(module, options, Stage::Llvm, observer)
    });
    let arguments: Vec<Array> = arguments().iter().map(|argument| conversion::array(argument).expect("fits")).collect();
    let library = Library::open(&path).expect("a library");
    library.function("f").expect("it is there").call(&arguments).expect("it succeeds")
}

fn arguments() -> Vec<Literal> {
    let tensor = |shape: Vec<u64>| {
        let numbers = (0..shape.iter().product()).map(|index: u64| Number::Real((index as f64 * 0.7).sin()));
        Literal::tensor(ScalarType::F64, shape, numbers.collect())
    };
    vec![tensor(vec![5, 7]), tensor(vec![7])]
}

#[test]
fn every_prefix_of_the_optional_steps_computes_the_same() {
    let mut count = Count::default();
    let whole = results(&mut count);
    let steps = count.0;
    assert!(steps > 8, "there are only {steps} optional steps");
    let context = dp_driver::registry::context();
    let module = Module::parse(&context, PROGRAM).expect("it parses");
    let settings = Settings {
        fp: dp_dialects::FloatModel::Strict,
        level: 0,
        max_tape: dp_passes::manager::ByteLimit::default(),
        inline: dp_passes::calls::InlineLimit::default(),
        bounds: Vec::new(),
        ad_report: false,
        extents: Vec::new(),
        fixed: false,
    };
    manager::run(DIFFERENTIATE, reference(&module), &settings, &mut ()).expect("it is differentiated");
    let interpreted = dp_interp::run(reference(&module), "f", arguments());
    let interpreted = interpreted.unwrap_or_else(|located| panic!("{}", located.diagnostic));
    let expected: Vec<Array> = interpreted.iter().map(|literal| conversion::array(literal).expect("fits")).collect();
    let close = |limit: &str, results: &[Array]| {
        assert_eq!(results.len(), expected.len());
        for (result, expected) in results.iter().zip(&expected) {
            let (result, expected) = (result.as_slice::<f64>().expect("f64"), expected.as_slice::<f64>().expect("f64"));
            assert_eq!(result.len(), expected.len(), "{limit}");
            for (result, expected) in result.iter().zip(expected) {
                assert!((result - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{limit}: {result} {expected}");
            }
        }
    };
    close("no limit", &whole);
    for limit in 0..=steps {
        let mut controls = Controls { limit: Some(limit), ..Controls::default() };
        close(&format!("{limit} steps"), &results(&mut controls));
    }
}

//! Two operations in a row on XLA, of all elementwise ones that floats have: what XLA's simplifier makes of a pair, the
//! interpreter does not. `docs/reference/xla.md` says what remains; it is passed over here, and nothing else.
//! `DP_CHAINS` is how many are tried of each type.

use super::noise::Noise;
use super::oracle::{Equality, differ, differentiated, interpret, least};
use super::program::{Block, Function, Id, Operation, Program, Value};
use crate::refutation::numbers::Random;
use crate::targets::xla;
use dp_dialects::attributes::Predicate;
use dp_dialects::ops::infer;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};
use dp_driver::conversion;

/// How many chains are results of one program.
const TOGETHER: usize = 40;

/// How many are tried of each type.
fn chains() -> usize {
    std::env::var("DP_CHAINS").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

/// Operands that are special, large, small and ordinary.
fn operands(dtype: ScalarType, turn: usize) -> Literal {
    let most = dp_terms::range::limits(dtype).1;
    let some = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        2.0,
        -2.5,
        3.0,
        10.0,
        -7.25,
        1e-3,
        100.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        most / 2.0,
        -most,
        least(dtype) * 8.0,
        -0.3,
        0.7,
        1.5,
        -0.999,
        5.5,
        0.1,
    ];
    let number = |place: usize| Number::Real(some[(place * (2 * turn + 1) + turn) % some.len()]).round(dtype);
    Literal::tensor(dtype, vec![some.len() as u64], (0..some.len()).map(number).collect())
}

/// A chain: the value between its operations, and its result.
struct Chain {
    between: Id,
    result: Id,
    kinds: [OpKind; 2],
}

/// One more operation on a value; `None` where its result would be no float and more is to follow.
fn apply(
    program: &mut Program,
    into: &mut Vec<Operation>,
    kind: OpKind,
    on: Id,
    others: &[Id],
    random: &mut Random,
) -> Option<Id> {
    let arity = kind.arity()?;
    let place = random.below(arity);
    let operands: Vec<Id> = (0..arity).map(|at| if at == place { on } else { random.choose(others) }).collect();
    let parameters = match kind {
        OpKind::ScalarCompare => Parameters::Compare(random.choose(&[Predicate::Eq, Predicate::Lt, Predicate::Ge])),
        OpKind::ScalarPolygamma => Parameters::Order(1),
        OpKind::ScalarReducePrecision => Parameters::Precision { exponent: 11, mantissa: 52 },
        OpKind::ScalarConvert | OpKind::ScalarSelect | OpKind::ScalarComplex => return None,
        _ => Parameters::None,
    };
    let types: Vec<ValueType> = operands.iter().map(|id| program.values[*id].r#type.clone()).collect();
    let r#type = infer(kind, &types, &parameters).ok()?;
    let extents = program.values[on].extents.clone();
    let result = program.value(Value::new(r#type, extents));
    into.push(Operation { parameters, ..Operation::new(kind, operands, vec![result]) });
    Some(result)
}

/// A program whose results are those of some chains, those between first.
fn program(dtype: ScalarType, count: usize, random: &mut Random) -> (Program, Vec<Chain>) {
    let given = vec![operands(dtype, 0), operands(dtype, 2)];
    let r#type = given[0].value_type();
    let mut program = Program { given, ..Program::default() };
    let mut operations = Vec::new();
    let fresh =
        |program: &mut Program| program.value(Value::new(r#type.clone(), vec![operands(dtype, 0).len() as u64]));
    let arguments = vec![fresh(&mut program), fresh(&mut program)];
    let mut others = arguments.clone();
    for constant in [2.0, 0.5, 3.0, -1.0, 1e-3, 0.0] {
        let number = Number::of_f64(constant, dtype);
        let literal = Literal::splat(dtype, operands(dtype, 0).extents().to_vec(), number);
        let made = fresh(&mut program);
        let parameters = Parameters::Constant(literal);
        operations.push(Operation { parameters, ..Operation::new(OpKind::ArrayConstant, vec![], vec![made]) });
        others.push(made);
    }
    let kinds: Vec<OpKind> = OpKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.classes().is_some_and(|classes| classes.admits(dtype)))
        .collect();
    let mut made = Vec::new();
    while made.len() < count {
        let pair = [random.choose(&kinds), random.choose(&kinds)];
        let mut steps = Vec::new();
        let Some(between) = apply(&mut program, &mut steps, pair[0], arguments[0], &others, random) else { continue };
        if program.values[between].r#type != r#type {
            continue;
        }
        let Some(result) = apply(&mut program, &mut steps, pair[1], between, &others, random) else { continue };
        operations.extend(steps);
        made.push(Chain { between, result, kinds: pair });
    }
    let results = made.iter().map(|chain| chain.result).collect();
    operations.push(Operation::new(OpKind::FuncReturn, results, vec![]));
    let body = Block { arguments, operations };
    program.functions.push(Function { name: String::new(), body, is_differentiated: false });
    (program, made)
}

/// The same program with the values between as results.
fn between(program: &Program, chains: &[Chain]) -> Program {
    let mut program = program.clone();
    let last = program.functions[0].body.operations.last_mut().expect("there is a terminator");
    last.operands = chains.iter().map(|chain| chain.between).collect();
    program
}

/// Whether XLA is known to compute something else where the value between is this number.
fn is_known(chain: &Chain, between: Number, result: Number, dtype: ScalarType, operands: [Number; 2]) -> bool {
    use OpKind::*;
    let (size, end) = (between.re().abs(), result.re().abs());
    let finite = operands.iter().all(|number| number.re().is_finite());
    // Numbers below the least normal one are 0.
    size < least(dtype) && between.re() != 0.0
        || end < least(dtype) && result.re() != 0.0
        || size == 0.0 && finite && !matches!(chain.kinds[0], ScalarMax | ScalarMin | ScalarAbs | ScalarNeg)
        // Products join sums without rounding between.
        || size.is_infinite() && finite && matches!(chain.kinds, [ScalarMul, ScalarAdd | ScalarSub])
        // Halves are computed in f32: what overflows between does not there.
        || size.is_infinite() && finite && matches!(dtype, ScalarType::F16 | ScalarType::BF16)
}

#[test]
fn pairs_of_operations_on_xla() {
    if crate::targets::cuda::is_asked_for() {
        return;
    }
    let context = dp_driver::registry::context();
    let mut differing = Vec::new();
    for dtype in [ScalarType::F16, ScalarType::BF16, ScalarType::F32, ScalarType::F64] {
        let mut random = Random::new(41);
        for _ in 0..chains().div_ceil(TOGETHER) {
            let (program, chains) = program(dtype, TOGETHER, &mut random);
            let text = program.text(&context, "f0");
            let run = |text: &str, program: &Program| {
                let module = differentiated(&context, text).unwrap_or_else(|error| panic!("{error}\n{text}"));
                interpret(&module, std::slice::from_ref(program)).remove(0)
            };
            let expected = run(&text, &program).unwrap_or_else(|error| panic!("{error}"));
            let inner = between(&program, &chains);
            let inner = run(&inner.text(&context, "f0"), &inner).unwrap_or_else(|error| panic!("{error}"));
            let noisy = [(1, 0.0), (2, -0.0), (3, 0.0), (4, -0.0)].map(|(seed, zero)| {
                let noise = Noise::new(seed, zero);
                run(&program.noisy_text(&context, "f0", noise), &program).unwrap_or_else(|error| panic!("{error}"))
            });
            let found = xla::Programs::new(&text).call("f0", &program.given);
            let found = found.unwrap_or_else(|error| panic!("{error}"));
            for (place, chain) in chains.iter().enumerate() {
                let array = conversion::literal(&found[place], true);
                for element in 0..array.len() {
                    let at = [0, 1].map(|argument| program.given[argument].element(element));
                    let (through, want) = (inner[place].element(element), expected[place].element(element));
                    if is_known(chain, through, want, dtype, at) {
                        continue;
                    }
                    let one = |literal: &Literal| vec![Literal::number(literal.dtype, literal.element(element))];
                    let others: Vec<_> = noisy.iter().map(|noisy| Ok(one(&noisy[place]))).collect();
                    let others: Vec<_> = others.iter().collect();
                    let outcome = differ(&Ok(one(&expected[place])), &Ok(one(&array)), &others, Equality::Rounding);
                    if let Some(difference) = outcome {
                        let kinds = chain.kinds.map(OpKind::name);
                        differing.push(format!("{dtype} {kinds:?} at {at:?} through {through:?}: {difference}"));
                        break;
                    }
                }
            }
        }
    }
    assert!(differing.is_empty(), "{} chains differ:\n{}", differing.len(), differing.join("\n"));
}

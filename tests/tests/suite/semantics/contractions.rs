//! Reductions, contractions, programs on elements, and rows.

use super::*;
use dp_dialects::attributes::Reduction;
use dp_dialects::parameters::{DotDims, ScanForm};
use dp_semantics::{map_elements, reduce_with};

#[test]
fn reductions_start_from_their_identity() {
    let reduce = |kind, x: Literal, dims: &[usize], extents: &[i64]| {
        evaluate(OpKind::ArrayReduce, &Parameters::Reduce { kind, dims: dims.to_vec() }, &[x], &typed(extents))
    };
    let x = || counting(&[2, 3]);
    expect(reduce(Reduction::Add, x(), &[1], &[-1]), &[2], &[3.0, 12.0]);
    expect(reduce(Reduction::Add, x(), &[0], &[3]), &[3], &[3.0, 5.0, 7.0]);
    expect(reduce(Reduction::Add, x(), &[1, 0], &[]), &[], &[15.0]);
    expect(reduce(Reduction::Add, x(), &[], &[2, 3]), &[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    expect(reduce(Reduction::Mul, tensor(&[3], &[2.0, 3.0, 4.0]), &[0], &[]), &[], &[24.0]);
    expect(reduce(Reduction::Max, x(), &[1], &[2]), &[2], &[2.0, 5.0]);
    expect(reduce(Reduction::Min, x(), &[1], &[2]), &[2], &[0.0, 3.0]);
    expect(reduce(Reduction::Add, counting(&[2, 0]), &[1], &[2]), &[2], &[0.0, 0.0]);
    expect(reduce(Reduction::Mul, counting(&[0]), &[0], &[]), &[], &[1.0]);
    expect(reduce(Reduction::Max, counting(&[0]), &[0], &[]), &[], &[f64::NEG_INFINITY]);
    expect(reduce(Reduction::Min, counting(&[0]), &[0], &[]), &[], &[f64::INFINITY]);
    let nan = reduce(Reduction::Max, tensor(&[2], &[f64::NAN, 1.0]), &[0], &[]).expect("evaluates");
    assert!(nan.element(0).re().is_nan());

    let of_integers = |kind, x: Literal| {
        let result = ValueType::tensor(x.dtype, vec![]);
        let parameters = Parameters::Reduce { kind, dims: vec![0] };
        evaluate(OpKind::ArrayReduce, &parameters, &[x], &result).expect("evaluates").element(0).integer()
    };
    assert_eq!(of_integers(Reduction::Add, integers(ScalarType::I8, &[2], &[100, 100])), 200 - 256);
    assert_eq!(of_integers(Reduction::Max, integers(ScalarType::I8, &[0], &[])), -128);
    assert_eq!(of_integers(Reduction::Min, integers(ScalarType::I32, &[0], &[])), i32::MAX as i64);
    assert_eq!(of_integers(Reduction::And, integers(ScalarType::I16, &[0], &[])), -1);
    assert_eq!(of_integers(Reduction::And, integers(ScalarType::I1, &[3], &[1, 1, 0])), 0);
    assert_eq!(of_integers(Reduction::Or, integers(ScalarType::I1, &[3], &[0, 1, 0])), 1);
    assert!(reduce(Reduction::Region, x(), &[0], &[3]).is_err());
    // In f16, 2048 + 1 stays 2048; halves are added up in f32, each step rounded to that.
    let sum = |dtype: ScalarType, numbers: [f64; 3]| {
        let x = Literal::tensor(dtype, vec![3], numbers.map(Number::Real).to_vec());
        let parameters = Parameters::Reduce { kind: Reduction::Add, dims: vec![0] };
        let sum = evaluate(OpKind::ArrayReduce, &parameters, &[x], &ValueType::tensor(dtype, vec![]));
        sum.expect("evaluates").element(0).re()
    };
    assert_eq!(sum(ScalarType::F16, [2048.0, 1.0, 1.0]), 2050.0);
    assert_eq!(sum(ScalarType::BF16, [256.0, 1.0, 1.0]), 258.0);
    assert_eq!(sum(ScalarType::F32, [16777216.0, 1.0, 1.0]), 16777216.0);
}

#[test]
fn scans_start_from_their_identity() {
    let scan = |kind, dim, [exclusive, reverse]: [bool; 2], x: Literal| {
        let (dtype, extents) = (x.dtype, x.extents().iter().map(|extent| Some(*extent)).collect());
        let form = ScanForm { kind, dim, exclusive, reverse };
        evaluate(OpKind::ArrayScan, &Parameters::Scan(form), &[x], &ValueType::tensor(dtype, extents))
    };
    let x = || counting(&[2, 3]);
    expect(scan(Reduction::Add, 1, [false, false], x()), &[2, 3], &[0.0, 1.0, 3.0, 3.0, 7.0, 12.0]);
    expect(scan(Reduction::Add, 0, [false, false], x()), &[2, 3], &[0.0, 1.0, 2.0, 3.0, 5.0, 7.0]);
    expect(scan(Reduction::Add, 1, [true, false], x()), &[2, 3], &[0.0, 0.0, 1.0, 0.0, 3.0, 7.0]);
    expect(scan(Reduction::Add, 1, [false, true], x()), &[2, 3], &[3.0, 3.0, 2.0, 12.0, 9.0, 5.0]);
    expect(scan(Reduction::Mul, 1, [true, true], x()), &[2, 3], &[2.0, 2.0, 1.0, 20.0, 5.0, 1.0]);
    let numbers = || tensor(&[4], &[1.0, 3.0, 2.0, 4.0]);
    expect(scan(Reduction::Max, 0, [false, false], numbers()), &[4], &[1.0, 3.0, 3.0, 4.0]);
    expect(scan(Reduction::Min, 0, [true, true], numbers()), &[4], &[2.0, 2.0, 4.0, f64::INFINITY]);
    expect(scan(Reduction::Add, 0, [false, false], counting(&[0, 2])), &[0, 2], &[]);
    expect(scan(Reduction::Add, 0, [true, false], counting(&[2, 0])), &[2, 0], &[]);
    let flags = scan(Reduction::Or, 0, [false, false], integers(ScalarType::I1, &[3], &[0, 1, 0]));
    assert_eq!(flags.expect("evaluates"), integers(ScalarType::I1, &[3], &[0, 1, 1]));
    assert!(scan(Reduction::Region, 0, [false, false], x()).is_err());
    // Halves are added up in f32, and each sum is rounded.
    let halves = Literal::tensor(ScalarType::F16, vec![3], [2048.0, 1.0, 1.0].map(Number::Real).to_vec());
    let sums = scan(Reduction::Add, 0, [false, false], halves).expect("evaluates");
    assert_eq!(sums.iter().map(|sum| sum.re()).collect::<Vec<_>>(), [2048.0, 2048.0, 2050.0]);
}

#[test]
fn programs_on_elements_run_in_row_major_order() {
    let doubled = map_elements(&[counting(&[2, 2])], &[ScalarType::F64, ScalarType::I1], |x| {
        Ok(vec![Number::Real(2.0 * x[0].re()), Number::Integer((x[0].re() > 1.0) as i64)])
    });
    let [doubled, flags] = doubled.expect("maps").try_into().expect("two results");
    expect(Ok(doubled), &[2, 2], &[0.0, 2.0, 4.0, 6.0]);
    assert_eq!(flags, integers(ScalarType::I1, &[2, 2], &[0, 0, 1, 1]));
    let nothing = map_elements(&[counting(&[0])], &[ScalarType::F64], |_| Err(Diagnostic::internal("never")));
    expect(nothing.map(|mut results| results.remove(0)), &[0], &[]);
    assert!(map_elements(&[counting(&[2]), counting(&[3])], &[ScalarType::F64], |x| Ok(x.to_vec())).is_err());

    let joined =
        reduce_with(&counting(&[2, 3]), Number::Real(0.0), &[1], |a, b| Ok(Number::Real(10.0 * a.re() + b.re())));
    expect(joined, &[2], &[12.0, 345.0]);
    assert!(reduce_with(&counting(&[1]), Number::Real(0.0), &[0], |_, _| Err(Diagnostic::internal("no"))).is_err());
}

#[test]
fn dot_contracts_and_batches() {
    let dims = |batch_a: &[usize], batch_b: &[usize], contract_a: &[usize], contract_b: &[usize]| DotDims {
        batch_a: batch_a.to_vec(),
        batch_b: batch_b.to_vec(),
        contract_a: contract_a.to_vec(),
        contract_b: contract_b.to_vec(),
    };
    let dot = |a: Literal, b: Literal, dims: DotDims, extents: &[i64]| {
        evaluate(OpKind::ArrayDot, &Parameters::Dot(dims), &[a, b], &typed(extents))
    };
    let (a, b) = (|| counting(&[2, 3]), || counting(&[3, 2]));
    expect(dot(a(), b(), dims(&[], &[], &[1], &[0]), &[-1, 2]), &[2, 2], &[10.0, 13.0, 28.0, 40.0]);
    expect(dot(a(), a(), dims(&[], &[], &[1], &[1]), &[2, 2]), &[2, 2], &[5.0, 14.0, 14.0, 50.0]);
    expect(dot(a(), a(), dims(&[], &[], &[0, 1], &[0, 1]), &[]), &[], &[55.0]);
    expect(dot(a(), a(), dims(&[0], &[0], &[1], &[1]), &[2]), &[2], &[5.0, 50.0]);
    expect(
        dot(a(), b(), dims(&[1], &[0], &[], &[]), &[3, 2, 2]),
        &[3, 2, 2],
        &[0.0, 0.0, 0.0, 3.0, 2.0, 3.0, 8.0, 12.0, 8.0, 10.0, 20.0, 25.0],
    );
    expect(dot(counting(&[2]), counting(&[2]), dims(&[], &[], &[], &[]), &[2, 2]), &[2, 2], &[0.0, 0.0, 0.0, 1.0]);
    expect(dot(counting(&[]), counting(&[]), dims(&[], &[], &[], &[]), &[]), &[], &[0.0]);
    expect(dot(counting(&[2, 0]), counting(&[0, 1]), dims(&[], &[], &[1], &[0]), &[2, 1]), &[2, 1], &[0.0, 0.0]);
    expect(dot(counting(&[0, 3]), b(), dims(&[], &[], &[1], &[0]), &[-1, 2]), &[0, 2], &[]);
    refused(dot(a(), a(), dims(&[], &[], &[1], &[0]), &[-1, -1]));

    let product = |a: Literal| {
        let result = ValueType::tensor(a.dtype, vec![]);
        let parameters = Parameters::Dot(dims(&[], &[], &[0], &[0]));
        evaluate(OpKind::ArrayDot, &parameters, &[a.clone(), a], &result).expect("evaluates").element(0)
    };
    assert_eq!(product(integers(ScalarType::I8, &[2], &[10, 13])).integer(), 269 - 256);
    let parts = product(Literal::tensor(ScalarType::Complex128, vec![2], vec![z(1.0, 1.0), z(0.0, 2.0)])).complex();
    assert_eq!((parts.re, parts.im), (-4.0, 2.0));
    // Rounded at the end only: in f16, 2048 + 1 + 1 is 2050.
    let one = Number::Real(1.0);
    let halves = Literal::tensor(
        ScalarType::F16,
        vec![3],
        vec![Number::Real(2048.0_f64.sqrt()).round(ScalarType::F16), one, one],
    );
    let exact = halves.element(0).re() * halves.element(0).re() + 2.0;
    assert_eq!(product(halves), Number::Real(exact).round(ScalarType::F16));
}

#[test]
fn rows_are_gathered_and_scattered_by_clamped_number() {
    let (x, indices) = (|| counting(&[3, 2]), || integers(ScalarType::I32, &[2, 2], &[2, 0, -5, 9]));
    let gather = |x: Literal, indices: Literal, extents: &[i64]| {
        evaluate(OpKind::ArrayGather, &Parameters::None, &[x, indices], &typed(extents))
    };
    expect(gather(x(), indices(), &[2, -1, 2]), &[2, 2, 2], &[4.0, 5.0, 0.0, 1.0, 0.0, 1.0, 4.0, 5.0]);
    expect(gather(counting(&[3]), integers(ScalarType::I64, &[], &[1]), &[]), &[], &[1.0]);
    expect(gather(x(), integers(ScalarType::I8, &[0], &[]), &[0, 2]), &[0, 2], &[]);
    expect(gather(counting(&[0, 2]), integers(ScalarType::I8, &[0], &[]), &[0, 2]), &[0, 2], &[]);
    refused(gather(counting(&[0, 2]), integers(ScalarType::I8, &[1], &[0]), &[1, 2]));

    let scatter = |x: Literal, indices: Literal, updates: Literal, extents: &[i64]| {
        evaluate(OpKind::ArrayScatter, &Parameters::None, &[x, indices, updates], &typed(extents))
    };
    let updates = counting(&[2, 2, 2]);
    let zeros = Literal::splat(ScalarType::F64, vec![3, 2], Number::Real(0.0));
    expect(scatter(zeros, indices(), updates, &[-1, 2]), &[3, 2], &[6.0, 8.0, 0.0, 0.0, 6.0, 8.0]);
    expect(
        scatter(x(), integers(ScalarType::I32, &[0], &[]), counting(&[0, 2]), &[3, 2]),
        &[3, 2],
        &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
    );
    refused(scatter(x(), indices(), counting(&[2, 1, 2]), &[3, 2]));
}

#[test]
fn operations_that_need_a_program_are_refused() {
    for kind in [OpKind::ArrayMap, OpKind::FuncCall, OpKind::ScfIf] {
        refused(evaluate(kind, &Parameters::None, &[counting(&[2])], &typed(&[2])));
    }
}

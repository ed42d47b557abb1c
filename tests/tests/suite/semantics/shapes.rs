//! Operations that move elements, and elementwise ones on tensors.

use super::*;
use dp_dialects::Elements;
use dp_dialects::parameters::{Start, WindowForm};

#[test]
fn elementwise_operations_take_tensors_of_one_shape() {
    let add = |a: &Literal, b: &Literal, extents: &[i64]| {
        evaluate(OpKind::ScalarAdd, &Parameters::None, &[a.clone(), b.clone()], &typed(extents))
    };
    let (a, b) = (counting(&[2, 2]), tensor(&[2, 2], &[10.0, 20.0, 30.0, 40.0]));
    expect(add(&a, &b, &[-1, 2]), &[2, 2], &[10.0, 21.0, 32.0, 43.0]);
    let splat = Literal::splat(ScalarType::F64, vec![2, 2], Number::Real(0.5));
    expect(add(&a, &splat, &[2, 2]), &[2, 2], &[0.5, 1.5, 2.5, 3.5]);
    let both = add(&splat, &splat, &[2, 2]).expect("evaluates");
    assert_eq!(both.elements, Elements::Splat(Number::Real(1.0)));
    expect(add(&counting(&[0, 3]), &counting(&[0, 3]), &[-1, 3]), &[0, 3], &[]);
    expect(add(&counting(&[]), &counting(&[]), &[]), &[], &[0.0]);
    refused(add(&a, &counting(&[2, 1]), &[-1, -1]));
    refused(add(&a, &b, &[3, 2]));
    let mask = integers(ScalarType::I1, &[2, 2], &[1, 0, 0, 1]);
    let chosen = evaluate(OpKind::ScalarSelect, &Parameters::None, &[mask, a, b], &typed(&[2, 2]));
    expect(chosen, &[2, 2], &[0.0, 20.0, 30.0, 3.0]);
}

#[test]
fn constants_and_iota() {
    let constant = Parameters::Constant(counting(&[3]));
    expect(evaluate(OpKind::ArrayConstant, &constant, &[], &typed(&[3])), &[3], &[0.0, 1.0, 2.0]);
    let iota = |dim, extents: &[i64], dynamic: &[Literal]| {
        evaluate(OpKind::ArrayIota, &Parameters::Dim(dim), dynamic, &typed(extents))
    };
    expect(iota(0, &[2, 3], &[]), &[2, 3], &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    expect(iota(1, &[-1, 3], &[index(2)]), &[2, 3], &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    expect(iota(0, &[-1], &[index(0)]), &[0], &[]);
    refused(iota(0, &[-1], &[index(-1)]));
    refused(iota(0, &[-1, -1], &[index(i64::MAX), index(i64::MAX)]));
    let bytes = ValueType::tensor(ScalarType::I8, vec![Some(130)]);
    let bytes = evaluate(OpKind::ArrayIota, &Parameters::Dim(0), &[], &bytes).expect("evaluates");
    assert_eq!(bytes.element(129), Number::Integer(129 - 256));
}

#[test]
fn broadcast_repeats() {
    let broadcast = |x: Literal, dims: &[usize], extents: &[i64], dynamic: &[i64]| {
        let operands: Vec<Literal> = std::iter::once(x).chain(dynamic.iter().map(|extent| index(*extent))).collect();
        evaluate(OpKind::ArrayBroadcast, &Parameters::Broadcast(dims.to_vec()), &operands, &typed(extents))
    };
    expect(broadcast(counting(&[2]), &[1], &[-1, 2], &[3]), &[3, 2], &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    expect(broadcast(counting(&[2]), &[0], &[2, 2], &[]), &[2, 2], &[0.0, 0.0, 1.0, 1.0]);
    expect(broadcast(counting(&[]), &[], &[2], &[]), &[2], &[0.0, 0.0]);
    let number = Literal::number(ScalarType::F64, Number::Real(7.0));
    expect(broadcast(number.clone(), &[], &[], &[]), &[], &[7.0]);
    expect(broadcast(number, &[], &[-1, 2], &[0]), &[0, 2], &[]);
    refused(broadcast(counting(&[2]), &[1], &[2, -1], &[3]));
}

#[test]
fn reshape_and_transpose() {
    let reshape = |x: Literal, extents: &[i64], dynamic: &[i64]| {
        let operands: Vec<Literal> = std::iter::once(x).chain(dynamic.iter().map(|extent| index(*extent))).collect();
        evaluate(OpKind::ArrayReshape, &Parameters::None, &operands, &typed(extents))
    };
    let six = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    expect(reshape(counting(&[2, 3]), &[-1, 2], &[3]), &[3, 2], &six);
    expect(reshape(counting(&[1, 1]), &[], &[]), &[], &[0.0]);
    expect(reshape(counting(&[0, 3]), &[-1, 0], &[5]), &[5, 0], &[]);
    refused(reshape(counting(&[2, 3]), &[-1, 2], &[4]));

    let transpose = |x: Literal, permutation: &[usize], extents: &[i64]| {
        evaluate(OpKind::ArrayTranspose, &Parameters::Permutation(permutation.to_vec()), &[x], &typed(extents))
    };
    expect(transpose(counting(&[2, 3]), &[1, 0], &[3, -1]), &[3, 2], &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    expect(transpose(counting(&[1, 2, 3]), &[2, 0, 1], &[3, 1, 2]), &[3, 1, 2], &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    expect(transpose(counting(&[]), &[], &[]), &[], &[0.0]);
    expect(transpose(counting(&[0, 3]), &[1, 0], &[3, 0]), &[3, 0], &[]);
}

#[test]
fn slices_clamp_their_starts() {
    let slice = |x: Literal, starts: &[Start], strides: &[usize], extents: &[i64], indices: &[i64]| {
        let operands: Vec<Literal> = std::iter::once(x).chain(indices.iter().map(|value| index(*value))).collect();
        let parameters = Parameters::Slice { starts: starts.to_vec(), strides: strides.to_vec() };
        evaluate(OpKind::ArraySlice, &parameters, &operands, &typed(extents))
    };
    let x = || counting(&[3, 4]);
    let (at, given) = (Start::At, Start::Operand);
    expect(slice(x(), &[at(1), at(0)], &[1, 2], &[2, 2], &[]), &[2, 2], &[4.0, 6.0, 8.0, 10.0]);
    expect(slice(x(), &[given, at(1)], &[1, 1], &[-1, 2], &[1, 2]), &[2, 2], &[5.0, 6.0, 9.0, 10.0]);
    // Starts and extents both given: 9 is clamped to 2, -4 to 0.
    expect(slice(x(), &[given, given], &[1, 3], &[-1, -1], &[9, -4, 1, 2]), &[1, 2], &[8.0, 11.0]);
    expect(slice(x(), &[at(7), at(0)], &[1, 1], &[0, 4], &[]), &[0, 4], &[]);
    expect(slice(counting(&[]), &[], &[], &[], &[]), &[], &[0.0]);
    expect(slice(x(), &[at(2), at(3)], &[usize::MAX, 5], &[1, 1], &[]), &[1, 1], &[11.0]);
    refused(slice(x(), &[at(0), at(0)], &[2, 1], &[3, 4], &[]));
    refused(slice(x(), &[at(0), at(0)], &[1, 1], &[-1, 4], &[4]));
    refused(slice(counting(&[0]), &[at(0)], &[1], &[1], &[]));
}

#[test]
fn boxes_are_replaced_or_added_to() {
    let update = |accumulate, x: Literal, update: Literal, starts: &[Start], indices: &[i64], extents: &[i64]| {
        let operands: Vec<Literal> = [x, update].into_iter().chain(indices.iter().map(|value| index(*value))).collect();
        let parameters = Parameters::Update { starts: starts.to_vec(), accumulate };
        evaluate(OpKind::ArrayUpdateSlice, &parameters, &operands, &typed(extents))
    };
    let (x, u) = (|| counting(&[2, 3]), || tensor(&[1, 2], &[10.0, 20.0]));
    let starts = [Start::Operand, Start::At(1)];
    expect(update(false, x(), u(), &starts, &[1], &[2, 3]), &[2, 3], &[0.0, 1.0, 2.0, 3.0, 10.0, 20.0]);
    expect(update(true, x(), u(), &starts, &[9], &[-1, 3]), &[2, 3], &[0.0, 1.0, 2.0, 3.0, 14.0, 25.0]);
    expect(update(true, counting(&[]), tensor(&[], &[4.0]), &[], &[], &[]), &[], &[4.0]);
    expect(update(false, x(), counting(&[0, 2]), &starts, &[1], &[2, 3]), &[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    refused(update(false, x(), counting(&[3, 2]), &starts, &[0], &[2, 3]));
}

#[test]
fn padding_makes_margins_and_gaps() {
    let pad = |x: Literal, sides: [&[usize]; 3], extents: &[i64], dynamic: &[i64]| {
        let value = Literal::number(ScalarType::F64, Number::Real(-1.0));
        let operands: Vec<Literal> =
            [x, value].into_iter().chain(dynamic.iter().map(|extent| index(*extent))).collect();
        let [low, high, interior] = sides.map(<[usize]>::to_vec);
        evaluate(OpKind::ArrayPad, &Parameters::Pad { low, high, interior }, &operands, &typed(extents))
    };
    expect(pad(counting(&[2]), [&[1], &[2], &[0]], &[5], &[]), &[5], &[-1.0, 0.0, 1.0, -1.0, -1.0]);
    expect(pad(counting(&[3]), [&[0], &[0], &[1]], &[-1], &[5]), &[5], &[0.0, -1.0, 1.0, -1.0, 2.0]);
    expect(
        pad(counting(&[1, 2]), [&[1, 0], &[0, 1], &[4, 0]], &[2, 3], &[]),
        &[2, 3],
        &[-1.0, -1.0, -1.0, 0.0, 1.0, -1.0],
    );
    expect(pad(counting(&[0]), [&[1], &[1], &[3]], &[-1], &[2]), &[2], &[-1.0, -1.0]);
    expect(pad(counting(&[]), [&[], &[], &[]], &[], &[]), &[], &[0.0]);
    refused(pad(counting(&[3]), [&[0], &[0], &[1]], &[-1], &[6]));
}

#[test]
fn windows_slide() {
    let windows = |x: Literal, dim, [sizes, strides, dilations]: [&[usize]; 3], extents: &[i64]| {
        let [sizes, strides, dilations] = [sizes, strides, dilations].map(<[usize]>::to_vec);
        let form = Parameters::Windows(WindowForm { dim, sizes, strides, dilations });
        evaluate(OpKind::ArrayWindows, &form, &[x], &typed(extents))
    };
    expect(windows(counting(&[4]), 0, [&[2], &[1], &[1]], &[3, 2]), &[3, 2], &[0.0, 1.0, 1.0, 2.0, 2.0, 3.0]);
    expect(windows(counting(&[6]), 0, [&[2], &[2], &[3]], &[2, 2]), &[2, 2], &[0.0, 3.0, 2.0, 5.0]);
    expect(windows(counting(&[2]), 0, [&[3], &[1], &[1]], &[0, 3]), &[0, 3], &[]);
    expect(
        windows(counting(&[1, 3, 2]), 1, [&[2], &[1], &[1]], &[-1, 2, 2, 2]),
        &[1, 2, 2, 2],
        &[0.0, 1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 5.0],
    );
    expect(
        windows(counting(&[3, 3]), 0, [&[2, 2], &[1, 2], &[1, 1]], &[2, 1, 2, 2]),
        &[2, 1, 2, 2],
        &[0.0, 1.0, 3.0, 4.0, 3.0, 4.0, 6.0, 7.0],
    );
}

#[test]
fn concatenation_appends_along_a_dimension() {
    let concatenate = |xs: &[Literal], dim, extents: &[i64]| {
        evaluate(OpKind::ArrayConcatenate, &Parameters::Dim(dim), xs, &typed(extents))
    };
    let (a, b) = (counting(&[2, 2]), tensor(&[2, 1], &[8.0, 9.0]));
    expect(concatenate(&[a.clone(), b.clone()], 1, &[2, -1]), &[2, 3], &[0.0, 1.0, 8.0, 2.0, 3.0, 9.0]);
    expect(
        concatenate(&[a.clone(), counting(&[0, 2]), counting(&[1, 2])], 0, &[3, 2]),
        &[3, 2],
        &[0.0, 1.0, 2.0, 3.0, 0.0, 1.0],
    );
    expect(concatenate(&[counting(&[0])], 0, &[0]), &[0], &[]);
    refused(concatenate(&[a, b], 0, &[-1, -1]));
}

//! Conversion of arrays to and from text and .npy files.

use dp_abi::{Argument, Extent, ScalarType};
use dp_runtime::{Array, Element, npy, values};
use half::{bf16, f16};
use num_complex::Complex;

fn array<T: Element>(shape: &[usize], elements: Vec<T>) -> Array {
    Array::new(shape, elements).expect("elements that fill the shape")
}

/// Arrays of every type, of rank 0 to 3, and without elements.
fn examples() -> Vec<Array> {
    vec![
        array(&[2], vec![true, false]),
        array(&[3], vec![1_i8, -2, 127]),
        array(&[1, 2], vec![1_i16, -300]),
        Array::number(70_000_i32),
        array(&[2, 2, 1], vec![1_i64, 2, 3, i64::MIN]),
        array(&[2], vec![f16::from_f32(0.5), f16::MAX]),
        array(&[2], vec![bf16::from_f32(0.5), bf16::MAX]),
        array(&[2, 3], vec![1.0_f32, 0.1, -0.0, f32::MAX, 1e-40, f32::INFINITY]),
        array(&[0, 4], Vec::<f64>::new()),
        array(&[1], vec![Complex::new(1.5_f32, -2.0)]),
        Array::number(Complex::new(0.1_f64, 1e300)),
    ]
}

#[test]
fn npy_round_trip() {
    for array in examples() {
        let bytes = npy::encode(&array);
        assert_eq!(npy::decode(&bytes).expect("a valid file"), array);
        let header = u16::from_le_bytes([bytes[8], bytes[9]]);
        assert_eq!((usize::from(header) + 10) % 64, 0);
    }
}

#[test]
fn npy_with_other_byte_and_index_orders() {
    let mut bytes = b"\x93NUMPY\x01\x00\x46\x00".to_vec();
    let header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }";
    bytes.extend(format!("{header:<69}\n").as_bytes());
    for item in [1_i16, 4, 2, 5, 3, 6] {
        bytes.extend(item.to_be_bytes());
    }
    assert_eq!(npy::decode(&bytes).expect("a file"), array(&[2, 3], vec![1_i16, 2, 3, 4, 5, 6]));
}

/// Unsigned integers are read by their bits.
#[test]
fn npy_of_unsigned_integers() {
    let header = "{'descr': '<u4', 'fortran_order': False, 'shape': (2,), }";
    let mut bytes = b"\x93NUMPY\x01\x00\x46\x00".to_vec();
    bytes.extend(format!("{header:<69}\n").as_bytes());
    for item in [7_u32, u32::MAX] {
        bytes.extend(item.to_le_bytes());
    }
    assert_eq!(npy::decode(&bytes).expect("a file"), array(&[2], vec![7_i32, -1]));
}

#[test]
fn damaged_npy() {
    let bytes = npy::encode(&array(&[2, 3], vec![0.0_f32; 6]));
    let said = |bytes: &[u8]| npy::decode(bytes).expect_err("a damaged file").to_string();
    for length in 0..bytes.len() {
        said(&bytes[..length]);
    }
    assert_eq!(said(&bytes[..bytes.len() - 1]), "the file is truncated: expected 24 bytes of elements, found 23");
    assert_eq!(said(&bytes[..100]), "the .npy header is damaged");
    assert_eq!(said(b"x,y\n1,2\n"), "this is not a .npy file");
    let with = |descr: &str, shape: &str| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat()
    };
    assert!(said(&with("<U3", "(1,)")).contains("NumPy type `<U3`"));
    assert!(said(&with("<f8", "(9223372036854775807, 9223372036854775807)")).contains("memory"));
    assert!(said(&with("<f8", "(9223372036854775807,)")).contains("memory"));
    assert!(said(&with("<f8", "(1099511627776,)")).contains("truncated"));
}

/// Reads files that NumPy 2.4 wrote.
#[test]
fn files_of_numpy() {
    let read = |name: &str| npy::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a file");
    assert_eq!(read("float64.npy"), array(&[3], vec![1.0, 2.0, 3.0]));
    let multiples = (0..6_u8).map(|n| Complex::new(2.0, -1.0) * f32::from(n)).collect();
    assert_eq!(read("complex64-column-major.npy"), array(&[2, 3], multiples));

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.npy");
    npy::write(&path, &read("float64.npy")).expect("a file");
    assert_eq!(npy::read(&path).expect("a file"), read("float64.npy"));
}

#[test]
fn printed() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let examples = examples();
    let expected = "a = [true, false]\nb = [1, -2, 127]\nc = [[1, -300]]\nd = 70000\n\
                    e = [[[1], [2]], [[3], [-9223372036854775808]]]\nf = [0.5, 65500]\ng = [0.5, 3.39e38]\n\
                    h = [[1, 0.1, -0], [3.4028235e38, 1e-40, inf]]\ni = []\nj = [1.5-2i]\nk = 0.1+1e300i\n";
    assert_eq!(values::text(names.into_iter().zip(&examples)), expected);

    let arrays = [
        array(&[2, 2], vec![1.0_f32, 2.5, f32::NAN, f32::NEG_INFINITY]),
        array(&[2, 0], Vec::<i32>::new()),
        Array::number(true),
        array(&[1], vec![Complex::new(1.0_f64, -0.0)]),
    ];
    let expected = r#"{"results": [
  {"name": "x", "type": "f32", "shape": [2, 2], "data": [[1, 2.5], ["nan", "-inf"]]},
  {"name": "\"n\"", "type": "i32", "shape": [2, 0], "data": [[], []]},
  {"name": "p", "type": "i1", "shape": [], "data": true},
  {"name": "z", "type": "complex<f64>", "shape": [1], "data": [[1, -0.0]]}
]}
"#;
    assert_eq!(values::json(["x", "\"n\"", "p", "z"].into_iter().zip(&arrays)), expected);
}

/// Printed arrays are read back as the same values.
#[test]
fn text_round_trip() {
    for array in examples() {
        let text = values::text([("x", &array)]);
        let value = text.trim_end().strip_prefix("x = ").expect("a name");
        let shape = array.shape().iter().map(|extent| Extent::Static(*extent as u64)).collect();
        let number = array.elements().number();
        let read = values::read(value, &[argument("x", number, Some(shape))]).expect(value);
        assert_eq!(format!("{read:?}"), format!("{:?}", [array]));
    }
    for text in ["nan+nani", "inf-infi", "-inf+0i", "1e-5-2e-7i", "-0-0i"] {
        let read = values::read(text, &[argument("z", ScalarType::Complex128, None)]).expect(text);
        assert_eq!(values::text([("z", &read[0])]), format!("z = {text}\n"));
    }
    for (text, same) in
        [("-2i", "0-2i"), ("i", "0+1i"), ("1 - i", "1-1i"), ("2.5", "2.5+0i"), ("1e3 + 2E-1i", "1000+0.2i")]
    {
        let read = values::read(text, &[argument("z", ScalarType::Complex128, None)]).expect(text);
        assert_eq!(values::text([("z", &read[0])]), format!("z = {same}\n"));
    }
    for text in ["1+", "i2", "1+2", "1+2ii", "", "1i+2", "--1i"] {
        values::read(&format!("[{text}]"), &[argument("z", ScalarType::Complex128, Some(vec![Extent::Static(1)]))])
            .expect_err(text);
    }
}

fn argument(name: &str, number: ScalarType, shape: Option<Vec<Extent>>) -> Argument {
    Argument { name: name.into(), number, shape }
}

#[test]
fn read_from_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.npy");
    let x = array(&[2, 1], vec![7.0_f32, 8.0]);
    npy::write(&path, &x).expect("a file");
    let arguments = [
        argument("a", ScalarType::F64, None),
        argument("n", ScalarType::I32, None),
        argument("w", ScalarType::F32, Some(vec![Extent::Static(2), Extent::Dynamic])),
        argument("x", ScalarType::F32, Some(vec![Extent::Dynamic, Extent::Static(1)])),
        argument("z", ScalarType::Complex128, None),
        argument("p", ScalarType::I1, Some(vec![Extent::Dynamic])),
        argument("none", ScalarType::Index, Some(vec![Extent::Dynamic, Extent::Static(3)])),
    ];
    let text = format!("5.0, -3,[[1, 2,3],[4,5,6e-1]],@{},1.5-2i,[true,0],[]", path.display());
    let read = values::read(&text, &arguments).expect("values");
    assert_eq!(read[0].as_number(), Some(5.0_f64));
    assert_eq!(read[1].as_number(), Some(-3_i32));
    assert_eq!(read[2], array(&[2, 3], vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 0.6]));
    assert_eq!(read[3], x);
    assert_eq!(read[4].as_number(), Some(Complex::new(1.5_f64, -2.0)));
    assert_eq!(read[5], array(&[2], vec![true, false]));
    assert_eq!(read[6].shape(), [0, 3]);
    assert_eq!(read[6].elements().number(), ScalarType::Index);
    assert!(values::read(" ", &[]).expect("values").is_empty());
}

#[test]
fn invalid_text_is_rejected() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.npy");
    npy::write(&path, &array(&[2], vec![7.0_f32, 8.0])).expect("a file");
    let number = [argument("n", ScalarType::I8, None)];
    let vector = [argument("x", ScalarType::F64, Some(vec![Extent::Dynamic]))];
    let matrix = [argument("w", ScalarType::F64, Some(vec![Extent::Dynamic, Extent::Static(2)]))];
    let said = |text: &str, arguments: &[Argument]| values::read(text, arguments).expect_err("a mistake").to_string();
    assert_eq!(said("1,2", &number), "expected values for (n: i8), but got 2");
    assert_eq!(said("300", &number), "`n` has type i8, but `300` is not of type i8");
    assert_eq!(said("1.5", &number), "`n` has type i8, but `1.5` is not of type i8");
    assert_eq!(said("", &number), "expected values for (n: i8), but got 0");
    assert_eq!(said("[1", &vector), "unbalanced brackets in `[1`");
    assert_eq!(said("[1]]", &vector), "unbalanced brackets in `[1]]`");
    assert_eq!(said("[1][2]", &vector), "unbalanced brackets in `[1][2]`");
    assert_eq!(said("3", &vector), "`x` has type tensor<?xf64>, but the value has type f64");
    assert_eq!(said("[1,2]", &matrix), "`w` has type tensor<?x2xf64>, but the value has type tensor<2xf64>");
    assert_eq!(said("[[1]]", &matrix), "`w` has type tensor<?x2xf64>, but the value has type tensor<1x1xf64>");
    assert!(said("[[1,2],[3]]", &matrix).ends_with("differ in length"));
    assert!(said("[[1,2],3]", &matrix).ends_with("differ in length"));
    assert_eq!(
        said(&format!("@{}", path.display()), &vector),
        "`x` has type tensor<?xf64>, but the value has type tensor<2xf32>; convert the array with `astype`"
    );
    assert!(said("@no.npy", &vector).starts_with("`x`: no.npy: "));
}

//! NumPy's file format, `.npy`: reading and writing arrays.
//!
//! A file has the magic bytes `\x93NUMPY`, a version, the length of a header, the header (a Python dictionary with the
//! keys `descr`, `fortran_order` and `shape`), and the elements. Big-endian and column-major files are supported. NumPy
//! has no bf16; the extension types of machine-learning libraries write it as two untyped bytes, `|V2`.

use std::fs;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};

use dp_abi::ScalarType;
use half::{bf16, f16};
use num_complex::Complex;
use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::array::{Array, count, with_elements};

const MAGIC: &[u8] = b"\x93NUMPY";

/// The `descr` of each type, without the byte order.
const DESCRIPTORS: [(&str, ScalarType); 11] = [
    ("b1", ScalarType::I1),
    ("i1", ScalarType::I8),
    ("i2", ScalarType::I16),
    ("i4", ScalarType::I32),
    ("i8", ScalarType::I64),
    ("f2", ScalarType::F16),
    ("V2", ScalarType::BF16),
    ("f4", ScalarType::F32),
    ("f8", ScalarType::F64),
    ("c8", ScalarType::Complex64),
    ("c16", ScalarType::Complex128),
];

/// The same for unsigned integers, which are read by their bits: integers of programs have no sign.
const UNSIGNED: [(&str, ScalarType); 4] =
    [("u1", ScalarType::I8), ("u2", ScalarType::I16), ("u4", ScalarType::I32), ("u8", ScalarType::I64)];

/// An error of reading or writing a file.
#[derive(Debug, Error)]
#[error("{}: {problem}", path.display())]
pub struct NpyError {
    /// The file.
    pub path: PathBuf,
    /// The error.
    pub problem: Problem,
}

/// An error in a file.
#[derive(Debug, Error)]
pub enum Problem {
    /// An I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The magic bytes are missing.
    #[error("this is not a .npy file")]
    Magic,
    /// The header is truncated or malformed.
    #[error("the .npy header is damaged")]
    Header,
    /// The element type is not supported.
    #[error("the NumPy type `{0}` is not supported; convert the array with `astype`")]
    Type(String),
    /// The elements are truncated.
    #[error("the file is truncated: expected {expected} bytes of elements, found {found}")]
    Truncated {
        /// The number of bytes according to the header.
        expected: usize,
        /// The number of bytes present.
        found: usize,
    },
    /// There are more elements than fit in memory.
    #[error("an array of shape {0:?} does not fit into memory")]
    Memory(Vec<usize>),
}

/// Reads a file.
pub fn read(path: impl AsRef<Path>) -> Result<Array, NpyError> {
    let path = path.as_ref();
    fs::read(path)
        .map_err(Problem::from)
        .and_then(|bytes| decode(&bytes))
        .map_err(|problem| NpyError { path: path.into(), problem })
}

/// Writes a file.
pub fn write(path: impl AsRef<Path>, array: &Array) -> Result<(), NpyError> {
    let path = path.as_ref();
    fs::write(path, encode(array)).map_err(|error| NpyError { path: path.into(), problem: error.into() })
}

/// The contents of an archive of named arrays, `.npz`.
///
/// # Errors
/// If two arrays have the same name, or the archive is too large for the format.
pub fn archive<'a>(arrays: impl IntoIterator<Item = (&'a str, &'a Array)>) -> io::Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in arrays {
        // A fixed time stamp, so that equal arrays give equal bytes.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        writer.start_file(format!("{name}.npy"), options)?;
        writer.write_all(&encode(array))?;
    }
    Ok(writer.finish()?.into_inner())
}

/// Reads the contents of a file.
pub fn decode(bytes: &[u8]) -> Result<Array, Problem> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(Problem::Magic)?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (u32::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]), rest),
        _ => return Err(Problem::Header),
    };
    let (header, elements) = rest.split_at_checked(length as usize).ok_or(Problem::Header)?;
    let header = std::str::from_utf8(header).ok().and_then(Header::parse).ok_or(Problem::Header)?;

    let (order, name) = header.descr.split_at_checked(1).ok_or(Problem::Header)?;
    let mut known = DESCRIPTORS.iter().chain(&UNSIGNED);
    let number = known.find(|(descriptor, _)| *descriptor == name).map(|(_, number)| *number);
    let number = number.ok_or_else(|| Problem::Type(header.descr.clone()))?;
    let expected = count(&header.shape).and_then(|count| count.checked_mul(number.size()));
    let expected = expected.ok_or_else(|| Problem::Memory(header.shape.clone()))?;
    let elements = elements.get(..expected).ok_or(Problem::Truncated { expected, found: elements.len() })?;

    let mut array = Array::zeros(number, header.shape).ok_or(Problem::Header)?;
    let order: fn(&mut [u8]) = if order == ">" { <[u8]>::reverse } else { |_| () };
    let positions = positions(array.shape(), header.fortran_order);
    with_elements!(array.elements_mut(), items => decode_elements(elements, items, order, positions));
    Ok(array)
}

/// The contents of a file with the array.
pub fn encode(array: &Array) -> Vec<u8> {
    let number = match array.elements().number() {
        ScalarType::Index => ScalarType::I64,
        number => number,
    };
    let descriptor = DESCRIPTORS.iter().find(|(_, other)| *other == number).map_or("V2", |(name, _)| name);
    let order = if number.real().size() == 1 || number == ScalarType::BF16 { '|' } else { '<' };
    let extents: String = array.shape().iter().map(|extent| format!("{extent}, ")).collect();
    let shape = match array.shape() {
        [_] => extents.trim_end(),
        _ => extents.trim_end_matches(", "),
    };
    let mut header = format!("{{'descr': '{order}{descriptor}', 'fortran_order': False, 'shape': ({shape}), }}");
    // Elements start at a multiple of 64 bytes, and the header ends with a newline. Even with a thousand extents it is
    // shorter than the limit of version 1.
    let prefix = MAGIC.len() + 4;
    header += &" ".repeat(63 - (prefix + header.len()) % 64);
    header.push('\n');

    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    with_elements!(array.elements(), items => items.iter().for_each(|item| item.put(&mut bytes)));
    bytes
}

/// The header dictionary of a file.
struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl Header {
    /// Parses the dictionary: three keys, in any order.
    fn parse(text: &str) -> Option<Header> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        while !rest.is_empty() {
            let (key, value) = rest.split_once(':')?;
            let value = value.trim_start();
            let end = match value.chars().next()? {
                '(' => value.find(')')? + 1,
                quote @ ('\'' | '"') => value[1..].find(quote)? + 2,
                _ => value.find(',').unwrap_or(value.len()),
            };
            let (value, after) = value.split_at(end);
            match key.trim().trim_matches(['\'', '"']) {
                "descr" => descr = Some(value.trim_matches(['\'', '"']).to_owned()),
                "fortran_order" => {
                    fortran_order = match value.trim() {
                        "True" => Some(true),
                        "False" => Some(false),
                        _ => None,
                    };
                }
                "shape" => shape = parse_shape(value),
                _ => return None,
            }
            rest = after.trim_start().trim_start_matches(',').trim_start();
        }
        Some(Header { descr: descr?, fortran_order: fortran_order?, shape: shape? })
    }
}

fn parse_shape(text: &str) -> Option<Vec<usize>> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let extents = inner.split(',').map(str::trim).filter(|extent| !extent.is_empty());
    extents.map(|extent| extent.trim_end_matches('L').parse().ok()).collect()
}

/// For each element of the file, in order, its row-major position. In column-major files, the first index varies
/// fastest.
fn positions(shape: &[usize], fortran_order: bool) -> Box<dyn Iterator<Item = usize>> {
    let count = count(shape).unwrap_or(0);
    if !fortran_order {
        return Box::new(0..count);
    }
    let shape = shape.to_vec();
    Box::new((0..count).map(move |file| {
        let mut rest = file;
        let mut place = 0;
        // The index in each dimension, fastest first, times its row-major stride.
        for (dimension, extent) in shape.iter().enumerate() {
            let stride: usize = shape[dimension + 1..].iter().product();
            place += rest % extent * stride;
            rest /= extent;
        }
        place
    }))
}

fn decode_elements<T: Bytes>(
    bytes: &[u8],
    items: &mut [T],
    order: fn(&mut [u8]),
    positions: impl Iterator<Item = usize>,
) {
    for (chunk, place) in bytes.chunks_exact(size_of::<T>()).zip(positions) {
        items[place] = T::get(chunk, order);
    }
}

/// Elements as little-endian bytes.
trait Bytes: Sized {
    /// The element with these bytes, after `order` has ordered the bytes of each component.
    fn get(bytes: &[u8], order: fn(&mut [u8])) -> Self;
    fn put(&self, bytes: &mut Vec<u8>);
}

macro_rules! bytes {
    ($($type:ty),*) => {$(
        impl Bytes for $type {
            fn get(bytes: &[u8], order: fn(&mut [u8])) -> Self {
                let mut component = [0; size_of::<$type>()];
                component.copy_from_slice(bytes);
                order(&mut component);
                <$type>::from_le_bytes(component)
            }
            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }
        }
    )*};
}
bytes!(i8, i16, i32, i64, f16, bf16, f32, f64);

impl Bytes for bool {
    fn get(bytes: &[u8], _: fn(&mut [u8])) -> bool {
        bytes.iter().any(|byte| *byte != 0)
    }
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*self));
    }
}

impl<T: Bytes> Bytes for Complex<T> {
    fn get(bytes: &[u8], order: fn(&mut [u8])) -> Complex<T> {
        let (re, im) = bytes.split_at(bytes.len() / 2);
        Complex { re: T::get(re, order), im: T::get(im, order) }
    }
    fn put(&self, bytes: &mut Vec<u8>) {
        self.re.put(bytes);
        self.im.put(bytes);
    }
}

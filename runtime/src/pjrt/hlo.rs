//! Compiled programs as XLA's plugins give them: what each device takes, and the collective operations.
//!
//! Only some fields of the serialized messages are read. Source: `xla/service/hlo.proto`, `xla/xla_data.proto`.

use super::Error;

/// A collective operation in a compiled program, in which devices exchange data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collective {
    /// XLA's name of the operation, such as `all-reduce`.
    pub name: String,
    /// The number of elements that each device gets.
    pub elements: u64,
}

/// What is known of a compiled program.
#[derive(Debug)]
pub(super) struct Program {
    /// The shapes of the arguments on each device.
    pub arguments: Vec<Vec<usize>>,
    /// The collective operations. One in a loop is listed once.
    pub collectives: Vec<Collective>,
}

/// The collective operations of XLA. An asynchronous one is divided into `-start` and `-done`.
const COLLECTIVES: [&str; 7] = [
    "all-gather",
    "all-reduce",
    "all-to-all",
    "collective-broadcast",
    "collective-permute",
    "ragged-all-to-all",
    "reduce-scatter",
];

/// Numbers of fields.
mod field {
    /// `HloModuleProtoWithConfig::hlo_module`
    pub const MODULE: u64 = 1;
    /// `HloModuleProto::computations`
    pub const COMPUTATIONS: u64 = 3;
    /// `HloModuleProto::host_program_shape`
    pub const PROGRAM_SHAPE: u64 = 4;
    /// `HloComputationProto::instructions`
    pub const INSTRUCTIONS: u64 = 2;
    /// `HloInstructionProto::opcode`
    pub const OPCODE: u64 = 2;
    /// `HloInstructionProto::shape`
    pub const SHAPE: u64 = 3;
    /// `ProgramShapeProto::parameters`
    pub const PARAMETERS: u64 = 1;
    /// `ShapeProto::dimensions`
    pub const DIMENSIONS: u64 = 3;
    /// `ShapeProto::tuple_shapes`
    pub const TUPLE_SHAPES: u64 = 4;
}

impl Program {
    /// Reads a program in a format that a plugin names.
    pub fn read(bytes: &[u8], format: &str) -> Result<Program, Error> {
        let module = match format {
            "hlo" => Some(bytes),
            "hlo_with_config" => Message(bytes).messages(field::MODULE).and_then(|modules| modules.first().copied()),
            _ => None,
        };
        module.and_then(|module| Program::of(Message(module))).ok_or_else(|| Error::Answer {
            action: "cannot read the compiled program",
            answer: format!("{} bytes in the format `{format}`", bytes.len()),
        })
    }

    fn of(module: Message) -> Option<Program> {
        let program_shape = Message(module.messages(field::PROGRAM_SHAPE)?.first()?);
        let parameters = program_shape.messages(field::PARAMETERS)?;
        let arguments: Option<Vec<Vec<usize>>> = parameters.into_iter().map(|shape| extents(Message(shape))).collect();
        let mut collectives = Vec::new();
        for computation in module.messages(field::COMPUTATIONS)? {
            for instruction in Message(computation).messages(field::INSTRUCTIONS)? {
                collectives.extend(Collective::of(Message(instruction))?);
            }
        }
        Some(Program { arguments: arguments?, collectives })
    }
}

impl Collective {
    /// The collective operation that an instruction is, if it is one; nothing if it is malformed.
    fn of(instruction: Message) -> Option<Option<Collective>> {
        let opcode = std::str::from_utf8(instruction.messages(field::OPCODE)?.first()?).ok()?;
        let name = opcode.strip_suffix("-start").unwrap_or(opcode);
        if !COLLECTIVES.contains(&name) {
            return Some(None);
        }
        let shape = Message(instruction.messages(field::SHAPE)?.first()?);
        Some(Some(Collective { name: name.into(), elements: elements(shape)? }))
    }
}

/// The extents of a shape.
fn extents(shape: Message) -> Option<Vec<usize>> {
    shape.numbers(field::DIMENSIONS)?.into_iter().map(|extent| usize::try_from(extent).ok()).collect()
}

/// The number of elements of a shape, or of all parts of a tuple.
fn elements(shape: Message) -> Option<u64> {
    let parts = shape.messages(field::TUPLE_SHAPES)?;
    if parts.is_empty() {
        return shape.numbers(field::DIMENSIONS)?.into_iter().try_fold(1_u64, u64::checked_mul);
    }
    parts.into_iter().try_fold(0_u64, |sum, part| sum.checked_add(elements(Message(part))?))
}

/// A serialized message of Protocol Buffers: fields, each a number with a value.
#[derive(Clone, Copy)]
struct Message<'b>(&'b [u8]);

/// A value of a field.
enum Value<'b> {
    Number(u64),
    Bytes(&'b [u8]),
    /// Of fixed width, which no field that is read has.
    Fixed,
}

impl<'b> Message<'b> {
    /// The values of a field of messages or texts.
    fn messages(self, field: u64) -> Option<Vec<&'b [u8]>> {
        let bytes = |value| match value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Number(_) | Value::Fixed => None,
        };
        self.values(field)?.into_iter().map(bytes).collect()
    }

    /// The values of a field of integers, which may be packed.
    fn numbers(self, field: u64) -> Option<Vec<u64>> {
        let mut numbers = Vec::new();
        for value in self.values(field)? {
            match value {
                Value::Number(number) => numbers.push(number),
                Value::Bytes(mut packed) => {
                    while !packed.is_empty() {
                        numbers.push(take_number(&mut packed)?);
                    }
                }
                Value::Fixed => return None,
            }
        }
        Some(numbers)
    }

    /// The values of a field; nothing if the message is malformed.
    fn values(self, field: u64) -> Option<Vec<Value<'b>>> {
        let Message(mut rest) = self;
        let mut values = Vec::new();
        while !rest.is_empty() {
            let tag = take_number(&mut rest)?;
            let value = match tag & 7 {
                0 => Value::Number(take_number(&mut rest)?),
                1 => take(&mut rest, 8).map(|_| Value::Fixed)?,
                2 => {
                    let length = usize::try_from(take_number(&mut rest)?).ok()?;
                    Value::Bytes(take(&mut rest, length)?)
                }
                5 => take(&mut rest, 4).map(|_| Value::Fixed)?,
                _ => return None,
            };
            if tag >> 3 == field {
                values.push(value);
            }
        }
        Some(values)
    }
}

/// Takes bytes from the start.
fn take<'b>(rest: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, others) = rest.split_at_checked(count)?;
    *rest = others;
    Some(taken)
}

/// Takes a number, seven bits a byte, the lowest ones first.
fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

//! What instructions compute, as functions of bits, and the table that finds them by name and modifiers.
//!
//! A row takes the modifiers that it knows; those that it leaves are an error of the module.

pub mod bits;
pub mod compare;
pub mod convert;
pub mod float;
pub mod integer;
pub mod minmax;
pub mod round;
pub mod special;

use crate::class::Class;
use crate::functions::Kernel;
use crate::types::Ty;

/// A function with the types of its result and operands.
#[derive(Clone, Copy, Debug)]
pub struct Picked {
    /// What computes it.
    pub kernel: Kernel,
    /// The type of the result.
    pub result: Ty,
    /// The types of the operands.
    pub operands: [Ty; 4],
    /// How it is counted.
    pub class: Class,
}

impl Picked {
    /// Result and operands of one type.
    pub fn same(ty: Ty, kernel: Kernel) -> Picked {
        Picked { kernel, result: ty, operands: [ty; 4], class: class_of(ty) }
    }

    /// With another type of the result.
    pub fn to(self, result: Ty) -> Picked {
        Picked { result, ..self }
    }

    /// With another type of an operand.
    pub fn operand(mut self, n: usize, ty: Ty) -> Picked {
        self.operands[n] = ty;
        self
    }

    /// Counted otherwise.
    pub fn class(self, class: Class) -> Picked {
        Picked { class, ..self }
    }

    /// How many operands it takes.
    pub fn arity(&self) -> usize {
        match self.kernel {
            Kernel::One(_) => 1,
            Kernel::Two(_) => 2,
            Kernel::Three(_) => 3,
            Kernel::Four(_) => 4,
            Kernel::Carry(_, arity) => arity,
        }
    }
}

/// How arithmetic on a type is counted.
pub fn class_of(ty: Ty) -> Class {
    match ty {
        Ty::F16 | Ty::F16x2 | Ty::Bf16 | Ty::Bf16x2 => Class::Half,
        Ty::F32 | Ty::Tf32 => Class::F32,
        Ty::F64 => Class::F64,
        Ty::Pred => Class::Predicate,
        Ty::B8 | Ty::B16 | Ty::B32 | Ty::B64 => Class::Integer,
        Ty::U8 | Ty::U16 | Ty::U32 | Ty::U64 | Ty::S8 | Ty::S16 | Ty::S32 | Ty::S64 => Class::Integer,
    }
}

/// The entry of a table of forms, by its key: a type, alone or with modifiers. `None` if there is no such form.
pub(crate) fn form<K: PartialEq, T: Copy>(key: K, forms: &[(K, T)]) -> Option<T> {
    forms.iter().find(|form| form.0 == key).map(|form| form.1)
}

/// The modifiers of an instruction; what nobody takes is unknown.
#[derive(Clone, Debug)]
pub struct Modifiers<'s> {
    words: Vec<&'s str>,
}

impl<'s> Modifiers<'s> {
    /// All are untaken.
    pub fn new(words: &[&'s str]) -> Modifiers<'s> {
        Modifiers { words: words.to_vec() }
    }

    /// Takes a word if it is there.
    pub fn flag(&mut self, word: &str) -> bool {
        match self.words.iter().position(|w| *w == word) {
            Some(n) => {
                self.words.remove(n);
                true
            }
            None => false,
        }
    }

    /// Takes the first word that the table has, and gives what stands beside it.
    pub fn choose<T: Copy>(&mut self, table: &[(&str, T)]) -> Option<T> {
        let find = |word: &&str| table.iter().find(|row| row.0 == *word).map(|row| row.1);
        let n = self.words.iter().position(|w| find(w).is_some())?;
        find(&self.words.remove(n))
    }

    /// Takes the first word that names a type.
    pub fn ty(&mut self) -> Option<Ty> {
        let n = self.words.iter().position(|w| Ty::named(w).is_some())?;
        Ty::named(self.words.remove(n))
    }

    /// Takes the first of the remaining words for which the function has a value.
    pub fn find<T>(&mut self, f: impl Fn(&str) -> Option<T>) -> Option<T> {
        let n = self.words.iter().position(|w| f(w).is_some())?;
        f(self.words.remove(n))
    }

    /// The first word that nobody took.
    pub fn rest(&self) -> Option<&'s str> {
        self.words.first().copied()
    }
}

/// A row: the instruction's name, and how modifiers choose a function. None where it has no such form.
pub type Row = (&'static str, fn(&mut Modifiers) -> Option<Picked>);

const TABLES: &[&[Row]] = &[integer::ROWS, bits::ROWS, float::ROWS, minmax::ROWS, special::ROWS];

/// Whether a row has that name.
pub fn knows(opcode: &str) -> bool {
    TABLES.iter().any(|rows| rows.iter().any(|row| row.0 == opcode))
}

/// The function of an instruction, by name and modifiers.
pub fn pick(opcode: &str, modifiers: &[&str]) -> Result<Picked, String> {
    let mut rows = TABLES.iter().flat_map(|rows| rows.iter()).filter(|row| row.0 == opcode).peekable();
    if rows.peek().is_none() {
        return Err(format!("unknown instruction '{opcode}'"));
    }
    let mut complaint = format!("'{opcode}' has no form '.{}'", modifiers.join("."));
    for row in rows {
        let mut words = Modifiers::new(modifiers);
        match (row.1(&mut words), words.rest()) {
            (Some(picked), None) => return Ok(picked),
            (Some(_), Some(word)) => complaint = format!("unknown modifier '.{word}' of '{opcode}'"),
            (None, _) => {}
        }
    }
    Err(complaint)
}

/// A function of integers of the type at hand: `integers!(ty, Two, (a, b) => a.wrapping_add(b))`. In the body, `T` is
/// that type.
macro_rules! integers {
    ($ty:expr, $kind:ident, ($($x:ident),+) => $body:expr) => {{
        use $crate::types::Ty::*;
        match $ty {
            U16 | B16 => Some(integers!(@ u16, u16, $kind, ($($x),+) => $body)),
            S16 => Some(integers!(@ i16, u16, $kind, ($($x),+) => $body)),
            U32 | B32 => Some(integers!(@ u32, u32, $kind, ($($x),+) => $body)),
            S32 => Some(integers!(@ i32, u32, $kind, ($($x),+) => $body)),
            U64 | B64 => Some(integers!(@ u64, u64, $kind, ($($x),+) => $body)),
            S64 => Some(integers!(@ i64, u64, $kind, ($($x),+) => $body)),
            Pred | B8 | U8 | S8 | F16 | F16x2 | Bf16 | Bf16x2 | Tf32 | F32 | F64 => None,
        }
    }};
    (@ $T:ident, $U:ident, $kind:ident, ($($x:ident),+) => $body:expr) => {{
        #[allow(dead_code)]
        type T = $T;
        $crate::functions::Kernel::$kind(|$($x),+| {
            $(let $x = $x as $T;)+
            ($body) as $T as $U as u64
        })
    }};
}
pub(crate) use integers;

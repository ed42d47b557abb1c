//! Random programs over all operations: each step picks an operation and makes it of values that are there, or of new
//! constants and arguments. The operations are those of `OpKind`, their types those of the tables of dialects, so that
//! a new one is generated as soon as it exists.

use super::program::{Block, Function, Id, Operation, Program, Value};
use crate::refutation::generate::Dim;
use crate::refutation::numbers::Random;
use dp_dialects::attributes::Reduction;
use dp_dialects::{Literal, OpKind, Parameters, ScalarType, ValueType};
use dp_simplify::Soundness;

/// What programs are like.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The types of numbers, but for booleans and indices, which are wherever they must be.
    pub dtypes: &'static [ScalarType],
    /// What extents are chosen from.
    pub extents: &'static [u64],
    /// The most dimensions.
    pub rank: usize,
    /// How special the numbers are.
    pub soundness: Soundness,
    /// Which operations are made.
    pub admits: fn(OpKind, ScalarType) -> bool,
    /// Whether all of a program is differentiated: there are no other functions, and none that has no derivative.
    pub differentiated: bool,
    /// What most of it is.
    pub style: Style,
}

/// What most of a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// All operations alike.
    Any,
    /// Control flow: loops and branches, three deep, elements at induction variables, calls of functions that call
    /// themselves.
    Control,
    /// Control flow, and calls: each function calls those before it twice.
    Calls,
}

/// What makes control flow.
const CONTROL: [OpKind; 6] = {
    use OpKind::*;
    [ScfFor, ScfFor, ScfWhile, ScfIf, ScfIndexSwitch, FuncCall]
};

impl Settings {
    /// How deep regions are nested.
    fn depth(&self) -> usize {
        match self.style {
            Style::Any | Style::Calls => 2,
            Style::Control => 3,
        }
    }

    /// Whether most of a program is control flow.
    pub fn control(&self) -> bool {
        match self.style {
            Style::Any => false,
            Style::Control | Style::Calls => true,
        }
    }
}

/// Where operations are made.
pub struct Scope {
    /// The values that may be used.
    pub visible: Vec<Id>,
    /// What has been made.
    pub operations: Vec<Operation>,
    /// Whether nothing from outside may be used, and all values are numbers: in the region of a map.
    pub isolated: bool,
    /// How deep it is in regions.
    pub depth: usize,
}

/// Makes one program.
pub struct Generator<'r> {
    /// Where choices come from.
    pub random: &'r mut Random,
    /// What has been made.
    pub program: Program,
    /// What it is like.
    pub settings: Settings,
    /// The arguments of the function that is being made, and what they are when the program runs.
    pub arguments: Vec<(Id, Literal)>,
    /// Whether that function is differentiated.
    pub differentiated: bool,
    /// Whether that function gets no more arguments.
    pub is_closed: bool,
    palette: Vec<OpKind>,
}

/// A program.
pub fn program(random: &mut Random, settings: Settings) -> Program {
    let (program, arguments) = (Program::default(), Vec::new());
    let differentiated = settings.differentiated;
    let has_helper = settings.control() && random.once_in(3);
    let mut generator =
        Generator { random, program, settings, arguments, differentiated, is_closed: false, palette: Vec::new() };
    let helpers = match generator.settings.style {
        Style::Any | Style::Control => generator.random.below(3),
        Style::Calls => 1 + generator.random.below(2),
    };
    for helper in 0..helpers {
        generator.differentiated = differentiated || generator.random.once_in(2);
        generator.function(format!("_h{helper}"));
    }
    generator.differentiated = differentiated;
    if has_helper {
        generator.helper();
    }
    generator.function(String::new());
    generator.program.given = generator.arguments.into_iter().map(|(_, literal)| literal).collect();
    generator.program
}

/// Whether differentiation goes through an operation.
fn has_derivative(kind: OpKind) -> bool {
    let unsupported =
        |row: &dp_ad::rules::DerivativeRule| matches!(row.derivative, dp_ad::rules::Derivative::Unsupported(_));
    match kind {
        // Programs hold many equal numbers, between which a derivative of a sort has a jump.
        OpKind::ArraySort => false,
        // These have none at matrices of dependent columns or with equal eigenvalues, which random programs often make.
        OpKind::ArrayQr
        | OpKind::ArrayQrTaus
        | OpKind::ArrayEighValues
        | OpKind::ArrayEighVectors
        | OpKind::ArraySvdValues
        | OpKind::ArraySvdLeft
        | OpKind::ArraySvdRight => false,
        OpKind::AdJvp | OpKind::AdVjp | OpKind::AdGrad | OpKind::AdPull | OpKind::AdLinear => false,
        kind => dp_ad::rules::row(kind).is_none_or(|row| !unsupported(row)),
    }
}

impl Generator<'_> {
    /// Begins a function.
    pub fn begin(&mut self) {
        self.arguments.clear();
        self.palette = (0..5).map(|_| self.random.choose(OpKind::ALL)).collect();
    }

    /// A function that the next one may call.
    fn helper(&mut self) {
        match self.random.once_in(2) {
            true => self.recursive("_r".into()),
            false => self.function("_h".into()),
        }
    }

    fn function(&mut self, name: String) {
        self.begin();
        let mut scope = Scope { visible: Vec::new(), operations: Vec::new(), isolated: false, depth: 0 };
        let steps = 2 + self.random.below(7);
        self.steps(&mut scope, steps);
        if self.settings.style == Style::Calls {
            self.calls(&mut scope);
        }
        let is_result = |id: &Id| {
            let value = &self.program.values[*id];
            value.pullback.is_none() && value.is_determined
        };
        let made: Vec<Id> = scope.operations.iter().flat_map(|made| made.results.iter().copied()).collect();
        let made: Vec<Id> = made.into_iter().filter(is_result).collect();
        let mut results: Vec<Id> = made.last().copied().into_iter().collect();
        results.extend((0..self.random.below(3)).filter_map(|_| self.any(&made)));
        if self.differentiated && !results.iter().any(|id| self.program.values[*id].is_differentiable()) {
            let dtype = ScalarType::F64;
            let number = Literal::number(dtype, self.random.number(dtype, Soundness::Real));
            let r#type = ValueType::number(dtype);
            results.push(self.argument(&mut scope, &r#type, &number));
        }
        if self.differentiated && self.random.once_in(2) {
            results = self.one_number(&mut scope, &made).map_or(results, |number| vec![number]);
        }
        if results.is_empty() {
            let number = Literal::number(ScalarType::I32, self.random.number(ScalarType::I32, Soundness::Real));
            results.push(self.leaf(&mut scope, &ValueType::number(ScalarType::I32), &number));
        }
        scope.operations.push(Operation::new(OpKind::FuncReturn, results, Vec::new()));
        let arguments = self.arguments.iter().map(|(id, _)| *id).collect();
        let body = Block { arguments, operations: scope.operations };
        self.program.functions.push(Function { name, body, is_differentiated: self.differentiated });
    }

    /// A number, or tensor of rank 0, of real numbers: what a gradient is of.
    fn one_number(&mut self, scope: &mut Scope, among: &[Id]) -> Option<Id> {
        let is_real = |id: &&Id| self.program.values[**id].r#type.dtype.is_float();
        let id = *among.iter().rev().find(is_real)?;
        let value = self.program.values[id].clone();
        if !value.r#type.is_tensor() {
            return Some(id);
        }
        let dims = (0..value.extents.len()).collect();
        let parameters = Parameters::Reduce { kind: Reduction::Add, dims };
        let operation = Operation { parameters, ..Operation::new(OpKind::ArrayReduce, vec![id], vec![]) };
        Some(self.make(scope, operation, &ValueType::tensor(value.r#type.dtype, Vec::new()), &[]))
    }

    /// One of some values, later ones more often; `None` of none.
    pub fn any(&mut self, among: &[Id]) -> Option<Id> {
        let count = among.len();
        let place = |random: &mut Random| random.below(count.max(1)).max(random.below(count.max(1)));
        (count > 0).then(|| among[place(self.random)])
    }

    /// Makes some operations.
    pub fn steps(&mut self, scope: &mut Scope, count: usize) {
        for _ in 0..count {
            for _ in 0..8 {
                if self.settings.control() && !scope.isolated && self.random.once_in(4) && self.element(scope) {
                    break;
                }
                let palette = self.palette.clone();
                let kind = match () {
                    () if self.settings.control() && self.random.once_in(4) => self.random.choose(&CONTROL),
                    () if self.random.once_in(3) => self.random.choose(OpKind::ALL),
                    () => self.random.choose(&palette),
                };
                if (!self.differentiated || has_derivative(kind)) && self.grow(scope, kind) {
                    break;
                }
            }
        }
    }

    /// Makes an operation of a kind, if there can be one here.
    fn grow(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        use OpKind::*;
        if kind.classes().is_some() {
            return self.term(scope, kind);
        }
        // What has regions in a map's region would be made of numbers: branches are.
        if scope.isolated && !matches!(kind, ScfIf | ArithCmpI | ArithSelect | ScalarConstant) {
            return false;
        }
        match kind {
            ArrayMap | ArraySort => self.region(scope, kind),
            ArrayReduce | ArrayScan if self.random.once_in(2) => self.region(scope, kind),
            ScfIf | ScfFor | ScfWhile | ScfIndexSwitch => {
                scope.depth < self.settings.depth() && self.control(scope, kind)
            }
            FuncCall | AdJvp | AdVjp | AdPull | AdGrad => self.request(scope, kind),
            AdLinear => scope.depth == 0 && self.linear(scope),
            ArithCmpI | ArithSelect | ArithRemSI | TensorFromElements | ScalarConstant => self.number(scope, kind),
            // They end regions, or hold all else.
            ArrayYield | AdYield | ScfYield | ScfCondition | FuncReturn | FuncFunc | BuiltinModule => false,
            _ => self.term(scope, kind),
        }
    }

    /// A type of numbers of this program.
    pub fn dtype(&mut self) -> ScalarType {
        let dtypes = self.settings.dtypes;
        if self.random.once_in(8) { ScalarType::I1 } else { self.random.choose(dtypes) }
    }

    /// Random extents.
    pub fn shape(&mut self) -> Vec<Dim> {
        let rank = self.random.below(self.settings.rank + 1);
        let extents = self.settings.extents;
        (0..rank).map(|_| (self.random.choose(extents), !self.random.once_in(5))).collect()
    }

    /// The visible values that may stand for one from outside.
    pub fn same(&self, scope: &Scope, r#type: &ValueType, literal: &Literal) -> Vec<Id> {
        let index = (r#type.dtype == ScalarType::Index).then(|| literal.element(0).integer());
        let fits = |id: &&Id| {
            let value = &self.program.values[**id];
            value.pullback.is_none()
                && value.r#type == *r#type
                && value.extents == literal.extents()
                && (index.is_none() || value.index == index)
        };
        scope.visible.iter().filter(fits).copied().collect()
    }

    /// A value of a type: one that is there, a constant or an argument, which is the literal when the program runs.
    pub fn leaf(&mut self, scope: &mut Scope, r#type: &ValueType, literal: &Literal) -> Id {
        let same = self.same(scope, r#type, literal);
        if !same.is_empty() && !self.random.once_in(8) {
            return self.any(&same).unwrap_or(same[0]);
        }
        let alike = |id: &&Id| {
            let value = &self.program.values[**id];
            value.pullback.is_none()
                && value.r#type.is_tensor()
                && value.r#type.dtype == r#type.dtype
                && value.extents == literal.extents()
        };
        let alike: Vec<Id> = scope.visible.iter().filter(alike).copied().collect();
        if r#type.is_tensor() && !alike.is_empty() && self.random.once_in(2) {
            let from = self.any(&alike).unwrap_or(alike[0]);
            return self.make(scope, Operation::new(OpKind::TensorCast, vec![from], vec![]), r#type, literal.extents());
        }
        if !scope.isolated && !self.is_closed && !self.random.once_in(3) {
            return self.argument(scope, r#type, literal);
        }
        self.constant(scope, r#type, literal)
    }

    /// A new argument, which is the literal when the program runs.
    pub fn argument(&mut self, scope: &mut Scope, r#type: &ValueType, literal: &Literal) -> Id {
        let mut value = Value::new(r#type.clone(), literal.extents().to_vec());
        value.index = (r#type.dtype == ScalarType::Index).then(|| literal.element(0).integer());
        let id = self.program.value(value);
        self.arguments.push((id, literal.clone()));
        scope.visible.push(id);
        id
    }

    /// A constant, cast where the type does not say its extents.
    pub fn constant(&mut self, scope: &mut Scope, r#type: &ValueType, literal: &Literal) -> Id {
        let kind = match (r#type.is_tensor(), r#type.dtype) {
            (true, _) => OpKind::ArrayConstant,
            (false, ScalarType::Index) => OpKind::ArithConstant,
            (false, _) => OpKind::ScalarConstant,
        };
        let parameters = Parameters::Constant(literal.clone());
        let operation = Operation { parameters, ..Operation::new(kind, vec![], vec![]) };
        let made = self.make(scope, operation, &literal.value_type(), literal.extents());
        if r#type.dtype == ScalarType::Index {
            self.program.values[made].index = Some(literal.element(0).integer());
        }
        if *r#type == literal.value_type() {
            return made;
        }
        self.make(scope, Operation::new(OpKind::TensorCast, vec![made], vec![]), r#type, literal.extents())
    }

    /// Adds an operation of one result.
    pub fn make(&mut self, scope: &mut Scope, operation: Operation, r#type: &ValueType, extents: &[u64]) -> Id {
        let result = self.program.value(Value::new(r#type.clone(), extents.to_vec()));
        scope.operations.push(Operation { results: vec![result], ..operation });
        scope.visible.push(result);
        result
    }
}

//! Branches and loops, nested, with what loops carry: numbers, tensors, integers and booleans, some of them swapped,
//! overwritten, or changed in place.

use super::generate::{Generator, Scope};
use super::program::{Block, Id, Operation, Value};
use dp_dialects::attributes::Predicate;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};

/// What an induction variable may be at most, and one more.
const MOST: usize = 5;

impl Generator<'_> {
    fn inner(&self, scope: &Scope) -> Scope {
        let visible = if scope.isolated { Vec::new() } else { scope.visible.clone() };
        Scope { visible, operations: Vec::new(), isolated: scope.isolated, depth: scope.depth + 1 }
    }

    /// Branches and loops.
    pub fn control(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        match kind {
            OpKind::ScfIf => {
                let condition = self.condition(scope);
                let regions = self.branches(scope, 2);
                self.branch(scope, Operation { regions, ..Operation::new(kind, vec![condition], vec![]) })
            }
            OpKind::ScfIndexSwitch => {
                let selector = self.number_of(scope, ScalarType::Index);
                let cases = self.random.below(3);
                let listed = (0..cases).map(|case| (2 * case).to_string()).collect::<Vec<_>>().join(", ");
                let listed = if cases == 0 { String::new() } else { format!(": {listed}") };
                let attributes = vec![("cases", format!("array<i64{listed}>"))];
                let regions = self.branches(scope, 1 + cases);
                let operation = Operation { attributes, regions, ..Operation::new(kind, vec![selector], vec![]) };
                self.branch(scope, operation)
            }
            OpKind::ScfFor => self.counted(scope),
            OpKind::ScfWhile => self.conditional(scope),
            _ => false,
        }
    }

    /// A boolean that is there; where control flow is asked for, often the comparison of a real number.
    fn condition(&mut self, scope: &mut Scope) -> Id {
        if !self.settings.control() || scope.isolated || self.random.once_in(2) {
            return self.number_of(scope, ScalarType::I1);
        }
        self.comparison(scope)
    }

    /// Whether one real number is less than another one.
    fn comparison(&mut self, scope: &mut Scope) -> Id {
        let dtype = ScalarType::F64;
        let number = self.number_of(scope, dtype);
        let with = Literal::number(dtype, Number::Real(self.random.below(9) as f64 / 4.0 - 1.0));
        let with = self.constant(scope, &ValueType::number(dtype), &with);
        let predicate = self.random.choose(&[Predicate::Lt, Predicate::Ge]);
        let operation = Operation {
            parameters: Parameters::Compare(predicate),
            ..Operation::new(OpKind::ScalarCompare, vec![number, with], vec![])
        };
        self.make(scope, operation, &ValueType::number(ScalarType::I1), &[])
    }

    /// Blocks that yield values of the same types.
    fn branches(&mut self, scope: &mut Scope, count: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut wanted: Vec<Value> = Vec::new();
        for branch in 0..count {
            let mut body = self.inner(scope);
            if scope.isolated {
                // Branches see what is around them; only maps do not.
                body.visible = scope.visible.clone();
            }
            let steps = 1 + self.random.below(3);
            self.steps(&mut body, steps);
            let yielded: Vec<Id> = if branch == 0 {
                let candidates: Vec<Id> = body.visible.iter().copied().filter(|id| self.is_carried(*id)).collect();
                let yielded: Vec<Id> = (0..1 + self.random.below(2)).filter_map(|_| self.any(&candidates)).collect();
                wanted = yielded.iter().map(|id| self.program.values[*id].clone()).collect();
                yielded
            } else {
                let wanted = wanted.clone();
                wanted.iter().map(|value| self.value_like(&mut body, value)).collect()
            };
            body.operations.push(Operation::new(OpKind::ScfYield, yielded, vec![]));
            blocks.push(Block { arguments: vec![], operations: body.operations });
        }
        blocks
    }

    /// Whether a value may be the result of a branch or be carried by a loop: what indices are is known of none there.
    fn is_carried(&self, id: Id) -> bool {
        let value = &self.program.values[id];
        value.pullback.is_none() && value.r#type.dtype != ScalarType::Index
    }

    /// A value of the type and extents of one.
    pub fn value_like(&mut self, scope: &mut Scope, value: &Value) -> Id {
        let literal = self.literal(&value.r#type, &value.extents);
        self.leaf(scope, &value.r#type, &literal)
    }

    /// Gives an operation the results that its first region yields.
    pub fn branch(&mut self, scope: &mut Scope, mut operation: Operation) -> bool {
        let yielded = operation.regions[0].operations.last().map(|last| last.operands.clone()).unwrap_or_default();
        operation.results = self.copies(&yielded);
        self.add(scope, operation)
    }

    /// New values of the types of some.
    fn copies(&mut self, of: &[Id]) -> Vec<Id> {
        let values: Vec<Value> = of.iter().map(|id| self.program.values[*id].clone()).collect();
        let fresh = |value| Value { index: None, below: None, ..value };
        values.into_iter().map(|value| self.program.value(fresh(value))).collect()
    }

    /// Values that a loop carries; where control flow is asked for, often several of one type.
    fn carried(&mut self, scope: &mut Scope) -> Vec<Id> {
        let candidates: Vec<Id> = scope.visible.iter().copied().filter(|id| self.is_carried(*id)).collect();
        let mut carried: Vec<Id> = (0..1 + self.random.below(4)).filter_map(|_| self.any(&candidates)).collect();
        if carried.is_empty() {
            let dtype = self.dtype();
            carried.push(self.number_of(scope, dtype));
        }
        if self.settings.control() && self.random.once_in(2) {
            let value = self.program.values[carried[0]].clone();
            let another = self.value_like(scope, &value);
            carried.push(another);
        }
        carried
    }

    /// Whether one carried value may take the place of another one.
    fn is_exchangeable(&self, a: Id, b: Id) -> bool {
        let (a, b) = (&self.program.values[a], &self.program.values[b]);
        a.r#type == b.r#type && a.extents == b.extents && (!self.differentiated || a.r#type.is_static())
    }

    /// Values of the types of some, the newest that there are; now and then the same ones in another order, or one from
    /// before the loop.
    pub fn next(&mut self, scope: &mut Scope, of: &[Id], before: &[Id]) -> Vec<Id> {
        if self.settings.control() && of.len() > 1 && self.random.once_in(4) {
            let last = of.len() - 1;
            if self.is_exchangeable(of[0], of[last]) {
                let mut swapped = of.to_vec();
                swapped.swap(0, last);
                if self.random.once_in(2) {
                    // One moves on, and the other one is new.
                    swapped[0] = self.newest(scope, of[0]);
                }
                return swapped;
            }
        }
        let mut next = Vec::new();
        for (place, id) in of.iter().enumerate() {
            let overwritten = before.get(place).filter(|other| self.is_exchangeable(*id, **other)).copied();
            let overwritten = overwritten.filter(|_| self.settings.control() && self.random.once_in(10));
            let new = overwritten.unwrap_or_else(|| self.newest(scope, *id));
            next.push(new);
        }
        next
    }

    /// The newest value of the type of one, or another one.
    fn newest(&mut self, scope: &Scope, id: Id) -> Id {
        let wanted = self.program.values[id].clone();
        // A loop that is differentiated keeps the extents of what it carries, as far as can be shown.
        let must_be_changed = self.differentiated && !wanted.r#type.is_static();
        let fits = |other: &Id| {
            let value = &self.program.values[*other];
            self.is_carried(*other)
                && value.r#type == wanted.r#type
                && value.extents == wanted.extents
                && (!must_be_changed || self.program.changed(*other, id))
        };
        let fitting: Vec<Id> = scope.visible.iter().copied().filter(fits).collect();
        let last = fitting.last().copied().filter(|_| !self.random.once_in(3));
        last.or_else(|| self.any(&fitting)).unwrap_or(id)
    }

    /// The bounds of a counted loop, and the number below which its induction variable is.
    fn bounds(&mut self, scope: &mut Scope) -> ([Id; 3], u64) {
        let (from, to, by) = (self.random.below(2), self.random.below(MOST), 1 + self.random.below(2));
        let counters: Vec<Id> =
            scope.visible.iter().copied().filter(|id| self.program.values[*id].below.is_some()).collect();
        let [first, last, step] = [from, to, by].map(|bound| self.index(scope, bound as i64));
        let is_triangular = self.settings.control() && self.random.once_in(3);
        match if is_triangular { self.any(&counters) } else { None } {
            // As many rounds as the loop around it has had, or as it has left.
            Some(counter) if self.random.once_in(2) => {
                ([first, counter, step], self.program.values[counter].below.unwrap_or(MOST as u64))
            }
            Some(counter) => ([counter, last, step], to as u64),
            None => ([first, last, step], to as u64),
        }
    }

    fn counted(&mut self, scope: &mut Scope) -> bool {
        let (bounds, below) = self.bounds(scope);
        let mut operands = bounds.to_vec();
        let carried = self.carried(scope);
        operands.extend(&carried);
        let mut body = self.inner(scope);
        let counter = Value::new(ValueType::number(ScalarType::Index), Vec::new());
        let counter = self.program.value(Value { below: Some(below), ..counter });
        let inner = self.copies(&carried);
        body.visible.push(counter);
        body.visible.extend(&inner);
        let steps = 1 + self.random.below(4);
        self.steps(&mut body, steps);
        let next = self.next(&mut body, &inner, &carried);
        body.operations.push(Operation::new(OpKind::ScfYield, next, vec![]));
        let results = self.copies(&carried);
        let arguments = [vec![counter], inner].concat();
        let regions = vec![Block { arguments, operations: body.operations }];
        self.add(scope, Operation { regions, ..Operation::new(OpKind::ScfFor, operands, results) })
    }

    /// A loop that ends when a counter of its own has come to some number, or before, when a number is as it should be.
    fn conditional(&mut self, scope: &mut Scope) -> bool {
        let i32 = ValueType::number(ScalarType::I32);
        let number = |value: i64| Literal::number(ScalarType::I32, Number::Integer(value));
        let zero = self.constant(scope, &i32, &number(0));
        let mut carried = vec![zero];
        carried.extend(self.carried(scope));
        let rounds = self.random.below(4) as i64;
        let (before, after) = (self.copies(&carried), self.copies(&carried));
        let mut test = self.inner(scope);
        test.visible.extend(&before);
        let most = self.constant(&mut test, &i32, &number(rounds));
        let less = Operation {
            parameters: Parameters::Compare(Predicate::Lt),
            ..Operation::new(OpKind::ScalarCompare, vec![before[0], most], vec![])
        };
        let mut handed = before.clone();
        let mut goes_on = self.make(&mut test, less, &ValueType::number(ScalarType::I1), &[]);
        if self.settings.control() && self.random.once_in(3) {
            // Something happens before the loop is left.
            let steps = 1 + self.random.below(2);
            self.steps(&mut test, steps);
            handed = [vec![before[0]], self.next(&mut test, &before[1..], &[])].concat();
        }
        if self.random.once_in(if self.settings.control() { 2 } else { 3 }) {
            let other = self.condition(&mut test);
            let both = Operation::new(OpKind::ScalarAnd, vec![goes_on, other], vec![]);
            goes_on = self.make(&mut test, both, &ValueType::number(ScalarType::I1), &[]);
        }
        let handed = [vec![goes_on], handed].concat();
        test.operations.push(Operation::new(OpKind::ScfCondition, handed, vec![]));
        let mut body = self.inner(scope);
        body.visible.extend(&after);
        let one = self.constant(&mut body, &i32, &number(1));
        let sum = Operation::new(OpKind::ScalarAdd, vec![after[0], one], vec![]);
        let counted = self.make(&mut body, sum, &i32, &[]);
        let steps = 1 + self.random.below(3);
        self.steps(&mut body, steps);
        let next = [vec![counted], self.next(&mut body, &after[1..], &carried[1..])].concat();
        body.operations.push(Operation::new(OpKind::ScfYield, next, vec![]));
        let results = self.copies(&carried);
        let regions = vec![
            Block { arguments: before, operations: test.operations },
            Block { arguments: after, operations: body.operations },
        ];
        self.add(scope, Operation { regions, ..Operation::new(OpKind::ScfWhile, carried, results) })
    }
}

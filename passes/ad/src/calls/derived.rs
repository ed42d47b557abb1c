//! The functions that derivatives call: what each is, and the names and signatures of those that are not defined yet.

use dp_ad_engine::report::notices::Called;
use dp_ad_engine::transpose::calls::Told;
use dp_dialects::ir::{Op, Val, body_ops, signature, symbol_name};
use dp_dialects::marks::{DERIVATIVE, LINEAR_IN};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, MlirType, Result, ScalarType, ValueType};
use dp_passes::symbols::{define_private, free_symbol};
use melior::ir::{Region, Type};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};

/// What the name of a function ends in that returns only the derivative of those that another returns.
pub const ALONE: &str = ".derivative";

/// What a function is to the function that it was made for, f, whose active arguments are those in A. `x` are the
/// arguments of f, `y` its results, `e` the dynamic extents of the results that carry tangents, and `at` the position of
/// the record of the residuals.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// `(x) -> (y, at)`.
    Forward,
    /// `(at, x, e, tangents of A) -> tangents of y`, linear in the tangents.
    Tangent,
    /// `(at, x, e, cotangents of y) -> cotangents of A`: the transpose of `Tangent`.
    Reverse,
    /// `(x, tangents of A) -> (y, tangents of y)`.
    Jvp,
    /// `(x, c, tangents of D) -> cotangents of A`: the second derivative by A and D of the pairing of c with the results
    /// that carry tangents, applied to tangents of the arguments in D.
    Hvp(Vec<bool>),
    /// `(x) -> (y, position)`, of a record that holds this number, and the position of another record: of `at`, `x` and
    /// `e`, which `Pull` and `Push` recall.
    Vjp(i64),
    /// `(position, cotangents of y) -> cotangents of the arguments in this order`.
    Pull(Vec<usize>),
    /// `(position, tangents of the arguments in this order) -> tangents of y`: the transpose of `Pull`.
    Push(Vec<usize>),
}

impl Role {
    /// What the names of such functions end in.
    fn suffix(&self) -> &'static str {
        match self {
            Role::Forward => "forward",
            Role::Tangent => "tangent",
            Role::Reverse => "reverse",
            Role::Jvp => "jvp",
            Role::Hvp(_) => "hvp",
            Role::Vjp(_) => "vjp",
            Role::Pull(_) => "pull",
            Role::Push(_) => "push",
        }
    }

    /// What the role says besides, as text.
    fn detail(&self) -> String {
        match self {
            Role::Forward | Role::Tangent | Role::Reverse | Role::Jvp => String::new(),
            Role::Hvp(along) => write_set(along),
            Role::Vjp(number) => number.to_string(),
            Role::Pull(order) | Role::Push(order) => order.iter().map(usize::to_string).collect::<Vec<_>>().join(","),
        }
    }

    /// The role of these texts.
    fn of(suffix: &str, detail: &str) -> Option<Role> {
        let order: Vec<usize> = detail.split(',').filter_map(|at| at.parse().ok()).collect();
        let (along, number) = (read_set(detail), detail.parse().unwrap_or_default());
        let roles = [Role::Forward, Role::Tangent, Role::Reverse, Role::Jvp, Role::Hvp(along), Role::Vjp(number)];
        let mut roles = roles.into_iter().chain([Role::Pull(order.clone()), Role::Push(order)]);
        roles.find(|role| role.suffix() == suffix)
    }

    /// What it is to the function, in words.
    fn words(&self) -> &'static str {
        match self {
            Role::Forward => "the forward sweep",
            Role::Tangent => "the tangents",
            Role::Reverse => "the reverse sweep",
            Role::Jvp => "the derivative in forward mode",
            Role::Hvp(_) => "the second derivative",
            Role::Vjp(_) => "the values and the pullback",
            Role::Pull(_) => "the pullback",
            Role::Push(_) => "the transpose of the pullback",
        }
    }

    /// Whether calls of such a function have a derivative by a rule, so that they are not inlined.
    pub fn has_rule(&self) -> bool {
        match self {
            Role::Forward | Role::Tangent | Role::Reverse | Role::Jvp => true,
            Role::Vjp(_) | Role::Pull(_) | Role::Push(_) => true,
            Role::Hvp(_) => false,
        }
    }

    /// Whether it is defined once the source asks for no derivatives any more.
    fn waits(&self) -> bool {
        match self {
            Role::Vjp(_) | Role::Pull(_) | Role::Push(_) => true,
            Role::Forward | Role::Tangent | Role::Reverse | Role::Jvp | Role::Hvp(_) => false,
        }
    }
}

/// A function that was made, or is going to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Derived {
    /// The function that it was made for.
    pub source: String,
    /// The arguments of the source in A.
    pub active: Vec<bool>,
    /// What it is.
    pub role: Role,
}

/// A set of arguments, as text.
fn write_set(set: &[bool]) -> String {
    set.iter().map(|is_in| if *is_in { '1' } else { '0' }).collect()
}

fn read_set(text: &str) -> Vec<bool> {
    text.chars().map(|digit| digit == '1').collect()
}

impl Derived {
    /// The mark of a function, which later passes find it by.
    fn mark(&self) -> Vec<String> {
        vec![self.source.clone(), self.role.suffix().to_string(), write_set(&self.active), self.role.detail()]
    }

    fn of(function: Op) -> Option<Derived> {
        let texts = DERIVATIVE.of(function)?;
        let [source, suffix, active, detail] = &texts[..] else { return None };
        Some(Derived { source: source.clone(), active: read_set(active), role: Role::of(suffix, detail)? })
    }
}

/// The types of a function's arguments and results.
#[derive(Clone)]
pub(crate) struct Signature<'c> {
    /// The types of the arguments.
    pub inputs: Vec<Type<'c>>,
    /// The types of the results.
    pub outputs: Vec<Type<'c>>,
}

impl<'c> Signature<'c> {
    /// The types of the results that carry tangents.
    pub fn carrying(&self) -> Vec<Type<'c>> {
        self.outputs.iter().copied().filter(|r#type| tangent_type(*r#type).is_some()).collect()
    }

    /// The dynamic dimensions of these: for each, the position among the results that carry tangents.
    pub fn open(&self) -> Vec<(usize, usize)> {
        let dims = |r#type: Type| ValueType::of(r#type).map(|of| of.dynamic_dimensions().collect::<Vec<_>>());
        let each = self.carrying().into_iter().enumerate();
        each.flat_map(|(index, r#type)| dims(r#type).unwrap_or_default().into_iter().map(move |dim| (index, dim)))
            .collect()
    }

    /// The types of the arguments in a set.
    pub fn chosen(&self, set: &[bool]) -> Vec<Type<'c>> {
        chosen(&self.inputs, set)
    }
}

/// The elements in a set.
pub(crate) fn chosen<T: Copy>(of: &[T], set: &[bool]) -> Vec<T> {
    of.iter().zip(set).filter(|(_, is_in)| **is_in).map(|(x, _)| *x).collect()
}

/// All functions made for a module.
pub(crate) struct Registry<'c> {
    module: Op<'c>,
    derived: RefCell<HashMap<String, Derived>>,
    names: RefCell<HashMap<Derived, String>>,
    /// Those that have no bodies yet, in an order in which they can be defined.
    pending: RefCell<VecDeque<Derived>>,
}

impl<'c> Registry<'c> {
    /// The functions of the module that were made before.
    pub fn of(module: Op<'c>) -> Self {
        let functions = body_ops(module).into_iter();
        let derived: HashMap<String, Derived> =
            functions.filter_map(|op| Some((symbol_name(op)?.to_string(), Derived::of(op)?))).collect();
        let names = derived.iter().map(|(name, derived)| (derived.clone(), name.clone())).collect();
        Registry { module, derived: derived.into(), names: RefCell::new(names), pending: RefCell::default() }
    }

    /// Defines a private function.
    pub fn define(&self, builder: Builder<'c>, name: &str, body: Region<'c>) -> Result<()> {
        let function = define_private(builder, name, body)?;
        if let Some(derived) = self.get(name) {
            DERIVATIVE.set(function, &derived.mark());
            if let Some(fixed) = self.fixed(&derived) {
                LINEAR_IN.set(function, &(fixed as i64..self.signature(name).inputs.len() as i64).collect());
            }
        }
        Ok(())
    }

    /// What a function is, if it was made here.
    pub fn get(&self, name: &str) -> Option<Derived> {
        self.derived.borrow().get(name).cloned()
    }

    /// What a function is called in a report: by the function of the program from which it was made.
    pub fn called(&self, name: &str) -> Called {
        match self.get(name) {
            Some(Derived { source, role, .. }) => {
                let Called { function, words } = self.called(&source);
                Called { function, words: format!("{} of {words}", role.words()) }
            }
            None => match name.strip_suffix(ALONE) {
                Some(all) => Called { function: all.into(), words: format!("the derivative that '@{all}' returns") },
                None => Called { function: name.into(), words: format!("'@{name}'") },
            },
        }
    }

    /// The names of all functions made.
    pub fn all(&self) -> Vec<String> {
        self.derived.borrow().keys().cloned().collect()
    }

    /// A name that no function has, and none is going to have.
    pub fn free(&self, name: String) -> String {
        let mut name = free_symbol(self.module, name);
        while self.derived.borrow().contains_key(&name) {
            name = free_symbol(self.module, name + "_");
        }
        name
    }

    /// The name of a function, which is new if it was not asked for before.
    pub fn name(&self, source: &str, active: &[bool], role: Role) -> String {
        let derived = Derived { source: source.to_string(), active: active.to_vec(), role };
        if let Some(known) = self.names.borrow().get(&derived) {
            return known.clone();
        }
        let name = self.free(format!("{source}__{}", derived.role.suffix()));
        self.derived.borrow_mut().insert(name.clone(), derived.clone());
        self.names.borrow_mut().insert(derived.clone(), name.clone());
        match derived.role {
            Role::Forward | Role::Jvp | Role::Hvp(_) | Role::Vjp(_) | Role::Pull(_) | Role::Push(_) => {
                self.pending.borrow_mut().push_back(derived);
            }
            // It is defined together with the forward function, or when a call is transposed.
            Role::Tangent | Role::Reverse => {}
        }
        name
    }

    /// The names of the forward and the tangent function.
    pub fn pair(&self, source: &str, active: &[bool]) -> (String, String) {
        (self.name(source, active, Role::Forward), self.name(source, active, Role::Tangent))
    }

    /// The name of the function that returns the results of another and a pullback that has a number.
    pub fn vjp(&self, source: &str, wrt: &[usize], number: i64) -> String {
        self.name(source, &self.set(source, wrt), Role::Vjp(number))
    }

    /// The name of the function that applies such a pullback.
    pub fn pull(&self, source: &str, wrt: &[usize]) -> String {
        self.name(source, &self.set(source, wrt), Role::Pull(wrt.to_vec()))
    }

    fn set(&self, source: &str, wrt: &[usize]) -> Vec<bool> {
        (0..self.signature(source).inputs.len()).map(|index| wrt.contains(&index)).collect()
    }

    /// The next function to define. Those that ask for derivatives themselves are in `unsettled`.
    pub fn next_pending(&self, unsettled: &HashSet<&str>) -> Option<Derived> {
        let mut pending = self.pending.borrow_mut();
        let is_ready = |derived: &Derived| !derived.role.waits() || !unsettled.contains(&derived.source[..]);
        let at = pending.iter().position(is_ready)?;
        pending.remove(at)
    }

    /// A function for which another waits.
    pub fn awaited(&self) -> Option<Op<'c>> {
        self.function(&self.pending.borrow().front()?.source)
    }

    /// A function of the module.
    pub fn function(&self, name: &str) -> Option<Op<'c>> {
        body_ops(self.module).into_iter().find(|op| symbol_name(*op) == Some(name))
    }

    /// The signature of a function, which may not be defined yet.
    pub fn signature(&self, name: &str) -> Signature<'c> {
        if let Some((inputs, outputs)) = self.function(name).and_then(signature) {
            return Signature { inputs, outputs };
        }
        let Some(Derived { source, active, role }) = self.get(name) else {
            return Signature { inputs: Vec::new(), outputs: Vec::new() };
        };
        let source = self.signature(&source);
        let (x, y, carrying, tangents) =
            (source.inputs.clone(), source.outputs.clone(), source.carrying(), source.chosen(&active));
        let index = ScalarType::Index.to_type(dp_dialects::ir::context_of(self.module));
        let fixed = || [vec![index], x.clone(), vec![index; source.open().len()]].concat();
        let (inputs, outputs) = match role {
            Role::Forward => (x, [y, vec![index]].concat()),
            Role::Tangent => ([fixed(), tangents].concat(), carrying),
            Role::Reverse => ([fixed(), carrying].concat(), tangents),
            Role::Jvp => ([x, tangents].concat(), [y, carrying].concat()),
            Role::Hvp(along) => ([x, carrying, source.chosen(&along)].concat(), tangents),
            Role::Vjp(_) => (x, [y, vec![index]].concat()),
            Role::Pull(order) => ([vec![index], carrying].concat(), order.iter().map(|at| x[*at]).collect()),
            Role::Push(order) => (std::iter::once(index).chain(order.iter().map(|at| x[*at])).collect(), carrying),
        };
        Signature { inputs, outputs }
    }

    /// The number of arguments of a linear function in front of those in which it is linear.
    fn fixed(&self, derived: &Derived) -> Option<usize> {
        let source = self.signature(&derived.source);
        match &derived.role {
            Role::Tangent | Role::Reverse => Some(1 + source.inputs.len() + source.open().len()),
            Role::Hvp(_) => Some(source.inputs.len() + source.carrying().len()),
            Role::Pull(_) | Role::Push(_) => Some(1),
            Role::Forward | Role::Jvp | Role::Vjp(_) => None,
        }
    }

    /// The arguments in which a function made here is linear, if it is linear in any.
    pub fn linear_arguments(&self, name: &str) -> Option<Vec<bool>> {
        let fixed = self.fixed(&self.get(name)?)?;
        Some((0..self.signature(name).inputs.len()).map(|index| index >= fixed).collect())
    }

    /// What tells an extent of a result of a call of a linear function.
    pub fn extent(&self, name: &str, given: &[Val<'c>], result: usize, dim: usize) -> Option<Told<'c>> {
        let derived = self.get(name)?;
        let source = self.signature(&derived.source);
        match derived.role {
            Role::Tangent => {
                let place = source.open().into_iter().position(|open| open == (result, dim))?;
                given.get(1 + source.inputs.len() + place).copied().map(Told::By)
            }
            Role::Reverse | Role::Hvp(_) => {
                let first = usize::from(derived.role == Role::Reverse);
                let place = (0..derived.active.len()).filter(|index| derived.active[*index]).nth(result)?;
                given.get(first + place).copied().map(|x| Told::Of(x, dim))
            }
            Role::Forward | Role::Jvp | Role::Vjp(_) | Role::Pull(_) | Role::Push(_) => None,
        }
    }
}

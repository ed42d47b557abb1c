//! Random programs over all operations on tensors, with extents that are known at
//! run time only: every gradient has the shape of its argument, and is right.

use super::{Argument, Case, Random};
use dp_dialects::ScalarType::{F64, I1, I64};

super::topics!(of_gradients_are_those_of_arguments, of_compiled_gradients_are_those_of_arguments);

/// A tensor of the program: its name, and its extents when the program is run. All
/// of its extents are `?` in the program.
#[derive(Clone)]
struct Tensor {
    name: String,
    shape: Vec<u64>,
}

impl Tensor {
    fn r#type(&self) -> String {
        dynamic(self.shape.len(), "f64")
    }
}

/// The type of tensors of a rank.
fn dynamic(rank: usize, element: &str) -> String {
    format!("tensor<{}{element}>", "?x".repeat(rank))
}

struct Generator {
    random: Random,
    text: String,
    tensors: Vec<Tensor>,
    count: usize,
    /// Whether the first of two branches is taken.
    taken: bool,
}

impl Generator {
    fn below(&mut self, end: usize) -> usize {
        (self.random.unit() * end as f64) as usize
    }

    fn fresh(&mut self) -> String {
        self.count += 1;
        format!("%v{}", self.count)
    }

    /// Any of the tensors, of which late ones are likelier.
    fn any(&mut self) -> Tensor {
        let (a, b) = (self.below(self.tensors.len()), self.below(self.tensors.len()));
        self.tensors[a.max(b)].clone()
    }

    fn any_where(&mut self, fits: impl Fn(&Tensor) -> bool) -> Option<Tensor> {
        let fitting: Vec<Tensor> = self.tensors.iter().filter(|tensor| fits(tensor)).cloned().collect();
        (!fitting.is_empty()).then(|| fitting[self.below(fitting.len())].clone())
    }

    /// An operation with one result.
    fn emit(&mut self, shape: &[u64], operation: &str) -> Tensor {
        let tensor = Tensor { name: self.fresh(), shape: shape.to_vec() };
        self.text += &format!("  {} = {operation}\n", tensor.name);
        tensor
    }

    fn index(&mut self, value: u64) -> String {
        let name = self.fresh();
        self.text += &format!("  {name} = arith.constant {value} : index\n");
        name
    }

    fn dim(&mut self, x: &Tensor, dim: usize) -> String {
        let (place, name) = (self.index(dim as u64), self.fresh());
        self.text += &format!("  {name} = tensor.dim {}, {place} : {}\n", x.name, x.r#type());
        name
    }

    fn arith(&mut self, operation: &str, a: &str, b: &str) -> String {
        let name = self.fresh();
        self.text += &format!("  {name} = arith.{operation} {a}, {b} : index\n");
        name
    }

    /// One more operation; `None` where the one that was drawn does not fit.
    fn step(&mut self) -> Option<Tensor> {
        let x = self.any();
        let (t, rank) = (x.r#type(), x.shape.len());
        let name = x.name.clone();
        match self.below(15) {
            0 => Some(self.emit(&x.shape, &format!("scalar.sin {name} : {t}"))),
            1 => {
                let y = self.any_where(|y| y.shape == x.shape)?;
                Some(self.emit(&x.shape, &format!("scalar.mul {name}, {} : {t}", y.name)))
            }
            2 if rank > 0 && x.shape[0] > 0 => Some(self.gather(&x)),
            3 if rank > 0 && x.shape[0] > 0 => {
                let rows = self.gather(&x);
                let updates = self.emit(&rows.shape, &format!("scalar.tanh {} : {}", rows.name, rows.r#type()));
                let types = format!("{t}, tensor<?xi64>, {}", updates.r#type());
                Some(self.emit(&x.shape, &format!("array.scatter {name}, %a4, {} : {types}", updates.name)))
            }
            4 => {
                let fits = |u: &Tensor| u.shape.len() == rank && u.shape.iter().zip(&x.shape).all(|(u, x)| u <= x);
                let u = self.any_where(fits)?;
                let accumulate = if self.below(2) == 0 { "accumulate " } else { "" };
                let starts: Vec<String> = (0..rank).map(|_| self.below(3).to_string()).collect();
                let starts = starts.join(", ");
                let types = format!("{t}, {}", u.r#type());
                let text = format!("array.update_slice {accumulate}{name}, {} starts [{starts}] : {types}", u.name);
                Some(self.emit(&x.shape, &text))
            }
            5 => Some(self.pad(&x)),
            6 if rank > 0 => {
                let along = self.below(rank);
                let others = |y: &Tensor| (0..rank).all(|dim| dim == along || y.shape[dim] == x.shape[dim]);
                let y = self.any_where(|y| y.shape.len() == rank && others(y))?;
                let mut shape = x.shape.clone();
                shape[along] += y.shape[along];
                Some(self.emit(&shape, &format!("array.concatenate {name}, {} dim {along} : {t}, {t}", y.name)))
            }
            7 => Some(self.slice(&x)),
            8 if rank == 2 => {
                Some(self.emit(&[x.shape[1], x.shape[0]], &format!("array.transpose {name} permutation [1, 0] : {t}")))
            }
            9 if rank > 0 => {
                let along = self.below(rank);
                let mut shape = x.shape.clone();
                let extent = shape.remove(along);
                // Nothing has no greatest element; products have many operations.
                let kinds = if extent == 0 { &["add"][..] } else { &["add", "max", "min", "add", "max", "mul"] };
                let kind = kinds[self.below(kinds.len())];
                Some(self.emit(&shape, &format!("array.reduce {kind} {name} dims [{along}] : {t}")))
            }
            10 if rank > 0 => {
                let (a, b) = (self.below(rank), 0);
                let y = self.any_where(|y| !y.shape.is_empty() && y.shape[b] == x.shape[a])?;
                let free = |shape: &[u64], without: usize| {
                    let kept = shape.iter().enumerate().filter(|(dim, _)| *dim != without);
                    kept.map(|(_, extent)| *extent).collect::<Vec<_>>()
                };
                let is_batch = self.below(3) == 0;
                let (pairs, mut shape) = match is_batch {
                    true => (format!("batch [{a}] with [{b}] contract [] with []"), vec![x.shape[a]]),
                    false => (format!("contract [{a}] with [{b}]"), Vec::new()),
                };
                shape.extend(free(&x.shape, a));
                shape.extend(free(&y.shape, b));
                let types = format!("{t}, {}", y.r#type());
                (shape.len() <= 2)
                    .then(|| self.emit(&shape, &format!("array.dot {name}, {} {pairs} : {types}", y.name)))
            }
            11 if rank == 1 => {
                let y = self.any_where(|y| y.shape.len() == 1)?;
                let extents = [self.dim(&y, 0), self.dim(&x, 0)].join(", ");
                let shape = [y.shape[0], x.shape[0]];
                let to = dynamic(2, "f64");
                Some(self.emit(&shape, &format!("array.broadcast {name} dims [1] extents({extents}) : {t} to {to}")))
            }
            12 if rank == 2 => {
                let (n, m) = (self.dim(&x, 0), self.dim(&x, 1));
                let all = self.arith("muli", &n, &m);
                let shape = [x.shape[0] * x.shape[1]];
                Some(self.emit(&shape, &format!("array.reshape {name} extents({all}) : {t} to {}", dynamic(1, "f64"))))
            }
            13 => self.branches(&x),
            14 => {
                let y = self.any_where(|y| y.shape == x.shape)?;
                let text = format!(
                    "array.map({name}, {}) : ({t}, {t}) -> ({t}) {{
  ^bb0(%p: f64, %q: f64):
    %s = scalar.tanh %p : f64
    %m = scalar.mul %s, %q : f64
    array.yield %m : f64
  }}",
                    y.name
                );
                Some(self.emit(&x.shape, &text))
            }
            _ => None,
        }
    }

    fn gather(&mut self, x: &Tensor) -> Tensor {
        let mut shape = x.shape.clone();
        shape[0] = 4;
        self.emit(&shape, &format!("array.gather {}, %a4 : {}, tensor<?xi64>", x.name, x.r#type()))
    }

    fn pad(&mut self, x: &Tensor) -> Tensor {
        let (mut shape, mut extents, mut margins) = (Vec::new(), Vec::new(), [Vec::new(), Vec::new(), Vec::new()]);
        for dim in 0..x.shape.len() {
            let [low, high, interior] = [self.below(2) as u64, self.below(2) as u64, self.below(2) as u64];
            let within = (x.shape[dim] * (interior + 1)).saturating_sub(interior);
            shape.push(low + within + high);
            // max(0, n (interior + 1) - interior) + low + high
            let (n, scale, gap) = (self.dim(x, dim), self.index(interior + 1), self.index(interior));
            let (scaled, zero, rest) = (self.arith("muli", &n, &scale), self.index(0), self.index(low + high));
            let less = self.arith("subi", &scaled, &gap);
            let inner = self.arith("maxsi", &less, &zero);
            extents.push(self.arith("addi", &inner, &rest));
            for (margin, value) in margins.iter_mut().zip([low, high, interior]) {
                margin.push(value.to_string());
            }
        }
        let [low, high, interior] = margins.map(|margin| margin.join(", "));
        let extents = if extents.is_empty() { String::new() } else { format!(" extents({})", extents.join(", ")) };
        let (name, t) = (&x.name, x.r#type());
        let text =
            format!("array.pad {name}, %n low [{low}] high [{high}] interior [{interior}]{extents} : {t}, f64 to {t}");
        self.emit(&shape, &text)
    }

    fn slice(&mut self, x: &Tensor) -> Tensor {
        let (mut shape, mut extents, mut starts, mut strides) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (dim, extent) in x.shape.iter().enumerate() {
            let stride = 1 + self.below(2) as u64;
            // Half of them, of which each has room for a stride of 2.
            let (n, two) = (self.dim(x, dim), self.index(2));
            extents.push(self.arith("divsi", &n, &two));
            shape.push(extent / 2);
            let start = self.below(3) as u64;
            starts.push(if self.below(2) == 0 { self.index(start) } else { start.to_string() });
            strides.push(stride.to_string());
        }
        let extents = if extents.is_empty() { String::new() } else { format!(" extents({})", extents.join(", ")) };
        let (name, t, starts, strides) = (&x.name, x.r#type(), starts.join(", "), strides.join(", "));
        self.emit(&shape, &format!("array.slice {name} starts [{starts}] strides [{strides}]{extents} : {t} to {t}"))
    }

    /// Branches of which the results are of different origin, and may be of
    /// different extents.
    fn branches(&mut self, x: &Tensor) -> Option<Tensor> {
        let y = self.any_where(|y| y.shape.len() == x.shape.len())?;
        let t = x.r#type();
        let text = format!(
            "scf.if %a5 -> {t} {{
    %s = scalar.sin {} : {t}
    scf.yield %s : {t}
  }} else {{
    %m = scalar.mul {}, {} : {t}
    %e = scalar.tanh %m : {t}
    scf.yield %e : {t}
  }}",
            x.name, y.name, y.name
        );
        Some(self.emit(if self.taken { &x.shape } else { &y.shape }, &text))
    }

    /// The sum of the squares of a tensor's elements.
    fn norm(&mut self, x: &Tensor) -> String {
        let (t, dims) = (x.r#type(), (0..x.shape.len()).map(|dim| dim.to_string()).collect::<Vec<_>>().join(", "));
        let square = self.emit(&x.shape, &format!("scalar.mul {}, {} : {t}", x.name, x.name));
        let sum = self.emit(&[], &format!("array.reduce add {} dims [{dims}] : {t}", square.name));
        self.emit(&[], &format!("tensor.extract {}[] : tensor<f64>", sum.name)).name
    }
}

fn program(seed: u64, steps: usize) -> Case {
    let mut random = Random(seed.wrapping_mul(0x1234_5678_9abc));
    let mut extent = |most: f64| (random.unit() * (most + 1.0)) as u64;
    let shapes = [vec![extent(4.0)], vec![extent(2.0), extent(3.0)], vec![1 + extent(3.0)]];
    let taken = seed % 2;
    let range = (-1.0, 1.0);
    let mut arguments: Vec<Argument> =
        shapes.iter().map(|shape| Argument::tensor(F64, shape, &(0..shape.len()).collect::<Vec<_>>(), range)).collect();
    arguments.push(Argument::number(F64, range));
    arguments.push(Argument::tensor(I64, &[4], &[0], (0.0, 3.0)));
    arguments.push(Argument::number(I1, (taken as f64, taken as f64 + 0.2)));
    let text = String::from("  %n = scalar.sin %a3 : f64\n");
    let tensors = shapes.into_iter().enumerate().map(|(at, shape)| Tensor { name: format!("%a{at}"), shape });
    let mut generator = Generator { random, text, tensors: tensors.collect(), count: 0, taken: taken == 1 };
    let mut made = 0;
    while made < steps {
        if let Some(tensor) = generator.step() {
            let small = tensor.shape.iter().product::<u64>() <= 40 && tensor.shape.len() <= 2;
            if small {
                generator.tensors.push(tensor);
                made += 1;
            }
        }
    }
    // What was made last, and what was made first, count.
    let last = generator.tensors.last().cloned().expect("there are arguments");
    let (first, other) = (generator.norm(&last), generator.any());
    let second = generator.norm(&other);
    let (total, loss) = (generator.fresh(), generator.fresh());
    generator.text +=
        &format!("  {total} = scalar.add {first}, {second} : f64\n  {loss} = scalar.tanh {total} : f64\n");
    let t = last.r#type();
    Case {
        name: format!("random shapes {seed}"),
        arguments,
        results: vec!["f64".into(), t.clone()],
        body: format!("{}  return {loss}, {} : f64, {t}", generator.text, last.name),
        helpers: String::new(),
        is_compiled: false,
    }
}

fn of_gradients_are_those_of_arguments(cases: &mut Vec<Case>) {
    for seed in 0..60 {
        cases.push(program(seed, 2 + (seed % 5) as usize));
    }
}

fn of_compiled_gradients_are_those_of_arguments(cases: &mut Vec<Case>) {
    for seed in 100..104 {
        cases.push(program(seed, 4).compiled());
    }
}

//! Questions about a module's text that tests ask without executing it.

use crate::class::Class;
use crate::module::{Function, Module};
use crate::op::{Access, Callee, Instruction, Op};
use crate::types::{Space, Ty};

impl Module {
    /// The code of a kernel or function and of all that it may call, by name or by address.
    pub fn reachable(&self, name: &str) -> Vec<&Instruction> {
        self.closure(name).iter().flat_map(|f| &self.code[f.code.clone()]).collect()
    }

    /// A function and all that it may call.
    pub fn closure(&self, name: &str) -> Vec<&Function> {
        let Some(first) = self.functions.iter().position(|f| f.name == name) else { return Vec::new() };
        let mut found = vec![first];
        let mut at = 0;
        while at < found.len() {
            for callee in &self.functions[found[at]].calls {
                if !found.contains(&(*callee as usize)) {
                    found.push(*callee as usize);
                }
            }
            at += 1;
        }
        found.into_iter().map(|n| &self.functions[n]).collect()
    }

    fn accesses<'a>(&'a self, name: &str, loads: bool) -> Vec<(&'a Access, u32)> {
        let pick = |i: &'a Instruction| {
            let (Op::Load(access) | Op::Store(access)) = &i.op else { return None };
            (matches!(i.op, Op::Load(_)) == loads).then_some((&**access, i.line))
        };
        self.reachable(name).into_iter().filter_map(pick).collect()
    }

    /// Lines of loads from global memory of 16 bytes at once.
    pub fn wide_global_loads(&self, name: &str) -> Vec<u32> {
        wide(self.accesses(name, true))
    }

    /// Lines of stores to global memory of 16 bytes at once.
    pub fn wide_global_stores(&self, name: &str) -> Vec<u32> {
        wide(self.accesses(name, false))
    }

    /// Bytes of local memory that a kernel and what it calls declare: arrays of a thread, and whole stacks where LLVM
    /// did not optimize.
    pub fn local_bytes(&self, name: &str) -> u64 {
        self.closure(name).iter().flat_map(|f| &f.local_variables).map(|(start, end)| end - start).sum()
    }

    /// Lines of arithmetic on `f64`.
    pub fn f64_arithmetic(&self, name: &str) -> Vec<u32> {
        self.reachable(name).iter().filter(|i| i.class == Class::F64).map(|i| i.line).collect()
    }

    /// Functions that are called and declared only, in the whole module.
    pub fn unresolved(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .code
            .iter()
            .filter_map(|i| {
                let Op::Call(call) = &i.op else { return None };
                let Callee::Missing(n) = call.callee else { return None };
                Some(self.names[n as usize].as_str())
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// How many registers of each type a kernel or function declares. These are virtual: `ptxas` needs fewer.
    pub fn registers(&self, name: &str) -> &[(Ty, u32)] {
        self.function(name).map_or(&[], |f| &f.declared)
    }

    /// Bytes of static shared memory that a kernel and what it calls use.
    pub fn shared_bytes(&self, name: &str) -> u64 {
        let mut variables: Vec<u32> = self.closure(name).iter().flat_map(|f| f.shared.iter().copied()).collect();
        variables.sort_unstable();
        variables.dedup();
        variables.iter().map(|n| self.variables[*n as usize].bytes).sum()
    }

    /// How many instructions of each class the text of a kernel and of what it calls has.
    pub fn instructions(&self, name: &str, class: Class) -> usize {
        self.reachable(name).iter().filter(|i| i.class == class).count()
    }
}

fn wide(accesses: Vec<(&Access, u32)>) -> Vec<u32> {
    let global = |a: &Access| matches!(a.space, Space::Global | Space::Generic);
    accesses.into_iter().filter(|(a, _)| global(a) && a.bytes >= 16).map(|(_, line)| line).collect()
}

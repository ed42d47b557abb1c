//! Functions and calls. Names of arguments and results come from their locations and from JAX's attributes.

use super::site::Site;
use super::{Import, Translated, name_of, types};
use crate::dialect::fields;
use dp_abi::{check_function_name, check_name};
use dp_dialects::ir::{
    Op, Val, dictionary, is_declaration, parameter_attribute, region_block, result, results, signature,
    string_attribute, symbol_attribute, symbol_name, text, value_location,
};
use dp_dialects::marks::{self, NAME, SHARDING};
use dp_dialects::{Builder, Diagnostic, OpKind, ValueType};
use melior::ir::attribute::{ArrayAttribute, FlatSymbolRefAttribute, StringAttribute, TypeAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Attribute, Location, Type, ValueLike};
use std::collections::HashMap;

/// The function that a program of JAX or PyTorch starts with.
const MAIN: &str = "main";

/// The prefix of the names of modules that JAX writes.
const JIT: &str = "jit_";

/// The name for `main`: that of the module, or else another one, if C allows it and no function has it.
pub(super) fn entry_name(module: Op, functions: &HashMap<&str, Op>, otherwise: &str) -> String {
    let own = symbol_name(module).map(|name| name.strip_prefix(JIT).unwrap_or(name));
    let fits = |name: &String| check_function_name(name).is_ok() && !functions.contains_key(name.as_str());
    let names = own.into_iter().chain([otherwise]).filter_map(identifier);
    let marked = |name: String| [name.clone(), format!("{name}_of")];
    let numbered = (1..).map(|number| format!("program{number}"));
    names.flat_map(marked).chain(["program".into()]).chain(numbered).find(fits).unwrap_or_default()
}

impl<'c> Import<'c> {
    /// The name of a function in the translation.
    fn renamed<'n>(&'n self, name: &'n str) -> &'n str {
        if name == MAIN { &self.entry } else { name }
    }

    /// Translates an operation of the module: a function or a mesh.
    pub(super) fn top(&mut self, module: Op<'c>, op: Op<'c>) -> Translated<'c, ()> {
        match name_of(op).as_str() {
            "func.func" => self.function(module, op),
            "sdy.mesh" => self.mesh(op),
            other => Err(super::handlers::refusal(other).into()),
        }
    }

    /// Whether `main` is not the only public function.
    fn has_several_public(&self) -> bool {
        let is_public =
            |op: &Op| string_attribute(*op, "sym_visibility").is_none_or(|visibility| visibility == "public");
        self.functions.values().filter(|op| is_public(op)).count() > 1
    }

    fn mesh(&mut self, op: Op<'c>) -> Translated<'c, ()> {
        let axes = op.attribute("mesh").ok().and_then(fields).and_then(|fields| fields.string("text"));
        let axes = axes.ok_or_else(|| Diagnostic::invalid("has no 'mesh'"))?;
        self.meshes.push(format!("{} {axes}", symbol_name(op).unwrap_or_default()));
        Ok(())
    }

    fn function(&mut self, module: Op<'c>, op: Op<'c>) -> Translated<'c, ()> {
        let context = self.context;
        let name = symbol_name(op).unwrap_or_default();
        if is_declaration(op) {
            return Err(Diagnostic::unsupported(format!("'{name}' has no body")).into());
        }
        let (inputs, outputs) = signature(op).ok_or_else(|| Diagnostic::invalid("has no signature"))?;
        let translated = |list: &[Type<'c>]| -> Translated<'c, Vec<Type<'c>>> {
            list.iter().map(|r#type| Ok(types::of(*r#type)?.to_type(context))).collect()
        };
        let (inputs, outputs) = (translated(&inputs)?, translated(&outputs)?);
        let mut attributes: Vec<(&str, Attribute)> = vec![
            ("sym_name", StringAttribute::new(context, self.renamed(name)).into()),
            ("function_type", TypeAttribute::new(FunctionType::new(context, &inputs, &outputs).into()).into()),
        ];
        if let Some(visibility) = string_attribute(op, "sym_visibility") {
            attributes.push(("sym_visibility", StringAttribute::new(context, visibility).into()));
        }
        let block = region_block(op, 0).ok_or_else(|| Diagnostic::invalid(format!("'{name}' has no body")))?;
        let arguments = dp_dialects::ir::block_args(block);
        let arguments: Vec<Option<String>> =
            arguments.iter().map(|value| location_name(value_location(*value))).collect();
        let results: Vec<Option<String>> = (0..outputs.len())
            .map(|index| identifier(text(parameter_attribute(op, "res_attrs", index, "jax.result_info")?)?))
            .collect();
        let mut used = Vec::new();
        for (which, names) in [("arg_attrs", arguments), ("res_attrs", results)] {
            let shardings = (0..names.len()).map(|index| sharding_of(op, which, index)).collect();
            if let Some(list) = self.parameters(names, shardings, &mut used) {
                attributes.push((which, list));
            }
        }
        let home = region_block(module, 0).ok_or_else(|| Diagnostic::internal("the module has no block"))?;
        let builder = Builder::at_end(context, home, op.location());
        let (region, arguments, inner) = builder.region(&inputs);
        let values = self.block_with(block, &arguments, inner)?;
        inner.op(OpKind::FuncReturn, &values, &[], &[], vec![])?;
        let function = builder.op(OpKind::FuncFunc, &[], &[], &attributes, vec![region])?;
        if name == MAIN && self.has_several_public() {
            marks::MAIN.set(function, &());
        }
        Ok(())
    }

    /// The attributes of arguments or results: names, of which none is given twice, and shardings. `None` if there are
    /// no attributes.
    fn parameters(
        &self,
        names: Vec<Option<String>>,
        shardings: Vec<Option<String>>,
        used: &mut Vec<String>,
    ) -> Option<Attribute<'c>> {
        let mut any = false;
        let mut entries = Vec::new();
        for (name, sharding) in names.into_iter().zip(shardings) {
            let name = name.filter(|name| !used.contains(name));
            used.extend(name.clone());
            any |= name.is_some() || sharding.is_some();
            let held = [(&NAME, name), (&SHARDING, sharding)];
            let held = held.into_iter().filter_map(|(mark, text)| Some(mark.attribute(self.context, &text?)));
            entries.push(dictionary(self.context, held.collect()));
        }
        any.then(|| ArrayAttribute::new(self.context, &entries).into())
    }
}

/// How an argument or a result is spread over devices: the text of `sdy.sharding` or of `mhlo.sharding`.
fn sharding_of(function: Op, which: &str, index: usize) -> Option<String> {
    let shardy = parameter_attribute(function, which, index, "sdy.sharding").and_then(fields);
    let shardy = shardy.and_then(|fields| fields.string("text"));
    let xla = || text(parameter_attribute(function, which, index, "mhlo.sharding")?);
    shardy.or_else(xla).map(str::to_owned)
}

/// `sdy.sharding_constraint` and `sdy.reshard`.
pub(super) fn sharding_constraint<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let text = site.op.attribute("sharding").ok().and_then(fields).and_then(|fields| fields.string("text"));
    let text = text.ok_or_else(|| Diagnostic::invalid("has no 'sharding'"))?;
    sharded(site, text)
}

/// The operand, spread over devices.
pub(super) fn sharded<'c>(site: &mut Site<'_, 'c>, sharding: &str) -> Translated<'c, Vec<Val<'c>>> {
    let values = site.operands()?;
    let [x] = values[..] else { return Err(Diagnostic::invalid("takes one operand").into()) };
    Ok(vec![shard(site, x, sharding)?])
}

/// A value, spread over devices. A number is on all.
pub(super) fn shard<'c>(site: &Site<'_, 'c>, value: Val<'c>, sharding: &str) -> Translated<'c, Val<'c>> {
    if !ValueType::of_value(value)?.is_tensor() {
        return Ok(value);
    }
    let held = StringAttribute::new(site.import.context, sharding).into();
    Ok(site.builder.op(OpKind::ArrayShard, &[value], &[value.r#type()], &[("sharding", held)], vec![]).map(result)?)
}

/// The name that a location has, such as `loc("x")`.
fn location_name(location: Location) -> Option<String> {
    // SAFETY: the location is live, and a name where it is read.
    unsafe {
        let raw = location.to_raw();
        if !mlir_sys::mlirLocationIsAName(raw) {
            return None;
        }
        let name = mlir_sys::mlirLocationNameGetName(raw);
        let name = melior::ir::Identifier::from_raw(name);
        identifier(name.as_string_ref().as_str().ok()?)
    }
}

/// A text as a name in C: other characters than letters and digits become one `_`, and none at the ends.
fn identifier(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let name = words.join("_");
    check_name(&name).is_ok().then_some(name)
}

/// `func.call`, and `composite`, which calls its decomposition.
pub(super) fn call<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let which = if name_of(site.op) == "func.call" { "callee" } else { "decomposition" };
    let callee = symbol_attribute(site.op, which).ok_or_else(|| Diagnostic::invalid(format!("has no '{which}'")))?;
    if !site.import.functions.contains_key(callee) {
        return Err(Diagnostic::invalid(format!("there is no function '{callee}'")).into());
    }
    let context = site.import.context;
    let types: Vec<Type> = site.results()?.iter().map(|r#type| r#type.to_type(context)).collect();
    let callee = FlatSymbolRefAttribute::new(context, site.import.renamed(callee)).into();
    Ok(results(site.builder.op(OpKind::FuncCall, &site.operands()?, &types, &[("callee", callee)], vec![])?))
}

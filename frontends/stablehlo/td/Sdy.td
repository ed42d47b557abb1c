//===- Sdy.td - shardings of programs for several devices --------------------===//
#ifndef DP_SDY_TD
#define DP_SDY_TD

include "Base.td"

def Sdy_Dialect : Dialect {
  let name = "sdy";
  let cppNamespace = "::dp::sdy";
  let summary = "Annotations for several devices, kept as text";
  let useDefaultAttributePrinterParser = 1;
}

class Sdy_Op<string mnemonic, list<Trait> traits = []> : Op<Sdy_Dialect, mnemonic, traits>;

def Sdy_Mesh : Hlo_Text<Sdy_Dialect, "Mesh", "mesh">;
def Sdy_Sharding : Hlo_Text<Sdy_Dialect, "Sharding", "sharding">;
def Sdy_ShardingPerValue : Hlo_Text<Sdy_Dialect, "ShardingPerValue", "sharding_per_value">;
def Sdy_OpShardingRule : Hlo_Text<Sdy_Dialect, "OpShardingRule", "op_sharding_rule">;
def Sdy_ManualAxes : Hlo_Text<Sdy_Dialect, "ManualAxes", "manual_axes">;

def Sdy_meshOp : Sdy_Op<"mesh", [Symbol]> {
  let arguments = (ins SymbolNameAttr:$sym_name, Sdy_Mesh:$mesh);
  let assemblyFormat = "$sym_name `=` $mesh attr-dict";
}

foreach name = ["reshard", "sharding_constraint"] in
  def Sdy_#name#Op : Sdy_Op<name, [Pure, AllTypesMatch<["input", "result"]>]> {
    let arguments = (ins AnyType:$input, Sdy_Sharding:$sharding);
    let results = (outs AnyType:$result);
    let assemblyFormat = "$input $sharding attr-dict `:` type($result)";
  }

def Sdy_sharding_groupOp : Sdy_Op<"sharding_group"> {
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$group_id);
  let assemblyFormat = "$input `group_id` `` `=` `` $group_id attr-dict `:` type($input)";
}

def Sdy_returnOp : Sdy_Op<"return", [Pure, Terminator, ReturnLike]> {
  let arguments = (ins Variadic<AnyType>:$results);
  let assemblyFormat = "attr-dict ($results^ `:` type($results))?";
}

def Sdy_manual_computationOp : Sdy_Op<"manual_computation",
    [RecursiveMemoryEffects, SingleBlockImplicitTerminator<"returnOp">]> {
  let arguments = (ins Variadic<AnyType>:$tensors, Sdy_ShardingPerValue:$in_shardings,
                       Sdy_ShardingPerValue:$out_shardings, Sdy_ManualAxes:$manual_axes);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
}

#endif

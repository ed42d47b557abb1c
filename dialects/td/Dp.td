//===- Dp.td - the attributes that passes exchange -------------===//
include "Common.td"

def Dp_Dialect : Dialect {
  let name = "dp";
  let cppNamespace = "::dp::marks";
  let summary = "attributes that passes exchange";
  let description = [{
    Attributes on operations of any dialect. The table in
    `dialects/src/marks.rs` defines and verifies them. Programs set
    `dp.name` and `dp.range`.
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

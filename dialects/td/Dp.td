//===- Dp.td - attributes for communication between passes ------------------===//
include "Common.td"

def Dp_Dialect : Dialect {
  let name = "dp";
  let cppNamespace = "::dp::marks";
  let summary = "Attributes for communication between passes";
  let description = [{
    Attributes on operations of any dialect. The table in
    `dialects/src/marks.rs` defines and verifies them. Programs set
    `dp.name` and `dp.range`.
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

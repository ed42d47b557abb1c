//===- Dp.td - the attributes that passes leave for one another -------------===//
include "Common.td"

def Dp_Dialect : Dialect {
  let name = "dp";
  let cppNamespace = "::dp::marks";
  let summary = "what passes note on operations for one another";
  let description = [{
    Attributes of operations of any dialect. Which there are, what they hold
    and where they stand is said by a table in Rust, `dialects/src/marks.rs`,
    by which each is verified. A program gives `dp.name` alone.
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

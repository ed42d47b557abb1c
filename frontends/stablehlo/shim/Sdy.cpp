// Class definitions of the dialect `sdy`.

#include "Assembly.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#define GET_ATTRDEF_CLASSES
#include "SdyAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "SdyOps.cpp.inc"

namespace dp::sdy {
void SdyDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "SdyAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "SdyOps.cpp.inc"
      >();
}
} // namespace dp::sdy

// Class definitions of the dialect `chlo`.

#include "Assembly.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#define GET_ATTRDEF_CLASSES
#include "ChloAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "ChloOps.cpp.inc"

namespace dp::chlo {
void ChloDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ChloAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ChloOps.cpp.inc"
      >();
}
} // namespace dp::chlo

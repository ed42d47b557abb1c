// y[i] = f(x[i]) for the functions of one argument; NAME and TYPE are replaced.
func.func @loop_NAME(%x: !llvm.ptr {llvm.noalias}, %y: !llvm.ptr {llvm.noalias}, %n: i64) {
  %start = arith.constant 0 : i64
  %step = arith.constant 1 : i64
  scf.for %i = %start to %n step %step : i64 {
    %from = llvm.getelementptr %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, TYPE
    %to = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, TYPE
    %value = llvm.load %from : !llvm.ptr -> TYPE
    %result = func.call @dp_NAME(%value) : (TYPE) -> TYPE
    llvm.store %result, %to : TYPE, !llvm.ptr
  }
  return
}

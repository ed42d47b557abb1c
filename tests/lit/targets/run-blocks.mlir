// RUN: dpc %s --target=interp --run relu --args=-2.0 | FileCheck %s --check-prefix=RELU
// RUN: dpc %s --run relu --args=-2.0 | FileCheck %s --check-prefix=RELU
// RUN: dpc %s --grad relu --target=interp --run relu_grad --args=-2.0 | FileCheck %s --check-prefix=FLAT
// RUN: dpc %s --grad relu --run relu_grad --args=-2.0 | FileCheck %s --check-prefix=FLAT
// RUN: dpc %s --grad relu --run relu_grad --args=3.0 | FileCheck %s --check-prefix=STEEP
// RUN: dpc %s --grad power:wrt=0 --target=interp --run power_grad --args=5.0,3 | FileCheck %s --check-prefix=LOOP
// RUN: dpc %s --grad power:wrt=0 --run power_grad --args=5.0,3 | FileCheck %s --check-prefix=LOOP

// RELU: {{^}}r0 = 0{{$}}
// FLAT: {{^}}r0 = 0{{$}}
// FLAT-NEXT: {{^}}d_a0 = 0{{$}}
// STEEP: {{^}}r0 = 3{{$}}
// STEEP-NEXT: {{^}}d_a0 = 1{{$}}
func.func @relu(%x: f64) -> f64 {
  %z = arith.constant 0.0 : f64
  %c = arith.cmpf ogt, %x, %z : f64
  cf.cond_br %c, ^a(%x : f64), ^a(%z : f64)
^a(%r: f64):
  return %r : f64
}

// A loop of blocks.
// LOOP: {{^}}r0 = 125{{$}}
// LOOP-NEXT: {{^}}d_a0 = 75{{$}}
func.func @power(%x: f64, %n: i64) -> f64 {
  %one = arith.constant 1.0 : f64
  %step = arith.constant 1 : i64
  %zero = arith.constant 0 : i64
  cf.br ^loop(%one, %n : f64, i64)
^loop(%p: f64, %i: i64):
  %ends = arith.cmpi sle, %i, %zero : i64
  cf.cond_br %ends, ^done, ^body
^body:
  %q = arith.mulf %p, %x : f64
  %j = arith.subi %i, %step : i64
  cf.br ^loop(%q, %j : f64, i64)
^done:
  return %p : f64
}

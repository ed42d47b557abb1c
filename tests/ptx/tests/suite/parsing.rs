//! What is read, and what is refused.

use dp_ptx::{Launch, Memory, Module};

fn kernel(body: &str) -> String {
    format!(
        ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 p)\n{{\n.reg .pred %p<4>;\n\
         .reg .b16 %rs<4>;\n.reg .b32 %r<9>;\n.reg .b64 %rd<9>;\n{body}\nret;\n}}\n"
    )
}

fn complaint(body: &str) -> String {
    match Module::parse(&kernel(body)) {
        Ok(_) => panic!("'{body}' was accepted"),
        Err(e) => e.to_string(),
    }
}

#[test]
fn whatever_is_unknown_is_an_error_with_its_line() {
    let cases = [
        ("frobnicate.b32 %r1, %r2;", "line 10: unknown instruction 'frobnicate'"),
        ("add.s32.twice %r1, %r2, %r3;", "unknown modifier '.twice' of 'add'"),
        ("ld.global.purple.b32 %r1, [%rd1];", "unknown modifier '.purple'"),
        ("add.f17 %r1, %r2, %r3;", "'add' has no form"),
        ("add.s32 %r1, %r2;", "operands"),
        ("add.s32 %r1, %r2, %rd3;", "register '%rd3' is '.b64', not '.s32'"),
        ("add.s32 %r1, %r2, %r9;", "unknown name '%r9'"),
        ("bra nowhere;", "unknown label 'nowhere'"),
        ("mov.b32 %r1, %tid.w;", "unknown special register"),
        ("setp.lo.s32 %p1, %r1, %r2;", "no comparison"),
        ("st.const.b32 [%rd1], %r1;", "constant"),
        ("shfl.bfly.b32 %r1, %r2, 1, 31;", "without 'sync'"),
        ("cvt.f32.f64 %r1, %rd2;", "'cvt' from 'f64' to 'f32' in this form"),
        ("wgmma.fence.sync.aligned;", "unknown instruction 'wgmma'"),
        ("call nobody;", "unknown function 'nobody'"),
        ("fma.rz.f64 %rd1, %rd2, %rd3, %rd4;", "'fma' has no form"),
        ("mov.b32 %r1, 0d3FF0000000000000;", "literal of 64 bits"),
        ("a: a: ret;", "stands twice"),
    ];
    for (body, wanted) in cases {
        let got = complaint(body);
        assert!(got.contains(wanted), "'{body}': {got}");
        assert!(got.starts_with("line 10:"), "'{body}': {got}");
    }
}

#[test]
fn variables_hold_what_they_are_given() {
    let text = ".version 8.0\n.target sm_80\n.address_size 64
        .visible .global .align 4 .b8 tab[8] = {1, 0, 0, 0, 254, 255, 255, 255};
        .const .align 8 .f64 half = 0d3FE0000000000000;
        .visible .global .align 8 .u64 pointer = generic(tab)+4;
        .global .align 1 .b8 bytes[8] = {0xFF(generic(tab)), 0xFF00(generic(tab)), 0xFF0000(generic(tab)),
          0xFF000000(generic(tab)), 0xFF00000000(generic(tab)), 0xFF0000000000(generic(tab)),
          0xFF000000000000(generic(tab)), 0xFF00000000000000(generic(tab))};
        .global .align 4 .b32 zero[3];
        .visible .entry k(.param .u64 out) {
          .reg .b32 %r<4>; .reg .b64 %rd<9>; .reg .b16 %h<2>;
          ld.param.u64 %rd0, [out];
          ld.global.u64 %rd1, [pointer];
          ld.global.s32 %rd2, [%rd1];
          st.global.u64 [%rd0], %rd2;
          ld.const.f64 %rd3, [half];
          st.global.f64 [%rd0+8], %rd3;
          mov.u64 %rd4, tab;
          st.global.u64 [%rd0+16], %rd4;
          ld.global.b32 %r1, [zero+8];
          st.global.b32 [%rd0+24], %r1;
          ld.global.b8 %h0, [bytes];
          st.global.b8 [%rd0+28], %h0;
          ret;
        }";
    let module = Module::parse(text).unwrap();
    let mut memory = Memory::new();
    let out = memory.alloc(32).unwrap();
    Launch::new("k", [1; 3], [1; 3], &[&out.to_le_bytes()]).run(&module, &mut memory).unwrap();
    let mut bytes = [0; 32];
    memory.read(out, &mut bytes).unwrap();
    let address = memory.load(&module).unwrap()[0];
    assert_eq!(bytes[..8], (-2i64).to_le_bytes());
    assert_eq!(bytes[8..16], 0.5f64.to_le_bytes());
    assert_eq!(bytes[16..24], address.to_le_bytes());
    assert_eq!(bytes[24..28], [0; 4]);
    assert_eq!(bytes[28], address as u8);
}

#[test]
fn functions_that_are_missing_are_told() {
    let text = ".version 8.0\n.target sm_80\n.address_size 64
        .extern .func (.param .b32 r) ext(.param .b32 a);
        .visible .entry k() {
          { .param .b32 a; .param .b32 r; st.param.b32 [a], 1; call.uni (r), ext, (a); }
          ret;
        }";
    let module = Module::parse(text).unwrap();
    assert_eq!(module.unresolved(), ["ext"]);
    let fault = Launch::new("k", [1; 3], [1; 3], &[]).run(&module, &mut Memory::new()).unwrap_err();
    assert_eq!((fault.kind, fault.line), (dp_ptx::FaultKind::Undefined("ext".into()), 6));
}

#[test]
fn bad_launches_are_refused() {
    let module = Module::parse(&kernel("")).unwrap();
    let launch = |kernel, grid, block, params: &[&[u8]]| {
        Launch::new(kernel, grid, block, params).run(&module, &mut Memory::new()).unwrap_err().to_string()
    };
    let p = 0u64.to_le_bytes();
    assert!(launch("other", [1; 3], [1; 3], &[&p]).contains("no such kernel"));
    assert!(launch("k", [1; 3], [32, 33, 1], &[&p]).contains("1024"));
    assert!(launch("k", [0, 1, 1], [1; 3], &[&p]).contains("[0, 1, 1] blocks"));
    assert!(launch("k", [1; 3], [1; 3], &[]).contains("0 parameters, where 1 are expected"));
    assert!(launch("k", [1; 3], [1; 3], &[&p[..4]]).contains("4 bytes for parameter 'p' of 8 bytes"));
}

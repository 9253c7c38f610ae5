//! The floor of a start in Python: a module without contents, that makes the engine's first signature.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

/// A `PyModuleDef` of CPython's stable ABI: its head, a name, and nothing else.
#[repr(C)]
struct Definition {
    reference_count: isize,
    kind: *mut c_void,
    head: [usize; 3],
    name: *const c_char,
    rest: [usize; 7],
}

const NAME: &CStr = c"floor";

static mut DEFINITION: Definition =
    Definition { reference_count: 1, kind: ptr::null_mut(), head: [0; 3], name: NAME.as_ptr(), rest: [0; 7] };

unsafe extern "C" {
    fn PyModuleDef_Init(definition: *mut Definition) -> *mut c_void;
}

#[unsafe(no_mangle)]
extern "C" fn PyInit_floor() -> *mut c_void {
    assert!(!scout_auth_bench::first_signature().is_empty());
    // SAFETY: CPython calls this once, with the GIL, and keeps the definition.
    unsafe { PyModuleDef_Init(&raw mut DEFINITION) }
}

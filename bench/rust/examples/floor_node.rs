//! The floor of a start in Node: an addon that exports nothing, and makes the engine's first signature.

use std::ffi::c_void;

#[unsafe(no_mangle)]
extern "C" fn napi_register_module_v1(_env: *mut c_void, exports: *mut c_void) -> *mut c_void {
    assert!(!scout_auth_bench::first_signature().is_empty());
    exports
}

//! UniFFI's generator of bindings, of the very version that this library is built with.

fn main() {
    uniffi::uniffi_bindgen_main();
}

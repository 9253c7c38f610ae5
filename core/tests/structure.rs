//! The house: each module uses only those that lib.rs lists above it.

use std::fs;
use std::path::Path;

#[test]
fn imports_point_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let map = fs::read_to_string(source.join("lib.rs")).unwrap();
    let order: Vec<&str> = map.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    assert!(order.len() > 10, "lib.rs lists the modules: {order:?}");
    for (rank, module) in order.iter().enumerate() {
        for text in files(&source, module) {
            let code = text.split("mod tests {").next().unwrap();
            let uses = |other: &str| {
                let path = format!("crate::{other}::");
                code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(&path))
            };
            let below: Vec<_> = order[rank + 1..].iter().filter(|other| uses(other)).collect();
            assert!(below.is_empty(), "{module} uses {below:?}, which stand below it in lib.rs");
        }
    }
}

/// The sources of a module and of its parts.
fn files(source: &Path, module: &str) -> Vec<String> {
    let parts = fs::read_dir(source.join(module)).into_iter().flatten().map(|entry| entry.unwrap().path());
    parts.chain([source.join(format!("{module}.rs"))]).map(|path| fs::read_to_string(path).unwrap()).collect()
}

//! Each module uses only modules that `lib.rs` lists before it: in core, the command and the bindings.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 6] = ["core", "local", "cli", "python", "node", "c"];

#[test]
fn imports_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in CRATES {
        let source = root.join(name).join("src");
        let map = Map::read(&fs::read_to_string(source.join("lib.rs")).unwrap());
        assert!(map.order.len() > 5, "{name}: lib.rs lists the modules: {:?}", map.order);
        for (rank, module) in map.order.iter().enumerate() {
            for text in files(&source, module) {
                let later: Vec<_> = used(&text).into_iter().filter(|used| map.rank(used) > rank).collect();
                assert!(later.is_empty(), "{name}: {module} uses {later:?}, which lib.rs does not list before it");
            }
        }
    }
}

#[test]
fn an_import_is_found_in_every_form() {
    let text = "use crate::a::b;\nuse crate::{c, d::{e, f}, G};\n// crate::x::y\nlet h = crate::i::j();\npub(crate) fn k() {}\n\
                mod tests {\n    use crate::z;\n}";
    assert_eq!(used(text), ["a", "c", "d", "G", "i"]);
    let map = Map::read("pub mod c;\nmod a;\npub use a::{G, H};\npub use c::I;");
    assert_eq!([map.rank("c"), map.rank("a"), map.rank("G"), map.rank("I")], [0, 1, 1, 0]);
}

/// What `lib.rs` says: the modules in order, and where its own names come from.
struct Map {
    order: Vec<String>,
    exported: BTreeMap<String, String>,
}

impl Map {
    fn read(text: &str) -> Self {
        let lines = || text.lines().map(|line| line.strip_prefix("pub ").unwrap_or(line));
        let order =
            lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).map(str::to_owned).collect();
        let exports = lines().filter_map(|line| line.strip_prefix("use ")?.strip_suffix(';')?.split_once("::"));
        let exported = exports.flat_map(|(module, names)| {
            let names = names.trim_matches(['{', '}']).split(',');
            names.map(|name| (name.trim().to_owned(), module.to_owned())).collect::<Vec<_>>()
        });
        Self { order, exported: exported.collect() }
    }

    /// The place of the module with that name, or of the module that a name of the crate's root comes from. A
    /// constant of `lib.rs` itself is behind all modules.
    fn rank(&self, name: &str) -> usize {
        let place = |name: &str| self.order.iter().position(|module| module == name);
        place(name).or_else(|| place(self.exported.get(name)?)).unwrap_or(usize::MAX)
    }
}

/// The first name of each path that begins with `crate::`, in code that is not a comment and not a test.
fn used(text: &str) -> Vec<String> {
    let code = text.split("mod tests {").next().unwrap();
    let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let paths = code.split("crate::").skip(1).flat_map(|path| match path.strip_prefix('{') {
        Some(group) => top_level(group),
        None => vec![path],
    });
    let first = |path: &str| path.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned);
    paths.filter_map(first).filter(|name| !name.is_empty()).collect()
}

/// The members of a group in braces, without those of groups within it.
fn top_level(group: &str) -> Vec<&str> {
    let (mut members, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                members.push(group[start..at].trim());
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    members
}

/// The sources of a module and of its parts.
fn files(source: &Path, module: &str) -> Vec<String> {
    let mut paths = vec![source.join(format!("{module}.rs"))];
    add_folder(&source.join(module), &mut paths);
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn add_folder(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            add_folder(&entry, paths);
        } else {
            paths.push(entry);
        }
    }
}

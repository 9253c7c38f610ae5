//! Makes a program of the blocks in Rust: a function for each, and a table of them by page and number.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let docs = fs::read_dir(root.join("docs"))?.map(|entry| Ok(format!("docs/{}", entry?.file_name().display())));
    let mut pages: Vec<String> = docs.collect::<Result<_, std::io::Error>>()?;
    pages.retain(|page| Path::new(page).extension().is_some_and(|extension| extension == "md"));
    pages.extend(["README.md".to_owned(), "cli/README.md".to_owned()]);
    let mut functions = String::new();
    let mut table = String::new();
    for page in &pages {
        let text = fs::read_to_string(root.join(page))?;
        println!("cargo::rerun-if-changed={}", root.join(page).display());
        for (number, block) in text.split("\n```rust\n").skip(1).enumerate() {
            let block = block.split("\n```\n").next().unwrap_or_default();
            let name = page.to_lowercase().replace(|letter: char| !letter.is_alphanumeric(), "_");
            let local = block.replace("\"https://api.scoutos.com/v2/workflows\"", "crate::scout(\"/v2/workflows\")");
            let body =
                if block.contains("fn main()") { format!("{local}\nmain()") } else { format!("{local}\nOk(())") };
            writeln!(functions, "fn block_{name}_{number}() -> crate::Result {{\n{body}\n}}")?;
            writeln!(table, "({page:?}, {number}, block_{name}_{number}),")?;
        }
    }
    let table = format!("pub(crate) const BLOCKS: &[crate::Block] = &[{table}];\n");
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join("blocks.rs"), functions + &table)?)
}

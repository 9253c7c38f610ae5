"""Writes docs/api: what the packages for Python and Node offer, as a program sees it, without documentation.

api.py           writes the listings
api.py --check   fails if one is not what it should be

A change of one of them is a change of the public API, so a reviewer sees it, and `make compatible` shows what changed
since the last release. stubtest holds that the stubs are what the extension has. The fields of Node's options are in
node/lib/binding.d.ts.
"""

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def python() -> str:
    """Return what each module names in `__all__`. The package names what its private modules define."""
    package = ROOT / "python/python/scout_auth"
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.glob("*.py*"))}
    sections = []
    for module, tree in trees.items():
        exported = exports(trees["__init__"] if module.startswith("_") else tree)
        lines = [line for node in tree.body if names(node) & exported for line in listed(node)]
        if lines:
            sections.append(f"# {module}\n\n" + "\n".join(lines))
    return "\n\n".join(sections) + "\n"


def exports(tree: ast.Module) -> set[str]:
    """Return the names in `__all__`."""
    return {name for node in tree.body if names(node) == {"__all__"} for name in ast.literal_eval(node.value)}


def names(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return {name}
    return set()


def listed(node: ast.stmt) -> Iterator[str]:
    """Yield the lines of one definition."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            node.body = [ast.Expr(ast.Constant(...))]
            yield from ast.unparse(node).replace(":\n    ...", ": ...").splitlines()
        case ast.ClassDef():
            body = [line for member in node.body if any(map(is_public, names(member))) for line in listed(member)]
            node.body = [ast.Expr(ast.Constant(...))]
            head = ast.unparse(node).removesuffix("\n    ...")
            yield from [*head.splitlines(), *(f"    {line}" for line in body or ["..."])]
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield f"{name}: {ast.unparse(node.annotation)}"


def is_public(name: str) -> bool:
    """Return whether a user may use the name."""
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def node() -> str:
    """Return the declarations that the package for Node has, those of index.d.ts and testing.d.ts first."""
    with tempfile.TemporaryDirectory() as directory:
        options = ["--declaration", "--emitDeclarationOnly", "--removeComments", "--outDir", directory]
        subprocess.run(["npx", "tsc", *options], cwd=ROOT / "node", check=True)
        texts = {path.name: path.read_text(encoding="utf-8") for path in Path(directory).rglob("*.d.ts")}
    reached = ["index.d.ts", "testing.d.ts"]
    for name in reached:
        names = [f"{module}.d.ts" for module in re.findall(r"from '\./([a-z-]+)'", texts[name])]
        reached += [name for name in dict.fromkeys(names) if name in texts and name not in reached]
    return "\n".join(f"// {name}\n\n{texts[name]}" for name in reached)


def main(arguments: list[str]) -> None:
    """Write the listings, or compare them."""
    for name, text in {"python.pyi": python(), "node.d.ts": node()}.items():
        path = ROOT / "docs/api" / name
        if arguments == ["--check"]:
            if path.read_text(encoding="utf-8") != text:
                sys.exit(f"api: docs/api/{name} is not the public API: run make generate, and note it in CHANGELOG.md")
        else:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

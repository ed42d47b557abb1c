//! Imports within a crate: a circle of files stays inside one folder, which then is one topic.
//!
//! An import is a path that begins with `crate`, `super` or `self`, in a `use` or in code. Re-exports (`pub use`) are not
//! imports, and a module may use its own children by their bare names. A file in `src` itself is a topic of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A path of modules below the root of a crate.
type Module = Vec<String>;

/// The files of a crate, by module.
type Files = BTreeMap<Module, PathBuf>;

/// The files that each file imports.
type Imports<'f> = BTreeMap<&'f Path, BTreeSet<&'f Path>>;

#[test]
fn circles_stay_inside_one_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Vec::new();
    find_sources(&root, &mut sources);
    assert!(sources.len() > 20, "only {} crates were found", sources.len());
    let mut wide = Vec::new();
    for source in sources {
        let mut files = Files::new();
        read_folder(&source, &mut Vec::new(), &mut files);
        let imports = files.iter().map(|(module, path)| (path.as_path(), imports(module, path, &files))).collect();
        let name = |path: &Path| path.strip_prefix(&source).unwrap_or(path).display().to_string();
        for circle in circles(&imports) {
            let folders: BTreeSet<_> = circle.iter().map(|path| path.parent()).collect();
            if folders.len() == 1 && !folders.contains(&Some(source.as_path())) {
                continue;
            }
            wide.push(format!("{}:", source.strip_prefix(&root).unwrap_or(&source).display()));
            for file in &circle {
                let others: Vec<String> = imports[file].intersection(&circle).map(|other| name(other)).collect();
                wide.push(format!("  {} imports {}", name(file), others.join(", ")));
            }
        }
    }
    assert!(wide.is_empty(), "these files import one another in a circle, across folders:\n{}", wide.join("\n"));
}

/// The folders `src` of all crates.
fn find_sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in entries(folder) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !entry.is_dir() || name.starts_with('.') || name == "target" {
            continue;
        }
        if name == "src" && ["lib.rs", "main.rs"].iter().any(|root| entry.join(root).exists()) {
            found.push(entry);
        } else {
            find_sources(&entry, found);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// Adds the files of a folder, which is the module `at`. Binaries in `src/bin` are crates of their own.
fn read_folder(folder: &Path, at: &mut Module, files: &mut Files) {
    for path in entries(folder) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !(at.is_empty() && stem == "bin") {
                at.push(stem);
                read_folder(&path, at, files);
                at.pop();
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let mut module = at.clone();
            if !["mod", "lib", "main"].contains(&stem.as_str()) {
                module.push(stem);
            }
            files.insert(module, path);
        }
    }
}

/// The other files that a file imports.
fn imports<'f>(module: &Module, path: &Path, files: &'f Files) -> BTreeSet<&'f Path> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = without_reexports(&text.lines().map(without_comment).collect::<Vec<_>>().join("\n"));
    let mut imported = BTreeSet::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(start) {
            if !text[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)) {
                read_paths(&text[at..], Vec::new(), &mut |path| imported.extend(resolve(module, path, files)));
            }
        }
    }
    imported.remove(path);
    imported
}

fn without_comment(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

fn without_reexports(text: &str) -> String {
    let mut kept = String::new();
    for statement in text.split_inclusive(';') {
        let is_reexport = |visibility: &str| statement.find(&format!("{visibility} use "));
        let begin = ["pub", "pub(crate)", "pub(super)"].into_iter().find_map(is_reexport);
        kept.push_str(&statement[..begin.unwrap_or(statement.len())]);
    }
    kept
}

/// Reads a path or a tree of paths, as in `use`; returns the rest of the text.
fn read_paths<'t>(text: &'t str, mut path: Vec<&'t str>, found: &mut impl FnMut(&[&str])) -> &'t str {
    let mut text = text.trim_start();
    loop {
        if let Some(mut rest) = text.strip_prefix('{') {
            loop {
                rest = read_paths(rest, path.clone(), found);
                // Renamed imports, then a comma or the end of the list.
                let end = rest.find([',', '}']).unwrap_or(rest.len());
                let is_last = !rest[end..].starts_with(',');
                rest = rest.get(end + 1..).unwrap_or_default();
                if is_last || rest.trim_start().starts_with('}') {
                    return rest;
                }
            }
        }
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        path.push(&text[..end]);
        match text[end..].strip_prefix("::") {
            Some(rest) => text = rest,
            None => {
                found(&path);
                return &text[end..];
            }
        }
    }
}

/// The file of a path: that of the longest part of it that is a module.
fn resolve<'f>(module: &Module, path: &[&str], files: &'f Files) -> Option<&'f Path> {
    let mut base = if path[0] == "crate" { Module::new() } else { module.clone() };
    for segment in path {
        match *segment {
            "crate" | "self" => {}
            "super" => {
                base.pop();
            }
            name => base.push(name.into()),
        }
    }
    while !files.contains_key(&base) {
        base.pop()?;
    }
    Some(&files[&base])
}

/// Sets of files that import one another, directly or not.
fn circles<'f>(imports: &Imports<'f>) -> Vec<BTreeSet<&'f Path>> {
    let reached = |from: &'f Path| {
        let (mut found, mut pending) = (BTreeSet::new(), vec![from]);
        while let Some(file) = pending.pop() {
            pending.extend(imports[file].iter().filter(|next| found.insert(**next)));
        }
        found
    };
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = imports.keys().map(|file| (*file, reached(file))).collect();
    let circle_of = |file: &&'f Path| {
        let is_back = |other: &&&'f Path| reached[**other].contains(file);
        reached[*file].iter().filter(is_back).copied().collect::<BTreeSet<_>>()
    };
    let circles: BTreeSet<BTreeSet<&Path>> = imports.keys().map(circle_of).filter(|circle| circle.len() > 1).collect();
    circles.into_iter().collect()
}

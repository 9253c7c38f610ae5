//! `completions`, `man`.

use crate::harness::library;

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = library(&["completions", shell], &[], b"").good();
        assert!(script.contains("authorization") && script.contains("key-file"), "{shell}");
    }
    library(&["completions", "dos"], &[], b"").refused(2, "<SHELL>");
}

#[test]
fn manual_pages_list_subcommands_options_and_statuses() {
    let page = library(&["man"], &[], b"").good();
    assert!(page.contains(".TH scout-auth 1") && page.contains("the token was refused"), "{page}");
    let page = library(&["man", "token"], &[], b"").good();
    assert!(page.contains(".TH scout-auth-token 1") && page.contains("lifetime"), "{page}");
    library(&["man", "no-such"], &[], b"").refused(2, "there is no such subcommand");
}

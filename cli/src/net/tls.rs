//! TLS: which certificate authorities are trusted.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// The settings of TLS. Without TLS (`is_used`), nothing is trusted and nothing is read, which saves
/// milliseconds.
pub(super) fn settings(is_used: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(if is_used { roots() } else { RootCertStore::empty() }).with_no_client_auth())
}

/// The certificate authorities that the user chose (`SSL_CERT_FILE`, `SSL_CERT_DIR`) or the system
/// trusts, a company's own among them; Mozilla's if the system has none.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let is_chosen = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| std::env::var_os(name).is_some());
    if roots.is_empty() && !is_chosen {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

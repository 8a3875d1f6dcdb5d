//! TLS, with certificates that are read again when their files change.
//!
//! A connection keeps what it began with; the next one gets the new certificate, and is held to the new client CA. Each
//! configuration has a session store of its own, so that no session of an older client CA is resumed past the new one.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::connections::Counted;
use crate::access::{Rate, RateSetting};
use crate::config::TlsSettings;
use crate::limits::{AUDIT_LINES_BURST, AUDIT_LINES_PER_SECOND};

/// An encrypted connection.
pub(super) type TlsStream = tokio_rustls::server::TlsStream<Counted>;

/// What is spoken inside, preferred first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Certificates in use. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: TlsSettings,
    config: RwLock<Arc<ServerConfig>>,
    said: Rate,
}

impl Tls {
    /// Reads the certificates.
    ///
    /// # Errors
    /// A text naming the file at fault.
    pub(super) fn load(settings: &TlsSettings) -> Result<Self, String> {
        let config = read(settings)?;
        Ok(Self {
            shared: Arc::new(Shared {
                settings: settings.clone(),
                config: RwLock::new(Arc::new(config)),
                said: Rate::new(RateSetting {
                    per_second: AUDIT_LINES_PER_SECOND,
                    burst: AUDIT_LINES_BURST,
                }),
            }),
        })
    }

    /// Reads the certificates again.
    ///
    /// # Errors
    /// As [`Tls::load`]; then those in use stay in use.
    pub(super) fn reload(&self) -> Result<(), String> {
        let config = Arc::new(read(&self.shared.settings)?);
        let mut current = self
            .shared
            .config
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = config;
        Ok(())
    }

    /// The files that certificates are read from.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let TlsSettings {
            cert,
            key,
            client_ca,
        } = &self.shared.settings;
        [Some(cert), Some(key), client_ca.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// Shakes hands.
    pub(super) async fn accept(&self, stream: Counted) -> io::Result<TlsStream> {
        let config = {
            let config = self.shared.config.read();
            Arc::clone(&config.unwrap_or_else(PoisonError::into_inner))
        };
        TlsAcceptor::from(config).accept(stream).await
    }

    /// Says who was not let in. A client certificate is a credential, anything else is noise of the network.
    pub(super) fn refused(&self, peer: SocketAddr, error: &io::Error) {
        let cause = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let is_credential = matches!(
            cause,
            Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented)
        );
        if is_credential && self.shared.said.take().is_ok() {
            warn!(target: "audit", reason = "CLIENT_CERTIFICATE", %peer, problem = %error, "credential refused");
        } else {
            debug!(%peer, problem = %error, "a TLS handshake failed");
        }
    }
}

fn read(settings: &TlsSettings) -> Result<ServerConfig, String> {
    let chain = certificates("tls_cert", &settings.cert)?;
    let key = PrivateKeyDer::from_pem_file(&settings.key)
        .map_err(|error| unusable("tls_key", &settings.key, "a private key", &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let builder = match &settings.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates("tls_client_ca", path)? {
                roots.add(certificate).map_err(|error| {
                    unusable("tls_client_ca", path, "certificates of CAs", &error)
                })?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| unusable("tls_client_ca", path, "certificates of CAs", &error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| {
        format!(
            "`tls_cert` `{}` and `tls_key` `{}` do not go together: {error}",
            settings.cert.display(),
            settings.key.display()
        )
    })?;
    config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

fn certificates(setting: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wanted = "certificates in PEM (`-----BEGIN CERTIFICATE-----`)";
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(setting, path, wanted, &error))?;
    if found.is_empty() {
        return Err(unusable(setting, path, wanted, &"it has none"));
    }
    Ok(found)
}

fn unusable(setting: &str, path: &Path, wanted: &str, why: &dyn std::fmt::Display) -> String {
    format!(
        "`{setting}` `{}` is not usable ({why}): give a file with {wanted}",
        path.display()
    )
}

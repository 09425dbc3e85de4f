//! Certificates in text (RFC 7468).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A certificate (RFC 7468 §5).
pub(super) fn certificate(der: &[u8]) -> String {
    encapsulated("CERTIFICATE", der)
}

/// A certificate as the only thing in a message that nobody signed (RFC 7468 §8, RFC 2315 §9.1):
/// how tools of another age take certificates.
pub(super) fn pkcs7(certificate: &[u8]) -> String {
    const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
    const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let version = der(INTEGER, &[&[1]]);
    let nothing = der(SET, &[]);
    let content = der(SEQUENCE, &[&der(OBJECT_IDENTIFIER, &[DATA])]);
    let certificates = der(CONTEXT_0, &[certificate]);
    let signed = der(SEQUENCE, &[&version, &nothing, &content, &certificates, &nothing]);
    let wrapped = der(CONTEXT_0, &[&signed]);
    encapsulated("PKCS7", &der(SEQUENCE, &[&der(OBJECT_IDENTIFIER, &[SIGNED_DATA]), &wrapped]))
}

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTEXT_0: u8 = 0xa0;

/// A value in DER: its tag, the length and the parts of its content.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut value = vec![tag];
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    if content.len() >= 0x80 {
        // At most eight bytes tell how long anything is.
        value.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    value.extend_from_slice(length);
    value.extend(content);
    value
}

fn encapsulated(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> =
        (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\r\n{}\r\n-----END {label}-----\r\n", lines.join("\r\n"))
}

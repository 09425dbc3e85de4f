//! Rebuilds the crate when a page or an asset is added or removed: the embedding macro alone only
//! sees changes inside files it already knows.

fn main() {
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=assets");
}
